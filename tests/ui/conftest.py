"""A library with a few documents, and a running page over it."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kgrag import KnowledgeBase
from tests.ui.asking import events_of, page_over
from tests.ui.library import HANDLIST, RUSSIAN, open_library
from ui.events import PageEvents

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.ui.browsing import Watched


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
def events(knowledge_base: KnowledgeBase) -> PageEvents:
    """The handlers of a page over ``knowledge_base``."""
    return events_of(knowledge_base)


@pytest.fixture
def page_url(knowledge_base: KnowledgeBase) -> Iterator[str]:
    """The address of a page over ``knowledge_base``."""
    with page_over(knowledge_base) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium."""
    from playwright.sync_api import sync_playwright

    from tests.ui.browsing import CHROMIUM

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def watched(browser: "Browser", page_url: str) -> Iterator["Watched"]:
    """A page over ``knowledge_base`` in it, and what must not happen there."""
    from tests.ui.browsing import PATIENCE_MS, Watched

    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.set_default_timeout(PATIENCE_MS)
    yield Watched(page, page_url)
    page.close()
