"""Reads a question set, by its name or from a file whose form is told by looking into it."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from eval.sets.files import Line, checksum, json_lines, nothing_left, text_of
from eval.sets.known import EXAMPLES, KnownSet, known_set, unknown
from eval.sets.multihop import is_multihop, read_multihop
from eval.sets.own import questions_of
from eval.sets.questions import QuestionSet
from eval.sets.squad import is_squad, read_squad
from eval.sets.tables import table_lines
from indexes.errors import ConfigError

FORMS = (
    "a table (CSV) or JSON Lines with your own questions, or SQuAD, XQuAD, HotpotQA, "
    "2WikiMultiHopQA or MuSiQue as published"
)


def read_questions(name_or_path: str, *, data: Path | None) -> QuestionSet:
    """Return a question set.

    Parameters
    ----------
    name_or_path:
        A known set (``eval.sets.known``), or a file: see ``FORMS``.
    data:
        The folder of data sets, if there is one.

    Raises
    ------
    ConfigError
        There is no such set or file, its files are not there or not the right ones, or nothing in
        it can be used.
    """
    known = known_set(name_or_path, "questions")
    if known is not None and known.name == "examples":
        return _examples(known)
    if known is not None:
        from eval.sets.shared import read_shared

        return read_shared(known, data)
    path = Path(name_or_path).expanduser()
    if path.is_dir():
        raise ConfigError(f"{path} is a folder: name a file in it, {FORMS}.")
    if not path.is_file():
        raise unknown(name_or_path, "questions", FORMS)
    return _file(path)


def _file(path: Path) -> QuestionSet:
    text = text_of(path).removeprefix("\ufeff")
    if not text.lstrip().startswith(("{", "[")):
        return _own(path, table_lines(text, path.name))
    whole = _whole(text)
    if is_squad(whole):
        return read_squad(path, whole)
    lines = list(json_lines(text)) if not isinstance(whole, list) else _items(whole)
    if any(is_multihop(line.record) for line in lines[:10]):
        return read_multihop(path, lines)
    return _own(path, lines)


def _whole(text: str) -> Any:  # noqa: ANN401  (whatever JSON holds)
    """Return a file that is JSON as a whole; None where it is not, as JSON Lines mostly are."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _items(records: list[Any]) -> list[Line]:
    """Return the items of one JSON list, by their numbers from 1."""
    return [
        Line(number, record)
        if isinstance(record, dict)
        else Line(number, None, "is no JSON object in {...}")
        for number, record in enumerate(records, 1)
    ]


def _own(path: Path, lines: Iterable[Line]) -> QuestionSet:
    questions, skipped = questions_of(lines)
    if not questions:
        raise nothing_left(path.name, skipped)
    return QuestionSet(path.stem, questions, checksum=checksum([path]), skipped=skipped)


def _examples(known: KnownSet) -> QuestionSet:
    """Return the questions of examples/, which are asked of its documents.

    {"id": "en-02", "lang": "en", "question": "In which town and year was Euler born?",
    "answerable": true, "answer": "Basel, 1707", "evidence": [{"document":
    "euler-lecture-notes.pdf", "quote": "Leonhard Euler was born in Basel ..."}], "kind": "single"}
    """
    path = EXAMPLES / "questions.jsonl"
    if not path.is_file():
        raise ConfigError(
            f"The examples are not here: {path} belongs to kgrag's repository, not to what is "
            "installed from a package. Install kgrag from a clone (pip install -e .)."
        )
    questions, skipped = questions_of(json_lines(text_of(path)))
    documents = EXAMPLES / "documents"
    files = [path, *sorted(file for file in documents.iterdir() if file.is_file())]
    return QuestionSet(
        known.title,
        questions,
        known.licence,
        files=documents,
        checksum=checksum(files),
        skipped=skipped,
    )
