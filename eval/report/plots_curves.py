"""Curves: risk over coverage, times as they add up, and recall as the list grows longer."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from eval.items import KGRAG, Item
from eval.metrics.risk import risk_coverage_area, risk_coverage_curve
from eval.report.svg import (
    LEFT,
    RIGHT,
    SHADES,
    Scale,
    axis_across,
    axis_up,
    figure,
    legend,
    path,
    round_step,
)
from eval.report.wording import amount, cases, with_unit

TOP, BOTTOM = 28.0, 232.0
HEIGHT = BOTTOM + 42

FINEST = 160
"""Points of a curve that are kept: as many as can be seen."""

Curve = list[tuple[float, float]]
Columns = NDArray[np.float64]


def counted(items: Sequence[Item], name: str) -> dict[str, Columns]:
    """Return the columns of a count of each system, float (cases, columns), kgrag first."""
    found: dict[str, list[tuple[float, ...]]] = defaultdict(list)
    for item in items:
        if name in item.counts:
            found[item.system].append(item.counts[name])
    ordered = sorted(found, key=lambda system: system != KGRAG)
    return {system: np.array(found[system], np.float64) for system in ordered}


def risk_coverage(group: str, systems: Mapping[str, Columns]) -> Markup:
    """Return how often answers are wrong, of the most confident part of all.

    ``systems`` holds the columns (confidence, wrong).
    """
    lines, notes = {}, []
    for system, columns in systems.items():
        lines[system] = _risks(columns)
        area = risk_coverage_area(columns[:, 0], columns[:, 1])
        notes.append(f"area {100 * area:.1f}, answering all {100 * columns[:, 1].mean():.1f}")
    up = Scale(0.0, _round_up(max(y for line in lines.values() for _, y in line)), BOTTOM, TOP)
    across = Scale(0.0, 1.0, LEFT, RIGHT)
    title = f"Wrong among the most confident: {group}"
    last = next(iter(systems.values()))[:, 1].mean()
    level = Markup('<path class="level" d="M{:.1f} {y:.1f}H{:.1f}"/>').format(
        LEFT, RIGHT, y=up.at(float(last))
    )
    body = (
        axis_up(up, LEFT, RIGHT, "wrong among them, %", "%")
        + axis_across(across, TOP, BOTTOM, "most confident share of the questions, %", "%")
        + level
        + _drawn(lines, across, up)
    )
    told = "; ".join(f"{name}: {note}" for name, note in zip(lines, notes, strict=True))
    n = max(len(columns) for columns in systems.values())
    below = legend(list(lines), notes) + Markup(
        '<p class="note">Lower is better. Area: mean over all coverages, in %. '
        "Dashed: {} if it answers all.</p>"
    ).format(next(iter(systems)))
    return figure(title, f"{title}. {told}", body, height=HEIGHT, n=cases(n), below=below)


def latency(title: str, times: Mapping[str, Columns]) -> Markup:
    """Return which share of the cases took how long at most; ``times`` are in ms, above 0."""
    lines, notes = {}, []
    marks = []
    low = max(min(float(columns.min()) for columns in times.values()), 1e-3)
    high = max(float(columns.max()) for columns in times.values())
    across = Scale(low, max(high, low * 1.01), LEFT, RIGHT, is_logarithmic=True)
    if high / low < 12:
        across = Scale(0.0, _round_up(high), LEFT, RIGHT)
    up = Scale(0.0, 1.0, BOTTOM, TOP)
    for number, (name, columns) in enumerate(times.items()):
        values = np.sort(columns[:, 0])
        lines[name] = _steps(values)
        p50, p95 = (float(values[max(math.ceil(q * len(values)) - 1, 0)]) for q in (0.5, 0.95))
        notes.append(f"p50 {with_unit(p50, 'ms')}, p95 {with_unit(p95, 'ms')}")
        marks += [
            Markup('<circle class="point s{}" cx="{:.1f}" cy="{:.1f}" r="4"/>').format(
                number % SHADES, across.at(value), up.at(share)
            )
            for value, share in ((p50, 0.5), (p95, 0.95))
        ]
    body = (
        axis_up(up, LEFT, RIGHT, "share of the cases that took no longer, %", "%")
        + axis_across(across, TOP, BOTTOM, "ms" + _log(across), "ms")
        + _drawn(lines, across, up)
        + Markup("").join(marks)
    )
    told = "; ".join(f"{name}: {note}" for name, note in zip(lines, notes, strict=True))
    n = sum(len(columns) for columns in times.values())
    below = legend(list(lines), notes)
    return figure(
        title, f"{title}. {told}", body, height=HEIGHT, n=f"{amount(n, '')} timings", below=below
    )


def recall_by_depth(title: str, items: Sequence[Item]) -> Markup:
    """Return the mean recall among the first 1, 5 and 10, a line each system."""
    depths = (1, 5, 10)
    lines, notes, most = {}, [], 0
    found = {depth: counted(items, f"recall_{depth}") for depth in depths}
    for system in found[1]:
        line = [
            (float(depth), float(found[depth][system][:, 0].mean()))
            for depth in depths
            if system in found[depth]
        ]
        lines[system] = line
        notes.append(", ".join(f"{100 * share:.0f}" for _, share in line) + " %")
        most = max(most, len(found[1][system]))
    up, across = Scale(0.0, 1.0, BOTTOM, TOP), Scale(1.0, 10.0, LEFT + 8, RIGHT)
    marks = [
        Markup('<circle class="point s{}" cx="{:.1f}" cy="{:.1f}" r="3.5"/>').format(
            number % SHADES, across.at(x), up.at(y)
        )
        for number, line in enumerate(lines.values())
        for x, y in line
    ]
    ticks = Markup("").join(
        Markup('<text class="tick" x="{:.1f}" y="{:.0f}" text-anchor="middle">{}</text>').format(
            across.at(depth), BOTTOM + 15, depth
        )
        for depth in depths
    )
    body = (
        axis_up(up, LEFT, RIGHT, "needed documents found, %", "%")
        + ticks
        + Markup(
            '<text class="axis" x="{:.0f}" y="{:.0f}" text-anchor="middle">among the first k '
            "documents</text>"
        ).format((LEFT + RIGHT) / 2, BOTTOM + 32)
        + _drawn(lines, across, up)
        + Markup("").join(marks)
    )
    told = "; ".join(f"{name}: {note}" for name, note in zip(lines, notes, strict=True))
    below = legend(list(lines), notes)
    return figure(title, f"{title}. {told}", body, height=HEIGHT, n=cases(most), below=below)


def _drawn(lines: Mapping[str, Curve], across: Scale, up: Scale) -> Markup:
    """Return the lines, the first on top."""
    drawn = [
        path([(across.at(x), up.at(y)) for x, y in line], number)
        for number, line in enumerate(lines.values())
    ]
    return Markup("").join(reversed(drawn))


def _risks(columns: Columns) -> Curve:
    coverage, risk = risk_coverage_curve(columns[:, 0], columns[:, 1])
    places = _thinned(np.arange(len(risk)))
    return list(zip(coverage[places].tolist(), risk[places].tolist(), strict=True))


def _steps(values: Columns) -> Curve:
    return [(float(values[at]), (at + 1) / len(values)) for at in _thinned(np.arange(len(values)))]


def _thinned(places: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return at most ``FINEST`` of the places, the first and the last among them."""
    if len(places) <= FINEST:
        return places
    kept: NDArray[np.intp] = places[np.linspace(0, len(places) - 1, FINEST).round().astype(int)]
    return kept


def _round_up(value: float) -> float:
    step = round_step(max(value, 1e-6) / 4)
    return math.ceil(value / step - 1e-9) * step


def _log(scale: Scale) -> str:
    return ", in logarithms" if scale.is_logarithmic else ""
