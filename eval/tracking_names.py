"""What trackers are told of a run: its parameters and its numbers, under names that each admits.

One name for all, by the narrowest rules: MLflow's (ASCII letters and digits, no path that leaves
its folder), of which TensorBoard would still change the spaces. Russian names are transliterated.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kgrag.names import transliterate

MAX_PART_CHARS = 80
MAX_VALUE_CHARS = 6000
"""MLflow takes names of 250 characters and parameters of 6000."""

_CYRILLIC = re.compile(r"[\u0400-\u04FF]+")
_OTHER = re.compile(r"[^A-Za-z0-9._-]+")

_NO_PARAMETERS = frozenset(
    {"format", "rows", "tables", "failures", "finished", "resumed", "seconds", "peak_memory_mb"}
)


@dataclass(frozen=True, slots=True)
class Told:
    """A run as trackers take it: its name, its parameters and its numbers, by clean names."""

    name: str
    parameters: Mapping[str, str]
    metrics: Mapping[str, float]


def parameters_of(summary: Mapping[str, Any]) -> dict[str, str]:
    """Return all that says how a run was made: ``{"task": .., "sets.XQuAD.checksum": ..}``."""
    told = {key: value for key, value in summary.items() if key not in _NO_PARAMETERS}
    names, values = zip(*_leaves(told, ()), strict=True)
    return dict(zip(unique([".".join(map(clean, name)) for name in names]), values, strict=True))


def metrics_of(summary: Mapping[str, Any]) -> dict[str, float]:
    """Return each row's value and interval: ``{"XQuAD_English/kgrag/recall_5": 0.9, .._low: ..}``.

    Shares are 0..1. What is no finite number is left out.
    """
    rows = summary["rows"]
    places = [[clean(row[part]) for part in ("group", "system", "measure")] for row in rows]
    found: dict[str, float | None] = {
        name + suffix: row[key]
        for name, row in zip(unique(["/".join(place) for place in places]), rows, strict=True)
        for suffix, key in (("", "value"), ("_low", "low"), ("_high", "high"))
    }
    found |= {f"run/{key}": summary.get(key) for key in ("seconds", "peak_memory_mb")}
    found["run/failures"] = len(summary["failures"])
    return {
        name: float(value)
        for name, value in found.items()
        if value is not None and math.isfinite(value)
    }


def clean(part: str) -> str:
    """Return a part of a name with nothing in it that a tracker would refuse or change."""
    latin = _CYRILLIC.sub(lambda word: transliterate(word[0]), part)
    return _OTHER.sub("_", latin).strip("._")[:MAX_PART_CHARS] or "_"


def unique(names: Sequence[str]) -> list[str]:
    """Return the names, those that came before with a number: no number may hide another."""
    seen: set[str] = set()
    told = []
    for name in names:
        other, count = name, 1
        while other in seen:
            count += 1
            other = f"{name}-{count}"
        seen.add(other)
        told.append(other)
    return told


def _leaves(value: object, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield what lies in nested records, with the keys that lead there; records have names."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, (*place, str(key)))
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for at, inner in enumerate(value):
            rest = {key: part for key, part in inner.items() if key != "name"}
            yield from _leaves(rest, (*place, str(inner.get("name", at))))
    elif value is not None and value != []:
        shown = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
        yield place, shown[:MAX_VALUE_CHARS]
