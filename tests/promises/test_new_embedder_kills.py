"""R13: a kill at any step of a change of embedder leaves the old library or the new one."""

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from indexes.check import find_problems, state_hash
from indexes.errors import LibraryMismatchError
from kgrag import rebuild as rebuilding
from kgrag.rebuild import rebuild
from tests.fakes import ROOT, HashEmbedder
from tests.promises.dying import die_at
from tests.promises.embedder_change import (
    GROUP,
    QUESTION,
    OtherEmbedder,
    is_new,
    left_over,
    open_with,
)

pytestmark = pytest.mark.usefixtures("small_groups")


def child() -> None:
    """Change the embedder, and die at the n-th occurrence of an audit event."""
    library, event, number = sys.argv[1:]
    rebuilding.GROUP_PASSAGES = GROUP
    die_at(event, int(number))
    with open_with(Path(library), OtherEmbedder, chroma=True) as kb:
        rebuild(kb, progress=lambda item: print(item.done, flush=True))  # noqa: T201


def command(library: Path, event: str, number: int) -> list[str]:
    code = "from tests.promises.test_new_embedder_kills import child; child()"
    return [sys.executable, "-c", code, str(library), event, str(number)]


def goes_on(folder: Path, switched: str) -> None:
    """The library is wholly old or wholly new, answers as such, and a rerun completes."""
    with open_with(folder, HashEmbedder, chroma=True) as kb:
        new = is_new(kb.library)
        assert [p for p in find_problems(kb.library) if not p.startswith("Chroma")] == []
    right, wrong = (OtherEmbedder, HashEmbedder) if new else (HashEmbedder, OtherEmbedder)
    with open_with(folder, wrong, chroma=True) as kb:
        with pytest.raises(LibraryMismatchError, match="kgrag rebuild"):
            kb.search(QUESTION)
    with open_with(folder, right, chroma=True) as kb:
        assert kb.search(QUESTION).passages[0].document_name == "a.txt"
    with open_with(folder, OtherEmbedder, chroma=True) as kb:
        rebuild(kb)
        assert state_hash(kb.library) == switched
        assert find_problems(kb.library) == []
        assert left_over(kb.library) == 0
        assert kb.library.chroma_is_usable()


EVENTS = [
    ("kgrag.embedded", 1, False),
    ("kgrag.embedded", 2, False),
    *[("kgrag.switching", step, False) for step in range(1, 7)],
    ("kgrag.switched", 1, True),
    ("kgrag.indexed", 1, True),
]


@pytest.mark.parametrize(("event", "number", "is_over"), EVENTS)
def test_a_kill_at_any_step_leaves_the_old_or_the_new_and_the_next_run_completes(
    folder: Path, switched: str, event: str, number: int, is_over: bool
) -> None:
    done = subprocess.run(
        command(folder, event, number), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 9, done.stderr
    with sqlite3.connect(folder / "library.sqlite") as db:
        (embedder,) = db.execute("SELECT value FROM manifest WHERE key = 'embedder'").fetchone()
    db.close()
    assert (embedder == OtherEmbedder().fingerprint) == is_over
    goes_on(folder, switched)


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize("lines", [1, 2, 3])
def test_a_kill_from_outside_leaves_the_old_or_the_new(
    folder: Path, switched: str, lines: int
) -> None:
    with subprocess.Popen(
        command(folder, "none", 1), cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for _ in range(lines):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    goes_on(folder, switched)
