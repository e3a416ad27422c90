"""The command ``kgrag-eval``: run a task, keep what it measured, write it into the README.

kgrag-eval run NAME [--data DIR] [--out DIR]    measure; results/NAME.json says what, when and how
kgrag-eval list                                 the tasks
kgrag-eval report                               README.md's numbers from results/
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "results"
NAMES = (
    "answers",
    "examples",
    "explorer",
    "extraction",
    "load",
    "paragraph",
    "peers",
    "retrieval",
    "scale",
    "speed",
)
"""The tasks, named here too so that help needs none of their imports."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status."""
    parsed = _parser().parse_args(arguments)
    status: int = parsed.command(parsed)
    return status


def _run(arguments: argparse.Namespace) -> int:
    from eval.tasks import TASKS

    started = time.perf_counter()
    result = {
        "task": arguments.name,
        "command": f"kgrag-eval run {arguments.name}",
        "seed": arguments.seed,
        "date": datetime.now(UTC).date().isoformat(),
        **_revision(),
        "python": platform.python_version(),
        "result": TASKS[arguments.name](arguments),
    }
    result["seconds"] = round(time.perf_counter() - started, 1)
    arguments.out.mkdir(parents=True, exist_ok=True)
    path = arguments.out / f"{arguments.name}.json"
    path.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    shown = {key: value for key, value in result["result"].items() if key != "questions"}
    print(json.dumps(shown, ensure_ascii=False, indent=1))
    print(f"kept in {path}", file=sys.stderr)
    return 0


def _list(arguments: argparse.Namespace) -> int:
    from eval.tasks import TASKS

    del arguments
    for name, task in TASKS.items():
        summary = (sys.modules[task.__module__].__doc__ or "").splitlines()[0]
        print(f"{name:10} {summary}")
    return 0


def _report(arguments: argparse.Namespace) -> int:
    from eval.report import growth, with_results

    del arguments
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    readme.write_text(with_results(text, RESULTS), encoding="utf-8")
    scale = RESULTS / "scale.json"
    if scale.is_file():
        record = json.loads(scale.read_text(encoding="utf-8"))
        (ROOT / "docs" / "scale.svg").write_text(growth(record), encoding="utf-8")
    return 0


def _revision() -> dict[str, Any]:
    """Return the commit and whether the code differs from it; nulls outside a checkout.

    What an earlier task of the same session has written into results/ is no code.
    """
    try:
        git = ["git", "-C", str(ROOT)]
        commit = subprocess.run(
            [*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True
        ).stdout.strip()
        changed = subprocess.run(
            [*git, "status", "--porcelain", "--", ".", ":!results"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        return {"commit": commit, "dirty": bool(changed.strip())}
    except (OSError, subprocess.CalledProcessError):
        return {"commit": None, "dirty": None}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kgrag-eval", description="Measure kgrag.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="run a task and keep its numbers")
    run.add_argument("name", choices=NAMES)
    data = os.environ.get("KGRAG_DATA")
    run.add_argument("--data", type=Path, default=Path(data) if data else None, metavar="DIR")
    run.add_argument("--out", type=Path, default=RESULTS, metavar="DIR")
    run.add_argument("--files", type=int, default=2000, help="of the speed task (2000)")
    run.add_argument("--work", type=Path, metavar="DIR", help="keeps libraries between runs")
    run.add_argument("--peers", type=Path, metavar="DIR", help="scripts of the peers task")
    run.add_argument("--homes", type=Path, metavar="DIR", help="virtual environments of its peers")
    run.add_argument("--triplets", type=int, default=1_000_000, help="of scale, explorer (1000000)")
    run.add_argument("--each", type=int, default=60, help="claims of a kind, answers task (60)")
    run.add_argument("--endpoint", metavar="URL", help="random model of the answers task")
    run.add_argument("--seed", type=int, default=1)
    run.set_defaults(command=_run)
    commands.add_parser("list", help="list the tasks").set_defaults(command=_list)
    commands.add_parser("report", help="write results into README.md").set_defaults(command=_report)
    return parser


if __name__ == "__main__":
    sys.exit(main())
