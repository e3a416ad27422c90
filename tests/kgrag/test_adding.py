"""Adding in another process: the same library, whatever becomes of that process."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from indexes.check import find_problems, state_hash
from indexes.errors import LibraryError, LibraryLockedError, ModelError
from indexes.vectors import ExactIndex
from kgrag import KnowledgeBase, Settings
from kgrag.adding import add_in_child
from kgrag.files import SourceFile, find_files
from kgrag.ingest import AddProgress
from kgrag.parse import ParseLimits
from kgrag.settings import LinkSettings
from tests.fakes import ROOT, write_files
from tests.indexes.test_library import held_by_another_process

PATIENCE_S = 60.0

FILES = {
    f"{number:03}.txt": f"Leonhard Euler was born in Basel. He wrote letter {number} to Goldbach."
    for number in range(70)
}
"""More than a group: some are stored before others."""


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def holder(library: Path) -> int:
    """Return the process that writes to a library, or did so last."""
    # It is written anew for each group, and may be empty for a moment.
    until(lambda: (library / "lock.pid").is_file() and (library / "lock.pid").read_text() != "")
    return int((library / "lock.pid").read_text(encoding="utf-8"))


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def documents(tmp_path: Path) -> list[SourceFile]:
    write_files(tmp_path / "documents", dict(FILES))
    return find_files([tmp_path / "documents"])


def test_another_process_adds_what_this_one_would_and_this_one_finds_it(
    tmp_path: Path, documents: list[SourceFile]
) -> None:
    steps: list[AddProgress] = []
    with KnowledgeBase.open(tmp_path / "library") as kb:
        kb.ingest(documents[:1])
        kb.search("Whom did Euler write to?")
        report = add_in_child(kb, documents[:6], steps.append)
        assert holder(kb.library.folder) != os.getpid()
        found = kb.search("Who wrote letter 5?").passages[0]
        assert "letter 5" in found.text
        vectors = kb.library.vectors
        exact = ExactIndex(*vectors.load(vectors.dimension()))
        (query,) = kb.embedder.embed(["letter 4 to Goldbach"])
        assert kb.library.nearest(query, 5) == exact.search(query, 5)
        assert kb.library.chroma_is_usable()
        assert find_problems(kb.library) == []
        kb.remove("000.txt")
        assert len(kb.documents()) == 5
    with KnowledgeBase.open(tmp_path / "own") as own:
        own.ingest(documents[:1])
        expected = own.ingest(documents[:6])
        own.remove("000.txt")
        with KnowledgeBase.open(tmp_path / "library") as kb:
            assert state_hash(kb.library) == state_hash(own.library)
    assert report.files == expected.files
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[-1] == AddProgress(6, 6, "", "done")
    assert {step.stage for step in steps} == {"reading", "extracting", "storing", "done"}


def test_a_killed_process_is_told_in_words_and_the_library_goes_on(tmp_path: Path) -> None:
    # Several groups are still to come when the first is told of: the signal needs its time.
    write_files(
        tmp_path / "many",
        {f"{number:03}.txt": f"Anna Euler wrote letter {number} to Riga." for number in range(300)},
    )
    many = find_files([tmp_path / "many"])
    with KnowledgeBase.open(tmp_path / "library") as kb:

        def kill(step: AddProgress) -> None:
            if step.done:
                os.kill(holder(kb.library.folder), signal.SIGKILL)

        with pytest.raises(LibraryError, match="killed") as killed:
            add_in_child(kb, many, kill)
        told = re.search(r" (\d+) of 300 files were done", str(killed.value))
        assert told is not None
        kept = len(kb.documents())
        assert 64 <= int(told[1]) <= kept < 300
        # Until the next writing, search goes without Chroma.
        assert all("Chroma" in problem for problem in find_problems(kb.library))
        assert "letter 42" in kb.search("Who wrote letter 42?").passages[0].text
        report = add_in_child(kb, many)
        outcomes = [file.outcome for file in report.files]
        assert (outcomes.count("unchanged"), outcomes.count("indexed")) == (kept, 300 - kept)
        assert len(kb.documents()) == 300
        assert find_problems(kb.library) == []


def test_the_process_goes_down_with_the_one_that_started_it(
    tmp_path: Path, documents: list[SourceFile]
) -> None:
    library = tmp_path / "library"
    code = (
        "import sys, time; from kgrag import KnowledgeBase; from kgrag.adding import add_in_child\n"
        "from kgrag.files import find_files; from pathlib import Path\n"
        "kb = KnowledgeBase.open(sys.argv[1])\n"
        "print('begun', flush=True)\n"
        "add_in_child(kb, find_files([Path(sys.argv[2])]), lambda _: time.sleep(60))\n"
    )
    command = [sys.executable, "-c", code, str(library), str(documents[0].path.parent)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None and parent.stdout.readline() == b"begun\n"
        child = holder(library)
        assert child != parent.pid and is_alive(child)
        parent.kill()
    until(lambda: not is_alive(child))
    with KnowledgeBase.open(library) as kb:
        assert kb.ingest(documents[:1]).files[0].outcome in ("indexed", "unchanged")


def test_adding_that_is_stopped_ends_at_once(tmp_path: Path, documents: list[SourceFile]) -> None:
    steps: list[AddProgress] = []
    with KnowledgeBase.open(tmp_path / "library") as kb:
        with pytest.raises(LibraryError, match="was stopped. At least 0 of 70 files"):
            add_in_child(kb, documents, steps.append, stopped=lambda: bool(steps))
        assert not is_alive(holder(kb.library.folder))
        assert kb.ingest(documents).files[-1].outcome == "indexed"


def test_errors_come_back_as_what_they_are(tmp_path: Path, documents: list[SourceFile]) -> None:
    with KnowledgeBase.open(tmp_path / "library") as kb:
        with held_by_another_process(kb.library.folder) as pid:
            with pytest.raises(LibraryLockedError, match=rf"another process \({pid}\)"):
                add_in_child(kb, documents)
    settings = Settings(link=LinkSettings(catalogue=str(tmp_path / "none.sqlite")))
    with KnowledgeBase.open(tmp_path / "library", settings) as kb:
        with pytest.raises(ModelError, match=r"none\.sqlite"):
            add_in_child(kb, documents)
        assert kb.documents() == []


def test_what_is_set_holds_in_the_other_process(tmp_path: Path) -> None:
    write_files(tmp_path / "documents", {"long.txt": "Euler wrote. " * 200, "short.txt": "Euler."})
    settings = Settings(parse=replace(ParseLimits(), max_text_chars=1000))
    with KnowledgeBase.open(tmp_path / "library", settings) as kb:
        long, short = add_in_child(kb, find_files([tmp_path / "documents"])).files
    assert (long.outcome, short.outcome) == ("failed", "indexed")
    assert long.reason is not None and long.reason.startswith("too_large")


def test_a_content_that_is_made_here_cannot_be_sent_there(tmp_path: Path) -> None:
    file = SourceFile(Path("a.txt"), "upload:a.txt", "a.txt", content=lambda: b"Euler.")
    with KnowledgeBase.open(tmp_path / "library") as kb, pytest.raises(ValueError, match="content"):
        add_in_child(kb, [file])
