"""What was measured of one case: an ``Item`` is one line of a run's ``items.jsonl``.

A case is a text, a question or a claim; several systems may be measured on it, each in an item of
its own. Numbers are kept as they were counted, not as shares, so that any part of a run can be
added up, drawn anew (bootstrap) and compared with the same cases of another run.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

KGRAG = "kgrag"
"""The system that is measured; others stand beside it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One case, measured for one system.

    Parameters
    ----------
    case:
        Names the case within its group: a question's id, a text's.
    group:
        What is averaged over: a test set, or a part of one ("XQuAD English").
    counts:
        By name (``eval.measures.MEASURES`` says what becomes of them), the columns that were
        counted: ``{"mentions": (right, predicted, wanted), "recall_5": (1.0,)}``. What is missing
        was not asked of this case.
    system:
        "kgrag", or the baseline or ablation that was measured on the same case.
    tags:
        What a report can be split by: ``{"hops": "bridge", "language": "en"}``.
    shown:
        What a reader sees of it: question, expected and given answer, evidence. Plain JSON.
    documents:
        Ids (``sha256:...``) of the documents of a user's library of which ``shown`` holds text.
    """

    case: str
    group: str
    counts: Mapping[str, tuple[float, ...]]
    system: str = KGRAG
    tags: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, Any] = field(default_factory=dict)
    documents: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """What is the same case of the same system in another run."""
        return self.group, self.system, self.case


@dataclass(frozen=True, slots=True)
class Case:
    """Something to be measured: ``measure`` is called once, if no earlier run has it already.

    ``id`` is unique within the task, and the same in each run of the same questions.
    """

    id: str
    measure: Callable[[], Sequence[Item]]


def to_line(item: Item) -> str:
    """Return one line of JSON, without its end."""
    record = {
        "case": item.case,
        "group": item.group,
        "system": item.system,
        "counts": {name: list(columns) for name, columns in item.counts.items()},
        "tags": dict(item.tags),
        "shown": dict(item.shown),
        "documents": list(item.documents),
    }
    return json.dumps(record, ensure_ascii=False)


def from_line(line: str) -> Item:
    """Return what ``to_line`` wrote.

    Raises
    ------
    ValueError
        It is no such line.
    """
    try:
        record = json.loads(line)
        return Item(
            case=record["case"],
            group=record["group"],
            counts={name: tuple(columns) for name, columns in record["counts"].items()},
            system=record["system"],
            tags=record["tags"],
            shown=record["shown"],
            documents=tuple(record["documents"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no item of a run: {line[:80]!r}") from error
