"""The command ``kgrag-eval``: measure, go on, compare, report.

kgrag-eval run NAME [--set SET] [--library DIR] [--endpoint URL]    measure; a folder holds the run
kgrag-eval resume FOLDER            go on with a run that came to a stop
kgrag-eval list                     the tasks and question sets
kgrag-eval compare A B              what is better, what is worse, and which cases changed
kgrag-eval report FOLDER            a run as one HTML page
kgrag-eval questions --library DIR  draft questions from a library's graph, to be corrected
kgrag-eval judge FOLDER             let a language model judge answers, apart from all else
kgrag-eval readme                   README.md's numbers from results/
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.judging.command import add_judge_command
from indexes.errors import KgragError

TASKS = ("extraction", "retrieval", "answers", "grounding", "speed")
BENCHMARKS = ("explorer", "load", "paragraph", "peers", "scale")
"""Named here too, so that help needs none of their imports."""

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status: 0, 1 with a reason, 130 where it was stopped."""
    parsed = _parser().parse_args(arguments)
    try:
        status: int = parsed.command(parsed)
        return status
    except KgragError as error:
        print(f"kgrag-eval: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("kgrag-eval: stopped; what was measured is kept.", file=sys.stderr)
        return INTERRUPTED


def _run(arguments: argparse.Namespace) -> int:
    if arguments.name in BENCHMARKS:
        return _benchmark(arguments)
    from eval.options import Options
    from eval.results import keep, new_folder
    from eval.runner import begin
    from eval.showing import show

    options = Options(
        sets=tuple(arguments.set),
        library=arguments.library,
        endpoint=arguments.endpoint,
        model=arguments.model,
        data=arguments.data,
        work=arguments.work,
        settings=arguments.settings,
        limit=arguments.limit,
        seed=arguments.seed,
    )
    logged = _checked_log(arguments.log)
    names = TASKS if arguments.name == "all" else (arguments.name,)
    folder = arguments.out or new_folder(arguments.name)
    runs = []
    for name in names:
        place = folder / name if arguments.name == "all" else folder
        runs.append(begin(name, options, place, _teller(name)))
        _log(runs[-1].folder, logged)
    if arguments.name == "all":
        from eval.report.page import write_report

        write_report(folder)
    for run in runs:
        show(run)
        if arguments.keep:
            keep(run)
    print(f"report: {folder / 'report.html'}", file=sys.stderr)
    return 0 if all(run.is_finished for run in runs) else 1


def _benchmark(arguments: argparse.Namespace) -> int:
    from eval.results import keep_benchmark

    record = keep_benchmark(arguments)
    shown = {key: value for key, value in record["result"].items() if key != "questions"}
    print(json.dumps(shown, ensure_ascii=False, indent=1))
    return 0


def _resume(arguments: argparse.Namespace) -> int:
    from eval.runner import resume
    from eval.showing import show

    run = resume(arguments.folder, _teller("resumed"))
    show(run)
    return 0 if run.is_finished else 1


def _list(arguments: argparse.Namespace) -> int:
    from eval.sets.known import known_sets
    from eval.showing import task_lines

    sets = known_sets(arguments.data)
    if arguments.json:
        keys = ("name", "title", "kind", "licence", "is_here", "origin")
        told = [dict(zip(keys, known, strict=True)) for known in sets]
        print(json.dumps({"tasks": task_lines(), "sets": told}, ensure_ascii=False, indent=1))
        return 0
    print("Tasks: kgrag-eval run NAME")
    for name, about in task_lines().items():
        print(f"  {name:11} {about}")
    print("\nSets: --set NAME, or the path of a file (docs/evaluation-sets.md)")
    for name, title, kind, licence, is_here, _ in sets:
        here = "" if is_here else "   not here: --data DIR"
        print(f"  {name:18} {kind:10} {title}; {licence}{here}")
    return 0


def _compare(arguments: argparse.Namespace) -> int:
    from eval.comparing import compare
    from eval.run_folder import RunFolder
    from eval.showing import comparison_lines

    one, other = RunFolder.open(arguments.one), RunFolder.open(arguments.other)
    comparison = compare(one, other)
    if arguments.html is not None:
        from eval.report.comparison import comparison_html

        page = comparison_html(comparison, one.summary(), other.summary())
        arguments.html.write_text(page, encoding="utf-8")
    if arguments.json:
        print(json.dumps(comparison.as_data(), ensure_ascii=False, indent=1))
    else:
        print("\n".join(comparison_lines(comparison)))
    return 0


def _report(arguments: argparse.Namespace) -> int:
    from eval.report.page import write_report

    for folder in arguments.folders:
        path = write_report(folder)
        print(path)
        if arguments.open:
            import webbrowser

            webbrowser.open(path.absolute().as_uri())
    return 0


def _questions(arguments: argparse.Namespace) -> int:
    from eval.drafts.files import check_questions, draft_into

    if arguments.check is not None:
        told = check_questions(arguments.check, arguments.out)
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return 0
    lines = draft_into(
        arguments.library,
        arguments.out,
        limit=arguments.limit,
        seed=arguments.seed,
        of_corrections=arguments.corrections,
    )
    print("\n".join(lines))
    return 0


def _readme(arguments: argparse.Namespace) -> int:
    from eval.readme.blocks import write_readme

    del arguments
    write_readme()
    return 0


def _teller(name: str) -> Any:  # noqa: ANN401  eval.runner.Tell
    """Return what shows progress: a line that is written over, where somebody watches."""
    is_seen = sys.stderr.isatty()

    def tell(progress: Mapping[str, Any]) -> None:
        if is_seen:
            told = f"{name}: {progress['done']} of {progress['total']}  {progress['message']}"
            sys.stderr.write(f"\r{told[:100]:100}")
            if progress["finished"]:
                sys.stderr.write("\n")
            sys.stderr.flush()

    return tell


def _checked_log(names: Sequence[str] | None) -> Sequence[str]:
    """Return where runs are logged; what is not installed is told before anything is measured."""
    if names is None:
        return ()
    from eval.tracking import chosen

    return chosen(None if "all" in names else names)


def _log(folder: Path, to: Sequence[str]) -> None:
    if to:
        from eval.tracking import log_run

        for line in log_run(folder, to=to):
            print(line, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kgrag-eval", description="Measure kgrag.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_run(commands)
    resume = commands.add_parser("resume", help="go on with a run that came to a stop")
    resume.add_argument("folder", type=Path)
    resume.set_defaults(command=_resume)
    listed = commands.add_parser("list", help="list the tasks and question sets")
    listed.add_argument("--json", action="store_true")
    _add_data(listed)
    listed.set_defaults(command=_list)
    compare = commands.add_parser("compare", help="say what differs between two runs")
    compare.add_argument("one", type=Path)
    compare.add_argument("other", type=Path)
    compare.add_argument("--json", action="store_true")
    compare.add_argument("--html", type=Path, metavar="FILE")
    compare.set_defaults(command=_compare)
    report = commands.add_parser("report", help="write a run as one HTML page")
    report.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    report.add_argument("--open", action="store_true", help="show it in the browser")
    report.set_defaults(command=_report)
    _add_questions(commands)
    add_judge_command(commands)
    readme = commands.add_parser("readme", help="write results into README.md")
    readme.set_defaults(command=_readme)
    return parser


def _add_run(commands: Any) -> None:  # noqa: ANN401  argparse has no public type
    run = commands.add_parser("run", help="measure, and keep the run in a folder")
    run.add_argument("name", choices=("all", *TASKS, *BENCHMARKS), metavar="NAME")
    run.add_argument("--set", action="append", default=[], help="a known set, or a file")
    run.add_argument("--library", type=Path, metavar="DIR", help="ask this library")
    run.add_argument("--endpoint", metavar="URL", help="let the model behind it answer")
    run.add_argument("--model", metavar="NAME", help="of those that it serves")
    run.add_argument("--out", type=Path, metavar="FOLDER", help="of the run (runs/...)")
    run.add_argument("--limit", type=int, metavar="N", help="cases of a set at most")
    run.add_argument("--work", type=Path, metavar="DIR", help="keeps libraries between runs")
    run.add_argument("--settings", type=Path, metavar="FILE", help="the library's kgrag.toml")
    run.add_argument("--seed", type=int, default=1)
    run.add_argument(
        "--log", action="append", choices=("all", "clearml", "mlflow", "tensorboard"),
        help="tell ClearML, MLflow or TensorBoard, where they are installed",
    )  # fmt: skip
    run.add_argument("--keep", action="store_true", help="also in results/, for the README")
    run.add_argument("--files", type=int, default=2000, help="of the task peers (2000)")
    run.add_argument("--peers", type=Path, metavar="DIR", help="scripts of the task peers")
    run.add_argument("--homes", type=Path, metavar="DIR", help="virtual environments of its peers")
    run.add_argument("--triplets", type=int, default=1_000_000, help="of scale, explorer (1000000)")
    _add_data(run)
    run.set_defaults(command=_run)


def _add_questions(commands: Any) -> None:  # noqa: ANN401  argparse has no public type
    questions = commands.add_parser("questions", help="draft questions from a library's graph")
    source = questions.add_mutually_exclusive_group(required=True)
    source.add_argument("--library", type=Path, metavar="DIR")
    source.add_argument("--check", type=Path, metavar="FILE", help="only say what a file holds")
    questions.add_argument("--out", type=Path, metavar="FILE", help="JSON Lines (questions.jsonl)")
    questions.add_argument("--limit", type=int, default=40, metavar="N")
    questions.add_argument("--seed", type=int, default=1)
    questions.add_argument(
        "--corrections", action="store_true", help="those that corrections of the graph imply"
    )
    questions.add_argument("--json", action="store_true", help="(what --check prints is JSON)")
    questions.set_defaults(command=_questions)


def _add_data(parser: argparse.ArgumentParser) -> None:
    data = os.environ.get("KGRAG_DATA")
    parser.add_argument(
        "--data", type=Path, default=Path(data) if data else None, metavar="DIR",
        help="the folder of corpora (KGRAG_DATA)",
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
