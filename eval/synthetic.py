"""A library of any size, made of drawn words: what grows with it can be measured without waiting
for an extractor.

Names and words follow Zipf's law, as in real text. A passage is a document of its own and states
five facts, each in a sentence of its own between two names.
"""

import hashlib
import random
from bisect import bisect
from collections.abc import Iterator, Sequence
from itertools import accumulate

from indexes.additions import Addition, Analysis
from indexes.records import (
    Document,
    Mention,
    MentionRelation,
    Passage,
    Resolution,
    ResolvedMention,
)
from kgrag.embed import Embedder

FACTS = 5
RELATIONS = {
    "P108": "works for", "P19": "was born in", "P800": "is known for", "P112": "was founded by",
    "P26": "is married to",
}  # fmt: skip

_SYLLABLES = "ba co du fe gi ha jo ku la me ni po ra se ti vo wa xe yu za bri cla dro fle".split()
_WORDS, _NAMES = 30_000, 200_000


class Synthetic:
    """Draws documents; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)
        self._words = [self._word(2, 4) for _ in range(_WORDS)]
        self._names = [
            f"{self._word(2, 3).capitalize()} {self._word(2, 4).capitalize()}"
            for _ in range(_NAMES)
        ]
        self._word_weights = _zipf(_WORDS)
        self._name_weights = _zipf(_NAMES)

    def additions(self, count: int, embedder: Embedder, first: int) -> Iterator[Addition]:
        """Yield so many documents, numbered from ``first``, embedded a hundred at once."""
        for start in range(first, first + count, 100):
            numbers = range(start, min(start + 100, first + count))
            yield from self._batch(numbers, embedder)

    def question(self) -> str:
        """Return a question with a name and two words, drawn like those of the texts."""
        verb = self._draw.choice(list(RELATIONS.values()))
        return f"Who {verb} {self._name()} at the {self._common()} {self._common()}?"

    def text(self) -> str:
        """Return the text of a document for which an extractor is to be run."""
        return " ".join(sentence for sentence, *_ in self._sentences())

    def _batch(self, numbers: Sequence[int], embedder: Embedder) -> list[Addition]:
        drawn = [self._sentences() for _ in numbers]
        texts = [" ".join(sentence for sentence, *_ in item) for item in drawn]
        wholes = embedder.embed(texts)
        parts = embedder.embed([sentence for item in drawn for sentence, *_ in item])
        return [
            Addition(
                f"/synthetic/{number}.txt",
                f"{number}.txt",
                Analysis(
                    document=_document(number, text),
                    language="en",
                    title=None,
                    original=text.encode(),
                    passages=(Passage(0, 0, len(text), _spans(item)),),
                    vectors=wholes[at : at + 1],
                    sentence_vectors=parts[at * FACTS : (at + 1) * FACTS],
                    resolution=_resolution(item),
                    extractor="synthetic",
                    outcome="indexed",
                    reason=None,
                ),
            )
            for at, (number, text, item) in enumerate(zip(numbers, texts, drawn, strict=True))
        ]

    def _sentences(self) -> list[tuple[str, str, str, str]]:
        """Draw the sentences of a document, each with subject, relation and object."""
        subject = self._name()
        found = []
        for _ in range(FACTS):
            relation = self._draw.choice(list(RELATIONS))
            other = self._name()
            words = " ".join(self._common() for _ in range(7))
            sentence = f"{subject} {RELATIONS[relation]} {other} {words}."
            found.append((sentence, subject, relation, other))
            subject = other if self._draw.random() < 0.3 else subject
        return found

    def _word(self, least: int, most: int) -> str:
        return "".join(self._draw.choices(_SYLLABLES, k=self._draw.randint(least, most)))

    def _common(self) -> str:
        return self._words[bisect(self._word_weights, self._draw.random())]

    def _name(self) -> str:
        return self._names[bisect(self._name_weights, self._draw.random())]


def _zipf(count: int) -> list[float]:
    weights = list(accumulate(1 / (rank + 10) for rank in range(count)))
    return [weight / weights[-1] for weight in weights[:-1]]


def _document(number: int, text: str) -> Document:
    digest = hashlib.sha256(f"{number} {text}".encode()).hexdigest()
    return Document(f"sha256:{digest}", f"{number}.txt", "text/plain", text)


def _spans(item: Sequence[tuple[str, str, str, str]]) -> tuple[tuple[int, int], ...]:
    spans, start = [], 0
    for sentence, *_ in item:
        spans.append((start, start + len(sentence)))
        start += len(sentence) + 1
    return tuple(spans)


def _resolution(item: Sequence[tuple[str, str, str, str]]) -> Resolution:
    mentions: list[ResolvedMention] = []
    relations = []
    for (sentence, subject, relation, other), (start, end) in zip(item, _spans(item), strict=True):
        for name in (subject, other):
            at = start if name is subject else start + sentence.index(other, len(subject))
            mention = Mention(at, at + len(name), name, "person", 0.9)
            mentions.append(ResolvedMention(mention, f"person|{name.lower()}", name.lower()))
        place = len(mentions)
        relations.append(MentionRelation(place - 2, relation, place - 1, start, end, 0.8))
    return Resolution(tuple(mentions), tuple(relations))
