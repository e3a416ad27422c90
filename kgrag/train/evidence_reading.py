"""Reads what came up for XQuAD's questions sentence by sentence, for ``kgrag.train.evidence``."""

import re
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kgrag.answer_span import find_span
from kgrag.sentence_model import FEATURES
from kgrag.sentence_reading import PlacedSentence, ReadSentences, read_sentences
from kgrag.train.evidence_networks import Judged
from kgrag.train.evidence_questions import Asked, ask_all

Array = NDArray[np.float64]


def judge_all(data: Path, language: str) -> list[Judged]:
    """Read what comes up for the questions of one language's paragraphs."""
    return [judge(asked) for asked in ask_all(data, language)]


def judge(asked: Asked) -> Judged:
    """Return what is known of the sentences of one question."""
    read = read_sentences(asked.question, asked.read, asked.named, asked.facts, asked.ranked)
    right = [
        asked.kind == "asked"
        and sentence.item.passage.document_name == asked.gold
        and any(sentence.start <= start < sentence.end for start, _ in asked.spans)
        for sentence in read.sentences
    ]
    return Judged(
        asked.pair,
        asked.fold,
        asked.kind,
        read.features.reshape(-1, len(FEATURES)),
        np.array(right, np.float64),
        read.groups,
        _stands_out(asked, read) if asked.question.expected else None,
    )


def _stands_out(asked: Asked, read: ReadSentences) -> Array:
    found = np.full((len(read.sentences), 2), np.nan)
    for row, sentence in enumerate(read.sentences):
        span = find_span(asked.question.expected, read.wanted, sentence, read.weights)
        if span:
            text = _text(sentence, span)
            found[row] = np.max([agreement(text, answer) for answer in asked.answers], axis=0)
    return found


def _text(sentence: PlacedSentence, span: tuple[int, int]) -> str:
    return sentence.text[span[0] - sentence.start : span[1] - sentence.start]


def agreement(one: str, other: str) -> tuple[float, float]:
    """Return exact match and F1 of two answers, as SQuAD's script has them (0 or 1, 0..1).

    Rajpurkar et al. 2016 (arXiv:1606.05250): case, punctuation and English articles do not count.
    """
    first, second = _normal(one), _normal(other)
    shared = sum((Counter(first) & Counter(second)).values())
    return float(first == second), 2 * shared / max(1, len(first) + len(second))


def _normal(text: str) -> list[str]:
    words = re.sub(r"[^\w\s]", "", text.lower()).split()
    return [word for word in words if word not in ("a", "an", "the")]
