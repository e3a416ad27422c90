"""The question sets of shared/data/qa: HotpotQA, 2WikiMultiHopQA, PopQA and XQuAD, ready-made.

{"id": "5a7f...", "lang": "en", "question": "Which Canadian rock band ...?", "answers": ["Rush"],
"type": "bridge", "supporting": [{"doc": "p6", "title": "Nobody's Hero", "sentence": 0}]}, asked of
{"id": "p6", "title": "Nobody's Hero", "text": "...", "sentences": [[0, 112], ...]}. Documents have
the names and texts that ``kgrag.train.questions`` writes, so that its folds and libraries fit.
"""

import gzip
import json
from pathlib import Path
from typing import Any

from eval.sets.checksums import verify
from eval.sets.files import Record
from eval.sets.known import KnownSet, need_files
from eval.sets.questions import Expected, Question, QuestionSet
from eval.sets.squad import sentences_around
from indexes.text import sentences
from kgrag.train import questions as training


def question_files(known: KnownSet) -> list[str]:
    """Return the files that a set is read from, by their paths in the data folder."""
    asked = _asked(known)
    corpora = [folder for folder in (asked.corpus, asked.more) if folder]
    folders = dict.fromkeys([asked.questions, asked.corpus])
    return [f"{folder}/questions.jsonl.gz" for folder in folders if _has_questions(folder)] + [
        f"{folder}/corpus.jsonl.gz" for folder in corpora
    ]


def read_shared(known: KnownSet, data: Path | None) -> QuestionSet:
    """Return a set by its name.

    Raises
    ------
    ConfigError
        Its files are not in ``data``, or are others than they should be.
    """
    asked, paths = _asked(known), question_files(known)
    data = need_files(known, data, paths)
    checksum = verify(data, paths)
    corpus = {record["id"]: record for record in training.documents(data, asked)}
    suffix = "md" if asked.titled else "txt"
    texts = {f"{id_}.{suffix}": _text(record, asked.titled) for id_, record in corpus.items()}
    told = {record["id"]: record for record in _records(data, asked.corpus)}
    questions = tuple(
        _question(record, told.get(record["id"], record), corpus, suffix)
        for record in _records(data, asked.questions)
    )
    return QuestionSet(known.title, questions, known.licence, texts, checksum=checksum)


def _asked(known: KnownSet) -> training.QuestionSet:
    return next(asked for asked in training.SETS if asked.name == known.title)


def _has_questions(folder: str) -> bool:
    return any(asked.questions == folder for asked in training.SETS)


def _records(data: Path, folder: str) -> list[Record]:
    with gzip.open(data / folder / "questions.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _text(record: Record, titled: bool) -> str:
    return f"# {record['title']}\n\n{record['text']}\n" if titled else f"{record['text']}\n"


def _question(record: Record, told: Record, corpus: dict[str, Record], suffix: str) -> Question:
    """Return a question; ``told`` is the same one in the language of the documents."""
    evidence = [
        Expected(f"{id_}.{suffix}", None, quote) for id_, quote in _evidence(record, told, corpus)
    ]
    return Question(
        id=record["id"],
        text=record["question"],
        answers=tuple(dict.fromkeys([*record["answers"], *told["answers"]])),
        evidence=tuple(dict.fromkeys(evidence)),
        kind=record.get("type") or "",
        language=record["lang"],
    )


def _evidence(record: Record, told: Record, corpus: dict[str, Record]) -> list[tuple[str, str]]:
    """Return (id of a document, quote or "") for each piece."""
    if "answer_spans" in told:
        # One piece: other spans are other wordings of the same answer.
        return [(span["doc"], _around(corpus[span["doc"]], span)) for span in told["answer_spans"]][
            :1
        ]
    return [(item["doc"], _sentence(corpus[item["doc"]], item)) for item in record["supporting"]]


def _around(document: Record, span: dict[str, Any]) -> str:
    text: str = document["text"]
    return sentences_around(text, sentences(text), span["start"], span["end"]).strip("\ufeff ")


def _sentence(document: Record, item: Record) -> str:
    spans = document.get("sentences", ())
    number = item.get("sentence")
    if number is None or not 0 <= number < len(spans):
        return ""
    start, end = spans[number]
    return str(document["text"][start:end]).strip("\ufeff ")
