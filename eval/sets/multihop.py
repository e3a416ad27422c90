"""HotpotQA, 2WikiMultiHopQA (JSON) and MuSiQue (JSON Lines), as published.

HotpotQA: {"_id": "5a7f...", "question": "...", "answer": "Rush", "type": "bridge", "context":
[["Neil Peart", ["Neil Ellwood Peart ...", " ..."]]], "supporting_facts": [["Neil Peart", 1]]}.
MuSiQue: {"id": "2hop__482757_12019", "paragraphs": [{"idx": 0, "title": "...", "paragraph_text":
"...", "is_supporting": true}], "question": "...", "answer": "...", "answer_aliases": [],
"answerable": true}. The paragraphs of all questions are one library, one document a title; those of
one title with another text are numbered. Supporting sentences are the quotes; of MuSiQue, which
marks paragraphs, the sentence with the answer of the step.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from eval.sets.files import FileNames, Line, Record, checksum, nothing_left, shown
from eval.sets.questions import Expected, Question, QuestionSet
from eval.sets.squad import sentences_around
from indexes.text import language_of, sentences

LICENCE = (
    "as its file came (HotpotQA: CC BY-SA 4.0; 2WikiMultiHopQA: Apache-2.0; MuSiQue: CC BY 4.0)"
)


class _Documents:
    """The documents of a set, by title and text."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._names = FileNames("md")
        self._known: dict[tuple[str, str], str] = {}

    def name_of(self, title: str, text: str) -> str:
        """Return the name of a document, which is new or was there before."""
        if (title, text) not in self._known:
            name = self._known[title, text] = self._names.give(title)
            self.texts[name] = f"# {title}\n\n{text}\n"
        return self._known[title, text]


def is_multihop(record: object) -> bool:
    """Return whether a question has one of these forms."""
    if not isinstance(record, dict):
        return False
    is_hotpot = isinstance(record.get("context"), list) and "supporting_facts" in record
    return is_hotpot or isinstance(record.get("paragraphs"), list)


def read_multihop(path: Path, lines: Iterable[Line]) -> QuestionSet:
    """Return the questions of a file, a record for each.

    Raises
    ------
    ConfigError
        It holds none that can be used.
    """
    documents = _Documents()
    questions: dict[str, Question] = {}
    skipped: list[str] = []
    twins = 0
    for line in lines:
        try:
            if line.record is None:
                raise ValueError(line.wrong)
            question = _read(line.record, documents)
            before = questions.get(question.id)
            if before is not None and before.answerable == question.answerable:
                raise ValueError(f"the id {shown(question.id)} is another question's too")
            twins += before is not None
            if before is None or question.answerable:
                questions[question.id] = question
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            lacks = f"lacks {error}" if isinstance(error, KeyError) else str(error)
            skipped.append(f"line {line.number}: {lacks}")
    if twins:
        skipped.insert(
            0,
            f"{twins} unanswerable questions: each is asked a second time with what answers it, "
            "and in one library of all paragraphs it can be answered",
        )
    if not questions:
        raise nothing_left(path.name, skipped)
    return QuestionSet(
        name=path.stem,
        questions=tuple(questions.values()),
        licence=LICENCE,
        texts=documents.texts,
        checksum=checksum([path]),
        skipped=tuple(skipped),
    )


def _read(record: Record, documents: _Documents) -> Question:
    if "paragraphs" in record:
        return _musique(record, documents)
    return _hotpot(record, documents)


def _hotpot(record: Record, documents: _Documents) -> Question:
    paragraphs: dict[str, tuple[str, list[str]]] = {}
    for title, parts in record["context"]:
        name = documents.name_of(title, _joined(parts))
        paragraphs.setdefault(title, (name, parts))
    pieces = []
    for title, number in record["supporting_facts"]:
        if title not in paragraphs:
            raise ValueError(f"rests on {shown(title)}, which is not in its context")
        name, parts = paragraphs[title]
        quote = parts[number].strip() if 0 <= number < len(parts) else ""
        pieces.append(Expected(name, None, quote))
    return _question(record, str(record["_id"]), pieces, kind=str(record.get("type") or ""))


def _musique(record: Record, documents: _Documents) -> Question:
    steps = {
        step.get("paragraph_support_idx"): str(step["answer"])
        for step in record.get("question_decomposition", ())
    }
    pieces = []
    for paragraph in record["paragraphs"]:
        text = str(paragraph["paragraph_text"])
        name = documents.name_of(str(paragraph["title"]), text)
        if paragraph.get("is_supporting"):
            pieces.append(Expected(name, None, _holding(text, steps.get(paragraph.get("idx"), ""))))
    id_ = str(record["id"])
    found = re.match(r"\d+hop", id_)
    return _question(record, id_, pieces, kind=found.group() if found else "")


def _holding(text: str, answer: str) -> str:
    """Return the first sentence with an answer; "" where none has it."""
    start = text.find(answer) if answer else -1
    return sentences_around(text, sentences(text), start, start + len(answer)) if start >= 0 else ""


def _question(record: Record, id_: str, pieces: list[Expected], *, kind: str) -> Question:
    text = str(record["question"]).strip()
    answerable = bool(record.get("answerable", True))
    answers = _answers(record) if answerable else ()
    if not text or (answerable and not answers):
        raise ValueError("has no question or no answer: is this the split whose answers are kept?")
    return Question(
        id=id_,
        text=text,
        answers=answers,
        evidence=tuple(dict.fromkeys(pieces)) if answerable else (),
        answerable=answerable,
        kind=kind,
        language=language_of(text),
    )


def _answers(record: Record) -> tuple[str, ...]:
    given: list[Any] = [record.get("answer"), *record.get("answer_aliases", ())]
    return tuple(dict.fromkeys(str(answer) for answer in given if str(answer or "").strip()))


def _joined(parts: list[str]) -> str:
    """Return sentences as one text: HotpotQA's begin with their space, others' may not."""
    text = ""
    for part in parts:
        apart = bool(text) and not text[-1].isspace() and not part[:1].isspace()
        text += f" {part}" if apart else part
    return text.strip()
