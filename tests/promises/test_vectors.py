"""R5: a missing, stale or damaged Chroma never takes kgrag down, and answers equal exact search."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from indexes.library import Library
from indexes.vectors import ExactIndex
from tests.fakes import ROOT, HashEmbedder
from tests.indexes.samples import add, analysis

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs fork")

PASSAGES = 1200  # beyond the 1,000 from which on Chroma writes segments to the disk
QUESTIONS = ("Who wrote letter 17?", "star 900 and moon", "nothing", "Anna")
FILES = (
    "chroma.sqlite3",
    "data_level0.bin",
    "header.bin",
    "index_metadata.pickle",
    "length.bin",
    "link_lists.bin",
)


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _zero(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def _garbage(path: Path) -> None:
    path.write_bytes(np.random.default_rng(0).bytes(max(path.stat().st_size, 64)))


def _flip(path: Path) -> None:
    """Change one byte in each 1,000: a single one may hit what Chroma's database does not use."""
    content = bytearray(path.read_bytes() or b"x")
    content[500::1000] = bytes(byte ^ 0xFF for byte in content[500::1000])
    content[-1] ^= 0xFF
    path.write_bytes(content)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "deleted": Path.unlink,
    "truncated": _half,
    "emptied": _empty,
    "zeroed": _zero,
    "garbage": _garbage,
    "flipped": _flip,
}


def _file(folder: Path, name: str) -> Path:
    (path,) = (folder / "chroma").rglob(name)
    return path


def _replace_by_older(folder: Path, *, seal_too: bool) -> None:
    shutil.rmtree(folder / "chroma")
    shutil.copytree(folder / "older", folder / "chroma")
    if seal_too:
        shutil.copy(folder / "older.seal", folder / "chroma.seal")


def _older_segment(folder: Path) -> None:
    """Put an older file of the same name and size class in the place of a newer one."""
    for name in FILES[1:]:
        (older,) = (folder / "older").rglob(name)
        shutil.copy(older, _file(folder, name))


def _wrong_vector(folder: Path) -> None:
    """Change a vector inside Chroma's database: the file stays a whole database."""
    import sqlite3

    db = sqlite3.connect(_file(folder, "chroma.sqlite3"))
    with db:
        changed = db.execute("UPDATE embeddings_queue SET vector = zeroblob(length(vector))")
        assert changed.rowcount > 0
    db.close()


def _file_for_folder(folder: Path) -> None:
    shutil.rmtree(folder / "chroma")
    (folder / "chroma").write_text("no folder")


SCENARIOS: dict[str, Callable[[Path], None]] = {
    "whole": lambda folder: None,
    "no folder": lambda folder: shutil.rmtree(folder / "chroma"),
    "a file for a folder": _file_for_folder,
    "no seal": lambda folder: (folder / "chroma.seal").unlink(),
    "an empty seal": lambda folder: (folder / "chroma.seal").write_text("{}") and None,
    "a seal of garbage": lambda folder: _garbage(folder / "chroma.seal"),
    "a seal that names a folder outside": lambda folder: (
        (folder / "chroma.seal").write_text('{"home": "../..", "digests": {}, "version": "2"}')
        and None
    ),
    "an older copy": lambda folder: _replace_by_older(folder, seal_too=False),
    "an older copy with its seal": lambda folder: _replace_by_older(folder, seal_too=True),
    "older segments": _older_segment,
    "a wrong vector": _wrong_vector,
} | {
    f"{name} {how}": (lambda folder, n=name, d=damage: d(_file(folder, n)))  # type: ignore[misc]
    for name in FILES
    for how, damage in DAMAGES.items()
}

REBUILT = ("whole", "no folder", "no seal", "an older copy with its seal", "header.bin zeroed",
           "chroma.sqlite3 deleted", "a file for a folder")  # fmt: skip


def searches_are_exact(library: Library) -> bool:
    exact = ExactIndex(*library.vectors.load(64))
    return all(
        library.nearest(query, limit) == exact.search(query, limit)
        for query in HashEmbedder().embed(QUESTIONS)
        for limit in (1, 20)
    )


def try_scenario(base: Path, folder: Path, name: str) -> dict[str, bool]:
    """Damage a copy of a library, search it, and write to it."""
    shutil.copytree(base, folder)
    SCENARIOS[name](folder)
    library = Library.open(folder)
    result = {"exact": searches_are_exact(library), "usable": library.chroma_is_usable()}
    if name in REBUILT:
        with library.writing():
            add(library, "new.txt", analysis("Anna saw star 900."))
        result["exact after a write"] = searches_are_exact(library)
        result["usable after a write"] = library.chroma_is_usable()
        library.close()
        again = Library.open(folder)
        result["usable after a restart"] = again.chroma_is_usable() and searches_are_exact(again)
    return result


def child() -> None:
    """Run each scenario in a fork of its own, so that a crash of Chroma's is only its own."""
    import chromadb  # noqa: F401  loaded once for all forks

    base, work = map(Path, sys.argv[1:])
    for number, name in enumerate(SCENARIOS):
        pid = os.fork()
        if pid == 0:
            result = try_scenario(base, work / str(number), name)
            (work / f"{number}.json").write_text(json.dumps(result))
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        shutil.rmtree(work / str(number), ignore_errors=True)
        print(json.dumps([name, os.waitstatus_to_exitcode(status)]), flush=True)  # noqa: T201


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bool]]:
    """Return what came of each scenario; none for one that took its process down."""
    base, work = tmp_path_factory.mktemp("base"), tmp_path_factory.mktemp("work")
    library = Library.open(base)
    letters = " ".join(f"Letter {n} is of star {n % 1000}." for n in range(PASSAGES))
    with library.writing():
        add(library, "letters.txt", analysis(letters))
    library.close()
    shutil.copytree(base / "chroma", base / "older")
    shutil.copy(base / "chroma.seal", base / "older.seal")
    with library.writing():
        add(library, "more.txt", analysis("Anna wrote letter 17. The moon stood over star 900."))
        # Two rows more would not be written into the segments: those are to differ from the older.
        library.rebuild_chroma()
    assert library.chroma_is_usable()
    library.close()
    code = "from tests.promises.test_vectors import child; child()"
    done = subprocess.run(
        [sys.executable, "-c", code, str(base), str(work)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    statuses = dict(json.loads(line) for line in done.stdout.splitlines())
    assert statuses.keys() == SCENARIOS.keys(), done.stderr
    return {
        name: json.loads((work / f"{number}.json").read_text()) if statuses[name] == 0 else {}
        for number, name in enumerate(SCENARIOS)
    }


@pytest.mark.parametrize("name", SCENARIOS)
def test_chroma_in_any_state_takes_nothing_down_and_answers_are_exact(
    results: dict[str, dict[str, bool]], name: str
) -> None:
    assert results[name], "the process was taken down"
    assert results[name]["exact"]
    assert results[name]["usable"] == (name == "whole")


@pytest.mark.parametrize("name", REBUILT)
def test_the_next_write_brings_chroma_back(results: dict[str, dict[str, bool]], name: str) -> None:
    assert results[name] == {
        "exact": True,
        "usable": name == "whole",
        "exact after a write": True,
        "usable after a write": True,
        "usable after a restart": True,
    }
