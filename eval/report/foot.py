"""The end of a page: what each number means, what it was made with, and how to make it again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from eval.measures import MEASURES
from eval.report.reading import Run
from eval.report.wording import cut, masked, records, task_title


def foot(runs: Sequence[Run]) -> Markup:
    """Return the end of the page of runs."""
    names = {row["measure"] for run in runs for row in run.rows}
    private = any(item.documents for run in runs for item in run.items)
    return Markup('<footer id="method"><h2>Method</h2>{}{}{}{}</footer>').format(
        Markup(
            "<p>An interval is a bootstrap’s over the cases (percentiles, 95\u202f%; Efron 1979). "
            "n counts cases: texts, questions or claims. Bold: the best system of a group.</p>"
        ),
        Markup(
            '<p class="note"><b>This file holds text of your documents.</b> Whoever gets it can '
            "read that.</p>"
        )
        if private
        else "",
        formulas(names),
        Markup("").join(_made(run) for run in runs),
    )


def formulas(names: Iterable[str]) -> Markup:
    """Return the formula and the source of measures, in the order of ``MEASURES``."""
    wanted = set(names)
    rows = Markup("").join(
        Markup('<tr><th scope="row">{}</th><td>{}</td></tr>').format(measure.title, measure.formula)
        for name, measure in MEASURES.items()
        if name in wanted
    )
    if not rows:
        return Markup("")
    return Markup(
        "<details><summary>What the measures are</summary>"
        '<div class="scroll"><table class="plain">{}</table></div></details>'
    ).format(rows)


def _made(run: Run) -> Markup:
    """Return how one run was made, and the command that makes it again."""
    pairs = [
        ("versions", run.summary.get("versions")),
        ("models", run.summary.get("models")),
        ("options", run.summary.get("options")),
        ("commit", run.summary.get("commit")),
        ("seed", run.summary.get("seed")),
    ]
    checksums = {
        str(one.get("name", "")): one["checksum"]
        for one in records(run.summary.get("sets"))
        if one.get("checksum")
    }
    lines = [line for name, value in pairs for line in flat(name, value)]
    lines += flat("checksum", checksums)
    rows = Markup("").join(
        Markup('<tr><th scope="row">{}</th><td>{}</td></tr>').format(cut(name, 200), cut(value))
        for name, value in lines
    )
    return Markup(
        "<details><summary>How to repeat it: {task}</summary><p><code>{command}</code></p>"
        '<div class="scroll"><table class="plain">{rows}</table></div></details>'
    ).format(
        task=task_title(run.task),
        command=masked(cut(run.summary.get("command", "–"))),
        rows=rows,
    )


def flat(name: str, value: object) -> list[tuple[str, str]]:
    """Return a value as lines: an object as one for each of what it holds."""
    return list(_flat(name, value))


def _flat(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        inner: Mapping[Any, object] = value
        for key, one in inner.items():
            yield from _flat(f"{name}: {key}", one)
    elif value is not None:
        yield name, masked(str(value))
