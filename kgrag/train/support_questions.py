"""Answers to questions as claims: HaluEval-QA and exchanged answers of XQuAD in Russian.

An answer of a word is no sentence to check, so the claim is the question with its answer behind it,
and more features tell how the answer itself stands to the source and to the question. They are
measured here only: the product checks sentences.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexes.text import sentences
from kgrag.train.support_data import cite, read
from kgrag.verify.align import align
from kgrag.verify.features import features
from kgrag.verify.negation import cues_of
from kgrag.verify.rarity import rarity
from kgrag.verify.rules import findings
from kgrag.verify.sources import read_sources
from kgrag.verify.words import Word, words_of

Array = NDArray[np.float64]

LENGTH_FEATURES = 2
"""The first ones of an answer, which say how long it is and nothing of its truth."""

_YES_NO = re.compile(r"(?:yes|no|да|нет)\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with an answer that its source supports, or does not."""

    question: str
    answer: str
    source: str
    supported: bool
    group: str


def halueval(data: Path) -> list[Answered]:
    """Return the answers of HaluEval-QA; a group is a source."""
    return [
        Answered(
            item["question"],
            item["response"],
            # The source's sentences are joined without a space.
            re.sub(r"(?<=[.!?])(?=[A-Z])", " ", item["source"]),
            item["label"] == "supported",
            item["source"],
        )
        for item in read(data, "faith/halueval-qa")
    ]


def exchanged_answers(data: Path, seed: int) -> list[Answered]:
    """Return the questions of XQuAD in Russian, each with its answer and with one of another.

    The other answer is of the same kind (number, name or other) and, where there is one, of the
    same paragraph; a group is an article.
    """
    draw = Random(f"{seed} xquad-ru")
    texts = {item["id"]: item for item in read(data, "qa/xquad-ru/corpus")}
    questions = read(data, "qa/xquad-ru/questions")
    found = []
    for item in questions:
        doc, answer = item["answer_spans"][0]["doc"], item["answers"][0]
        article = doc.rpartition("-")[0]
        others = [
            (other["answer_spans"][0]["doc"] == doc, other["answers"][0])
            for other in questions
            if other["answer_spans"][0]["doc"].rpartition("-")[0] == article
            and _kind(other["answers"][0]) == _kind(answer)
            and other["answers"][0].lower() not in answer.lower()
            and answer.lower() not in other["answers"][0].lower()
        ]
        near = [text for same, text in others if same] or [text for _, text in others]
        if near:
            text = texts[doc]["text"]
            found.append(Answered(item["question"], answer, text, True, article))
            found.append(Answered(item["question"], draw.choice(near), text, False, article))
    return found


def _kind(answer: str) -> str:
    if _NUMBER.search(answer):
        return "number"
    return "name" if answer[:1].isupper() else "other"


def answer_features(item: Answered) -> Array:
    """Return the features of an answer, of the question with it, and of how both stand together."""
    page = [item.source[start:end] for start, end in sentences(item.source)]
    claim = f"{item.question} {item.answer}"
    sources = read_sources(claim, cite(claim, page))
    assert sources is not None
    kinds = [(found.kind, found.status) for found in findings(sources)]
    return np.concatenate([_of_answer(item, page), features(sources, kinds)]).astype(np.float64)


def _of_answer(item: Answered, page: Sequence[str]) -> Array:
    asked = words_of(item.question)
    said = words_of(item.answer)
    telling = [word for word in said if word.is_telling] or list(said)
    new = [word for word in telling if not _shared(word, asked)]
    plain_answer, plain_source = _plain(item.answer), _plain(item.source)
    answer_cover = [_cover(telling, words_of(s)) for s in page] or [0.0]
    new_cover = [_cover(new, words_of(s)) for s in page] or [0.0]
    question_cover = [_cover([w for w in asked if w.is_telling], words_of(s)) for s in page] or [0]
    with_answer = [q for q, a in zip(question_cover, new_cover, strict=True) if a >= 0.8]
    return np.array(
        [
            math.log1p(len(said)),
            float(item.answer.strip().endswith(".")),
            float(plain_answer in plain_source),
            float(plain_answer in _plain(item.question)),
            len(new) / max(len(telling), 1),
            math.log1p(len(new)),
            max(answer_cover),
            max(new_cover),
            _cover(new, words_of(item.source)),
            max(question_cover),
            max(with_answer, default=0.0),
            max(question_cover) - max(with_answer, default=0.0),
            _closest(asked, new, words_of(item.source)),
            float(bool(_YES_NO.match(item.answer.strip()))),
            float(any(cue.denies for cue in cues_of(item.answer))),
            float(bool(_NUMBER.search(item.answer))),
            sum(word.kind == "function" for word in said) / max(len(said), 1),
            float(item.answer[:1].isupper()),
        ]
    )


def _plain(text: str) -> str:
    return " ".join(word.text.lower() for word in words_of(text))


def _shared(word: Word, others: Sequence[Word]) -> bool:
    return any(word.keys & other.keys for other in others)


def _cover(words: Sequence[Word], source: Sequence[Word]) -> float:
    weights = [rarity(word.stem) for word in words]
    covers = align(words, source, near=False).cover
    total = sum(weights)
    return sum(c * w for c, w in zip(covers, weights, strict=True)) / total if total else 1.0


def _closest(asked: Sequence[Word], new: Sequence[Word], source: Sequence[Word]) -> float:
    """Return how much of the question stands near the answer, nearer words counting more, 0..1."""
    keys = {key for word in new for key in word.keys}
    places = [index for index, word in enumerate(source) if word.keys & keys]
    telling = [word for word in asked if word.is_telling]
    if not places or not telling:
        return 0.0
    total = 0.0
    for word in telling:
        gaps = [
            min(abs(place - index) for place in places)
            for index, other in enumerate(source)
            if word.keys & other.keys
        ]
        total += rarity(word.stem) * math.exp(-min(gaps) / 10) if gaps else 0.0
    return total / (sum(rarity(word.stem) for word in telling) or 1.0)


def match_lengths(
    items: Sequence[Any], lengths: Sequence[int], right: Sequence[bool], seed: int
) -> list[int]:
    """Return the indexes of a subset in which both classes have the same lengths equally often."""
    draw = Random(f"{seed} lengths")
    kept: list[int] = []
    for length in sorted(set(lengths)):
        yes = [i for i in range(len(items)) if lengths[i] == length and right[i]]
        no = [i for i in range(len(items)) if lengths[i] == length and not right[i]]
        size = min(len(yes), len(no))
        kept += draw.sample(yes, size) + draw.sample(no, size)
    return sorted(kept)
