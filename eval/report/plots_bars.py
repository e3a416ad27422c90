"""How cases divide: one bar of parts a line, each part with its number."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from eval.report.strips import Strip, strips
from eval.report.svg import Scale
from eval.report.wording import amount, cases

HEIGHT = 20.0

TONES: Mapping[str, str] = {
    "right": "good",
    "declined rightly": "fair",
    "declined": "doubt",
    "wrong": "bad",
    "supported": "good",
    "partly": "doubt",
    "unsupported": "bad",
    "contradicted": "worst",
}
"""The class of a part by its name; what is not known is idle."""

Parts = Mapping[str, int]


def bars(title: str, lines: Mapping[str, Parts], order: Sequence[str], what: str) -> Markup:
    """Return the drawing of lines that each divide into named parts, in the given order.

    ``what`` is counted: "answers", "claims".
    """
    scale = Scale(0.0, 1.0, 0.0, 100.0)
    drawn = [
        Strip(name, cases(sum(parts.values())), _bar(parts, order, scale), HEIGHT + 6)
        for name, parts in lines.items()
    ]
    seen = [part for part in order if any(parts.get(part) for parts in lines.values())]
    key = Markup("").join(
        Markup('<li><i class="key {}"></i>{}</li>').format(
            TONES.get(part, "idle"), part.replace("_", " ")
        )
        for part in seen
    )
    total = sum(sum(parts.values()) for parts in lines.values())
    return strips(
        title,
        drawn,
        scale,
        across=f"share of the {what}, %",
        unit="%",
        n=f"{amount(total, '')} {what}",
        below=Markup('<ul class="legend">{}</ul>').format(key),
    )


def _bar(parts: Parts, order: Sequence[str], scale: Scale) -> Markup:
    total = max(sum(parts.values()), 1)
    found, before = Markup(""), 0
    for part in order:
        count = parts.get(part, 0)
        if count:
            start, end = scale.at(before / total), scale.at((before + count) / total)
            found += _part(part, count, start, end)
            before += count
    return found


def _part(part: str, count: int, start: float, end: float) -> Markup:
    """Return one part, and its number where that has room."""
    number = Markup("")
    if end - start > 3 + 2 * len(str(count)):
        number = Markup('<text class="inside in-{}" x="{:.2f}%" y="15">{}</text>').format(
            TONES.get(part, "idle"), (start + end) / 2, count
        )
    return Markup(
        '<rect class="part {tone}" x="{x:.2f}%" y="1" width="{width:.2f}%" height="{height}">'
        "<title>{part}: {count}</title></rect>{number}"
    ).format(
        tone=TONES.get(part, "idle"),
        x=start,
        width=end - start,
        height=HEIGHT,
        part=part.replace("_", " "),
        count=count,
        number=number,
    )
