"""Turns examples into tensors: tokens, the types that spans may have, the relations of pairs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kgrag.extract.labels import Labels
from kgrag.extract.reader import pad_windows
from kgrag.extract.spans import MAX_SPAN_TOKENS
from kgrag.extract.tokens import Part, split
from kgrag.extract.words import WordTable
from kgrag.ontology import load_ontology
from kgrag.train.data import Example, Fact
from kgrag.train.mappings import RELATION_LABELS

UNCOVERED_WEIGHT = 0.25
"""How much a pair speaks against a relation that its corpus does not annotate. With none, relations
that a single corpus knows were found everywhere: half of all persons were chief executives. Corpora
that annotate no relations say nothing of them: their text is full of what they leave out."""

GENERAL_RATE = 0.5
"""Share of the windows that are read without being told whose annotation they have."""


@dataclass(frozen=True)
class GoldSpan:
    """A gold mention in tokens; ``types`` (indices) may be empty: of a type the model lacks.

    A pronoun is not ``named``: pairs may have it, spans do not count it.
    """

    first: int
    last: int
    types: tuple[int, ...]
    named: bool


@dataclass
class Item:
    """One part of an example, ready for batches.

    ``positive`` maps a pair of spans to relations that it states; ``blurred`` to relations of the
    pair's entities that it may or may not state; ``unknown`` pairs tell nothing. ``weights`` say
    how much a pair without a relation speaks against it, 0 to 1 for each relation.
    """

    text: str
    part: Part
    rows: NDArray[np.int64]
    gold: list[GoldSpan]
    positive: dict[tuple[int, int], list[int]]
    blurred: dict[tuple[int, int], list[int]]
    unknown: set[tuple[int, int]]
    none_types: NDArray[np.bool_]
    weights: NDArray[np.float32]
    complete: bool
    convention: int


def prepare(examples: Sequence[Example], labels: Labels, table: WordTable) -> list[Item]:
    """Return the items of all examples; a mention off the tokens' borders is dropped."""
    return [
        _item(example, part, labels, table)
        for example in examples
        for part in split(example.text, "ru" if example.language == "ru" else "en")
    ]


def _item(example: Example, part: Part, labels: Labels, table: WordTable) -> Item:
    first_at = {start: index for index, (start, _) in enumerate(part.tokens)}
    last_at = {end: index for index, (_, end) in enumerate(part.tokens)}
    number = {type_: index for index, type_ in enumerate(labels.types)}
    gold: list[GoldSpan] = []
    place: dict[int, int] = {}
    taken: dict[tuple[int, int], int] = {}
    for index, mention in enumerate(example.mentions):
        first, last = first_at.get(mention.start, -1), last_at.get(mention.end, -1)
        if min(first, last) < 0:
            continue
        if (first, last) not in taken:
            taken[first, last] = len(gold)
            types = tuple(number[type_] for type_ in sorted(mention.types) if type_ in number)
            gold.append(GoldSpan(first, last, types, mention.named))
        place[index] = taken[first, last]
    relation_number = {relation: index for index, relation in enumerate(labels.relations)}
    positive, blurred = _pair_labels(example.facts, place, gold, part, relation_number)
    none_types = np.array([True, *(type_ not in example.covered_types for type_ in labels.types)])
    return Item(
        text=example.text,
        part=part,
        rows=table.rows([example.text[start:end] for start, end in part.tokens]),
        gold=gold,
        positive=positive,
        blurred=blurred,
        unknown={
            (place[one], place[two])
            for one, two in example.unknown
            if one in place and two in place
        },
        none_types=none_types,
        weights=_relation_weights(example, labels),
        complete=example.complete,
        convention=1 + labels.conventions.index(example.scheme),
    )


def _relation_weights(example: Example, labels: Labels) -> NDArray[np.float32]:
    uncovered = UNCOVERED_WEIGHT if RELATION_LABELS[example.scheme] else 0.0
    covered = [name in example.covered_relations for name in labels.relations]
    return np.where(covered, 1.0, uncovered).astype(np.float32)


def _pair_labels(
    facts: Sequence[Fact],
    place: dict[int, int],
    gold: list[GoldSpan],
    part: Part,
    number: dict[str, int],
) -> tuple[dict[tuple[int, int], list[int]], dict[tuple[int, int], list[int]]]:
    """Let the nearest mentions of two entities state their fact; the others may or may not."""
    positive: dict[tuple[int, int], list[int]] = {}
    blurred: dict[tuple[int, int], list[int]] = {}
    relations = load_ontology().relation_types
    for fact in facts:
        if fact.relation not in number:
            continue
        pairs = [
            (place[one], place[two])
            for one in fact.subjects
            for two in fact.objects
            if one in place and two in place and place[one] != place[two]
        ]
        if not pairs:
            continue
        nearest = min(pairs, key=lambda pair: _apart(gold[pair[0]], gold[pair[1]], part))
        for pair in pairs:
            table = positive if pair == nearest else blurred
            table.setdefault(pair, []).append(number[fact.relation])
            if relations[fact.relation].symmetric:
                table.setdefault(pair[::-1], []).append(number[fact.relation])
    return positive, blurred


def _apart(one: GoldSpan, two: GoldSpan, part: Part) -> tuple[int, int]:
    sentences = abs(part.sentence_of[one.first] - part.sentence_of[two.first])
    return sentences, abs(one.first - two.first)


def batches(
    items: Sequence[Item], batch_tokens: int, generator: np.random.Generator
) -> Iterator[list[Item]]:
    """Yield shuffled batches of parts of like length, of about ``batch_tokens`` tokens."""
    order = generator.permutation(len(items))
    noise = generator.uniform(0.9, 1.1, len(items))
    widest = [max(end - begin for begin, end in item.part.windows) for item in items]
    order = order[np.argsort([widest[index] * noise[index] for index in order], kind="stable")]
    groups: list[list[Item]] = [[]]
    size = 0
    for index in order:
        padded = widest[index] * len(items[index].part.windows)
        if groups[-1] and size + padded > batch_tokens:
            groups.append([])
            size = 0
        groups[-1].append(items[index])
        size += padded
    for index in generator.permutation(len(groups)):
        yield groups[index]


@dataclass(frozen=True)
class EncoderInput:
    """Arguments of ``ExtractionModel.encode``, and where each token lies in (B, L)."""

    vectors: Tensor
    features: Tensor
    words: Tensor
    starts: Tensor
    lengths: Tensor
    conventions: Tensor
    filled: Tensor

    @property
    def arguments(self) -> tuple[Tensor, ...]:
        """What the encoder takes."""
        return self.vectors, self.features, self.words, self.starts, self.lengths, self.conventions

    def to(self, device: torch.device) -> "EncoderInput":
        """Return the same on another device."""
        moved = {name: value.to(device) for name, value in vars(self).items()}
        return EncoderInput(**moved)


def encoder_input(
    batch: Sequence[Item], table: WordTable, generator: np.random.Generator
) -> EncoderInput:
    """Return the padded windows of a batch, some of them to be read in the general convention."""
    distinct, places = np.unique(np.concatenate([item.rows for item in batch]), return_inverse=True)
    vectors, features = table.take(distinct)
    padded = pad_windows(places.reshape(-1), [item.part for item in batch])
    own = np.repeat([item.convention for item in batch], [len(item.part.windows) for item in batch])
    conventions = np.where(generator.uniform(size=len(own)) < GENERAL_RATE, 0, own)
    arrays = (
        vectors,
        features,
        padded.words,
        padded.starts,
        padded.lengths,
        conventions,
        padded.filled,
    )
    return EncoderInput(*(torch.from_numpy(array) for array in arrays))


def span_targets(
    batch: Sequence[Item], shape: tuple[int, int], types: int
) -> tuple[Tensor, Tensor]:
    """Return which types each span may have, bool (B, L, W, 1 + types), and which spans count.

    ``counts`` is bool (B, L, W): False outside the window, where the corpus left mentions out, and
    where the gold type is one that the model lacks.
    """
    rows, length = shape
    admitted = np.zeros((rows, length, MAX_SPAN_TOKENS, 1 + types), np.bool_)
    counts = np.zeros((rows, length, MAX_SPAN_TOKENS), np.bool_)
    window = 0
    for item in batch:
        for begin, end in item.part.windows:
            size = end - begin
            admitted[window] = item.none_types
            inside = np.arange(size)[:, None] + np.arange(MAX_SPAN_TOKENS) < size
            counts[window, :size] = inside & item.complete
            for span in item.gold:
                if not (span.named and begin <= span.first <= span.last < end):
                    continue
                _mark(admitted[window], counts[window], span, begin, item.complete)
            window += 1
    return torch.from_numpy(admitted), torch.from_numpy(counts)


def _mark(
    admitted: NDArray[np.bool_],
    counts: NDArray[np.bool_],
    span: GoldSpan,
    begin: int,
    complete: bool,
) -> None:
    first, last = span.first - begin, span.last - begin
    if not complete:
        _mark_borders(counts, first, last)
    width = last - first
    if width >= MAX_SPAN_TOKENS:
        return
    counts[first, width] = bool(span.types)
    admitted[first, width] = False
    admitted[first, width, [1 + type_ for type_ in span.types]] = True


def _mark_borders(counts: NDArray[np.bool_], first: int, last: int) -> None:
    """Where mentions are missing, only spans that overlap a known one are known to be none."""
    for start in range(max(0, first - 3), last + 1):
        for end in range(max(start, first), min(last + 4, start + MAX_SPAN_TOKENS)):
            if end < counts.shape[0]:
                counts[start, end - start] = True
