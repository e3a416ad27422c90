"""Two runs beside each other: what is better, what is worse, and which cases changed.

Only cases that both runs measured count. A measure is called better or worse where its paired
bootstrap interval leaves out zero *and* its p stands among those of all measures that differ at all
(Benjamini and Hochberg 1995: of what is called a difference, one in twenty is chance at most, and
where nothing differs, nothing is called so in nineteen comparisons of twenty). Otherwise no
difference was shown, which is not the same as none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from eval.intervals import paired
from eval.items import Item
from eval.measures import MEASURES, value
from eval.run_folder import RunFolder
from eval.summary import grouped, matrix
from indexes.errors import ConfigError

Record = dict[str, Any]

SIGNIFICANT = 0.05

SETTINGS = ("task", "sets", "options", "model", "library", "seed", "commit", "dirty", "versions")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two runs; see the module.

    Parameters
    ----------
    rows:
        A measure of a group and system each: group, system, measure, title, unit, better, n, one,
        other, difference, low, high, p, verdict.
    changed:
        Cases whose counts differ: group, system, case, measure, one, other, shown_one, shown_other.
    settings:
        Name, and value in each run, of what differs in how they were made.
    only_one, only_other:
        How many cases only one of the runs has.
    """

    rows: list[Record]
    changed: list[Record]
    settings: list[tuple[str, Any, Any]]
    only_one: int
    only_other: int

    def as_data(self) -> Record:
        """Return it as plain JSON."""
        return asdict(self)


def compare(one: RunFolder, other: RunFolder, *, seed: int = 1) -> Comparison:
    """Compare two runs over the cases that both have.

    Raises
    ------
    ConfigError
        They have no case in common.
    """
    first = {item.key: item for item in one.items()}
    second = {item.key: item for item in other.items()}
    keys = [key for key in first if key in second]
    if not keys:
        raise ConfigError(
            f"{one.folder} ({one.header['task']}) and {other.folder} ({other.header['task']}) have "
            "no case in common: compare two runs of one task and one question set"
        )
    rows = _rows([first[key] for key in keys], [second[key] for key in keys], seed)
    return Comparison(
        rows=_judged(rows),
        changed=[row for key in keys for row in _changed(first[key], second[key])],
        settings=_settings(one.header, other.header),
        only_one=len(first) - len(keys),
        only_other=len(second) - len(keys),
    )


def _rows(one: Sequence[Item], other: Sequence[Item], seed: int) -> list[Record]:
    partner = dict(zip((item.key for item in one), other, strict=True))
    found = []
    for (group, system), items in grouped(one).items():
        for name, measure in MEASURES.items():
            both = [
                item
                for item in items
                if measure.counts in item.counts and measure.counts in partner[item.key].counts
            ]
            if not both:
                continue
            before = matrix(both, measure.counts)
            after = matrix([partner[item.key] for item in both], measure.counts)
            difference = paired(before, after, measure.statistic, seed=seed)
            found.append(
                {
                    "group": group,
                    "system": system,
                    "measure": name,
                    "title": measure.title,
                    "unit": measure.unit,
                    "better": measure.better,
                    "n": len(both),
                    "one": round(value(measure, before), 5),
                    "other": round(value(measure, after), 5),
                    "difference": round(difference.value, 5),
                    "low": round(difference.low, 5),
                    "high": round(difference.high, 5),
                    "p": round(difference.p, 5),
                    "differs": not np.array_equal(before, after),
                }
            )
    return found


def _judged(rows: list[Record]) -> list[Record]:
    """Add the verdicts: the step-up procedure of Benjamini and Hochberg."""
    differing = sorted(row["p"] for row in rows if row["differs"])
    border = max(
        (
            p
            for place, p in enumerate(differing, start=1)
            if p <= SIGNIFICANT * place / len(differing)
        ),
        default=0.0,
    )
    for row in rows:
        is_sure = row.pop("differs") and row["p"] <= border
        is_shown = is_sure and not row["low"] <= 0 <= row["high"] and row["better"]
        rose = row["difference"] > 0
        row["verdict"] = (
            "no difference shown"
            if not is_shown
            else "better"
            if rose == (row["better"] == "higher")
            else "worse"
        )
    return rows


def _changed(one: Item, other: Item) -> list[Record]:
    return [
        {
            "group": one.group,
            "system": one.system,
            "case": one.case,
            "measure": name,
            "one": list(columns),
            "other": list(other.counts[name]),
            "shown_one": dict(one.shown),
            "shown_other": dict(other.shown),
        }
        for name, columns in one.counts.items()
        if name in other.counts and name not in _TIMES and columns != other.counts[name]
    ]


_TIMES = frozenset({"ms", "first_ms", "seconds", "memory_mb", "files", "calibration", "risk"})
"""Counts that differ from run to run, or in the last digit: no news of a case."""


def _settings(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    return [
        (name, one.get(name), other.get(name))
        for name in SETTINGS
        if one.get(name) != other.get(name)
    ]
