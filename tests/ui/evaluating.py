"""A stand-in for ``kgrag-eval``: its command line, with run folders as it writes them.

A question that holds "wait" is measured until the command is stopped; one that holds "fail" fails;
an answer is right where the question holds "right". As a script it is the command itself;
``stand_in`` lets the service run it.
"""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from indexes.errors import KgragError

if TYPE_CHECKING:
    from pytest import MonkeyPatch

    from eval.items import Item
    from eval.run_folder import RunFolder

SENTENCE = "Leonhard Euler was born in Basel."

LOUD = "<script>alert(1)</script>"
"""What a report must not make of a question."""


def stand_in(monkeypatch: "MonkeyPatch") -> None:
    """Let the page run this file in place of ``kgrag-eval``."""
    monkeypatch.setattr("ui.evaluation_process._CHILD", _CHILD.format(file=__file__))


_CHILD = """import sys, runpy
sys.path.append(sys.argv.pop(1))
import ui.evaluation_child as child
class runpy_of_this:
    def run_module(*_, **__):
        runpy.run_path({file!r}, run_name="__main__")
child.runpy, child.NICE = runpy_of_this, 0
child.main()"""


def main(arguments: Sequence[str] | None = None) -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    parsed = _parser().parse_args(arguments)
    try:
        return COMMANDS[parsed.command](parsed) or 0
    except KgragError as error:
        sys.stderr.write(f"kgrag-eval: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


# -- questions -----------------------------------------------------------------------------------


def questions(parsed: argparse.Namespace) -> None:
    if parsed.check is not None:
        found, skipped = _read(Path(parsed.check))
        if not found:
            raise KgragError(f"{parsed.check} holds nothing to ask: {'; '.join(skipped)}")
        told = {"questions": len(found), "skipped": skipped, "sample": found[:5]}
        sys.stdout.write(json.dumps(told))
    else:
        from indexes.library import Library

        library = Library.open(Path(parsed.library), create=False, use_chroma=False)
        sys.stdout.write("Read and correct them.\n")
        found = [
            {
                "id": f"d{number}",
                "question": f"Where was Leonhard Euler born ({number})?",
                "answers": ["Basel"],
                "evidence": [{"document": item.name, "page": None, "quote": SENTENCE}],
            }
            for number, item in enumerate(library.documents.summaries()[: parsed.limit])
        ]
        library.close()
    Path(parsed.out).write_text("".join(json.dumps(row) + "\n" for row in found), "utf-8")


def _read(path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    found, skipped = [], []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            found.append({"id": f"q{number}", "answers": [], "evidence": [], **row})
        except ValueError:
            skipped.append(f"line {number}: is no JSON: “{line[:20]}”")
    return found, skipped


# -- runs ----------------------------------------------------------------------------------------


def run(parsed: argparse.Namespace) -> int:
    from eval.run_folder import RunFolder
    from indexes.library import Library

    library = Library.open(Path(parsed.library), create=False, use_chroma=False)
    header = {
        "task": parsed.task,
        "command": f"kgrag-eval run {parsed.task} --set {parsed.set}",
        "sets": [{"name": Path(parsed.set).stem}],
        "options": {"sets": [str(Path(parsed.set).absolute())], "limit": parsed.limit},
        "model": {"endpoint": parsed.endpoint, "key": os.environ.get("KGRAG_EVAL_KEY", "")},
        "settings": Path(parsed.settings).read_text("utf-8") if parsed.settings else "",
        "library": {"version": library.version, "documents": sorted(library.documents.ids())},
        "seed": 1,
    }
    library.close()
    return _go_on(RunFolder.begin(Path(parsed.out), header))


def resume(parsed: argparse.Namespace) -> int:
    from eval.run_folder import RunFolder

    opened = RunFolder.open(Path(parsed.folder))
    opened.resume({})
    return _go_on(opened)


def _go_on(opened: "RunFolder") -> int:
    from eval.summary import rows

    path = Path(opened.header["options"]["sets"][0])
    asked = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    asked = asked[: opened.header["options"]["limit"]]
    done, total = opened.done(), len(asked)
    failures: list[dict[str, str]] = []
    is_again = bool(opened.header["resumed"])
    for number, row in enumerate(asked):
        if row["id"] in done:
            continue
        at = {"done": number - len(failures), "total": total, "failed": len(failures)}
        opened.tell(**at, message=f"{path.stem}: {row['id']}", finished=False)
        while "wait" in row["question"] and not is_again:
            time.sleep(0.01)
        if "fail" in row["question"]:
            failures.append({"case": row["id"], "message": "It did not answer."})
            continue
        opened.append(row["id"], [_item(row, path.stem, opened.header)])
    told = rows(opened.items(), seed=1)
    opened.finish({"finished": not failures, "failures": failures, "tables": {}, "rows": told})
    done_now = total - len(failures)
    opened.tell(done=done_now, total=total, failed=len(failures), message="Done", finished=True)
    _write_report(opened)
    return 1 if failures else 0


def _item(row: dict[str, Any], group: str, header: dict[str, Any]) -> "Item":
    from eval.items import Item

    right = float("right" in row["question"])
    return Item(
        case=row["id"],
        group=group,
        counts={"contains": (right,), "evidence_any": (right,), "recall_5": (right,),
                "all_5": (right,)},
        tags={"outcome": "right" if right else "wrong"} if header["task"] == "answers" else {},
        shown={"question": row["question"], "answer": SENTENCE,
               "evidence": [{"document": "handlist.txt", "page": None, "quote": SENTENCE}]},
        documents=tuple(header["library"]["documents"]),
    )  # fmt: skip


def report(parsed: argparse.Namespace) -> None:
    from eval.run_folder import RunFolder

    for folder in parsed.folders:
        _write_report(RunFolder.open(Path(folder)))


def _write_report(opened: "RunFolder") -> None:
    told = [
        f"<p>{item.shown.get('question', 'removed')}: {item.shown.get('answer', '')}</p>"
        for item in opened.items()
    ]
    body = "".join(told).replace("<script", "&lt;script")
    page = f"<!DOCTYPE html><title>Report</title><h1>{opened.header['command']}</h1>{body}"
    (opened.folder / "report.html").write_text(page, "utf-8")


def compare(parsed: argparse.Namespace) -> None:
    from eval.comparing import compare as compared
    from eval.run_folder import RunFolder

    one, other = (RunFolder.open(Path(folder)) for folder in (parsed.one, parsed.other))
    told = compared(one, other).as_data()
    if parsed.html:
        Path(parsed.html).write_text(f"<!DOCTYPE html><p>{len(told['rows'])} rows</p>", "utf-8")
    else:
        sys.stdout.write(json.dumps(told))


COMMANDS: dict[str, Callable[[argparse.Namespace], int | None]] = {
    "questions": questions,
    "run": run,
    "resume": resume,
    "report": report,
    "compare": compare,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    made = {name: commands.add_parser(name) for name in COMMANDS}
    for name in ("--check", "--library", "--out"):
        made["questions"].add_argument(name)
    for name in ("--json", "--corrections"):
        made["questions"].add_argument(name, action="store_true")
    made["run"].add_argument("task")
    for name in ("--set", "--library", "--out", "--endpoint", "--model", "--settings"):
        made["run"].add_argument(name)
    for name in ("questions", "run"):
        made[name].add_argument("--limit", type=int)
    made["resume"].add_argument("folder")
    made["report"].add_argument("folders", nargs="+")
    for name in ("one", "other"):
        made["compare"].add_argument(name)
    made["compare"].add_argument("--json", action="store_true")
    made["compare"].add_argument("--html")
    return parser


if __name__ == "__main__":
    sys.exit(main())
