"""Runs and comparisons as lines of text."""

from collections.abc import Iterator, Mapping
from typing import Any

from eval.comparing import Comparison
from eval.run_folder import RunFolder


def show(run: RunFolder) -> None:
    """Write the rows of a run to standard output."""
    import sys

    sys.stdout.write("\n".join([*run_lines(run), ""]))


def run_lines(run: RunFolder) -> Iterator[str]:
    """Yield a line for each row, groups apart, and what failed or was left out."""
    summary = run.summary()
    yield f"{summary['task']}: {summary['seconds']:.0f} s, in {run.folder}"
    last = None
    for row in summary["rows"]:
        place = row["group"], row["system"]
        if place != last:
            yield f"\n  {row['group']}" + (f", {row['system']}" if row["system"] != "kgrag" else "")
            last = place
        baseline = row["baseline"]
        beside = ""
        if baseline:
            beside = f"   {baseline['system']} {amount(baseline['value'], row['unit'])}"
        interval = f"{amount(row['low'], row['unit'])} - {amount(row['high'], row['unit'])}"
        yield (
            f"    {row['title']:45} {amount(row['value'], row['unit']):>9}  ({interval}, "
            f"n = {row['n']}){beside}"
        )
    for failure in summary["failures"]:
        yield f"  failed: {failure['case']}: {failure['message']}"
    for known in summary.get("sets", ()):
        for line in known["skipped"]:
            yield f"  left out of {known['name']}: {line}"


def comparison_lines(comparison: Comparison) -> Iterator[str]:
    """Yield what is better and worse, what was not shown to differ, and how many cases changed."""
    for verdict in ("better", "worse", "no difference shown"):
        rows = [row for row in comparison.rows if row["verdict"] == verdict]
        yield f"{verdict}: {len(rows) or 'nothing'}"
        for row in rows:
            unit = row["unit"]
            yield (
                f"  {row['group']}, {row['system']}: {row['title']} {amount(row['one'], unit)} -> "
                f"{amount(row['other'], unit)} (difference {amount(row['low'], unit)} to "
                f"{amount(row['high'], unit)}, p = {row['p']:.4f}, n = {row['n']})"
            )
    cases = {(row["group"], row["system"], row["case"]) for row in comparison.changed}
    yield f"cases that changed: {len(cases)}"
    if comparison.only_one or comparison.only_other:
        yield (
            f"left out, for only one run has them: {comparison.only_one} of the first, "
            f"{comparison.only_other} of the second"
        )
    for name, one, other in comparison.settings:
        yield f"differs: {name}: {one} -> {other}"


def amount(value: float, unit: str) -> str:
    """Return a value with its unit, shares as percentages."""
    if unit == "%":
        return f"{100 * value:.1f} %"
    if unit == "":
        return f"{value:.3f}"
    return f"{value:,.0f} {unit}" if abs(value) >= 100 else f"{value:.2f} {unit}"


def task_lines() -> Mapping[str, Any]:
    """Return the first line of each task's docstring."""
    import sys

    from eval.tasks import BENCHMARKS, TASKS

    modules = {name: task.module for name, task in TASKS.items()} | {
        name: sys.modules[run.__module__] for name, run in BENCHMARKS.items()
    }
    return {name: (module.__doc__ or "").splitlines()[0] for name, module in modules.items()}
