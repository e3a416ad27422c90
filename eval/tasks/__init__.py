"""The tasks that ``kgrag-eval run`` knows.

A task lists its cases, and a run measures them one by one (``eval.runner``). A benchmark measures
one thing in one piece, and returns it as one JSON object.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from eval.asked import Asked
from eval.items import Case, Item
from eval.tasks import (
    answers,
    explorer,
    extraction,
    grounding,
    load,
    paragraph,
    peers,
    retrieval,
    scale,
    speed,
)


@dataclass(frozen=True, slots=True)
class Task:
    """``cases`` lists what is to be measured; ``tables`` adds what no row of the summary says."""

    module: ModuleType
    cases: Callable[[Asked], list[Case]]
    tables: Callable[[Asked, Sequence[Item]], dict[str, Any]] = lambda _asked, _items: {}


TASKS: Mapping[str, Task] = {
    "extraction": Task(extraction, extraction.cases, extraction.tables),
    "retrieval": Task(retrieval, retrieval.cases),
    "answers": Task(answers, answers.cases, answers.tables),
    "grounding": Task(grounding, grounding.cases, grounding.tables),
    "speed": Task(speed, speed.cases),
}

BENCHMARKS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "explorer": explorer.run,
    "load": load.run,
    "paragraph": paragraph.run,
    "peers": peers.run,
    "scale": scale.run,
}
