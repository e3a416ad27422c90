"""R12: a second writer on one library is refused with the holder's process id."""

import os
import signal
from pathlib import Path

import pytest

from indexes.errors import LibraryLockedError
from tests.fakes import open_knowledge_base, write_files
from tests.indexes.test_library import held_by_another_process


def test_a_second_writer_is_refused_and_readers_are_not(tmp_path: Path) -> None:
    first, second = write_files(tmp_path, {"a.txt": "Anna met Euler.", "b.txt": "Euler left."})
    with open_knowledge_base(tmp_path / "library", chroma=False) as kb:
        kb.add(first)
        with held_by_another_process(tmp_path / "library") as pid:
            for write in (lambda: kb.add(second), lambda: kb.remove("a.txt")):
                with pytest.raises(LibraryLockedError, match=rf"another process \({pid}\)"):
                    write()
            assert kb.search("Whom did Anna meet?").passages[0].text == "Anna met Euler."
            assert kb.ask("Whom did Anna meet?").question
            assert [document.name for document in kb.documents()] == ["a.txt"]
        assert kb.add(second).files[0].outcome == "indexed"


def test_a_writer_that_was_killed_blocks_nobody(tmp_path: Path) -> None:
    (path,) = write_files(tmp_path, {"a.txt": "Anna met Euler."})
    with open_knowledge_base(tmp_path / "library", chroma=False) as kb:
        with held_by_another_process(tmp_path / "library") as pid:
            os.kill(pid, signal.SIGKILL)
        assert kb.add(path).files[0].outcome == "indexed"
