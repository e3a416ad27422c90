"""How numbers, times and tasks are worded: the same in tables, tiles and drawings."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

TASKS: Mapping[str, str] = {
    "extraction": "Extraction",
    "retrieval": "Retrieval",
    "answers": "Answers",
    "grounding": "Grounding",
    "speed": "Speed",
}
"""In the order of a report over several runs."""

ABOUT: Mapping[str, str] = {
    "extraction": "Entities, relations and links found in annotated texts",
    "retrieval": "Whether the needed documents come first",
    "answers": "Answers, their citations, and what is declined",
    "grounding": "Whether lies are struck and truths stand",
    "speed": "Times and memory",
}

LONGEST = 1200
"""Characters of one text in a report; what is longer is cut, and says so by its dots."""


def amount(value: object, unit: str) -> str:
    """Return a number without its unit, as many digits as mean something; a dash if it is none."""
    if not isinstance(value, int | float) or not math.isfinite(value):
        return "–"
    if unit == "%":
        return f"{100 * value:.1f}"
    if isinstance(value, int) or abs(value) >= 100:
        return f"{value:,.0f}".replace(",", "\u202f")
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def with_unit(value: object, unit: str) -> str:
    """Return a number and its unit: "71.2 %", "12 ms"."""
    return f"{amount(value, unit)}\u202f{unit}".rstrip("\u202f")


def interval(low: object, high: object, unit: str) -> str:
    """Return "66.0–76.1"; the unit stands elsewhere."""
    return f"{amount(low, unit)}–{amount(high, unit)}"


def spread(row: Mapping[str, Any]) -> str:
    """Return the interval of a row of a summary; one case has none."""
    return "one case" if row["n"] == 1 else interval(row["low"], row["high"], row["unit"])


def signed(value: object, unit: str) -> str:
    """Return a difference with its sign; of shares, in percentage points."""
    text = amount(value, unit)
    if text == "–" or not float(text.replace("\u202f", "")):
        return text.lstrip("-")
    return f"−{text[1:]}" if text.startswith("-") else f"+{text}"


def cases(n: object) -> str:
    """Return "n = 1 234"."""
    return f"n\u202f=\u202f{amount(n, '')}"


def lasted(seconds: object) -> str:
    """Return how long something took: "42 s", "3 min 20 s", "1 h 5 min"."""
    if not isinstance(seconds, int | float) or not math.isfinite(seconds):
        return "–"
    if seconds < 59.5:
        return f"{seconds:.1f}\u202fs" if seconds < 10 else f"{seconds:.0f}\u202fs"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}\u202fmin {rest}\u202fs"
    return f"{minutes // 60}\u202fh {minutes % 60}\u202fmin"


def moment(written: object) -> str:
    """Return a time of ISO 8601 as "26 November 2026, 10:00 UTC"; what is none, as it is."""
    try:
        at = datetime.fromisoformat(str(written))
    except ValueError:
        return str(written)
    return f"{at.day} {at:%B %Y, %H:%M} {at.tzname() or ''}".strip()


def task_title(task: object) -> str:
    """Return a task's name as headings show it."""
    return TASKS.get(str(task), str(task).capitalize())


def first_upper(title: str) -> str:
    """Return a title with a capital at its front."""
    return title[:1].upper() + title[1:]


def masked(text: str) -> str:
    """Return a text without the name and password that an address in it may hold."""
    return re.sub(r"(?<=//)[^/@\s]+@", "", text)


def cut(value: object, longest: int = LONGEST) -> str:
    """Return a text of at most so many characters."""
    text = str(value)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def texts(value: object) -> list[str]:
    """Return a list of plain texts, whatever a run's file held there."""
    if value is None:
        return []
    if isinstance(value, str) or not isinstance(value, Sequence):
        return [cut(value)]
    return [cut(one) for one in value]


def records(value: object) -> list[Mapping[str, Any]]:
    """Return those of a list that are objects."""
    found = value if isinstance(value, Sequence) and not isinstance(value, str) else []
    return [one for one in found if isinstance(one, Mapping)]


def triples(value: object) -> list[tuple[str, ...]]:
    """Return the lists of a list, each as a tuple of texts."""
    found = value if isinstance(value, Sequence) and not isinstance(value, str) else []
    return [tuple(map(str, one)) for one in found if isinstance(one, list | tuple)]
