"""The rows of a run's summary: each measure of each group and system, with its interval."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from eval.intervals import bootstrap, wilson
from eval.items import KGRAG, Item
from eval.measures import MEASURES, Array, Measure, value

Record = dict[str, Any]


def rows(items: Sequence[Item], *, seed: int) -> list[Record]:
    """Return a row for each measure, group and system, in the order in which groups came.

    ``baseline`` of kgrag's own row is the best other system of the group.
    """
    found = [
        _row(group, system, name, counts, seed)
        for (group, system), own in grouped(items).items()
        for name, counts in _counted(own).items()
    ]
    by_place = {(row["group"], row["system"], row["measure"]): row for row in found}
    for row in found:
        row["baseline"] = _baseline(row, by_place.values()) if row["system"] == KGRAG else None
    return found


def grouped(items: Iterable[Item]) -> dict[tuple[str, str], list[Item]]:
    """Return the items of each group and system."""
    groups: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in items:
        groups[item.group, item.system].append(item)
    return groups


def matrix(items: Sequence[Item], counts: str) -> Array:
    """Return the counts of this name as float (items, columns); all items must have them."""
    return np.array([item.counts[counts] for item in items], np.float64)


def _counted(items: Sequence[Item]) -> dict[str, Array]:
    """Return, for each measure that these items can tell, its counts."""
    known: dict[str, Array] = {}
    for name in dict.fromkeys(measure.counts for measure in MEASURES.values()):
        having = [item for item in items if name in item.counts]
        if having:
            known[name] = matrix(having, name)
    return {
        name: known[measure.counts]
        for name, measure in MEASURES.items()
        if measure.counts in known and _is_told(name, known[measure.counts])
    }


def _is_told(name: str, counts: Array) -> bool:
    """Return whether there is anything to measure: no recall where nothing was wanted."""
    under = _UNDER.get(name)
    return under is None or bool(counts[:, under].sum() > 0)


_UNDER: Mapping[str, int] = {
    "abstention_recall": 2,
    "abstention_precision": 1,
    "answered": 1,
    "citation_recall": 2,
    "citation_precision": 1,
    "supported_sentences": 1,
    "nil_recall": 1,
    "link_accuracy": 1,
    "links_recall": 2,
    "links_f1": 2,
}
"""The column of which a share is taken, of measures that some cases have nothing for."""


def _row(group: str, system: str, name: str, counts: Array, seed: int) -> Record:
    measure = MEASURES[name]
    counts = _concerned(name, counts)
    low, high = _interval(measure, counts, seed)
    return {
        "group": group,
        "system": system,
        "measure": name,
        "title": measure.title,
        "n": len(counts),
        "value": round(value(measure, counts), 5),
        "low": round(low, 5),
        "high": round(high, 5),
        "better": measure.better,
        "unit": measure.unit,
    }


def _concerned(name: str, counts: Array) -> Array:
    """Return the cases that a share is taken of, where each counts once or not at all.

    Of the unanswerable that were declined only the unanswerable are cases.
    """
    under = _UNDER.get(name)
    if under is None or not np.isin(counts[:, under], (0.0, 1.0)).all():
        return counts
    concerned: Array = counts[counts[:, under] == 1]
    return concerned


def _interval(measure: Measure, counts: Array, seed: int) -> tuple[float, float]:
    """Return the 95 % interval: Wilson's of a proportion, for the bootstrap of all or none is a
    point, and the bootstrap's of anything else.
    """
    is_proportion = counts.shape[1] == 1 and measure.unit == "%"
    if is_proportion and np.isin(counts, (0.0, 1.0)).all():
        return wilson(int(counts.sum()), len(counts))
    return bootstrap(counts, measure.statistic, seed=seed)


def _baseline(row: Record, others: Iterable[Record]) -> Record | None:
    rivals = [
        other
        for other in others
        if (other["group"], other["measure"]) == (row["group"], row["measure"])
        and other["system"] != KGRAG
    ]
    if not rivals or not row["better"]:
        return None
    best = (max if row["better"] == "higher" else min)(rivals, key=lambda other: other["value"])
    return {"system": best["system"], "value": best["value"]}
