from pathlib import Path

import pytest

from indexes.check import find_problems, state_hash
from indexes.errors import LibraryError, LibraryMismatchError
from indexes.library import Library
from kgrag.rebuild import rebuild
from tests.fakes import CapitalisedExtractor, open_knowledge_base, write_files

FILES = {
    "a.txt": "Leonhard Euler met Christian Goldbach in 1727.",
    "b.md": "# Letters\n\nAnna Ivanova also known as Nyura.",
    "copy.txt": "Leonhard Euler met Christian Goldbach in 1727.",
    "empty.txt": "",
}


class NewExtractor(CapitalisedExtractor):
    fingerprint = "capitalised-2"


class Killed(BaseException):
    """The process dies."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a closed library."""
    write_files(tmp_path / "documents", dict(FILES))
    with open_knowledge_base(tmp_path / "library") as kb:
        kb.add(tmp_path / "documents")
    return tmp_path / "library"


def test_a_rebuild_from_the_originals_gives_the_same_library(folder: Path) -> None:
    with open_knowledge_base(folder) as kb:
        before = state_hash(kb.library)
        assert rebuild(kb) == 3
        assert state_hash(kb.library) == before
        assert kb.library.chroma_is_usable()
        assert find_problems(kb.library) == []
        assert not (folder / "rebuilding").exists()
    with open_knowledge_base(folder) as kb:
        assert kb.library.chroma_is_usable()
        assert kb.search("Whom did Euler meet?").passages[0].document_name == "a.txt"


def test_another_extractor_is_refused_until_the_library_is_rebuilt(folder: Path) -> None:
    with open_knowledge_base(folder, extractor=NewExtractor) as kb:
        with pytest.raises(LibraryMismatchError, match="kgrag rebuild"):
            kb.add(folder.parent / "documents")
        rebuild(kb)
        assert kb.library.manifest()["extractor"] == "capitalised-2"
        assert {f.outcome for f in kb.add(folder.parent / "documents").files} == {"unchanged"}


def test_an_original_that_cannot_be_read_again_stops_the_switch(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_knowledge_base(folder) as kb:
        broken = kb.library.db.execute(
            "SELECT row FROM documents JOIN sources ON document = row WHERE name = 'b.md'"
        ).fetchone()
        import zlib

        kb.library.db.execute(
            "UPDATE originals SET content = ? WHERE document = ?",
            (zlib.compress(b"%PDF-1.4 nothing"), *broken),
        )
        before = state_hash(kb.library)
        with pytest.raises(LibraryError, match="1 documents could not be read again.*left as it"):
            rebuild(kb)
        assert state_hash(kb.library) == before
        assert kb.search("Nyura").passages[0].document_name == "b.md"


@pytest.mark.parametrize("event", ["kgrag.committed", "kgrag.replaced"])
def test_a_rebuild_that_is_cut_off_leaves_the_old_or_the_new_library(
    folder: Path, monkeypatch: pytest.MonkeyPatch, event: str
) -> None:
    def audit(name: str, *_: object) -> None:
        if name == event:
            raise Killed

    with open_knowledge_base(folder, extractor=NewExtractor) as kb:
        before = state_hash(kb.library)
        with monkeypatch.context() as patch:
            patch.setattr("sys.audit", audit)
            with pytest.raises(Killed):
                rebuild(kb)
    with open_knowledge_base(folder, extractor=NewExtractor) as kb:
        assert (state_hash(kb.library) == before) == (event == "kgrag.committed")
        assert kb.search("Whom did Euler meet?").passages[0].document_name == "a.txt"
        rebuild(kb)
        assert find_problems(kb.library) == []
        assert kb.library.manifest()["extractor"] == "capitalised-2"


def test_readers_see_the_old_library_until_the_switch(folder: Path) -> None:
    reader = Library.open(folder)
    old = state_hash(reader)
    seen = []
    with open_knowledge_base(folder, extractor=NewExtractor) as kb:
        rebuild(kb, progress=lambda _: seen.append(state_hash(reader)))
    assert set(seen) == {old}
    assert state_hash(reader) != old
    reader.close()
