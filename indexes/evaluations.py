"""What evaluation runs keep of a library's documents, and how it goes when those go.

    evaluation/questions/ID.jsonl   a question a line; ID.json beside it says whose they are
    evaluation/questions/lock       held by whoever rewrites questions
    evaluation/runs/ID/             a run: items.jsonl, held by items.lock, and what is made of it;
                                    ID.json beside it says whose questions it asks

A run shows what was asked, found and quoted; a drafted question quotes its evidence. When a
document is removed or replaced that text goes in the same step, to the last byte: counts stay, so
that a run can still be compared. Runs are held while the removal is committed, and a run refuses to
write once the library has changed, so nothing can slip in between. A file of questions that
somebody has uploaded is that person's own words, and stays until it is deleted.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from indexes.errors import LibraryLockedError

FOLDER = "evaluation"
QUESTIONS = "questions"
RUNS = "runs"

OWN, DRAFTED, CORRECTIONS = "own", "drafted", "corrections"
"""Whose questions they are: the user's, those drafted from the graph, those made of corrections."""

DERIVED = (DRAFTED, CORRECTIONS)
"""Their words are those of the documents: one that names no document may be of any."""

WAIT_S = 30.0
"""A run holds its items for as long as it takes to write one case."""

REMOVED = {"removed": True}
"""What an item shows once a document is gone of which it showed text."""

Gone = Mapping[str, Collection[str]]
"""Documents that go: ids, and the names that each had."""


@contextmanager
def forgetting(library: Path, gone: Gone) -> Iterator[None]:
    """Forget documents, let the block commit that they are gone, and look once more.

    Raises
    ------
    LibraryLockedError
        A run is kept busy for too long.
    """
    if not gone or not (library / FOLDER).is_dir():
        yield
        return
    with _held(library) as runs:
        _forget(library, runs, gone)
        yield
    forget(library, gone)  # A run may have begun meanwhile.


def forget(library: Path, gone: Gone) -> None:
    """Let go of all text of documents that runs and drafted questions hold; see ``forgetting``."""
    with _held(library) as runs:
        _forget(library, runs, gone)


@contextmanager
def questions_held(library: Path) -> Iterator[Path]:
    """Give the folder of questions, which nobody else changes while the block runs."""
    folder = library / FOLDER / QUESTIONS
    folder.mkdir(parents=True, exist_ok=True)
    with _lock(folder / "lock"):
        yield folder


def replace(path: Path, text: str) -> None:
    """Write a file in one step: whoever reads it meanwhile finds the old text or the new."""
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


# -- locks ---------------------------------------------------------------------------------------


@contextmanager
def _held(library: Path) -> Iterator[list[Path]]:
    """Hold the questions and all runs; give the runs' folders."""
    with ExitStack() as held:
        held.enter_context(questions_held(library))
        found = sorted((library / FOLDER / RUNS).rglob("run.json"))
        for path in found:
            held.enter_context(_lock(path.with_name("items.lock")))
        yield [path.parent for path in found]


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    try:
        with FileLock(path, timeout=WAIT_S):
            yield
    except Timeout:
        raise LibraryLockedError(
            f"An evaluation of this library has been kept busy for {WAIT_S:.0f} s. Stop it, then "
            "try again."
        ) from None


# -- forgetting ----------------------------------------------------------------------------------


def _forget(library: Path, runs: list[Path], gone: Gone) -> None:
    traces = _traces(gone)
    for run in runs:
        _blank_message(run / "progress.json")
        kind = _read(run.with_suffix(".json")).get("kind")
        if _forget_items(run / "items.jsonl", traces, is_derived=kind in DERIVED):
            _blank_failures(run / "summary.json")
            for folder in (run, run.parent):  # A run of all tasks has a report over its own.
                (folder / "report.html").unlink(missing_ok=True)
    questions = library / FOLDER / QUESTIONS
    for about in sorted(questions.glob("*.json")):
        kind = _read(about).get("kind")
        if kind == CORRECTIONS:  # Made anew whenever it is run.
            about.with_suffix(".jsonl").unlink(missing_ok=True)
        if kind == DRAFTED:
            _forget_questions(about.with_suffix(".jsonl"), traces)


def _traces(gone: Gone) -> list[str]:
    """Return the ids and names of documents as they stand in lines of JSON."""
    texts = {*gone, *(name for names in gone.values() for name in names)}
    return [json.dumps(text, ensure_ascii=False) for text in sorted(texts)]


def _forget_items(path: Path, traces: list[str], *, is_derived: bool) -> bool:
    """Blank the items that show documents; return whether there were any.

    An item shows more than what was cited: the passages that were expected are told by the names of
    their documents.
    """
    if not path.is_file():
        return False
    *lines, cut_off = path.read_text(encoding="utf-8").split("\n")
    kept = [
        _blank(line)
        if any(trace in line for trace in traces) or (is_derived and '"documents": []' in line)
        else line
        for line in lines
    ]
    # A line that has no end was cut off with the process that wrote it: nobody reads it.
    if kept == lines and not cut_off:
        return False
    replace(path, "".join(f"{line}\n" for line in kept))
    return True


def _blank(line: str) -> str:
    # An id is a digest of its document: it goes as well.
    return json.dumps(_parsed(line) | {"shown": REMOVED, "documents": []}, ensure_ascii=False)


def _blank_message(path: Path) -> None:
    progress = _read(path)
    if progress.get("message"):
        replace(path, json.dumps(progress | {"message": ""}, ensure_ascii=False))


def _blank_failures(path: Path) -> None:
    summary = _read(path)
    if summary.get("failures"):
        failures = [failure | {"message": ""} for failure in summary["failures"]]
        replace(path, json.dumps(summary | {"failures": failures}, ensure_ascii=False, indent=1))


def _forget_questions(path: Path, traces: list[str]) -> None:
    if not path.is_file():
        return
    lines = path.read_text(encoding="utf-8").split("\n")
    kept = [
        line
        for line in lines
        if '"document": ' in line and not any(trace in line for trace in traces)
    ]
    if kept != lines:
        replace(path, "".join(f"{line}\n" for line in kept))


def _read(path: Path) -> dict[str, Any]:
    """Return what a JSON file holds; nothing where there is none."""
    try:
        return _parsed(path.read_text(encoding="utf-8"))
    except OSError:
        return {}


def _parsed(text: str) -> dict[str, Any]:
    """Return an object of JSON; nothing where it is none."""
    try:
        held = json.loads(text)
    except ValueError:
        return {}
    return held if isinstance(held, dict) else {}
