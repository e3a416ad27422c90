"""Reads the annotated corpora into one form: what is known of a text, and what is left open.

A corpus says nothing of what it does not annotate. So a mention carries the *set* of types that its
label admits, an example says which types and relations its corpus covers, and pairs of mentions
whose relation cannot be told are listed as unknown.
"""

import gzip
import json
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kgrag.ontology import load_ontology
from kgrag.train.brat import read_brat
from kgrag.train.conll import read_conll
from kgrag.train.hints import hinted_type
from kgrag.train.mappings import (
    ENTITY_LABELS,
    OBJECT_TYPES,
    RELATION_LABELS,
    SUBJECT_TYPES,
    Labels,
    is_kept,
    is_told,
)
from kgrag.train.weak import WEAK_RELATIONS, WEAK_TYPES, weak_facts, weak_mentions

Record = dict[str, Any]

PRONOUNS = frozenset(
    "he she it they we i you his her hers its their our my your him them us me who whom whose "
    "which that where himself herself itself themselves this these those".split()
)
"""KnowledgeNet marks them. The model relates them, but coreference finds them."""


@dataclass(frozen=True)
class Source:
    """One file of a corpus: ``scheme`` names its labels in ``kgrag.train.mappings``.

    ``keep`` are the records to take; those marked as of a non-commercial licence are never taken.
    """

    path: str
    scheme: str
    language: str = "en"
    complete_mentions: bool = True
    keep: slice = field(default_factory=lambda: slice(None))


@dataclass(frozen=True)
class GoldMention:
    """A mention with every type that its label admits; ``cluster`` is its entity in the text.

    Without types nothing is known of the span. A pronoun is not ``named``.
    """

    start: int
    end: int
    types: frozenset[str]
    cluster: str
    named: bool = True


@dataclass(frozen=True)
class Fact:
    """A relation between two entities, each given by indices of its mentions."""

    subjects: tuple[int, ...]
    relation: str
    objects: tuple[int, ...]


@dataclass(frozen=True)
class Example:
    """One annotated text.

    ``facts`` hold between entities; ``unknown`` lists pairs of mentions (indices, either order)
    that are neither positive nor negative. ``complete`` is False where the corpus left some out.
    """

    id: str
    scheme: str
    language: str
    text: str
    mentions: tuple[GoldMention, ...]
    facts: tuple[Fact, ...]
    unknown: frozenset[tuple[int, int]]
    covered_types: frozenset[str]
    covered_relations: frozenset[str]
    complete: bool


def read_examples(folder: Path, sources: Iterable[Source]) -> list[Example]:
    """Read the sources, in order; ``folder`` is the one that holds ``ie/``."""
    return [
        to_example(record, source)
        for source in sources
        for record in _records(folder / source.path)[source.keep]
        if not record.get("nc")
    ]


def weakened(example: Example) -> Example:
    """Add to an English text what word lists find in it and its corpus does not annotate.

    For training only: see ``kgrag.train.weak``. What crosses an annotated mention, or has its span,
    is left out.
    """
    known = [(mention.start, mention.end) for mention in example.mentions]
    weak = [
        (start, end, type_)
        for start, end, type_ in weak_mentions(example.text)
        if all(_nest(start, end, one, two) for one, two in known)
    ]
    mentions = (
        *example.mentions,
        *(
            GoldMention(start, end, frozenset({type_}), f"weak-{start}-{end}")
            for start, end, type_ in weak
        ),
    )
    spans = [(mention.start, mention.end, _likeliest(mention.types)) for mention in mentions]
    facts, unknown = weak_facts(example.text, spans)
    stated = {(one, two) for fact in example.facts for one in fact.subjects for two in fact.objects}
    return replace(
        example,
        mentions=mentions,
        facts=(
            *example.facts,
            *(
                Fact((one,), relation, (two,))
                for one, relation, two in facts
                if (one, two) not in stated
            ),
        ),
        unknown=example.unknown | (frozenset(unknown) - stated),
        covered_types=example.covered_types | WEAK_TYPES,
        covered_relations=example.covered_relations | WEAK_RELATIONS,
    )


def _nest(start: int, end: int, first: int, last: int) -> bool:
    """Return whether two spans are apart or one lies inside the other, and they differ."""
    apart = end <= first or last <= start
    inside = (start <= first and last <= end) or (first <= start and end <= last)
    return apart or (inside and (start, end) != (first, last))


def _likeliest(types: frozenset[str]) -> str:
    return "person" if "person" in types else min(types, default="")


def _records(path: Path) -> list[Record]:
    """Read JSON Lines, a folder of brat's files, or a CoNLL file; also out of ``x.zip/inside``."""
    if path.name.endswith(".jsonl.gz"):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]
    archive = next((parent for parent in path.parents if parent.suffix == ".zip"), None)
    if archive is None:
        return read_brat(path) if path.is_dir() else read_conll(path)
    with zipfile.ZipFile(archive) as opened:
        inside = zipfile.Path(opened, "").joinpath(*path.relative_to(archive).parts)
        return read_brat(inside) if inside.is_dir() else read_conll(inside)


def to_example(record: Record, source: Source) -> Example:
    """Return a record of a corpus as an example: see ``Source`` for its labels."""
    labels = ENTITY_LABELS[source.scheme]
    relation_labels = RELATION_LABELS[source.scheme]
    entities = [
        entity
        for entity in record["entities"]
        if not entity.get("fragments") and is_kept(source.scheme, entity)
    ]
    types = _narrowed(record, entities, labels, relation_labels)
    mentions = tuple(
        GoldMention(
            entity["start"],
            entity["end"],
            types[entity["id"]],
            _cluster(entity),
            named=entity["text"].lower() not in PRONOUNS,
        )
        for entity in entities
    )
    facts, unknown = _facts(record, entities, mentions, relation_labels)
    annotated = record.get("annotated_relations", [name for name in relation_labels])
    return Example(
        id=record["id"],
        scheme=source.scheme,
        language=source.language,
        text=record["text"],
        mentions=mentions,
        facts=facts,
        unknown=unknown,
        covered_types=frozenset(type_ for admitted in labels.values() for type_ in admitted),
        covered_relations=frozenset(
            target.lstrip("-") for name in annotated for target in relation_labels[name]
        ),
        complete=source.complete_mentions,
    )


def _cluster(entity: Record) -> str:
    return str(entity.get("cluster") or entity["id"])


def _narrowed(
    record: Record, entities: list[Record], labels: Labels, relation_labels: Labels
) -> dict[str, frozenset[str]]:
    """Return the types of each entity, narrowed by its relations and its wording."""
    types = {
        entity["id"]: frozenset(labels[entity["type"]] if is_told(entity) else ())
        for entity in entities
    }
    cluster_of = {entity["id"]: _cluster(entity) for entity in entities}
    narrow: dict[str, str] = {}
    for relation in record.get("relations", ()):
        for target in relation_labels.get(_label(relation), ())[:1]:
            head, tail = relation["head"], relation["tail"]
            if target.startswith("-"):
                head, tail = tail, head
            for entity_id, table in ((head, SUBJECT_TYPES), (tail, OBJECT_TYPES)):
                if target.lstrip("-") in table and entity_id in cluster_of:
                    narrow.setdefault(cluster_of[entity_id], table[target.lstrip("-")])
    for entity in entities:
        admitted = types[entity["id"]]
        if len(admitted) > 1:
            for hint in (hinted_type(entity["text"]), narrow.get(cluster_of[entity["id"]])):
                if hint in admitted:
                    types[entity["id"]] = frozenset({hint})
                    break
    return types


def _label(relation: Record) -> str:
    return str(relation.get("property") or relation["type"])


def _facts(
    record: Record,
    entities: list[Record],
    mentions: tuple[GoldMention, ...],
    labels: Labels,
) -> tuple[tuple[Fact, ...], frozenset[tuple[int, int]]]:
    place = {entity["id"]: index for index, entity in enumerate(entities)}
    members: dict[str, list[int]] = {}
    for index, mention in enumerate(mentions):
        members.setdefault(mention.cluster, []).append(index)
    facts: dict[Fact, None] = {}
    unknown: set[tuple[int, int]] = set()
    for relation in record.get("relations", ()):
        if relation["head"] not in place or relation["tail"] not in place:
            continue
        head, tail = place[relation["head"]], place[relation["tail"]]
        name = _label(relation)
        targets = labels.get(f"{name}:{entities[tail]['type']}", labels[name])
        target = _first_fitting(targets, mentions[head].types, mentions[tail].types)
        heads = tuple(members[mentions[head].cluster])
        tails = tuple(members[mentions[tail].cluster])
        if target is None:
            unknown.update((one, two) for one in heads for two in tails)
            unknown.update((two, one) for one in heads for two in tails)
        elif target.startswith("-"):
            facts[Fact(tails, target[1:], heads)] = None
        else:
            facts[Fact(heads, target, tails)] = None
    return _without_doubles(facts), frozenset(unknown)


def _first_fitting(
    targets: Sequence[str], head_types: frozenset[str], tail_types: frozenset[str]
) -> str | None:
    relations = load_ontology().relation_types
    for target in targets:
        kind = relations[target.lstrip("-")]
        subjects, objects = head_types, tail_types
        if target.startswith("-"):
            subjects, objects = objects, subjects
        if any(kind.allows(one, two) for one in subjects for two in objects):
            return target
    return None


def _without_doubles(facts: dict[Fact, None]) -> tuple[Fact, ...]:
    """Drop a notable work whose author is stated, and the mirror of a symmetric fact."""
    relations = load_ontology().relation_types
    makers = {
        (fact.objects, fact.subjects)
        for fact in facts
        if "work_of_art" in relations[fact.relation].domain and fact.relation != "P1441"
    }
    kept: dict[Fact, None] = {}
    for fact in facts:
        if fact.relation == "P800" and (fact.subjects, fact.objects) in makers:
            continue
        mirror = Fact(fact.objects, fact.relation, fact.subjects)
        if relations[fact.relation].symmetric and mirror in kept:
            continue
        kept[fact] = None
    return tuple(kept)
