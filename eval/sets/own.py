"""A user's own questions: CSV or JSON Lines, one question a line.

    question,answer,document,page
    In which town was Euler born?,Basel | Bâle,euler-lecture-notes.pdf,1

Several lines with one id, or with one question, are one question that needs several pieces of
evidence; a line without a question goes on with the one above. What cannot be used is told by the
number of its line, and the rest is read. ``questions_of`` and ``record_of`` are inverse.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

from eval.sets.columns import COLUMNS, canonical, one, page_number, several, truth
from eval.sets.files import Line, Record, shown
from eval.sets.questions import Expected, Question
from indexes.text import Language, language_of


@dataclass(frozen=True, slots=True)
class _Said:
    """What one line says; ``answerable`` is None where it does not."""

    question: Question
    answerable: bool | None


def questions_of(lines: Iterable[Line]) -> tuple[tuple[Question, ...], tuple[str, ...]]:
    """Return the questions on lines, in order, and what was left out, each with its reason."""
    found: dict[str, _Said] = {}
    first_line: dict[str, int] = {}
    unknown: dict[str, None] = {}
    skipped: list[str] = []
    last: str | None = None
    for line in lines:
        try:
            cells, others = _cells(line)
            unknown.update(dict.fromkeys(others))
            said = _said(cells, found, last)
            last = said.question.id
            before = found.get(last)
            found[last] = said if before is None else _both(before, said, first_line[last])
            first_line.setdefault(last, line.number)
        except ValueError as error:
            skipped.append(f"line {line.number}: {error}")
    questions = []
    for id_, said in found.items():
        wrong = _unusable(said)
        if wrong:
            skipped.append(f"line {first_line[id_]}: {wrong}")
        else:
            questions.append(replace(said.question, answerable=said.answerable is not False))
    if unknown:
        names = ", ".join(shown(name) for name in unknown)
        skipped.insert(0, f"not read: {names}; the columns that are known are {COLUMNS}")
    return tuple(questions), tuple(skipped)


def record_of(question: Question) -> Record:
    """Return a question as the object of a line."""
    record: Record = {
        "id": question.id,
        "question": question.text,
        "answerable": question.answerable,
        "answers": list(question.answers),
        "evidence": [
            {"document": piece.document, "page": piece.page, "quote": piece.quote}
            for piece in question.evidence
        ],
        "kind": question.kind,
        "language": question.language,
    }
    return record | ({"wrong": list(question.wrong)} if question.wrong else {})


def _cells(line: Line) -> tuple[dict[str, Any], list[str]]:
    if line.record is None:
        raise ValueError(line.wrong)
    return canonical(line.record)


def _said(cells: dict[str, Any], found: dict[str, _Said], last: str | None) -> _Said:
    text = one(cells.get("question"))
    id_ = one(cells.get("id")).strip()
    if not text.strip():
        id_ = id_ or (last or "")
        if id_ not in found:
            raise ValueError("has no question, and there is none above that it goes on with")
        text = found[id_].question.text
    id_ = id_ or id_of(text)
    if id_ in found and _folded(found[id_].question.text) != _folded(text):
        raise ValueError(f"has the id {shown(id_)} of another question: give it one of its own")
    question = Question(
        id=id_,
        text=found[id_].question.text if id_ in found else text,
        answers=several(cells.get("answers")),
        evidence=_evidence(cells),
        kind=one(cells.get("kind")).strip(),
        language=_language(cells.get("language"), text),
        wrong=several(cells.get("wrong")),
    )
    return _Said(question, truth(cells.get("answerable")))


def _both(first: _Said, second: _Said, line: int) -> _Said:
    """Return what two lines say of one question."""
    said = {first.answerable, second.answerable} - {None}
    if len(said) > 1:
        raise ValueError(f"says the opposite of line {line} of whether the question has an answer")
    one_, other = first.question, second.question
    question = replace(
        one_,
        answers=tuple(dict.fromkeys(one_.answers + other.answers)),
        evidence=tuple(dict.fromkeys(one_.evidence + other.evidence)),
        kind=one_.kind or other.kind,
        wrong=tuple(dict.fromkeys(one_.wrong + other.wrong)),
    )
    return _Said(question, said.pop() if said else None)


def _unusable(said: _Said) -> str:
    question = said.question
    if said.answerable is False and (question.answers or question.evidence):
        return (
            "says that the question has no answer, and gives one or its place: empty those cells, "
            "or write answerable = yes"
        )
    if said.answerable is None and not (question.answers or question.evidence or question.wrong):
        return "expects nothing: give an answer, or a document and page, or answerable = no"
    return ""


def _evidence(cells: dict[str, Any]) -> tuple[Expected, ...]:
    listed = cells.get("evidence")
    if listed in (None, ""):
        listed = []
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise ValueError(
            'its evidence is no list of objects like {"document": "a.pdf", "page": 1, "quote": ""}'
        )
    pieces = [canonical(item)[0] for item in listed]
    flat = {name: cells[name] for name in ("document", "page", "quote") if cells.get(name)}
    return tuple(dict.fromkeys(_piece(piece) for piece in ([flat] if flat else []) + pieces))


def _piece(cells: dict[str, Any]) -> Expected:
    document = one(cells.get("document"))
    if not document.strip():
        raise ValueError("gives a page or a quote, but not the document that it is in")
    return Expected(document, page_number(cells.get("page")), one(cells.get("quote")))


def _language(value: object, text: str) -> Language:
    said = one(value).strip().lower()
    return cast("Language", said) if said in ("en", "ru") else language_of(text)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def id_of(text: str) -> str:
    """Return an id that stays when lines are added above; two with one question are one."""
    return f"q-{hashlib.sha256(_folded(text).encode(errors='replace')).hexdigest()[:10]}"
