"""The scores that a judging model gave, and the rows that are made of them."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from eval.intervals import bootstrap
from eval.judging.ragas import JUDGED
from eval.measures import mean

LINES_FILE, ROWS_FILE = "judged.jsonl", "judged.json"

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Score:
    """One score; ``value`` is 0..1, or None where ``failure`` says why there is none."""

    group: str
    system: str
    case: str
    measure: str
    judge: str
    prompts: str
    value: float | None
    failure: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """What is judged once."""
        return self.group, self.system, self.case, self.measure, self.judge, self.prompts


def read_scores(folder: Path) -> list[Score]:
    """Return the scores of a run, the last of those that were tried again; empty without any."""
    path = folder / LINES_FILE
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    scores = [Score(**json.loads(line)) for line in lines if line]
    return list({score.key: score for score in scores}.values())


def rows_of(scores: Iterable[Score], *, seed: int) -> list[Record]:
    """Return a row for each group, system and measure, shares 0..1 as in summary.json.

    ``n`` are the scores, ``failures`` what was asked for in vain; a row may have none but those.
    """
    places: dict[tuple[str, str, str], list[Score]] = defaultdict(list)
    for score in scores:
        places[score.group, score.system, score.measure].append(score)
    return [_row(place, found, seed) for place, found in places.items()]


def _row(place: tuple[str, str, str], found: Sequence[Score], seed: int) -> Record:
    group, system, measure = place
    values = np.array([[score.value] for score in found if score.value is not None], np.float64)
    low, high = bootstrap(values, mean(), seed=seed) if len(values) else (None, None)
    return {
        "group": group,
        "system": system,
        "measure": measure,
        "title": JUDGED[measure].title,
        "formula": JUDGED[measure].formula,
        "n": len(values),
        "failures": len(found) - len(values),
        "value": round(float(values.mean()), 5) if len(values) else None,
        "low": None if low is None else round(low, 5),
        "high": None if high is None else round(high, 5),
        "better": "higher",
        "unit": "%",
    }


def append_scores(folder: Path, scores: Iterable[Score]) -> None:
    """Add scores to those of a run."""
    lines = "".join(f"{json.dumps(asdict(score), ensure_ascii=False)}\n" for score in scores)
    with (folder / LINES_FILE).open("a", encoding="utf-8") as file:
        file.write(lines)


def drop_cut_line(folder: Path) -> None:
    """Drop what follows the last line's end: whoever wrote it was killed."""
    path = folder / LINES_FILE
    if path.is_file():
        whole = path.read_bytes().rpartition(b"\n")
        with path.open("r+b") as file:
            file.truncate(len(whole[0]) + len(whole[1]))


def write_rows(folder: Path, about: Record, *, seed: int) -> list[Record]:
    """Write judged.json, other judges' rows as they were; return this judge's rows.

    Parameters
    ----------
    folder:
        That of a run.
    about:
        Who judged and how: ``judge`` and ``prompts`` name it, the rest is noted.
    seed:
        Of the drawings that the intervals are made of.
    """
    mine = {"judge": about["judge"], "prompts": about["prompts"]}
    scores = [s for s in read_scores(folder) if {"judge": s.judge, "prompts": s.prompts} == mine]
    rows = rows_of(scores, seed=seed)
    path = folder / ROWS_FILE
    others = json.loads(path.read_text(encoding="utf-8"))["judges"] if path.is_file() else []
    others = [other for other in others if {key: other[key] for key in mine} != mine]
    date = datetime.now(UTC).isoformat(timespec="seconds")
    record = {"format": 1, "judges": [*others, {**about, "date": date, "rows": rows}]}
    new = path.with_name(f".{ROWS_FILE}.new")
    new.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    new.replace(path)
    return rows
