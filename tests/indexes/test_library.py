import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from indexes.additions import Addition
from indexes.check import find_problems, state_hash
from indexes.errors import (
    DocumentNotFoundError,
    LibraryDamagedError,
    LibraryError,
    LibraryLockedError,
    LibraryMismatchError,
    LibraryNotFoundError,
)
from indexes.library import Library
from tests.fakes import ROOT, HashEmbedder
from tests.indexes.samples import add, analysis, plain_library

_HOLD = """
import sys
from pathlib import Path
from indexes.library import Library
with Library.open(Path(sys.argv[1]), use_chroma=False).writing():
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held_by_another_process(folder: Path) -> Iterator[int]:
    """Hold a library for writing in a child process; yield its process id."""
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        yield child.pid


def test_a_folder_without_a_library_is_told_unless_one_may_be_made(tmp_path: Path) -> None:
    with pytest.raises(LibraryNotFoundError, match="kgrag add PATH"):
        Library.open(tmp_path / "none", create=False)
    assert not (tmp_path / "none").exists()
    Library.open(tmp_path / "none").close()
    Library.open(tmp_path / "none", create=False).close()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(LibraryError, match="cannot be made"):
        Library.open(tmp_path / "file")


def test_another_extractor_or_embedder_is_refused_and_nothing_is_mixed(tmp_path: Path) -> None:
    library = plain_library(tmp_path)
    library.pin(extractor="one", embedder="static-1")
    library.pin(extractor="one")
    with pytest.raises(LibraryMismatchError, match="embedder static-1.*uses static-2.*rebuild"):
        library.pin(embedder="static-2")
    library.close()
    again = plain_library(tmp_path)
    with pytest.raises(LibraryMismatchError, match="extractor one"):
        again.pin(extractor="two")
    assert again.manifest() == {"extractor": "one", "embedder": "static-1"}
    again.close()


def test_each_write_raises_the_version_and_reading_does_not(library: Library) -> None:
    versions = [int(library.version)]
    id_ = add(library, "a.txt", analysis("Words."))
    versions.append(int(library.version))
    library.nearest(HashEmbedder().embed(["words"])[0], 3)
    library.documents.get(id_)
    assert int(library.version) == versions[-1]
    library.remove(id_)
    versions.append(int(library.version))
    assert versions == sorted(set(versions))


def test_a_second_process_is_refused_with_the_id_of_the_first(library: Library) -> None:
    add(library, "a.txt", analysis("Words."))
    with held_by_another_process(library.folder) as pid:
        with pytest.raises(LibraryLockedError, match=rf"another process \({pid}\)"):
            add(library, "b.txt", analysis("More words."))
        assert len(library.documents.ids()) == 1, "reading goes on"
    add(library, "b.txt", analysis("More words."))


def test_a_killed_writer_holds_nothing(library: Library) -> None:
    with held_by_another_process(library.folder) as pid:
        import os
        import signal

        os.kill(pid, signal.SIGKILL)
    add(library, "b.txt", analysis("More words."))


def test_removing_what_is_not_there_is_told(library: Library) -> None:
    with pytest.raises(DocumentNotFoundError):
        library.remove("sha256:0")


def test_another_thread_sees_a_write_only_when_it_is_done(library: Library) -> None:
    seen: list[int] = []

    def look() -> None:
        seen.append(len(library.documents.ids()))

    def in_a_thread() -> None:
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "kgrag.stored" and arguments == ("seen.txt",):
            in_a_thread()

    sys.addaudithook(hook)
    add(library, "seen.txt", analysis("Words."))
    in_a_thread()
    assert seen == [0, 1]


def test_taking_over_another_library_is_one_step_that_open_readers_see(tmp_path: Path) -> None:
    library, other = Library.open(tmp_path / "a"), plain_library(tmp_path / "b")
    reader = Library.open(tmp_path / "a")
    with library.writing():
        add(library, "old.txt", analysis("Old words."))
    query = HashEmbedder().embed(["New words."])[0]
    assert reader.nearest(query, 1)[0][1] < 0.9
    texts = ("Fresh paint.", "New words.")
    other.add([Addition(text, text, analysis(text)) for text in texts])
    assert other.version == library.version, "the case in which versions would be mixed up"
    expected = state_hash(other)
    library.replace_with(other)
    for opened in (library, reader):
        assert state_hash(opened) == expected
        assert opened.nearest(query, 1)[0][1] == pytest.approx(1.0)
    assert find_problems(library) == []
    for opened in (library, reader, other):
        opened.close()
    reopened = Library.open(tmp_path / "a")
    assert reopened.chroma_is_usable()
    assert state_hash(reopened) == expected
    reopened.close()


def test_trouble_while_reading_is_told_as_damage(library: Library) -> None:
    with pytest.raises(LibraryDamagedError, match="kgrag check"), library.reading():
        library.db.execute("SELECT nonsense")
