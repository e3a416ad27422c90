"""Strict precision, recall and F1 of mentions and of facts, where labels may be sets of types."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from kgrag.extract.labels import Labels
from kgrag.extract.settle import ReadPart, settle
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
    """Mentions of one text in characters, and relations between them (indices), with scores 0..1.

    ``antecedents`` is None for a name, and the index of the name that a reference means.
    """

    mentions: tuple[Typed, ...]
    antecedents: tuple[int | None, ...]
    relations: tuple[tuple[int, str, int], ...]
    mention_scores: tuple[float, ...]
    relation_scores: tuple[float, ...]


def symmetric_flags(labels: Labels) -> list[bool]:
    """Return for each relation of a model whether it holds both ways."""
    known = load_ontology().relation_types
    return [known[relation].symmetric for relation in labels.relations]


def to_prediction(parts: Sequence[Part], reads: Sequence[ReadPart], labels: Labels) -> Prediction:
    """Join what was read in the parts of one text."""
    mentions: list[Typed] = []
    antecedents: list[int | None] = []
    relations: list[tuple[int, str, int]] = []
    mention_scores: list[float] = []
    relation_scores: list[float] = []
    flags = symmetric_flags(labels)
    for part, read in zip(parts, reads, strict=True):
        offset = len(mentions)
        settled = settle(read, labels, flags)
        mentions += [_characters(span, part, labels) for span in settled.spans]
        mention_scores += [span.score for span in settled.spans]
        antecedents += [None if named is None else named + offset for named in settled.antecedents]
        for pair in settled.pairs:
            relation = labels.relations[pair.relation]
            relations.append((pair.subject + offset, relation, pair.object + offset))
            relation_scores.append(pair.score)
    return Prediction(
        tuple(mentions),
        tuple(antecedents),
        tuple(relations),
        tuple(mention_scores),
        tuple(relation_scores),
    )


def _characters(span: TypedSpan, part: Part, labels: Labels) -> Typed:
    return part.tokens[span.first][0], part.tokens[span.last][1], labels.types[span.type]


def judge_mentions(example: Example, prediction: Prediction) -> list[bool | None]:
    """Say of each mention whether it has the right borders and a type that the gold label admits.

    None for references, for what lies where nothing is known, and for types that the corpus does
    not annotate: those count neither for nor against.
    """
    known = {(mention.start, mention.end): mention for mention in example.mentions}
    verdicts: list[bool | None] = []
    for (start, end, type_), named in zip(prediction.mentions, prediction.antecedents, strict=True):
        gold = known.get((start, end))
        if named is not None or (gold is not None and not (gold.named and gold.types)):
            verdicts.append(None)
        elif gold is not None:
            verdicts.append(type_ in gold.types)
        else:
            verdicts.append(False if type_ in example.covered_types else None)
    return verdicts


def count_mentions(example: Example, prediction: Prediction) -> Counts:
    """Count mentions with the right borders and type (``judge_mentions``)."""
    verdicts = judge_mentions(example, prediction)
    spans = {
        mention[:2]: verdict
        for mention, verdict in zip(prediction.mentions, verdicts, strict=True)
        if verdict is not None
    }
    wanted = {(gold.start, gold.end) for gold in example.mentions if gold.named and gold.types}
    return Counts(sum(spans.values()), len(spans), len(wanted))


def judge_facts(
    example: Example, prediction: Prediction, *, given_mentions: bool = False
) -> list[int | None]:
    """Say of each relation which gold fact it is, -1 for none, and None where it does not count.

    A fact of the gold standard holds between entities: any mentions of the two will do, with right
    borders and types. A reference may stand for itself or for the name that it means. Relations
    that the corpus does not annotate, and pairs of which it says nothing, do not count.

    Parameters
    ----------
    example, prediction:
        Of one text.
    given_mentions:
        The mentions were the gold ones: types are not compared.
    """
    where = {(mention.start, mention.end): index for index, mention in enumerate(example.mentions)}
    facts = _facts_by_entities(example)
    verdicts: list[int | None] = []
    for subject, relation, object_ in prediction.relations:
        if relation not in example.covered_relations:
            verdicts.append(None)
            continue
        verdict: int | None = -1
        for one, two in product(*(_stand_ins(prediction, end) for end in (subject, object_))):
            ends = [prediction.mentions[one], prediction.mentions[two]]
            places = [where.get(end[:2], -1) for end in ends]
            if (places[0], places[1]) in example.unknown:
                verdict = None
                break
            clusters = [example.mentions[p].cluster if p >= 0 else "" for p in places]
            fits = given_mentions or all(
                place >= 0 and end[2] in example.mentions[place].types
                for place, end in zip(places, ends, strict=True)
            )
            if fits and (clusters[0], relation, clusters[1]) in facts:
                verdict = facts[clusters[0], relation, clusters[1]]
                break
        verdicts.append(verdict)
    return verdicts


def count_facts(
    example: Example, prediction: Prediction, *, given_mentions: bool = False
) -> Counts:
    """Count facts between the right mentions with the right relation, each fact once."""
    verdicts = judge_facts(example, prediction, given_mentions=given_mentions)
    found = {verdict for verdict in verdicts if verdict is not None and verdict >= 0}
    wrong = {
        relation
        for relation, verdict in zip(prediction.relations, verdicts, strict=True)
        if verdict == -1
    }
    wanted = len(set(_facts_by_entities(example).values()))
    return Counts(len(found), len(found) + len(wrong), wanted)


def _facts_by_entities(example: Example) -> dict[tuple[str, str, str], int]:
    relations = load_ontology().relation_types
    facts: dict[tuple[str, str, str], int] = {}
    for number, fact in enumerate(example.facts):
        one = example.mentions[fact.subjects[0]].cluster
        two = example.mentions[fact.objects[0]].cluster
        facts[one, fact.relation, two] = number
        if relations[fact.relation].symmetric:
            facts[two, fact.relation, one] = number
    return facts


def _stand_ins(prediction: Prediction, mention: int) -> list[int]:
    named = prediction.antecedents[mention]
    return [mention] if named is None else [mention, named]


def total(counts: Iterable[Counts]) -> Counts:
    """Add up."""
    return sum(counts, Counts())
