"""R1: SIGKILL anywhere in ``add`` loses no acknowledged file, and a rerun converges."""

import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from indexes.check import find_problems, state_hash
from kgrag import KnowledgeBase, ingest
from kgrag.ingest import AddProgress
from tests.fakes import ROOT, open_knowledge_base, write_files
from tests.promises.dying import die_at

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")

GROUP = 3
OLD = {"a.txt": "Anna Ivanova wrote to Leonhard Euler in 1727.", "b.txt": "Euler also known as LE."}
NEW = {
    "a.txt": "Anna Ivanova met Leonhard Euler in 1730. Euler stayed.",
    "b.txt": "Leonhard Euler also known as Ludovicus.",
    "c.txt": OLD["a.txt"],
    "d.txt": "Ludovicus wrote to Christian Goldbach in 1742.",
    "e.txt": "",
    "f.txt": "Christian Goldbach also known as Goldie. Goldie met Anna Ivanova.",
    "g.txt": "Daniel Bernoulli left in 1733.",
}


def child() -> None:
    """Add a folder (or remove a document) and die at the n-th occurrence of an audit event."""
    library, documents, event, number, job = sys.argv[1:]
    ingest.GROUP_DOCUMENTS = GROUP
    die_at(event, int(number))

    def tell(progress: AddProgress) -> None:
        print(progress.done, flush=True)  # noqa: T201

    with open_knowledge_base(Path(library)) as kb:
        if job == "add":
            kb.add(documents, progress=tell)
        else:
            kb.remove(job)


def command(library: Path, documents: Path, event: str, number: int, job: str) -> list[str]:
    code = "from tests.promises.test_crash_safety import child; child()"
    return [sys.executable, "-c", code, *map(str, (library, documents, event, number, job))]


def die_in_a_child(library: Path, documents: Path, event: str, number: int, job: str) -> int:
    """Run ``child``, which must be cut off; return how many files it had acknowledged."""
    done = subprocess.run(
        command(library, documents, event, number, job), cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 9, done.stderr
    return int((done.stdout.split() or ["0"])[-1])


def names(kb: KnowledgeBase, documents: Path) -> set[str]:
    """Return the files whose present content the library holds."""
    sources = kb.library.db.execute(
        "SELECT path, content FROM sources JOIN originals USING (document)"
    )
    ids = {path for path, _ in sources}
    texts = {
        path: kb.library.documents.original(id_).decode()
        for id_ in kb.library.documents.ids()
        for path, *_ in kb.library.documents.sources(id_)
    }
    assert ids == texts.keys()
    return {
        file.name
        for file in documents.iterdir()
        if texts.get(file.as_posix()) == file.read_text("utf-8")
    }


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("documents")


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory, documents: Path) -> Path:
    """A library that holds the old versions of two files, which are then replaced by the new."""
    folder = tmp_path_factory.mktemp("before")
    write_files(documents, dict(OLD))
    with open_knowledge_base(folder) as kb:
        kb.add(documents)
    write_files(documents, dict(NEW))
    return folder


@pytest.fixture(scope="module")
def uninterrupted(before: Path, documents: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("uninterrupted") / "library"
    shutil.copytree(before, folder)
    with open_knowledge_base(folder) as kb:
        report = kb.add(documents)
        assert {file.outcome for file in report.files} == {"indexed", "empty", "unchanged"}
        assert find_problems(kb.library) == []
        return state_hash(kb.library)


@pytest.mark.parametrize(
    ("event", "number"),
    [
        ("kgrag.analysed", 1),
        ("kgrag.stored", 2),
        ("kgrag.stored", 5),
        ("kgrag.committed", 1),
        ("kgrag.committed", 3),
        ("kgrag.indexed", 1),
        ("kgrag.indexed", 2),
    ],
)
def test_a_run_cut_off_at_any_point_is_completed_by_the_next(
    tmp_path: Path, before: Path, documents: Path, uninterrupted: str, event: str, number: int
) -> None:
    library = tmp_path / "library"
    shutil.copytree(before, library)
    acknowledged = die_in_a_child(library, documents, event, number, "add")
    with open_knowledge_base(library) as kb:
        there = names(kb, documents)
        assert there >= set(sorted(NEW)[:acknowledged])
        assert kb.search("Goldbach").passages is not None
        kb.add(documents)
        assert state_hash(kb.library) == uninterrupted
        assert find_problems(kb.library) == []
    with open_knowledge_base(library) as kb:
        assert kb.library.chroma_is_usable()


def test_a_removal_cut_off_after_its_transaction_is_done(
    tmp_path: Path, before: Path, documents: Path
) -> None:
    library = tmp_path / "library"
    shutil.copytree(before, library)
    die_in_a_child(library, documents, "kgrag.removed", 1, "a.txt")
    with open_knowledge_base(library) as kb:
        assert [document.name for document in kb.documents()] == ["b.txt"]
        assert not any("Anna" in passage.text for passage in kb.search("Anna 1727").passages)
        kb.remove("b.txt")
        assert kb.documents() == []
        assert find_problems(kb.library) == []


def test_random_kills_lose_nothing_acknowledged(tmp_path: Path) -> None:
    documents, library = tmp_path / "documents", tmp_path / "library"
    people = ("Anna Ivanova", "Leonhard Euler", "Euler", "Christian Goldbach")
    write_files(
        documents,
        {
            f"{number:02}.txt": f"{people[number % 4]} wrote to {people[number % 3]} "
            f"in {1700 + number}. {people[number % 2]} also known as Name{number % 5}."
            for number in range(60)
        },
    )
    everything = sorted(path.name for path in documents.iterdir())
    random_ = random.Random(7)
    cut_off = 0
    for _ in range(5):
        with subprocess.Popen(
            command(library, documents, "none", 1, "add"),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(random_.randint(1, 30))]
            process.send_signal(signal.SIGKILL)
            lines += process.stdout.readlines()
        cut_off += process.returncode == -signal.SIGKILL
        acknowledged = max(int(line) for line in lines if line.strip())
        with open_knowledge_base(library) as kb:
            assert names(kb, documents) >= set(everything[:acknowledged])
    assert cut_off >= 1
    with open_knowledge_base(library) as kb, open_knowledge_base(tmp_path / "fresh") as fresh:
        kb.add(documents)
        fresh.add(documents)
        assert state_hash(kb.library) == state_hash(fresh.library)
        assert find_problems(kb.library) == []
