"""Question sets and the libraries that they are asked of, for fitting and judging retrieval.

Each passage of a set becomes a document of its own: with its title as a heading, or without any
title, so that only what the text says can lead to it. A question belongs to one of five folds by
its id, the same in every language and variant.
"""

import gzip
import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kgrag.knowledge_base import KnowledgeBase
from kgrag.settings import SearchSettings, Settings

FOLDS = 5


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions of one file, asked of the passages of another.

    ``titled``: documents bear their titles. ``more`` is a further corpus of distractors.
    ``trains``: the weights learn from it.
    """

    name: str
    questions: str
    corpus: str
    titled: bool
    more: str = ""
    trains: bool = True

    @property
    def library(self) -> str:
        """The name of the folder of its library: sets that ask the same documents share one."""
        parts = (Path(self.corpus).name, Path(self.more).name, "" if self.titled else "untitled")
        return "+".join(part for part in parts if part)


_HOTPOT, _TWO, _POPQA = "qa/hotpotqa-200", "qa/2wikimultihopqa-200", "qa/popqa-1000"
_EN, _RU = "qa/xquad-en", "qa/xquad-ru"

SETS = (
    QuestionSet("HotpotQA", _HOTPOT, _HOTPOT, titled=True),
    QuestionSet("2WikiMultiHopQA", _TWO, _TWO, titled=True),
    QuestionSet("HotpotQA, titles withheld", _HOTPOT, _HOTPOT, titled=False),
    QuestionSet("2WikiMultiHopQA, titles withheld", _TWO, _TWO, titled=False),
    QuestionSet(
        "2WikiMultiHopQA among 6,119 more", _TWO, _TWO, titled=True,
        more="qa/hipporag-2wiki-corpus", trains=False,
    ),
    QuestionSet("PopQA", _POPQA, _POPQA, titled=True),
    QuestionSet("XQuAD English", _EN, _EN, titled=False),
    QuestionSet("XQuAD Russian", _RU, _RU, titled=False),
    QuestionSet("XQuAD, English asked of Russian", _EN, _RU, titled=False),
    QuestionSet("XQuAD, Russian asked of English", _RU, _EN, titled=False),
)  # fmt: skip

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One question and the documents that hold its answer; ``fold`` counts from 0."""

    id: str
    text: str
    documents: frozenset[str]
    fold: int


def read_cases(data: Path, asked: QuestionSet) -> list[Case]:
    """Return the questions of a set, in the order of their file."""
    cases = []
    for record in _read(data / asked.questions / "questions.jsonl.gz"):
        supporting = record["supporting"]
        ids = {item["doc"] if isinstance(item, dict) else item for item in supporting}
        documents = frozenset(f"{id_}.{_suffix(asked)}" for id_ in ids)
        cases.append(Case(record["id"], record["question"], documents, fold_of(record["id"])))
    return cases


def fold_of(id_: str) -> int:
    """Return the fold of a question, 0 to ``FOLDS`` - 1."""
    return int(hashlib.md5(id_.encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS


def open_library(data: Path, work: Path, asked: QuestionSet) -> KnowledgeBase:
    """Open the library of a set; one that is not whole yet is built, or built on."""
    files = work / "files" / asked.library
    if not files.is_dir():
        beside = files.with_name(f"{files.name}.part")
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        for record in documents(data, asked):
            text = record["text"]
            if asked.titled:
                text = f"# {record['title']}\n\n{text}"
            (beside / f"{record['id']}.{_suffix(asked)}").write_text(f"{text}\n", encoding="utf-8")
        beside.rename(files)
    settings = Settings(search=SearchSettings(chroma=False))
    kb = KnowledgeBase.open(work / "libraries" / asked.library, settings)
    kb.add(files)
    return kb


def documents(data: Path, asked: QuestionSet) -> list[Record]:
    """Return the passages of a set; of distractors, those that it does not hold itself."""
    own = _read(data / asked.corpus / "corpus.jsonl.gz")
    titles = {record["title"] for record in own}
    more = _read(data / asked.more / "corpus.jsonl.gz") if asked.more else []
    return own + [record for record in more if record["title"] not in titles]


def _suffix(asked: QuestionSet) -> str:
    return "md" if asked.titled else "txt"


def _read(path: Path) -> list[Record]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
