"""Annotated records as examples: by a corpus' labels, or by the ontology's own names.

The scheme "ontology" is that of a user's own annotations: entity types are ids of the ontology
(``person``), a relation is a Wikidata property of it (``P19``) in ``property`` or ``type``, and
``"kind": "reference"`` marks what is no name ("she"). It says all that there is to say: every type
and relation counts as annotated.
"""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eval.sets.files import Record, shown
from indexes.errors import ConfigError
from kgrag.ontology import Ontology, load_ontology
from kgrag.train.data import Example, Fact, GoldMention, Source, to_example
from kgrag.train.mappings import ENTITY_LABELS, RELATION_LABELS

ONTOLOGY = "ontology"

_PREFERRED = ("nerel", "conll-style", *ENTITY_LABELS)
"""Where labels fit several schemes ("PER", "ORG", "LOC"), the first one is taken."""


@dataclass(frozen=True, slots=True)
class GoldLink:
    """What a mention stands for: a QID, or None where Wikidata has no such thing."""

    start: int
    end: int
    wikidata: str | None


def scheme_of(records: Sequence[Record], name: str) -> str:
    """Return the scheme that most mentions' labels are those of.

    Raises
    ------
    ConfigError
        No scheme knows half of them.
    """
    labels = Counter(
        str(entity.get("type")) for record in records for entity in _dicts(record, "entities")
    )
    fits = {
        scheme: sum(count for label, count in labels.items() if label in _types(scheme))
        for scheme in (ONTOLOGY, *_PREFERRED)
    }
    best = max(fits, key=lambda scheme: fits[scheme])
    if 2 * fits[best] < labels.total():
        common = ", ".join(shown(label) for label, _ in labels.most_common(6))
        raise ConfigError(
            f"The labels of {name} are those of no scheme that kgrag knows: {common}. It knows its "
            f"own names of types (person, organization, city, ...) and those of "
            f"{', '.join(ENTITY_LABELS)}."
        )
    return best


def wrong_with(record: Record, scheme: str) -> str:
    """Return why a record cannot be used, in a user's words; "" where it can."""
    text, entities = record.get("text"), record.get("entities")
    if not isinstance(text, str) or not text.strip() or not isinstance(entities, list):
        return "has no text, or no list of entities"
    ids: set[str] = set()
    for entity in entities:
        if wrong := _wrong_with_entity(entity, text, ids, scheme):
            return wrong
        ids.add(entity["id"])
    for relation in record.get("relations", ()):
        for role in ("head", "tail"):
            if relation.get(role) not in ids:
                return f"has a relation whose {role} {shown(relation.get(role))} is no entity of it"
        if scheme != ONTOLOGY and _label(relation) not in RELATION_LABELS[scheme]:
            return f"has the relation {shown(_label(relation))}, which is none of {scheme}'s"
    return ""


def _wrong_with_entity(entity: object, text: str, ids: set[str], scheme: str) -> str:
    if not isinstance(entity, dict) or "id" not in entity:
        return "has an entity without an id"
    label, start, end = entity.get("type"), entity.get("start"), entity.get("end")
    if label not in _types(scheme):
        return f"has the label {shown(label)}, which is none of {scheme}'s"
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text)):
        return f"has an entity {shown(entity['id'])} from {start} to {end}: outside the text"
    if "text" in entity and text[start:end] != entity["text"]:
        return (
            f"has {shown(entity['text'])} at {start} to {end}, where the text says "
            f"{shown(text[start:end])}: offsets count characters from 0, the end is behind"
        )
    return f"has two entities with the id {shown(entity['id'])}" if entity["id"] in ids else ""


def example_of(record: Record, source: Source, number: int) -> tuple[Example, list[str]]:
    """Return a sound record as an example, and what of it was not understood."""
    record = {"relations": [], **record, "id": str(record.get("id") or number)}
    if source.scheme != ONTOLOGY:
        return to_example(record, source), []
    mentions = tuple(
        GoldMention(
            start=entity["start"],
            end=entity["end"],
            types=frozenset({entity["type"]}),
            cluster=str(entity.get("cluster") or entity["id"]),
            named=entity.get("kind") != "reference",
        )
        for entity in record["entities"]
    )
    facts, unknown, notes = _facts(record, mentions, load_ontology())
    ontology = load_ontology()
    annotated = record.get("annotated_relations")
    canonical = {name for name, kind in ontology.relation_types.items() if kind.canonical}
    return Example(
        id=record["id"],
        scheme=ONTOLOGY,
        language=source.language,
        text=record["text"],
        mentions=mentions,
        facts=facts,
        unknown=unknown,
        covered_types=frozenset(ontology.entity_types),
        covered_relations=frozenset(canonical & set(annotated or canonical)),
        complete=True,
    ), notes


def links_of(record: Record) -> tuple[GoldLink, ...]:
    """Return the mentions of a record whose entity is told, or told to be in no catalogue."""
    found = []
    for entity in record["entities"]:
        link = entity.get("link")
        if isinstance(link, Mapping) and (link.get("wikidata") or link.get("nil")):
            found.append(GoldLink(entity["start"], entity["end"], link.get("wikidata") or None))
    return tuple(found)


def _facts(
    record: Record, mentions: tuple[GoldMention, ...], ontology: Ontology
) -> tuple[tuple[Fact, ...], frozenset[tuple[int, int]], list[str]]:
    """Return facts between entities, pairs whose relation is none of the ontology's, and which."""
    place = {entity["id"]: at for at, entity in enumerate(record["entities"])}
    members: dict[str, list[int]] = {}
    for at, mention in enumerate(mentions):
        members.setdefault(mention.cluster, []).append(at)
    facts: dict[Fact, None] = {}
    unknown: set[tuple[int, int]] = set()
    notes = []
    for relation in record["relations"]:
        label, ends = _label(relation), [place[relation["head"]], place[relation["tail"]]]
        heads, tails = (tuple(members[mentions[at].cluster]) for at in ends)
        if heads == tails:  # another name of the same: it holds between the two mentions
            heads, tails = (ends[0],), (ends[1],)
        kind = ontology.relation_types.get(label)
        if kind is None:
            unknown.update((one, two) for one in heads for two in tails)
            unknown.update((two, one) for one in heads for two in tails)
            notes.append(f"the relation {shown(label)} is none of the ontology's: left open")
            continue
        if not kind.canonical and kind.inverse:
            label, heads, tails = kind.inverse, tails, heads
        fact, mirror = Fact(heads, label, tails), Fact(tails, label, heads)
        if not (kind.symmetric and mirror in facts):
            facts[fact] = None
    return tuple(facts), frozenset(unknown), notes


def _types(scheme: str) -> Container[object]:
    labels = load_ontology().entity_types if scheme == ONTOLOGY else ENTITY_LABELS[scheme]
    return frozenset(labels)


def _label(relation: Mapping[str, Any]) -> str:
    return str(relation.get("property") or relation.get("type"))


def _dicts(record: Record, name: str) -> list[Record]:
    found = record.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
