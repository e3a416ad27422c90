"""A library that is to change its embedder, and what it must become."""

import shutil
from pathlib import Path

import pytest

from indexes.check import state_hash
from kgrag import rebuild as rebuilding
from tests.fakes import HashEmbedder, write_files
from tests.promises.embedder_change import (
    FILES,
    GROUP,
    OtherEmbedder,
    open_with,
)


@pytest.fixture
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passages are embedded a few at a time, so that a change has several steps."""
    monkeypatch.setattr(rebuilding, "GROUP_PASSAGES", GROUP)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of the old embedder, with Chroma."""
    folder = tmp_path_factory.mktemp("old")
    write_files(folder / "documents", dict(FILES))
    with open_with(folder / "library", HashEmbedder, chroma=True) as kb:
        kb.add(folder / "documents")
        assert kb.library.documents.passage_count() == 6
    return folder


@pytest.fixture
def folder(old: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(old / "library", tmp_path / "library"))


@pytest.fixture(scope="module")
def switched(old: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The state of a library that was made by the new embedder from the beginning."""
    with open_with(tmp_path_factory.mktemp("new"), OtherEmbedder) as kb:
        kb.add(old / "documents")
        return state_hash(kb.library)
