"""Reads parts of texts with a model: batches of windows -> mentions -> pairs -> scored relations.

The same code serves ONNX Runtime at run time and torch while training, through ``Scorer``: what is
measured in training is what runs.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kgrag.extract.anaphors import is_pronoun
from kgrag.extract.candidates import Candidates, Floats, Integers, by_part, collect
from kgrag.extract.coreference import find_references
from kgrag.extract.labels import Labels
from kgrag.extract.pairs import NEAR_MENTIONS
from kgrag.extract.settle import ReadPart
from kgrag.extract.spans import MAX_SPAN_TOKENS, TypedSpan, decode_spans
from kgrag.extract.tokens import Part, block_of
from kgrag.extract.words import WordTable

BATCH_TOKENS = 512
"""Padded tokens of one call of the encoder; with 4,096 it leaves the cache: a fifth slower."""

PART_TOKENS = 2048
"""Tokens that one thread reads at once: enough for windows of like length to meet."""

BATCH_PAIRS = 1024

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
        conventions: Integers,
    ) -> tuple[Floats, Floats]:
        """Return states (B, L, hidden) and probabilities (B, L, W, 1 + types)."""
        ...

    def relate(
        self,
        states: Floats,
        mentions: Integers,
        types: Integers,
        names: Integers,
        parts: Integers,
        pairs: Integers,
        places: Integers,
    ) -> Floats:
        """Return probabilities (P, relations)."""
        ...


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
    convention:
        Whose way of annotating to follow (evaluation); None for the general one.
    threads:
        Batches that are read at once; results do not depend on it.
    """

    def __init__(
        self,
        labels: Labels,
        table: WordTable,
        scorer: Scorer,
        convention: str | None = None,
        threads: int = 1,
    ) -> None:
        self.labels = labels
        self.convention = convention
        self._threads = threads
        self._table_lock = Lock()
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
        batches = list(_batches(parts))

        def read(batch: list[int]) -> list[ReadPart]:
            own = None if given is None else [given[i] for i in batch]
            return self._read_batch([texts[i] for i in batch], [parts[i] for i in batch], own)

        with ThreadPoolExecutor(self._threads, thread_name_prefix="read") as threads:
            # A single batch stays in this thread: starting another would cost more.
            alone = self._threads == 1 or len(batches) == 1
            results = (map if alone else threads.map)(read, batches)
            found = {
                index: result
                for batch, some in zip(batches, results, strict=True)
                for index, result in zip(batch, some, strict=True)
            }
        return [found[index] for index in range(len(parts))]

    def _read_batch(
        self,
        texts: list[str],
        parts: list[Part],
        given: list[Sequence[GivenSpan]] | None,
    ) -> list[ReadPart]:
        states, probabilities = self._encode(texts, parts)
        spans: list[list[TypedSpan]] = []
        meant: list[list[int | None]] = []
        offset = 0
        for number, part in enumerate(parts):
            scores = probabilities[offset : offset + len(part.tokens)]
            offset += len(part.tokens)
            if given is None:
                own, antecedents = self._with_references(
                    texts[number], part, self._spans(texts[number], part, scores)
                )
            else:
                own = _given(given[number], scores)
                antecedents = [None] * len(own)
            spans.append(own)
            meant.append(antecedents)
        candidates = collect(texts, parts, spans, self._allowed)
        relations = self._relate(candidates, states)
        return [
            ReadPart(own, antecedents, candidates.pairs[rows] - first, relations[rows])
            for antecedents, (own, first, rows) in zip(
                meant, by_part(spans, candidates, relations), strict=True
            )
        ]

    def _spans(self, text: str, part: Part, probabilities: Floats) -> list[TypedSpan]:
        """Return the names of a part; pronouns, which some corpora mark, are none."""
        blocks = block_of(text, part)
        spans = [
            TypedSpan(span.first + begin, span.last + begin, span.type, span.score)
            for begin, end in part.windows
            for span in decode_spans(
                probabilities[begin:end],
                self._groups,
                min(self.labels.candidate_threshold, self.labels.span_threshold),
                blocks[begin:end],
            )
        ]
        return [
            span
            for span in spans
            if span.first != span.last
            or not is_pronoun(text[slice(*part.tokens[span.first])], part.language)
        ]

    def _with_references(
        self, text: str, part: Part, spans: list[TypedSpan]
    ) -> tuple[list[TypedSpan], list[int | None]]:
        """Return the spans with pronouns and the like among them, and what each of these means."""
        sure = [i for i, span in enumerate(spans) if span.score >= self.labels.span_threshold]
        types = [self.labels.types[spans[index].type] for index in sure]
        found = find_references(text, part, [spans[index] for index in sure], types)
        everything: list[tuple[TypedSpan, int | None]] = [(span, None) for span in spans]
        for reference in found:
            named = spans[sure[reference.antecedent]]
            score = reference.score * named.score
            span = TypedSpan(reference.first, reference.last, named.type, score)
            everything.append((span, sure[reference.antecedent]))
        order = sorted(
            range(len(everything)),
            key=lambda index: (everything[index][0].first, -everything[index][0].last),
        )
        place = {index: number for number, index in enumerate(order)}
        return (
            [everything[index][0] for index in order],
            [None if (old := everything[index][1]) is None else place[old] for index in order],
        )

    def _encode(self, texts: list[str], parts: list[Part]) -> tuple[Floats, Floats]:
        """Return states (T, hidden) and probabilities (T, W, 1 + types) of all tokens in order."""
        words = [text[s:e] for text, part in zip(texts, parts, strict=True) for s, e in part.tokens]
        with self._table_lock:
            distinct, places = np.unique(self._table.rows(words), return_inverse=True)
            vectors, features = self._table.take(distinct)
        padded = pad_windows(places.reshape(-1), parts)
        own = 0 if self.convention is None else 1 + self.labels.conventions.index(self.convention)
        states: list[Floats] = [np.zeros((0, 0), np.float32)] * len(padded.lengths)
        scores = list(states)
        for some in _alike_in_length(padded.lengths):
            lengths = padded.lengths[some]
            width = int(lengths.max())
            state, score = self._scorer.encode(
                vectors,
                features,
                padded.words[some, :width],
                padded.starts[some, :width],
                lengths,
                np.full(len(lengths), own),
            )
            for row, (window, length) in enumerate(zip(some, lengths, strict=True)):
                states[window] = state[row, :length]
                scores[window] = score[row, :length]
        return np.concatenate(states), np.concatenate(scores)

    def _relate(self, candidates: Candidates, states: Floats) -> Floats:
        """Return the joint probability of mentions and relation, (P, R), 0 where types forbid."""
        pairs, types = candidates.pairs, candidates.types
        kept = [np.zeros((0, len(self.labels.relations)), np.float32)]
        for begin in range(0, len(pairs), BATCH_PAIRS):
            some = pairs[begin : begin + BATCH_PAIRS]
            # Only what these pairs can see: all mentions for every batch would be quadratic.
            near = slice(
                max(0, int(some.min()) - NEAR_MENTIONS), int(some.max()) + NEAR_MENTIONS + 1
            )
            mentions = candidates.mentions[near]
            first, last = mentions[:, 0].min(), mentions[:, 1].max()
            scores = self._scorer.relate(
                states[first : last + 1],
                mentions - first,
                types[near],
                candidates.names[near],
                candidates.parts[near],
                some - near.start,
                candidates.places[begin : begin + BATCH_PAIRS],
            )
            certain = np.sqrt(candidates.scores[some[:, 0]] * candidates.scores[some[:, 1]])
            scores = scores * certain[:, None]
            kept.append(scores * self._signatures[types[some[:, 0]], types[some[:, 1]]])
        return np.concatenate(kept)


def _given(spans: Sequence[GivenSpan], probabilities: Floats) -> list[TypedSpan]:
    """Give each span the likeliest of the types that it may have."""
    typed = []
    for first, last, types in spans:
        width = min(last - first, MAX_SPAN_TOKENS - 1)
        scores = probabilities[first, width, 1:]
        typed.append(TypedSpan(first, last, max(types, key=scores.__getitem__), 1.0))
    return typed


def _alike_in_length(lengths: Integers) -> Iterator[NDArray[np.intp]]:
    """Group windows of like length, longest first: headings are not padded to paragraphs."""
    order = np.argsort(-lengths, kind="stable")
    begin = 0
    while begin < len(order):
        count = max(1, BATCH_TOKENS // int(lengths[order[begin]]))
        yield order[begin : begin + count]
        begin += count


def _batches(parts: Sequence[Part]) -> Iterator[list[int]]:
    """Group parts, longest first, to a number of tokens that is worth a thread."""
    batch: list[int] = []
    tokens = 0
    for index in sorted(range(len(parts)), key=lambda index: -len(parts[index].tokens)):
        more = len(parts[index].tokens)
        if batch and tokens + more > PART_TOKENS:
            yield batch
            batch, tokens = [], 0
        batch.append(index)
        tokens += more
    if batch:
        yield batch
