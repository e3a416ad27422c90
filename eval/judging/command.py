"""The command ``kgrag-eval judge FOLDER``: a language model judges the answers of a run."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def add_judge_command(commands: Any) -> None:  # noqa: ANN401  argparse's own type is private
    """Add the command to those of ``kgrag-eval``."""
    judge = commands.add_parser(
        "judge",
        help="let a language model judge the answers of a run",
        description=(
            "Let a language model judge the answers of a run, by RAGAS's measures (pip install "
            "'kgrag[judged]'). Questions, answers and quotes are sent to its server. The scores "
            "are kept apart from what was measured, in judged.json of the run's folder."
        ),
    )
    judge.add_argument("folder", type=Path, help="of a run of answers")
    judge.add_argument(
        "--judge-endpoint", required=True, metavar="URL", help="an OpenAI-compatible server"
    )
    judge.add_argument("--judge-model", metavar="NAME", help="of those that it serves (the first)")
    judge.add_argument(
        "--judge-key-env", default="", metavar="VARIABLE", help="environment variable of its key"
    )
    judge.set_defaults(command=_judge)


def _judge(arguments: argparse.Namespace) -> int:
    from eval.judging.judge import judge_run
    from eval.judging.scores import ROWS_FILE

    rows = judge_run(
        arguments.folder,
        endpoint=arguments.judge_endpoint,
        model=arguments.judge_model,
        key_env=arguments.judge_key_env,
        told=_tell,
    )
    sys.stderr.write("\n")
    sys.stdout.write("".join(f"{_line(row)}\n" for row in rows))
    sys.stderr.write(f"kept in {arguments.folder / ROWS_FILE}, apart from what was measured\n")
    return 0 if all(row["n"] for row in rows) else 1


def _tell(done: int, total: int) -> None:
    sys.stderr.write(f"\rjudged {done} of {total}")
    sys.stderr.flush()


def _line(row: Mapping[str, Any]) -> str:
    place = f"{row['group']}, {row['system']}: {row['title']}"
    failed = f"; {row['failures']} failed" if row["failures"] else ""
    if row["value"] is None:
        return f"{place}: no score{failed}"
    value, low, high = (f"{100 * row[key]:.1f}" for key in ("value", "low", "high"))
    return f"{place}: {value} % ({low} to {high}; n {row['n']}{failed})"
