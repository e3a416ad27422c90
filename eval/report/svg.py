"""Parts of a drawing: scales, axes, and the frame with its title and its words for who cannot see.

Colours come from the page's style by class, so that a drawing is right in light, dark and print.
All drawings are ``WIDTH`` wide: they stand beside each other on a desk, and below on a phone.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from eval.report.wording import cut

WIDTH = 460
LEFT, RIGHT = 46.0, WIDTH - 14.0
"""Where the area between the axes begins and ends, of drawings with an axis upwards."""

SHADES = 7
"""How many colours lines have (``--kg-s0`` and on); later ones begin again, dashed."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Where values stand: ``low`` at pixel ``start``, ``high`` at ``end``."""

    low: float
    high: float
    start: float
    end: float
    is_logarithmic: bool = False

    def at(self, value: float) -> float:
        """Return the pixel of a value; what is outside stands at the border."""
        if self.is_logarithmic:
            value = math.log(max(value, self.low) / self.low)
            share = value / max(math.log(self.high / self.low), 1e-9)
        else:
            share = (value - self.low) / max(self.high - self.low, 1e-12)
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Return round values within the scale, about five."""
        if self.is_logarithmic:
            decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            parts = (1, 2, 5) if self.high / self.low < 300 else (1,)
            found = [part * 10.0**power for power in decades for part in parts]
        else:
            step = round_step((self.high - self.low) / 4)
            first = math.ceil(self.low / step - 1e-9)
            found = [number * step for number in range(first, first + 12)]
        return [value for value in found if self.low - 1e-9 <= value <= self.high * (1 + 1e-9)]


def round_step(least: float) -> float:
    """Return 1, 2, 2.5 or 5 times a power of ten, no smaller than ``least``."""
    power = 10.0 ** math.floor(math.log10(max(least, 1e-12)))
    return next(part * power for part in (1, 2, 2.5, 5, 10) if part * power >= least * 0.999)


def scale_for(
    values: Sequence[float], unit: str, start: float, end: float, *, from_zero: bool = True
) -> Scale:
    """Return a scale that holds all values: shares from 0 to 1, others up to a round number."""
    if unit == "%" and from_zero:
        return Scale(0.0, 1.0, start, end)
    low, high = min([0.0, *values]), max([0.0, *values])
    step = round_step(max(high - low, 1e-6) / 4)
    return Scale(math.floor(low / step) * step, math.ceil(high / step) * step, start, end)


def axis_across(scale: Scale, top: float, bottom: float, label: str, unit: str) -> Markup:
    """Return the axis at the bottom, with its grid up to ``top`` and what it says."""
    ticks = Markup("").join(
        Markup(
            '<path class="grid" d="M{x:.1f} {top:.1f}V{bottom:.1f}"/>'
            '<text class="tick" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{text}</text>'
        ).format(
            x=scale.at(value), top=top, bottom=bottom, y=bottom + 15, text=tick_text(value, unit)
        )
        for value in scale.ticks()
    )
    middle = (scale.start + scale.end) / 2
    return ticks + Markup(
        '<text class="axis" x="{x:.0f}" y="{y:.0f}" text-anchor="middle">{text}</text>'
    ).format(x=middle, y=bottom + 32, text=label)


def axis_up(scale: Scale, left: float, right: float, label: str, unit: str) -> Markup:
    """Return the axis at the left, with its grid to ``right`` and what it says above it."""
    ticks = Markup("").join(
        Markup(
            '<path class="grid" d="M{left:.1f} {y:.1f}H{right:.1f}"/>'
            '<text class="tick" x="{x:.1f}" y="{text_y:.1f}" text-anchor="end">{text}</text>'
        ).format(
            left=left,
            right=right,
            y=scale.at(value),
            x=left - 7,
            text_y=scale.at(value) + 4,
            text=tick_text(value, unit),
        )
        for value in scale.ticks()
    )
    return ticks + Markup('<text class="axis" x="0" y="{y:.0f}">{text}</text>').format(
        y=scale.end - 12, text=label
    )


def path(points: Sequence[tuple[float, float]], shade: int, more: str = "") -> Markup:
    """Return a line through pixels in the colour of a number; from the eighth on dashed."""
    dashed = " dashed" if shade >= SHADES else ""
    return Markup('<polyline class="line s{shade}{dashed} {more}" points="{points}"/>').format(
        shade=shade % SHADES,
        dashed=dashed,
        more=more,
        points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points),
    )


def legend(names: Sequence[str], notes: Sequence[str]) -> Markup:
    """Return what the colours of lines mean, each with a note."""
    marks = [
        Markup('<li><i class="key s{}"></i>{} <small>{}</small></li>').format(
            at % SHADES, cut(name, 60), notes[at]
        )
        for at, name in enumerate(names)
    ]
    return Markup('<ul class="legend">{}</ul>').format(Markup("").join(marks))


def figure(
    title: str, told: str, body: Markup, *, height: float, n: str, below: Markup | str = ""
) -> Markup:
    """Return a drawing with its title, how many cases it is of, and its words.

    Parameters
    ----------
    told:
        What it shows, for who hears the page.
    below:
        A legend or a note.
    """
    return Markup(
        '<figure><figcaption><b>{title}</b> <span class="n">{n}</span></figcaption>'
        '<svg class="drawn" viewBox="0 0 {width} {height:.0f}" role="img" aria-label="{told}">'
        "<title>{title}</title>{body}</svg>{below}</figure>"
    ).format(
        title=cut(title, 160), n=n, width=WIDTH, height=height, told=cut(told), body=body,
        below=below,
    )  # fmt: skip


def short(text: str, room: float) -> str:
    """Return as much of a label as ``room`` pixels hold at its size."""
    return cut(text, max(int(room / 6.6), 4))


def tick_text(value: float, unit: str) -> str:
    """Return what an axis says at a value; its unit stands beside the axis."""
    if unit == "%":
        return f"{100 * value:.6g}".replace("-", "−")
    return f"{value:,.6g}".replace(",", "\u202f").replace("-", "−")
