"""Values with their intervals, a line each: measures of groups, systems, kinds, differences."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from eval.intervals import wilson
from eval.report.reading import Row
from eval.report.strips import Strip, strips
from eval.report.svg import Scale, scale_for
from eval.report.wording import interval, spread, with_unit

FIRST, GAP = 9.0, 10.0
"""Where the first mark of a line stands, and how far below the next, in pixels."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A value with its 95 % interval; ``tone`` is a class of the style."""

    value: float
    low: float
    high: float
    tone: str = "main"


@dataclass(frozen=True, slots=True)
class Line:
    """A name, what is said at its right, and its marks from top to bottom."""

    name: str
    said: str
    marks: tuple[Mark, ...]


def mark_of(row: Row, tone: str = "main") -> Mark:
    """Return the mark of a row of a summary."""
    return Mark(float(row["value"]), float(row["low"]), float(row["high"]), tone)


def said_of(row: Row) -> str:
    """Return "71.2 % (66.0–76.1)"."""
    return f"{with_unit(row['value'], row['unit'])} ({spread(row)})"


def share_line(name: str, right: int, n: int, tone: str = "main") -> Line:
    """Return the line of ``right`` of ``n``, with Wilson's interval."""
    low, high = wilson(right, n)
    said = f"{right} of {n}: {with_unit(right / n, '%')} ({interval(low, high, '%')})"
    return Line(name, said, (Mark(right / n, low, high, tone),))


def dots(
    title: str,
    lines: Sequence[Line],
    *,
    across: str,
    unit: str,
    n: str,
    below: Markup | str = "",
    is_difference: bool = False,
) -> Markup:
    """Return the drawing of lines of values.

    Parameters
    ----------
    across:
        What the axis says, with its unit.
    is_difference:
        Values lie on both sides of zero, which is marked.
    """
    ends = [end for line in lines for mark in line.marks for end in (mark.low, mark.high)]
    scale = scale_for(ends, unit, 0.0, 100.0, from_zero=not is_difference)
    drawn = [_strip(line, scale, is_difference=is_difference) for line in lines]
    return strips(title, drawn, scale, across=across, unit=unit, n=n, below=below)


def _strip(line: Line, scale: Scale, *, is_difference: bool) -> Strip:
    height = 2 * FIRST + (len(line.marks) - 1) * GAP
    zero = Markup("")
    if is_difference:
        zero = Markup('<line class="zero" x1="{x:.2f}%" x2="{x:.2f}%" y1="0" y2="{y}"/>').format(
            x=scale.at(0.0), y=height
        )
    marks = [_mark(mark, scale, FIRST + at * GAP) for at, mark in enumerate(line.marks)]
    return Strip(line.name, line.said, zero + Markup("").join(marks), height)


def _mark(mark: Mark, scale: Scale, y: float) -> Markup:
    return Markup(
        '<line class="range {tone}" x1="{low:.2f}%" x2="{high:.2f}%" y1="{y}" y2="{y}"/>'
        '<circle class="dot {tone}" cx="{x:.2f}%" cy="{y}" r="4.5"/>'
    ).format(
        tone=mark.tone,
        low=scale.at(mark.low),
        high=scale.at(mark.high),
        x=scale.at(mark.value),
        y=y,
    )
