"""Draws how measured things grow with a library: one line each, both axes in logarithms."""

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 860, 460
LEFT, RIGHT, TOP, BOTTOM = 80, 230, 30, 60
COLOURS = ("#3b6fb6", "#c0722e", "#3d8b6e", "#8a5a9e", "#b0413e", "#5f6b7a")

Point = tuple[float, float]


def draw(lines: Mapping[str, Sequence[Point]], across: str, up: str) -> str:
    """Return an SVG of named lines of (size, value), all above 0; the same lines, the same bytes.

    Parameters
    ----------
    lines:
        At least one line of at least two points.
    across, up:
        What the axes say.
    """
    points = [point for line in lines.values() for point in line]
    xs, ys = zip(*points, strict=True)
    low_y, high_y = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)))
    low_x, high_x = math.log10(min(xs)), math.log10(max(xs))

    def place(point: Point) -> Point:
        x = LEFT + (math.log10(point[0]) - low_x) / (high_x - low_x) * (WIDTH - LEFT - RIGHT)
        share = (math.log10(point[1]) - low_y) / max(high_y - low_y, 1)
        return x, HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="system-ui, sans-serif" font-size="13" fill="#1f2730">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    for power in range(low_y, high_y + 1):
        _, y = place((min(xs), 10.0**power))
        parts.append(
            f'<line x1="{LEFT}" y1="{y:.0f}" x2="{WIDTH - RIGHT}" y2="{y:.0f}" stroke="#e3e7ec"/>'
            f'<text x="{LEFT - 10}" y="{y + 4:.0f}" text-anchor="end">{_short(10.0**power)}</text>'
        )
    for size in sorted(set(xs)):
        x, _ = place((size, min(ys)))
        parts.append(
            f'<text x="{x:.0f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">'
            f"{_short(size)}</text>"
        )
    ends = _apart([place(line[-1])[1] for line in lines.values()])
    for number, ((name, line), end) in enumerate(zip(lines.items(), ends, strict=True)):
        colour = COLOURS[number % len(COLOURS)]
        places = [place(point) for point in line]
        path = " ".join(f"{x:.0f},{y:.0f}" for x, y in places)
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.2"/>'
            + "".join(
                f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3.5" fill="{colour}"/>' for x, y in places
            )
            + f'<text x="{WIDTH - RIGHT + 14}" y="{end + 4:.0f}" fill="{colour}">'
            f"{escape(name)}</text>"
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts += [
        f'<text x="{middle:.0f}" y="{HEIGHT - 14}" text-anchor="middle">{escape(across)}</text>',
        f'<text x="{LEFT - 60}" y="{TOP - 10}">{escape(up)}</text>',
        "</svg>",
        "",
    ]
    return "\n".join(parts)


def _apart(heights: Sequence[float], least: float = 17.0) -> list[float]:
    """Move labels down where they would lie on one another."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    placed = list(heights)
    for before, after in zip(order, order[1:], strict=False):
        placed[after] = max(placed[after], placed[before] + least)
    return placed


def _short(value: float) -> str:
    if value >= 1e6:
        return f"{value / 1e6:g}M"
    return f"{value / 1e3:g}k" if value >= 1e3 else f"{value:g}"
