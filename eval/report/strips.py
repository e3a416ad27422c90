"""Drawings of a line for each name: the name in words above a strip as wide as the page lets it.

Strips are drawn in per cent of their width, and words are the page's own, so that long names wrap
and nothing shrinks on a phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from eval.report.svg import Scale, tick_text
from eval.report.wording import cut


@dataclass(frozen=True, slots=True)
class Strip:
    """A name, what is said at its right, and what is drawn below, ``height`` pixels high."""

    name: str
    said: str
    drawn: Markup
    height: float


def strips(
    title: str,
    lines: Sequence[Strip],
    scale: Scale,
    *,
    across: str,
    unit: str,
    n: str,
    below: Markup | str = "",
) -> Markup:
    """Return the drawing: lines, one axis below them, a title and words for who hears the page.

    ``scale`` runs from 0 to 100, the per cent of the width.
    """
    told = f"{title}. {across}. " + "; ".join(f"{line.name}: {line.said}" for line in lines)
    return Markup(
        '<figure><figcaption><b>{title}</b> <span class="n">{n}</span></figcaption>'
        '<div class="rows" role="img" aria-label="{told}">{lines}{axis}</div>{below}</figure>'
    ).format(
        title=cut(title, 160),
        n=n,
        told=cut(told),
        lines=Markup("").join(_line(line, scale) for line in lines),
        axis=_axis(scale, across, unit),
        below=below,
    )


def _line(line: Strip, scale: Scale) -> Markup:
    grid = Markup("").join(
        Markup('<line class="grid" x1="{x:.2f}%" x2="{x:.2f}%" y1="0" y2="{y:.0f}"/>').format(
            x=scale.at(value), y=line.height
        )
        for value in scale.ticks()
    )
    return Markup(
        '<div class="row"><span class="name">{name}</span><span class="said">{said}</span></div>'
        '<svg class="strip" height="{height:.0f}">{grid}{drawn}</svg>'
    ).format(
        name=cut(line.name, 120), said=line.said, height=line.height, grid=grid, drawn=line.drawn
    )


def _axis(scale: Scale, across: str, unit: str) -> Markup:
    ticks = Markup("").join(
        Markup('<text class="tick" x="{:.2f}%" y="13" text-anchor="middle">{}</text>').format(
            scale.at(value), tick_text(value, unit)
        )
        for value in scale.ticks()
    )
    return Markup('<svg class="strip" height="17">{}</svg><p class="axis">{}</p>').format(
        ticks, across
    )
