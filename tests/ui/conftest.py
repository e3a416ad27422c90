"""A library with a few documents, and a running page over it."""

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kgrag import KnowledgeBase
from tests.ui.library import HANDLIST, RUSSIAN, open_library


def pytest_configure(config: pytest.Config) -> None:
    """Let pass what gradio 6.31 does with its own statistics under pandas 3 after each event."""
    for message in ("'future.no_silent_downcasting' is", "The copy keyword is deprecated"):
        config.addinivalue_line("filterwarnings", f"ignore:{message}:DeprecationWarning")


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a closed library that holds an English and a Russian document."""
    folder = tmp_path_factory.mktemp("filled")
    english, russian = folder / "handlist.txt", folder / "заметки.md"
    english.write_text(HANDLIST, "utf-8")
    russian.write_text(RUSSIAN, "utf-8")
    with open_library(folder / "library") as opened:
        opened.upload([english, russian])
    return folder / "library"


@pytest.fixture
def knowledge_base(filled: Path, tmp_path: Path) -> Iterator[KnowledgeBase]:
    """A library of its own for each test, with the documents of ``filled``."""
    shutil.copytree(filled, tmp_path / "library")
    with open_library(tmp_path / "library") as opened:
        yield opened


@pytest.fixture
def page_url(knowledge_base: KnowledgeBase) -> Iterator[str]:
    """The address of a page over ``knowledge_base``, served as ``ui.app.serve`` does."""
    import uvicorn

    from ui.app import build
    from ui.server import application, bind

    with bind("127.0.0.1", 0) as listener:
        config = uvicorn.Config(application(build(knowledge_base)), log_level="warning")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        deadline = time.monotonic() + 30
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=10)
