"""Sentences of the corpora of which lies and truths are made, each with what bears on it."""

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.claims.edits import names_in
from eval.claims.truths import REVERSIBLE, STATED, restate, say_triple
from indexes.text import Language, sentences

MIN_WORDS, MAX_WORDS = 6, 45


@dataclass(frozen=True, slots=True)
class SourceText:
    """A document of a case."""

    name: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Base:
    """A sentence to make claims of: a question that it answers and statements that it bears out."""

    language: Language
    document: SourceText
    start: int
    end: int
    question: str = ""
    statements: tuple[tuple[str, str], ...] = ()
    reversed: str | None = None
    parallel: str | None = None

    @property
    def text(self) -> str:
        """The sentence."""
        return self.document.text[self.start : self.end]


def read_bases(data: Path, language: Language) -> list[Base]:
    """Return the sentences of a language, of all corpora, in the order of their files."""
    bases = [*_xquad(data, language), *_webnlg(data, language)]
    if language == "ru":
        return [*bases, *_nerel(data)]
    return [*bases, *_wiki(data, "hotpotqa-200"), *_wiki(data, "2wikimultihopqa-200")]


def _webnlg(data: Path, language: Language) -> Iterator[Base]:
    """Yield sentences with another writer's words for the same facts."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for item in _read(data, f"ie/webnlg-{language}/dev"):
        groups.setdefault(item["id"].rpartition("-")[0], []).append(item)
    for name, items in groups.items():
        text, others = items[0]["text"], [item["text"] for item in items[1:]]
        fits = [other for other in others if len(sentences(other)) == 1]
        if len(sentences(text)) == 1 and len(text.split()) >= MIN_WORDS and fits:
            title = items[0]["entities"][0]["name"]
            yield Base(
                language,
                SourceText(name, title, text),
                0,
                len(text),
                f"{title}?",
                (("paraphrase", fits[0]),),
            )


def _nerel(data: Path) -> Iterator[Base]:
    """Yield the sentences of Russian news; a document is an article of its own."""
    for item in _read(data, "ie/nerel/dev"):
        document = SourceText(item["id"], item["id"], item["text"])
        for start, end in sentences(item["text"]):
            text = item["text"][start:end]
            if MIN_WORDS <= len(text.split()) <= MAX_WORDS and text.endswith("."):
                yield Base(
                    "ru",
                    document,
                    start,
                    end,
                    f"{names[0].group()}?" if (names := names_in(text)) else "",
                )


def _xquad(data: Path, language: Language) -> Iterator[Base]:
    other = _texts(data, f"qa/xquad-{'en' if language == 'ru' else 'ru'}")
    asked: dict[str, list[dict[str, Any]]] = {}
    for item in _read(data, f"qa/xquad-{language}/questions"):
        asked.setdefault(item["answer_spans"][0]["doc"], []).append(item)
    for item in _read(data, f"qa/xquad-{language}/corpus"):
        title = item["title"].replace("_", " ")
        document = SourceText(f"{item['id']}-{language}", title, item["text"])
        spans, there = sentences(item["text"]), sentences(other[item["id"]])
        for number, (start, end) in enumerate(spans):
            if not MIN_WORDS <= len(item["text"][start:end].split()) <= MAX_WORDS:
                continue
            inside = [
                q for q in asked.get(item["id"], ())
                if start <= q["answer_spans"][0]["start"] < end
            ]  # fmt: skip
            said = [(q["question"], restate(q["question"], q["answers"][0])) for q in inside]
            parallel = there[number] if len(spans) == len(there) else None
            yield Base(
                language,
                document,
                start,
                end,
                inside[0]["question"] if inside else f"{title}?",
                tuple(("question", text) for _, text in said if text),
                None,
                other[item["id"]][parallel[0] : parallel[1]] if parallel else None,
            )


def _wiki(data: Path, name: str) -> Iterator[Base]:
    """Yield the sentences that the questions of a set need, with the triples that they state."""
    corpus = {item["id"]: item for item in _read(data, f"qa/{name}/corpus")}
    seen: set[tuple[str, int]] = set()
    for question in _read(data, f"qa/{name}/questions"):
        for support in question["supporting"]:
            item = corpus[support["doc"]]
            key = (support["doc"], support["sentence"])
            if key in seen or support["sentence"] >= len(item["sentences"]):
                continue
            seen.add(key)
            start, end = item["sentences"][support["sentence"]]
            text = item["text"][start:end]
            start += len(text) - len(text.lstrip())
            end -= len(text) - len(text.rstrip())
            if MIN_WORDS <= len(text.split()) <= MAX_WORDS:
                document = SourceText(f"{name}-{item['id']}", item["title"], item["text"])
                yield _with_triples(document, (start, end), question)


def _with_triples(document: SourceText, span: tuple[int, int], question: dict[str, Any]) -> Base:
    text = document.text[slice(*span)]
    said: list[str] = []
    turned: list[str] = []
    for subject, relation, object_ in question.get("evidence_triples", ()):
        both = _holds(document.title + " " + text, subject) and _holds(text, object_)
        if both and relation in STATED and re.search(STATED[relation], text):
            said += say_triple(subject, relation, object_)
            if relation in REVERSIBLE:
                turned += say_triple(object_, relation, subject)
    return Base(
        "en",
        document,
        *span,
        question["question"],
        tuple(("triple", claim) for claim in said),
        turned[0] if turned else None,
    )


def _holds(text: str, name: str) -> bool:
    return name.lower() in text.lower()


def _texts(data: Path, name: str) -> dict[str, str]:
    return {item["id"]: item["text"] for item in _read(data, f"{name}/corpus")}


def _read(data: Path, name: str) -> list[dict[str, Any]]:
    with gzip.open(data / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
