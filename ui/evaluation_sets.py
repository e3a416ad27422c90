"""The question sets of a library: uploaded, drafted from its graph, made of its corrections.

A set is a JSON Lines file in the library's folder (``indexes.evaluations``), as ``kgrag-eval`` has
written it, with a description beside it. Question and answers can be corrected; whatever else a
line holds stays. Which question is meant is its place in the file, so whoever corrects says which
state of the file was seen.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexes.errors import ConfigError
from indexes.evaluations import (
    CORRECTIONS,
    DRAFTED,
    FOLDER,
    OWN,
    QUESTIONS,
    questions_held,
    replace,
)
from ui.evaluation_files import Record, descriptions, is_id, new_id, now, read_json

EXAMPLES = "examples"

MAX_SETS = 100
NAME_CHARS = 80

_EXAMPLES_FILE = Path(__file__).resolve().parents[1] / "examples" / "questions.jsonl"


class SetNotFoundError(ConfigError):
    """The library has no such question set."""


class SetChangedError(ConfigError):
    """The question set is no longer as it was seen."""


@dataclass(frozen=True, slots=True)
class SetInfo:
    """A line of the list; ``questions`` is None where they are made when they are run."""

    id: str
    name: str
    kind: str
    questions: int | None
    skipped: tuple[str, ...] = ()
    made: str = ""


class QuestionSets:
    """The sets in a library's folder."""

    def __init__(self, library: Path) -> None:
        self._library = library
        self._folder = library / FOLDER / QUESTIONS

    def all(self, documents: Iterable[str], corrections: int) -> list[SetInfo]:
        """Return the sets, the newest first; then those that come of themselves.

        Parameters
        ----------
        documents, corrections:
            The names of the library's documents, and how often its graph was corrected.
        """
        own = [self._info(id_, about) for id_, about in descriptions(self._folder).items()]
        own.sort(key=lambda item: item.made, reverse=True)
        if corrections:
            own.append(SetInfo(CORRECTIONS, "", CORRECTIONS, None))
        examples = _examples()
        needed = {piece["document"] for row in examples for piece in row.get("evidence", ())}
        if examples and needed <= set(documents):
            own.append(SetInfo(EXAMPLES, "", EXAMPLES, len(examples)))
        return own

    def kind_and_name(self, id_: str) -> tuple[str, str]:
        """Return whose questions a set's are, and what it is called.

        Raises
        ------
        SetNotFoundError
            There is none with this id.
        """
        about = self._about(id_)
        return about["kind"], about["name"]

    def source(self, id_: str) -> str:
        """Return what ``kgrag-eval`` calls a set: its path from the library, or its name."""
        if id_ == EXAMPLES:
            return EXAMPLES
        if id_ != CORRECTIONS:
            self._about(id_)
        return f"{FOLDER}/{QUESTIONS}/{id_}.jsonl"

    def asked(self, id_: str, case: str) -> str:
        """Return the question that a case ("SET: ID") asks; the case itself where there is none."""
        of, _, question = case.partition(": ")
        if of != id_:
            return case
        path = _EXAMPLES_FILE if id_ == EXAMPLES else self._folder / f"{id_}.jsonl"
        rows = (_parsed(line) for line in _text(path).split("\n"))
        found = (row["question"] for row in rows if row and row.get("id") == question)
        return str(next(found, case))

    # -- making and deleting ---------------------------------------------------------------------

    def check_room(self) -> None:
        """Raise ``ConfigError`` where there are too many already."""
        if len(descriptions(self._folder)) >= MAX_SETS:
            raise ConfigError(f"There are {MAX_SETS} question sets already. Delete some first.")

    def new_path(self) -> tuple[str, str]:
        """Return the id of a set that is to be made, and its path from the library."""
        id_ = new_id()
        self._folder.mkdir(parents=True, exist_ok=True)
        return id_, f"{FOLDER}/{QUESTIONS}/{id_}.jsonl"

    def describe(self, id_: str, name: str, kind: str, skipped: Sequence[str] = ()) -> SetInfo:
        """Let a file that was made at a ``new_path`` be a set of this name."""
        about = {"name": _name(name), "kind": kind, "made": now(), "skipped": list(skipped)}
        with questions_held(self._library):
            replace(self._folder / f"{id_}.json", json.dumps(about, ensure_ascii=False))
        return self._info(id_, about)

    def describe_corrections(self) -> None:
        """Note whose the questions at the path of the corrections are, before they are made."""
        with questions_held(self._library) as folder:
            replace(folder / f"{CORRECTIONS}.json", json.dumps({"kind": CORRECTIONS}))

    def delete(self, id_: str) -> None:
        """Delete a set for good.

        Raises
        ------
        SetNotFoundError
            There is none with this id.
        """
        self._about(id_)
        with questions_held(self._library):
            self.withdraw(id_)

    def withdraw(self, id_: str) -> None:
        """Remove the files of a set, be it one that was never described."""
        for end in ("jsonl", "json"):
            (self._folder / f"{id_}.{end}").unlink(missing_ok=True)

    # -- reading and correcting ------------------------------------------------------------------

    def questions(self, id_: str) -> tuple[str, list[Record]]:
        """Return the state of a set's file, and its lines that are objects: ``at`` is their place.

        Raises
        ------
        SetNotFoundError
            There is none with this id, or it is made when it is run.
        """
        if id_ == EXAMPLES:
            rows = [{"at": at, **row} for at, row in enumerate(_examples())]
            return _state(json.dumps(rows)), rows
        self._about(id_)
        text = _text(self._folder / f"{id_}.jsonl")
        return _state(text), [
            {**row, "at": at}
            for at, line in enumerate(text.split("\n"))
            if (row := _parsed(line)) is not None
        ]

    def correct(
        self,
        id_: str,
        state: str,
        *,
        changed: Mapping[int, Record],
        dropped: Iterable[int],
        name: str | None = None,
    ) -> SetInfo:
        """Correct and drop questions by their places, and give the set another name.

        Raises
        ------
        SetNotFoundError
            There is none with this id.
        SetChangedError
            The file is in another state than ``state``: nothing was done.
        ConfigError
            Nothing would be left.
        """
        about, path, gone = self._about(id_), self._folder / f"{id_}.jsonl", set(dropped)
        with questions_held(self._library):
            text = _text(path)
            if _state(text) != state:
                raise SetChangedError(
                    "These questions have changed meanwhile, here or because a document was "
                    "removed. Open them again."
                )
            lines = [
                _corrected(line, changed.get(at))
                for at, line in enumerate(text.split("\n"))
                if line.strip() and at not in gone
            ]
            if not lines:
                raise ConfigError("No question would be left. Delete the set instead.")
            replace(path, "".join(f"{line}\n" for line in lines))
            if name is not None:
                about["name"] = _name(name)
            replace(path.with_suffix(".json"), json.dumps(about, ensure_ascii=False))
        return self._info(id_, about)

    def _about(self, id_: str) -> Record:
        about = read_json(self._folder / f"{id_}.json") if is_id(id_) else {}
        if about.get("kind") not in (OWN, DRAFTED):
            raise SetNotFoundError("There is no such question set, or it cannot be changed.")
        return about

    def _info(self, id_: str, about: Record) -> SetInfo:
        text = _text(self._folder / f"{id_}.jsonl")
        skipped = tuple(about.get("skipped", ()))
        count = text.count("\n")
        return SetInfo(id_, about["name"], about["kind"], count, skipped, about["made"])


def _corrected(line: str, change: Record | None) -> str:
    row = _parsed(line)
    if change is None or row is None:
        return line
    return json.dumps(row | change, ensure_ascii=False)


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= NAME_CHARS:
        raise ConfigError(f"The name of a question set has 1 to {NAME_CHARS} characters.")
    return name


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""


def _state(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _parsed(line: str) -> Record | None:
    try:
        row: Any = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


def _examples() -> list[Record]:
    """Return the questions about the example documents; none where they were not installed."""
    rows = (_parsed(line) for line in _text(_EXAMPLES_FILE).split("\n"))
    return [row for row in rows if row is not None]
