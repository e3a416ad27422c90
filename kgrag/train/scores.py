"""Strict precision, recall and F1 of mentions and of facts, where labels may be sets of types."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kgrag.extract.reader import Labels, ReadPart, select_relations
from kgrag.extract.spans import TypedSpan
from kgrag.extract.tokens import Part
from kgrag.ontology import load_ontology
from kgrag.train.data import Example

Typed = tuple[int, int, str]


@dataclass(frozen=True)
class Counts:
    """How many were right, predicted, and wanted; adds up over texts."""

    right: int = 0
    predicted: int = 0
    wanted: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.right + other.right, self.predicted + other.predicted, self.wanted + other.wanted
        )

    @property
    def precision(self) -> float:
        """Share of the predicted that is right, 0..1."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the wanted that was found, 0..1."""
        return self.right / self.wanted if self.wanted else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two, 0..1."""
        return 2 * self.right / max(self.predicted + self.wanted, 1)


@dataclass(frozen=True)
class Prediction:
    """Mentions of one text in characters, and relations between them (indices)."""

    mentions: tuple[Typed, ...]
    relations: tuple[tuple[int, str, int], ...]


def symmetric_flags(labels: Labels) -> list[bool]:
    """Return for each relation of a model whether it holds both ways."""
    known = load_ontology().relation_types
    return [known[relation].symmetric for relation in labels.relations]


def to_prediction(parts: Sequence[Part], reads: Sequence[ReadPart], labels: Labels) -> Prediction:
    """Join what was read in the parts of one text."""
    mentions: list[Typed] = []
    relations: list[tuple[int, str, int]] = []
    flags = symmetric_flags(labels)
    for part, read in zip(parts, reads, strict=True):
        offset = len(mentions)
        mentions += [_characters(span, part, labels) for span in read.spans]
        relations += [
            (pair.subject + offset, labels.relations[pair.relation], pair.object + offset)
            for pair in select_relations(read, labels, flags)
        ]
    return Prediction(tuple(mentions), tuple(relations))


def _characters(span: TypedSpan, part: Part, labels: Labels) -> Typed:
    return part.tokens[span.first][0], part.tokens[span.last][1], labels.types[span.type]


def count_mentions(example: Example, prediction: Prediction) -> Counts:
    """Count mentions with the right borders and a type that the gold label admits.

    Predictions of types that the corpus does not annotate count neither for nor against.
    """
    gold = {(mention.start, mention.end): mention.types for mention in example.mentions}
    predicted = {
        (start, end): type_
        for start, end, type_ in prediction.mentions
        if type_ in example.covered_types or (start, end) in gold
    }
    right = sum(type_ in gold.get(span, ()) for span, type_ in predicted.items())
    return Counts(right, len(predicted), len(gold))


def count_facts(
    example: Example,
    prediction: Prediction,
    *,
    given_mentions: bool = False,
) -> Counts:
    """Count facts between the right mentions (borders and types) with the right relation.

    A fact of the gold standard holds between entities: any mentions of the two will do, once.
    Relations that the corpus does not annotate, and pairs of which it says nothing, do not count.

    Parameters
    ----------
    example, prediction:
        Of one text.
    given_mentions:
        The mentions were the gold ones: types are not compared.
    """
    where = {(mention.start, mention.end): index for index, mention in enumerate(example.mentions)}
    relations = load_ontology().relation_types
    facts: dict[tuple[str, str, str], int] = {}
    for number, fact in enumerate(example.facts):
        one = example.mentions[fact.subjects[0]].cluster
        two = example.mentions[fact.objects[0]].cluster
        facts[one, fact.relation, two] = number
        if relations[fact.relation].symmetric:
            facts[two, fact.relation, one] = number
    found: set[int] = set()
    wrong: set[tuple[int, str, int]] = set()
    for subject, relation, object_ in prediction.relations:
        if relation not in example.covered_relations:
            continue
        ends = [prediction.mentions[subject], prediction.mentions[object_]]
        places = [where.get((start, end), -1) for start, end, _ in ends]
        if (places[0], places[1]) in example.unknown:
            continue
        key = [example.mentions[place].cluster if place >= 0 else "" for place in places]
        number = facts.get((key[0], relation, key[1]), -1)
        fits = given_mentions or all(
            place >= 0 and end[2] in example.mentions[place].types
            for place, end in zip(places, ends, strict=True)
        )
        if number >= 0 and fits:
            found.add(number)
        else:
            wrong.add((subject, relation, object_))
    return Counts(len(found), len(found) + len(wrong), len(set(facts.values())))


def total(counts: Iterable[Counts]) -> Counts:
    """Add up."""
    return sum(counts, Counts())
