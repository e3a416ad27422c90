"""Asks XQuAD's questions of real libraries, for what is trained on them.

A question is asked in its own language and across, as it is; of the collection without its
paragraph ("hidden"); and mixed: its names with the other words of a question about another article,
which nothing answers. Passages are ranked by weights that did not see the question.
"""

import gzip
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from indexes.records import Triplet
from indexes.scope import Filter
from indexes.view import view
from kgrag.answer import read_passages
from kgrag.candidates import Candidate, NamedEntity
from kgrag.knowledge_base import KnowledgeBase
from kgrag.question import Question, understand
from kgrag.retrieve import Ranked, link_question, rank_passages
from kgrag.retrieve.ranker import Ranker, ranker_of
from kgrag.train.questions import fold_of

LANGUAGES = ("en", "ru")
FOLDS = 5
RANKERS = Path(__file__).parents[2] / "eval" / "data" / "ranking_folds.json"
"""Weights that rank passages, each without a fold of the questions."""

Kind = Literal["asked", "hidden", "mixed"]
Record = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A question and the passages that came up for it, to be read sentence by sentence.

    ``pair`` are the languages of question and paragraphs ("en -> ru"), ``fold`` is that of its
    article. The gold answers stand in the document ``gold`` at ``spans``, in code points; nothing
    of them came up unless ``kind`` is "asked".
    """

    pair: str
    fold: int
    kind: Kind
    question: Question
    read: list[Candidate]
    named: Sequence[NamedEntity]
    facts: list[Triplet]
    ranked: Ranked
    gold: str
    spans: tuple[tuple[int, int], ...]
    answers: tuple[str, ...]


def ask_all(data: Path, language: str) -> Iterator[Asked]:
    """Ask the questions of both languages of one language's paragraphs."""
    with tempfile.TemporaryDirectory() as folder:
        texts = Path(folder) / "texts"
        texts.mkdir()
        corpus = {f"{r['id']}.txt": r["text"] for r in read_records(data, language, "corpus")}
        for name, text in corpus.items():
            (texts / name).write_text(text, encoding="utf-8")
        with KnowledgeBase.open(Path(folder) / "library") as kb:
            kb.add(texts)
            gold = {q["id"]: q for q in read_records(data, language, "questions")}
            asking = _Asking(kb, corpus, gold, language)
            for asked_in in LANGUAGES:
                records = read_records(data, asked_in, "questions")
                for number, record in enumerate(records):
                    yield asking.ask(record, asked_in, "asked")
                    yield asking.ask(record, asked_in, "hidden")
                    other = records[(number + len(records) // 2) % len(records)]
                    if asked_in == language and _names(record) and _names(other):
                        mixed = record | {"question": _mix(record, other)}
                        yield asking.ask(mixed, asked_in, "mixed")


class _Asking:
    """A library of paragraphs, their questions, and rankers that did not see a fold of these."""

    def __init__(
        self, kb: KnowledgeBase, texts: dict[str, str], gold: dict[str, Record], language: str
    ) -> None:
        self._kb, self._texts, self._gold, self._language = kb, texts, gold, language
        folds = json.loads(RANKERS.read_text(encoding="utf-8"))["folds"]
        self._rankers: list[Ranker] = [ranker_of(weights) for weights in folds]
        articles = sorted({_article(name) for name in texts})
        self._folds = {article: number % FOLDS for number, article in enumerate(articles)}

    def ask(self, record: Record, asked_in: str, kind: Kind) -> Asked:
        """Return what comes up for a question."""
        answered = self._gold[record["id"]]
        gold = f"{answered['answer_spans'][0]['doc']}.txt"
        shift = int(self._texts[gold].startswith("\ufeff"))  # A byte order mark is no text.
        spans = tuple((s["start"] - shift, s["end"] - shift) for s in answered["answer_spans"])
        hidden = tuple(name for name in self._texts if name != gold) if kind == "hidden" else ()
        question = understand(record["question"])
        ranker = self._rankers[fold_of(record["id"])]
        with view(self._kb.library, Filter(documents=hidden)) as seen:
            named = link_question(seen, question)
            ranked = rank_passages(seen, self._kb.embedder, question, named, ranker=ranker)
            read, facts = read_passages(seen, question, ranked)
        return Asked(
            pair=f"{asked_in} -> {self._language}",
            fold=self._folds[_article(gold)],
            kind=kind,
            question=question,
            read=read,
            named=named,
            facts=facts,
            ranked=ranked,
            gold=gold,
            spans=spans,
            answers=tuple(answered["answers"]),
        )


def read_records(data: Path, language: str, name: str) -> list[Record]:
    """Return the records of one of XQuAD's files."""
    path = data / f"qa/xquad-{language}/{name}.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _article(name: str) -> str:
    return name.rsplit("-", 1)[0]


def _names(record: Record) -> list[str]:
    return [word.text for word in understand(record["question"]).words if word.is_name]


def _mix(record: Record, other: Record) -> str:
    """Return a question with the names of one record and the other words of another."""
    words = other["question"].split()
    rest = [word for word in words if word == words[0] or word.islower()]
    return " ".join([*rest, *_names(record)])
