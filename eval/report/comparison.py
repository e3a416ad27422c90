"""The page that sets two runs beside each other: what got better, what worse, and which cases."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from markupsafe import Markup

from eval.report.comparison_cases import changed_cases
from eval.report.foot import flat, formulas
from eval.report.head import facts, model_words
from eval.report.page import page
from eval.report.plots_dots import Line, Mark, dots
from eval.report.wording import amount, cases, cut, first_upper, masked, moment, signed, task_title

Record = Mapping[str, Any]

NOT_SHOWN = "no difference shown"

VERDICTS: Mapping[str, tuple[str, str]] = {
    "better": ("good", "better"),
    "worse": ("bad", "worse"),
    NOT_SHOWN: ("idle", NOT_SHOWN),
}

MOST_LINES = 40
"""Differences in one drawing, those that were shown first."""

FEW = 16
"""Lines of verdicts that need no folding."""


class Compared(Protocol):
    """What the page is made of: ``eval.comparing.Comparison``."""

    @property
    def rows(self) -> Sequence[Record]:
        """A measure of a group and a system each, with its difference and verdict."""

    @property
    def changed(self) -> Sequence[Record]:
        """A count of a case each that differs, with what both runs show of the case."""

    @property
    def settings(self) -> Sequence[tuple[str, Any, Any]]:
        """What differs in how the runs were made."""


def comparison_html(comparison: Compared, one: Record, other: Record) -> str:
    """Return the page of a comparison; ``one`` and ``other`` are the runs' run.json."""
    task = str(one.get("task", ""))
    parts = [
        ("Verdicts", _tally(comparison.rows) + _table(comparison.rows)),
        ("Differences", _forest(comparison.rows)),
        ("Settings", _settings(comparison.settings)),
        ("Cases", changed_cases(comparison.changed)),
    ]
    sections = Markup("").join(
        Markup('<section id="{}"><h2>{}</h2>{}</section>').format(title.lower(), title, inside)
        for title, inside in parts
        if inside
    )
    links = [(title.lower(), title) for title, inside in parts if inside]
    end = _method({row["measure"] for row in comparison.rows})
    whole = _head(task, comparison, one, other) + sections + end
    return page(
        f"{task_title(task)}: A and B – kgrag evaluation", whole, [*links, ("method", "Method")]
    )


def _head(task: str, comparison: Compared, one: Record, other: Record) -> Markup:
    runs = Markup("").join(
        Markup('<div class="side"><h3>{}</h3>{}</div>').format(
            name,
            facts(
                [
                    ("Started", moment(run["started"]) if run.get("started") else ""),
                    ("Model", model_words(run.get("model"))),
                    ("Commit", str(run.get("commit") or "")[:12]),
                    ("Command", masked(cut(run.get("command") or "", 200))),
                ]
            ),
        )
        for name, run in (("A", one), ("B", other))
    )
    alone = getattr(comparison, "only_one", 0), getattr(comparison, "only_other", 0)
    note = Markup("")
    if any(alone):
        note = Markup(
            '<aside class="warn"><p><b>Only cases of both runs are compared.</b> '
            "Measured by A alone: {}; by B alone: {}.</p></aside>"
        ).format(*alone)
    return Markup(
        '<header class="head"><h1>{}: A and B</h1><p class="about">What B changed against A, over '
        'the same cases</p></header><div class="sides">{}</div>{}'
    ).format(task_title(task), runs, note)


def _tally(rows: Sequence[Record]) -> Markup:
    counts = {name: sum(row["verdict"] == name for row in rows) for name in VERDICTS}
    return Markup('<div class="tiles" style="--columns:3">{}</div>').format(
        Markup("").join(
            Markup(
                '<div class="tile"><span class="what"><i class="key {}"></i>{}</span>'
                '<span class="big">{}</span><span class="small">of {} measured</span></div>'
            ).format(VERDICTS[name][0], VERDICTS[name][1], count, len(rows))
            for name, count in counts.items()
        )
    )


def _table(rows: Sequence[Record]) -> Markup:
    """Return what was shown to differ, and below it, folded where it is long, what was not."""
    if not rows:
        return Markup("<p>Nothing was measured by both.</p>")
    differ = [row for row in _shown_first(rows) if row["verdict"] != NOT_SHOWN]
    alike = [row for row in rows if row["verdict"] == NOT_SHOWN]
    first = _lines(differ) if differ else Markup("<p>No difference was shown.</p>")
    if not alike:
        return first
    return first + Markup(
        '<details class="fold"{}><summary>No difference shown <span class="n">{}</span></summary>'
        "{}</details>"
    ).format(Markup(" open") if len(rows) <= FEW else "", len(alike), _lines(alike))


def _lines(rows: Sequence[Record]) -> Markup:
    again = [at > 0 and rows[at - 1]["group"] == row["group"] for at, row in enumerate(rows)]
    return Markup(
        '<div class="scroll" tabindex="0" role="region" aria-label="Verdicts">'
        '<table class="numbers"><thead><tr>'
        '<th scope="col">Group</th><th scope="col">System</th><th scope="col">Measure</th>'
        '<th scope="col" class="num">A</th><th scope="col" class="num">B</th>'
        '<th scope="col" class="num">B − A</th><th scope="col" class="num">95\u202f% interval</th>'
        '<th scope="col" class="num">p</th><th scope="col" class="num">n</th>'
        '<th scope="col">Verdict on B</th></tr></thead><tbody>{}</tbody></table></div>'
    ).format(Markup("").join(map(_line, rows, again)))


def _line(row: Record, is_again: bool) -> Markup:
    unit = row["unit"]
    tone, words = VERDICTS.get(row["verdict"], ("idle", row["verdict"]))
    shown_unit = f", {unit}" if unit else ""
    number = Markup('<td class="num" data-v="{}">{}</td>')
    return Markup(
        '<tr{again}><th scope="row"><span title="{group}">{group}</span></th>'
        '<td class="system">{system}</td><td>{title}</td>{numbers}'
        '<td><span class="verdict {tone}">{verdict}</span></td></tr>'
    ).format(
        again=Markup(' class="again"') if is_again else "",
        group=cut(row["group"], 120),
        system=cut(row["system"], 80),
        title=f"{first_upper(row['title'])}{shown_unit}",
        numbers=Markup("").join(
            [
                number.format(row["one"], amount(row["one"], unit)),
                number.format(row["other"], amount(row["other"], unit)),
                number.format(row["difference"], signed(row["difference"], unit)),
                number.format(row["low"], _range(row)),
                number.format(row["p"], _p(row["p"])),
                number.format(row["n"], amount(row["n"], "")),
            ]
        ),
        tone=tone,
        verdict=words,
    )


def _range(row: Record) -> str:
    return f"{signed(row['low'], row['unit'])} … {signed(row['high'], row['unit'])}"


def _p(value: object) -> str:
    if not isinstance(value, int | float):
        return "–"
    return "<\u202f0.001" if value < 0.001 else f"{value:.3f}"


def _forest(rows: Sequence[Record]) -> Markup:
    """Return a drawing of the differences for each unit; what is exactly alike is left out."""
    by_unit: dict[str, list[Record]] = defaultdict(list)
    for row in _shown_first(rows):
        if row["low"] or row["high"]:
            by_unit[row["unit"]].append(row)
    found = Markup("").join(_differences(unit, own) for unit, own in by_unit.items())
    return Markup('<div class="plots">{}</div>').format(found) if found else found


def _differences(unit: str, rows: Sequence[Record]) -> Markup:
    lines = [
        Line(
            f"{first_upper(row['title'])}: {row['group']}, {row['system']}",
            f"{signed(row['difference'], unit)} ({_range(row)})",
            (
                Mark(
                    float(row["difference"]),
                    float(row["low"]),
                    float(row["high"]),
                    VERDICTS.get(row["verdict"], ("idle", ""))[0],
                ),
            ),
        )
        for row in rows[:MOST_LINES]
    ]
    words = "percentage points" if unit == "%" else unit
    cut_off = len(rows) - len(lines)
    note = Markup(
        '<p class="note">Right of the line B has more. Green: better, red: worse, grey: no '
        "difference shown.{}</p>"
    ).format(f" {cut_off} more in the table." if cut_off else "")
    return dots(
        f"B − A, {words}" if words else "B − A",
        lines,
        across=f"B − A, {words}".rstrip(", "),
        unit=unit,
        n=cases(max(int(row["n"]) for row in rows)),
        below=note,
        is_difference=True,
    )


def _shown_first(rows: Sequence[Record]) -> list[Record]:
    order = list(VERDICTS)
    return sorted(
        rows, key=lambda row: order.index(row["verdict"]) if row["verdict"] in order else len(order)
    )


def _settings(settings: Sequence[tuple[str, Any, Any]]) -> Markup:
    lines = []
    for name, one, other in settings:
        before, after = dict(flat(str(name), one)), dict(flat(str(name), other))
        for key in dict.fromkeys([*before, *after]):
            if before.get(key) != after.get(key):
                lines.append((key, before.get(key, "–"), after.get(key, "–")))
    if not lines:
        return Markup("<p>Both runs were made alike.</p>")
    rows = Markup("").join(
        Markup('<tr><th scope="row">{}</th><td>{}</td><td>{}</td></tr>').format(
            *(cut(text, 400) for text in line)
        )
        for line in lines
    )
    return Markup(
        '<div class="scroll"><table class="plain"><thead><tr><th scope="col">What differs</th>'
        '<th scope="col">A</th><th scope="col">B</th></tr></thead><tbody>{}</tbody></table></div>'
    ).format(rows)


def _method(names: set[str]) -> Markup:
    return Markup(
        '<footer id="method"><h2>Method</h2><p>Each case is held against itself in the other run: '
        "the interval is a paired bootstrap’s (95\u202f%), p a paired test’s. Better or worse is "
        "said only where the interval leaves out zero and p stands among all measures compared "
        "(Holm 1979). “No difference shown” does not mean that there is none.</p>{}</footer>"
    ).format(formulas(names))
