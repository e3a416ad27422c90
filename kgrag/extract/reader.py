"""Reads parts of texts with a model: batches of windows -> mentions -> pairs -> scored relations.

The same code serves ONNX Runtime at run time and torch while training, through ``Scorer``: what is
measured in training is what runs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kgrag.extract.pairs import candidate_pairs, pair_places
from kgrag.extract.spans import MAX_SPAN_TOKENS, TypedSpan, decode_spans
from kgrag.extract.tokens import Part
from kgrag.extract.words import WordTable
from kgrag.ontology import load_ontology

BATCH_TOKENS = 1024
"""Padded tokens of one call of the encoder; with 4,096 it leaves the cache: a fifth slower."""

BATCH_PAIRS = 2048

FLOOR = 0.05
"""Pairs with no relation above this are forgotten: no threshold is lower."""

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
GivenSpan = tuple[int, int, tuple[int, ...]]
"""First token, last token, and the types (indices) that it may have."""


class Scorer(Protocol):
    """The two passes of the network: see ``kgrag.train.model`` for shapes."""

    def encode(
        self,
        vectors: Floats,
        features: Integers,
        words: Integers,
        starts: Integers,
        lengths: Integers,
    ) -> tuple[Floats, Floats]:
        """Return states (B, L, hidden) and probabilities (B, L, W, 1 + types)."""
        ...

    def relate(
        self, states: Floats, mentions: Integers, types: Integers, pairs: Integers, places: Integers
    ) -> Floats:
        """Return probabilities (P, relations)."""
        ...


@dataclass(frozen=True)
class Labels:
    """What a model can say: ids of the ontology, and how sure it must be."""

    types: tuple[str, ...]
    relations: tuple[str, ...]
    span_threshold: float
    relation_thresholds: Mapping[str, float]

    def groups(self) -> list[int]:
        """Return the group of each type, numbered from 0."""
        entity_types = load_ontology().entity_types
        names: dict[str, int] = {}
        return [names.setdefault(entity_types[type_].group, len(names)) for type_ in self.types]

    def signatures(self) -> NDArray[np.bool_]:
        """Return bool (types, types, relations): which relations may hold between which types."""
        known = load_ontology().relation_types
        allowed = np.zeros((len(self.types), len(self.types), len(self.relations)), np.bool_)
        for one, subject in enumerate(self.types):
            for two, object_ in enumerate(self.types):
                for index, relation in enumerate(self.relations):
                    allowed[one, two, index] = known[relation].allows(subject, object_)
        return allowed


@dataclass(frozen=True)
class PaddedWindows:
    """The windows of some parts, one a row, padded to the longest.

    ``words``, ``starts`` (1 where a sentence begins) and ``filled`` are (B, L), ``lengths`` (B,).
    """

    words: Integers
    starts: Integers
    lengths: Integers
    filled: NDArray[np.bool_]


def pad_windows(words: Integers, parts: Sequence[Part]) -> PaddedWindows:
    """Lay out the windows of ``parts``; ``words`` has a number for each of their tokens."""
    lengths = np.array([end - begin for part in parts for begin, end in part.windows], np.int64)
    filled = np.arange(lengths.max()) < lengths[:, None]
    padded = np.zeros(filled.shape, np.int64)
    padded[filled] = words
    starts = np.zeros(filled.shape, np.int64)
    starts[filled] = np.concatenate(
        [np.diff(np.array(part.sentence_of), prepend=-1) > 0 for part in parts]
    )
    return PaddedWindows(padded, starts, lengths, filled)


@dataclass(frozen=True)
class ReadPart:
    """What the model found in one part.

    ``pairs`` are int64 (n, 2), subject and object as indices of ``spans``; ``probabilities`` are
    float32 (n, relations), zero where signatures forbid.
    """

    spans: list[TypedSpan]
    pairs: Integers
    probabilities: Floats


@dataclass(frozen=True, slots=True)
class TypedPair:
    """A relation (index into the labels) between two spans (indices); score 0..1."""

    subject: int
    relation: int
    object: int
    score: float


class Reader:
    """A model of one language at work.

    Parameters
    ----------
    labels:
        Types, relations and thresholds.
    table:
        The words' vectors.
    scorer:
        The network.
    """

    def __init__(self, labels: Labels, table: WordTable, scorer: Scorer) -> None:
        self.labels = labels
        self._table = table
        self._scorer = scorer
        self._groups = labels.groups()
        self._signatures = labels.signatures()
        self._allowed: NDArray[np.bool_] = np.any(self._signatures, axis=2)

    def read(
        self,
        texts: Sequence[str],
        parts: Sequence[Part],
        given: Sequence[Sequence[GivenSpan]] | None = None,
    ) -> list[ReadPart]:
        """Return what each part holds.

        Parameters
        ----------
        texts, parts:
            ``texts[i]`` is the text that ``parts[i]`` counts in.
        given:
            The mentions of each part, in text order, where they are known (evaluation); None finds
            them.
        """
        found: list[ReadPart | None] = [None] * len(parts)
        for batch in _batches(parts):
            own = None if given is None else [given[i] for i in batch]
            read = self._read_batch([texts[i] for i in batch], [parts[i] for i in batch], own)
            for index, result in zip(batch, read, strict=True):
                found[index] = result
        return [result for result in found if result is not None]

    def _read_batch(
        self,
        texts: list[str],
        parts: list[Part],
        given: list[Sequence[GivenSpan]] | None,
    ) -> list[ReadPart]:
        states, probabilities = self._encode(texts, parts)
        results: list[ReadPart] = []
        offset = 0
        for number, (text, part) in enumerate(zip(texts, parts, strict=True)):
            own = slice(offset, offset + len(part.tokens))
            offset = own.stop
            scores = probabilities[own]
            spans = self._spans(part, scores) if given is None else _given(given[number], scores)
            results.append(self._relate(text, part, spans, states[own]))
        return results

    def _spans(self, part: Part, probabilities: Floats) -> list[TypedSpan]:
        return [
            TypedSpan(span.first + begin, span.last + begin, span.type, span.score)
            for begin, end in part.windows
            for span in decode_spans(
                probabilities[begin:end], self._groups, self.labels.span_threshold
            )
        ]

    def _encode(self, texts: list[str], parts: list[Part]) -> tuple[Floats, Floats]:
        """Return states (T, hidden) and probabilities (T, W, 1 + types) of all tokens in order."""
        words = [text[s:e] for text, part in zip(texts, parts, strict=True) for s, e in part.tokens]
        distinct, places = np.unique(self._table.rows(words), return_inverse=True)
        vectors, features = self._table.take(distinct)
        padded = pad_windows(places.reshape(-1), parts)
        states: list[Floats] = []
        scores: list[Floats] = []
        step = max(1, BATCH_TOKENS // padded.filled.shape[1])
        for begin in range(0, len(padded.lengths), step):
            some = slice(begin, begin + step)
            state, score = self._scorer.encode(
                vectors, features, padded.words[some], padded.starts[some], padded.lengths[some]
            )
            filled = padded.filled[some]
            states.append(state[filled])
            scores.append(score[filled])
        return np.concatenate(states), np.concatenate(scores)

    def _relate(self, text: str, part: Part, spans: list[TypedSpan], states: Floats) -> ReadPart:
        pairs = candidate_pairs(spans, part.sentence_of, self._allowed)
        surfaces = [_surface(text, part, span) for span in spans]
        places = pair_places(pairs, spans, part.sentence_of, surfaces)
        mentions = np.array([(span.first, span.last) for span in spans], np.int64).reshape(-1, 2)
        types = np.array([span.type for span in spans], np.int64)
        kept_pairs = [np.zeros((0, 2), np.int64)]
        kept_scores = [np.zeros((0, len(self.labels.relations)), np.float32)]
        for begin in range(0, len(pairs), BATCH_PAIRS):
            some = pairs[begin : begin + BATCH_PAIRS]
            near = places[begin : begin + BATCH_PAIRS]
            scores = self._scorer.relate(states, mentions, types, some, near)
            scores = scores * self._signatures[types[some[:, 0]], types[some[:, 1]]]
            keep = scores.max(axis=1) >= FLOOR
            kept_pairs.append(some[keep])
            kept_scores.append(scores[keep])
        return ReadPart(spans, np.concatenate(kept_pairs), np.concatenate(kept_scores))


def _given(spans: Sequence[GivenSpan], probabilities: Floats) -> list[TypedSpan]:
    """Give each span the likeliest of the types that it may have."""
    typed = []
    for first, last, types in spans:
        width = min(last - first, MAX_SPAN_TOKENS - 1)
        scores = probabilities[first, width, 1:]
        typed.append(TypedSpan(first, last, max(types, key=scores.__getitem__), 1.0))
    return typed


def select_relations(read: ReadPart, labels: Labels, symmetric: Sequence[bool]) -> list[TypedPair]:
    """Return the relations that reach their thresholds, by subject and object.

    A symmetric relation is kept once, from the mention that comes first, with the better score.
    """
    limits = np.array([labels.relation_thresholds[name] for name in labels.relations], np.float32)
    best: dict[tuple[int, int, int], float] = {}
    rows, columns = np.nonzero(read.probabilities >= np.maximum(limits, 1e-6))
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        subject, object_ = read.pairs[row].tolist()
        if symmetric[column] and subject > object_:
            subject, object_ = object_, subject
        key = (subject, object_, column)
        best[key] = max(best.get(key, 0.0), float(read.probabilities[row, column]))
    return [
        TypedPair(subject, relation, object_, min(score, 1.0))
        for (subject, object_, relation), score in sorted(best.items())
    ]


def _surface(text: str, part: Part, span: TypedSpan) -> str:
    return text[part.tokens[span.first][0] : part.tokens[span.last][1]]


def _batches(parts: Sequence[Part]) -> Iterator[list[int]]:
    """Group parts of like window length, so that little is padding; longest first."""
    widest = [max(end - begin for begin, end in part.windows) for part in parts]
    batch: list[int] = []
    rows = 0
    for index in sorted(range(len(parts)), key=lambda index: -widest[index]):
        more = len(parts[index].windows)
        if batch and (rows + more) * widest[batch[0]] > BATCH_TOKENS:
            yield batch
            batch, rows = [], 0
        batch.append(index)
        rows += more
    if batch:
        yield batch
