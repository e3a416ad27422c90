"""The claims of a lying model by kind and language: how many were struck."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from eval.claims.lies import LIES, TRANSLATED
from eval.claims.lying import NOT_SHOWN
from eval.intervals import wilson
from eval.items import Item

Record = dict[str, Any]


def kinds_table(items: Sequence[Item]) -> Record:
    """Return, of each kind and language and of all, what became of the claims."""
    outcomes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for item in items:
        if "verdict" in item.shown:
            outcomes[item.tags["kind"], item.tags["language"]][item.shown["verdict"]] += 1
    kinds: Record = {}
    totals = {"lies": [0, 0], "truths": [0, 0], "translated": [0, 0]}
    for (kind, language), counts in outcomes.items():
        n = sum(counts.values()) - counts[NOT_SHOWN]
        struck = counts["contradicted"] + counts["unsupported"]
        kinds.setdefault(kind, {})[language] = _share(struck, n) | dict(counts)
        total = "lies" if kind in LIES else "translated" if kind == TRANSLATED else "truths"
        totals[total] = [totals[total][0] + struck, totals[total][1] + n]
    return {"kinds": kinds, **{name: _share(*counts) for name, counts in totals.items()}}


def _share(struck: int, n: int) -> Record:
    low, high = wilson(struck, n)
    return {
        "n": n,
        "struck": round(struck / n, 4) if n else None,
        "interval": [round(low, 4), round(high, 4)],
    }
