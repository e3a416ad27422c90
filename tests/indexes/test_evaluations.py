"""R10 for evaluations: what runs and drafted questions show of a document goes with it."""

import json
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from eval.items import Item
from eval.run_folder import RunFolder
from indexes import evaluations
from indexes.errors import LibraryLockedError
from indexes.evaluations import FOLDER, QUESTIONS, RUNS
from indexes.library import Library
from tests.indexes.samples import add, analysis, plain_library

SECRET = "Leontyne Thaxter"
TEXT = f"{SECRET} came to Aldgrove."


def item(case: str, *documents: str, **shown: Any) -> Item:  # noqa: ANN401  any JSON
    return Item(case, "set", {"contains": (1.0,)}, shown=shown, documents=documents)


def begun(library: Library, name: str = "aa", kind: str = "own") -> RunFolder:
    """Begin a run as the page does."""
    folder = library.folder / FOLDER / RUNS / name
    run = RunFolder.begin(folder, {"task": "answers", "library": {"version": library.version}})
    folder.with_suffix(".json").write_text(json.dumps({"kind": kind}), "utf-8")
    return run


def questions(library: Library, kind: str, *rows: dict[str, Any]) -> Path:
    folder = library.folder / FOLDER / QUESTIONS
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{kind}.json").write_text(json.dumps({"kind": kind}), "utf-8")
    path = folder / f"{kind}.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def on(document: str, quote: str, **more: str) -> dict[str, Any]:
    return {"question": quote, "evidence": [{"document": document, "quote": quote, **more}]}


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def removed(library: Library, id_: str) -> None:
    library.remove(id_)


def replaced(library: Library, id_: str) -> None:
    add(library, "a.txt", analysis("Nobody came."))


@pytest.mark.parametrize("take", [removed, replaced])
def test_a_run_keeps_its_counts_and_no_byte_of_a_document_that_went(
    tmp_path: Path, take: Callable[[Library, str], None]
) -> None:
    with closing(plain_library(tmp_path)) as library:
        gone, stays = (
            add(library, name, analysis(text))
            for name, text in (("a.txt", TEXT), ("b.txt", "Gauss came."))
        )
        run = begun(library)
        run.append("1", [item("1", gone, stays, answer=TEXT), item("1b", gone, answer=TEXT)])
        run.append("2", [item("2", stays, answer="Gauss came.")])
        # What was expected is told by the name of its document alone.
        run.append("3", [item("3", evidence=[{"document": "a.txt", "quote": TEXT}])])
        run.tell(done=3, message=f"Asking: {TEXT}")
        run.finish({"failures": [{"case": "9", "message": TEXT}], "rows": [{"value": 1.0}]})
        (run.folder / "report.html").write_text(TEXT, "utf-8")
        with run.items_path.open("a", encoding="utf-8") as file:
            file.write(f'{{"case": "4", "shown": {{"answer": "{TEXT[:20]}')
        take(library, gone)
        kept = run.items()
        assert run.done() == {"1", "2", "3"}
    assert [len(found.counts) for found in kept] == [1, 1, 1, 1]
    removed_ = {"removed": True}
    assert [dict(found.shown) for found in kept] == [
        removed_, removed_, {"answer": "Gauss came."}, removed_,
    ]  # fmt: skip
    assert run.progress() == {"done": 3, "message": "", "pid": run.progress()["pid"]}
    assert run.summary()["rows"] == [{"value": 1.0}]
    held = bytes_of(tmp_path)
    for trace in (SECRET, "Aldgrove", gone.removeprefix("sha256:")):
        assert trace.encode() not in held
    assert b"Gauss came." in held


def test_a_run_without_the_document_stays_as_it_is(library: Library) -> None:
    gone, stays = add(library, "a.txt", analysis(TEXT)), add(library, "b.txt", analysis("Gauss."))
    run = begun(library)
    run.append("1", [item("1", stays, answer="Gauss.")])
    (run.folder / "report.html").write_text("a report", "utf-8")
    before = run.items_path.read_bytes()
    library.remove(gone)
    assert run.items_path.read_bytes() == before
    assert (run.folder / "report.html").is_file()


def test_drafted_questions_go_with_their_document_and_own_ones_stay(library: Library) -> None:
    gone = add(library, "a.txt", analysis(TEXT))
    add(library, "b.txt", analysis("Gauss came."))
    other = on("b.txt", "Gauss came.")
    rows = (on("a.txt", TEXT), other, on("moved.txt", TEXT, document_id=gone))
    # Of a question without evidence nobody can tell which document its names are from.
    unanswerable = {"question": f"Where was {SECRET} born?", "answerable": False, "evidence": []}
    drafted = questions(library, "drafted", *rows, unanswerable)
    own = questions(library, "own", *rows)
    corrections = questions(library, "corrections", other)
    before = own.read_bytes()
    library.remove(gone)
    assert [json.loads(line) for line in drafted.read_text("utf-8").splitlines()] == [other]
    assert own.read_bytes() == before
    assert not corrections.exists()


def test_of_a_run_over_drafted_questions_those_without_a_document_go_too(library: Library) -> None:
    gone = add(library, "a.txt", analysis(TEXT))
    shown = {"question": f"Where was {SECRET} born?"}
    drafted, own = begun(library, "aa", "drafted"), begun(library, "bb", "own")
    for run in (drafted, own):
        run.append("1", [item("1", **shown)])
    library.remove(gone)
    assert [dict(run.items()[0].shown) for run in (drafted, own)] == [{"removed": True}, shown]


def test_runs_wait_until_a_removal_is_committed_and_then_find_another_version(
    library: Library,
) -> None:
    gone = add(library, "a.txt", analysis(TEXT))
    run, version = begun(library), library.version
    run.append("1", [item("1", gone, answer=TEXT)])
    seen: list[str] = []

    def check() -> None:
        with closing(plain_library(library.folder)) as beside:
            seen.append(beside.version)
        if seen[-1] != version:
            raise KeyboardInterrupt

    def measure() -> None:
        with pytest.raises(KeyboardInterrupt):
            run.append("2", [item("2", gone, answer=TEXT)], check=check)

    beside = threading.Thread(target=measure)
    with evaluations.forgetting(library.folder, {gone: ["a.txt"]}):
        beside.start()
        beside.join(0.2)
        assert beside.is_alive(), "a run wrote while documents were being removed"
        assert seen == []
        library.db.execute("UPDATE manifest SET value = '99' WHERE key = 'version'")
    beside.join()
    assert seen == ["99"]
    assert SECRET.encode() not in run.items_path.read_bytes()


def test_what_a_run_wrote_between_is_forgotten_as_well(library: Library) -> None:
    gone = add(library, "a.txt", analysis(TEXT))
    begun(library, "aa")
    with evaluations.forgetting(library.folder, {gone: ["a.txt"]}):
        late = begun(library, "bb")
        late.append("1", [item("1", gone, answer=TEXT)])
    assert dict(late.items()[0].shown) == {"removed": True}


def test_a_library_without_evaluations_gets_no_folder_for_them(library: Library) -> None:
    library.remove(add(library, "a.txt", analysis(TEXT)))
    assert not (library.folder / FOLDER).exists()


def test_a_run_that_is_kept_busy_stops_a_removal_in_words_and_the_document_stays(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluations, "WAIT_S", 0.05)
    gone = add(library, "a.txt", analysis(TEXT))
    run = begun(library)
    with (
        FileLock(run.folder / "items.lock"),
        pytest.raises(LibraryLockedError, match="Stop it, then try again"),
    ):
        library.remove(gone)
    assert library.documents.ids() == {gone}
