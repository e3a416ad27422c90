"""Where a run's numbers come from: code, versions, models, files, time and memory."""

import hashlib
import platform
import resource
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]

PACKAGES = (
    "chromadb",
    "gradio",
    "llama-index-core",
    "networkx",
    "numpy",
    "onnxruntime",
    "tokenizers",
    "torch",
    "transformers",
    "vllm",
)
"""Whose versions a run records, where they are installed."""


def revision() -> dict[str, Any]:
    """Return the commit and whether the code differs from it; nulls outside a checkout.

    What an earlier task has written into results/ or runs/, and README's tables, are no code.
    """
    try:
        git = ["git", "-C", str(ROOT)]
        commit = _output([*git, "rev-parse", "HEAD"]).strip()
        ignored = (":!results", ":!README.md", ":!docs")
        changed = _output([*git, "status", "--porcelain", "--", ".", *ignored])
        return {"commit": commit, "dirty": bool(changed.strip())}
    except (OSError, subprocess.CalledProcessError):
        return {"commit": None, "dirty": None}


def versions() -> dict[str, Any]:
    """Return the versions of kgrag, Python, the platform and the packages that matter."""
    return {
        "kgrag": _version("kgrag"),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": {name: found for name in PACKAGES if (found := _version(name)) is not None},
    }


def checksum(paths: Iterable[Path]) -> str:
    """Return "sha256:..." over the bytes of files, in order."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return f"sha256:{digest.hexdigest()}"


def peak_memory_mb() -> int:
    """Return the most memory that this process or one of its children has held, in MiB."""
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(process).ru_maxrss for process in who) // unit


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
