"""Whether what is said with 80 % certainty is right 80 times of 100."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from eval.intervals import wilson
from eval.items import Item
from eval.metrics import calibration as calibrated
from eval.metrics.calibration import Bin
from eval.report.svg import LEFT, RIGHT, Scale, axis_across, axis_up, figure
from eval.report.wording import amount

TOP, BOTTOM = 44.0, 248.0


def reliability(title: str, items: Sequence[Item]) -> Markup:
    """Return the drawing of all items' bins; nothing where nothing fell into them.

    ``counts["calibration"]`` has, for each of ten bins of the score, its n, the sum of its scores,
    and how many were right.
    """
    rows = [item.counts["calibration"] for item in items if "calibration" in item.counts]
    bins = calibrated.reliability(np.sum(rows, axis=0)) if rows else []
    if not bins:
        return Markup("")
    across, up = Scale(0.0, 1.0, LEFT, RIGHT), Scale(0.0, 1.0, BOTTOM, TOP)
    body = (
        axis_up(up, LEFT, RIGHT, "right, %", "%")
        + axis_across(across, TOP, BOTTOM, "score, %", "%")
        + Markup('<path class="level" d="M{:.1f} {:.1f}L{:.1f} {:.1f}"/>').format(
            LEFT, BOTTOM, RIGHT, TOP
        )
        + Markup("").join(_bin(one, across, up) for one in bins)
    )
    told = "; ".join(
        f"score {100 * one.score:.0f} %: {100 * one.right:.0f} % of {one.count} right"
        for one in bins
    )
    note = Markup(
        '<p class="note">On the dashed line a score is what it says; below it, it promises too '
        "much. Above each bin: how many fell into it.</p>"
    )
    n = f"n\u202f=\u202f{amount(sum(one.count for one in bins), '')} scores"
    return figure(title, f"{title}. {told}", body, height=BOTTOM + 42, n=n, below=note)


def _bin(one: Bin, across: Scale, up: Scale) -> Markup:
    low, high = wilson(round(one.right * one.count), one.count)
    return Markup(
        '<path class="range main" d="M{x:.1f} {low:.1f}V{high:.1f}"/>'
        '<circle class="dot main" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
        '<text class="tick" x="{middle:.1f}" y="{top:.0f}" text-anchor="middle">{n}</text>'
    ).format(
        x=across.at(one.score),
        low=up.at(low),
        high=up.at(high),
        y=up.at(one.right),
        middle=across.at((one.low + one.high) / 2),
        top=TOP - 6,
        n=amount(one.count, "") if one.count < 10_000 else f"{one.count / 1000:.0f}k",
    )
