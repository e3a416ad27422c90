"""One real vLLM server for all tests here: over a model with random weights, on the CPU.

``KGRAG_VLLM_PYTHON`` names a Python that has vLLM; where it does not, ``make test-vllm`` makes one.
"""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import ROOT
from tests.vllm.server import Serving, serving


@pytest.fixture(scope="session")
def vllm_python() -> str:
    chosen = os.environ.get("KGRAG_VLLM_PYTHON")
    if not chosen and importlib.util.find_spec("vllm") is None:
        pytest.skip("no vLLM: KGRAG_VLLM_PYTHON is not set (make test-vllm installs one)")
    return chosen or sys.executable


def make_model(python: str, folder: Path) -> Path:
    """Write the tiny model with the Python of vLLM, which has what that needs."""
    subprocess.run(
        [python, "-m", "tests.tiny_model", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    return folder


@pytest.fixture(scope="session")
def tiny_model(vllm_python: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model that has learned nothing, in a context of 4,096 tokens."""
    return make_model(vllm_python, tmp_path_factory.mktemp("vllm") / "tiny")


@pytest.fixture(scope="session")
def vllm_server(tiny_model: Path) -> Iterator[Serving]:
    with serving(tiny_model, tiny_model.parent / "vllm.log") as server:
        yield server


@pytest.fixture(scope="session")
def vllm_endpoint(vllm_server: Serving) -> str:
    """Base URL of the server: "http://127.0.0.1:PORT/v1"."""
    return vllm_server.endpoint
