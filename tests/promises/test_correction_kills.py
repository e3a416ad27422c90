"""R1 for corrections and conversations: a kill anywhere leaves rules and graph in agreement."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from indexes.check import find_problems, state_hash
from kgrag import KnowledgeBase
from tests.fakes import ROOT, open_knowledge_base, write_files
from tests.promises.dying import KILLED, die_at

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs os._exit")

FILES = {
    "a.txt": "Leonhard Euler met Christian Goldbach in 1727. Leonhard Euler stayed.",
    "b.txt": "Leonhard Euler wrote to Anna Ivanova. Ludovicus left.",
    "c.txt": "Leonhard Euler slept.",
}
JOBS = ("merge", "split", "rename", "retract", "undo")


def do(kb: KnowledgeBase, job: str) -> None:
    euler, other, goldbach = (
        max(kb.library.graph.named([name])[name].items(), key=lambda item: item[1])[0]
        for name in ("leonhard euler", "ludovicus", "christian goldbach")
    )
    match job:
        case "merge":
            kb.corrections.merge(euler, other)
        case "split":
            there = [item.what for item in kb.corrections.list()]
            kb.corrections.split(euler, documents=["b.txt" if there else "c.txt"])
        case "rename":
            kb.corrections.rename(euler, "The Cyclops")
        case "retract":
            kb.corrections.retract(euler, "P3342", goldbach)
        case _:
            kb.corrections.undo(kb.corrections.list()[0].id)


def child() -> None:
    """Make a correction and die at an audit event."""
    folder, job, event = sys.argv[1:]
    die_at(event, 1)
    with open_knowledge_base(Path(folder)) as kb:
        do(kb, job)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with Chroma and one correction, a split by documents."""
    folder = tmp_path_factory.mktemp("before")
    write_files(folder / "documents", dict(FILES))
    with open_knowledge_base(folder / "library") as kb:
        kb.add(folder / "documents")
        do(kb, "split")
    return folder / "library"


@pytest.mark.parametrize(
    ("event", "is_done"),
    [("kgrag.correcting", False), ("kgrag.corrected", True), ("kgrag.indexed", True)],
)
@pytest.mark.parametrize("job", JOBS)
def test_a_correction_that_is_cut_off_is_made_or_was_never_begun(
    tmp_path: Path, before: Path, job: str, event: str, is_done: bool
) -> None:
    for name in ("cut", "whole", "old"):
        shutil.copytree(before, tmp_path / name)
    code = "from tests.promises.test_correction_kills import child; child()"
    command = [sys.executable, "-c", code, str(tmp_path / "cut"), job, event]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == KILLED, done.stderr
    with open_knowledge_base(tmp_path / "whole") as kb:
        do(kb, job)
    expected = tmp_path / ("whole" if is_done else "old")
    with open_knowledge_base(tmp_path / "cut") as kb, open_knowledge_base(expected) as like:
        assert state_hash(kb.library) == state_hash(like.library)
        chroma = ["Chroma is missing, stale or damaged: search is exact until a repair"]
        assert find_problems(kb.library) == (chroma if event == "kgrag.corrected" else [])
        assert kb.search("Goldbach").passages[0].document_name == "a.txt"
        if is_done:
            return
        do(kb, job)
        assert kb.library.chroma_is_usable()
