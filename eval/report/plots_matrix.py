"""Which types are taken for which: a table of colours, gold types down, found types across."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from eval.items import Item
from eval.report.svg import WIDTH, figure, short
from eval.report.wording import amount, cases, triples

NONE = "none"
MOST = 15
"""Types that are shown: those in the most errors."""

LABEL = 108.0
"""Room for the names at the left, and above, in pixels."""


RIGHT = 44.0
"""Room at the right, for names that lean over."""


def confusions_of(items: Iterable[Item]) -> Counter[tuple[str, str]]:
    """Return how often a gold type was found as another, "none" where there was none."""
    found: Counter[tuple[str, str]] = Counter()
    for item in items:
        for triple in triples(item.shown.get("confusions")):
            if len(triple) == 3 and triple[2].isdigit():
                found[triple[0], triple[1]] += int(triple[2])
    return found


def matrix(title: str, found: Counter[tuple[str, str]]) -> Markup:
    """Return the drawing; nothing where nothing was confused."""
    errors = Counter({pair: count for pair, count in found.items() if pair[0] != pair[1]})
    by_type: Counter[str] = Counter()
    for pair, count in errors.items():
        for type_ in pair:
            by_type[type_] += count * (type_ != NONE)
    types = [type_ for type_, count in by_type.most_common(MOST) if count]
    if not types:
        return Markup("")
    types = [*types, NONE]
    side = min((WIDTH - LABEL - RIGHT) / len(types), 44.0)
    most = max(count for (one, other), count in errors.items() if one in types and other in types)
    cells = [
        _cell(found[gold, kind], gold == kind, most, LABEL + x * side, LABEL + y * side, side)
        for y, gold in enumerate(types)
        for x, kind in enumerate(types)
    ]
    worst = [f"{gold} as {kind}: {count}" for (gold, kind), count in errors.most_common(8)]
    body = Markup("").join([_names(types, side), *cells])
    note = Markup(
        '<p class="note">Rows: what was marked in the text. Columns: what kgrag found. '
        "“none”: missed, or invented. Darker: more errors.{}</p>"
    ).format(
        f" The {MOST} types with the most errors of {len(by_type)}." if len(by_type) > MOST else ""
    )
    return figure(
        title,
        f"{title}. Most often {'; '.join(worst)}",
        body,
        height=LABEL + side * len(types) + 4,
        n=f"{cases(sum(errors.values()))} errors",
        below=note,
    )


def _cell(count: int, is_right: bool, most: int, x: float, y: float, side: float) -> Markup:
    strength = 0.0 if is_right or not count else 0.12 + 0.88 * math.sqrt(count / most)
    text = Markup("")
    if count:
        text = Markup('<text class="cell {tone}" x="{x:.1f}" y="{y:.1f}">{text}</text>').format(
            tone="right" if is_right else "strong" if strength > 0.6 else "",
            x=x + side / 2,
            y=y + side / 2 + 3.5,
            text=amount(count, "") if count < 10_000 else f"{count / 1000:.0f}k",
        )
    return Markup(
        '<rect class="{tone}" x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{w:.1f}" rx="2" '
        'style="fill-opacity:{strength:.2f}"/>{text}'
    ).format(
        tone="hit" if is_right else "heat" if count else "blank",
        x=x + 0.75,
        y=y + 0.75,
        w=side - 1.5,
        strength=strength if not is_right and count else 1,
        text=text,
    )


def _names(types: Sequence[str], side: float) -> Markup:
    parts = []
    for number, type_ in enumerate(types):
        middle = LABEL + (number + 0.5) * side
        parts.append(
            Markup(
                '<text class="tick" x="{left:.1f}" y="{y:.1f}" text-anchor="end">{name}</text>'
                '<text class="tick" transform="translate({x:.1f} {top:.1f}) rotate(-55)">{name}'
                "</text>"
            ).format(left=LABEL - 6, y=middle + 4, x=middle, top=LABEL - 6, name=short(type_, 104))
        )
    return Markup("").join(parts)
