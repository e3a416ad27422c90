"""The types of entities and relations that every stage shares, read from one data file.

Ids of relations are Wikidata properties where Wikidata has one, else ``kgrag:...``. Of two inverse
relations one is canonical; the other exists so that foreign output can be turned round
(``Ontology.normalise``), and the graph never holds one fact as two edges.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

Group = Literal["person", "organization", "place", "work", "event", "product", "literal", "other"]

ONTOLOGY_PATH = Path(__file__).parent / "models" / "ontology.json"


@dataclass(frozen=True, slots=True)
class EntityType:
    """A type of entity; ``group`` is the coarse class within which mentions may be one entity."""

    id: str
    wikidata: str | None
    label_en: str
    label_ru: str
    group: Group


@dataclass(frozen=True, slots=True)
class RelationType:
    """A type of relation between a subject in ``domain`` and an object in ``range``.

    ``functional``: a subject has at most one object. ``symmetric``: holds both ways, kept once.
    ``same_type``: subject and object must be of one type. ``canonical``: False for the half of an
    inverse pair that is never stored.
    """

    id: str
    wikidata: str | None
    label_en: str
    label_ru: str
    domain: tuple[str, ...]
    range: tuple[str, ...]
    inverse: str | None
    functional: bool
    symmetric: bool
    same_type: bool
    canonical: bool

    def allows(self, subject_type: str, object_type: str) -> bool:
        """Return whether the signature admits a subject and an object of these types."""
        if self.same_type and subject_type != object_type:
            return False
        return subject_type in self.domain and object_type in self.range


@dataclass(frozen=True)
class Ontology:
    """All types, by id, in the order of the file."""

    entity_types: dict[str, EntityType]
    relation_types: dict[str, RelationType]

    def normalise(self, subject: str, relation: str, object_: str) -> tuple[str, str, str]:
        """Return the fact in its canonical direction; KeyError for an unknown relation."""
        kind = self.relation_types[relation]
        if kind.canonical or kind.inverse is None:
            return subject, relation, object_
        return object_, kind.inverse, subject


@lru_cache(maxsize=1)
def load_ontology() -> Ontology:
    """Read the ontology that ships with kgrag (cached)."""
    data: dict[str, list[dict[str, Any]]] = json.loads(ONTOLOGY_PATH.read_text("utf-8"))
    entity_types = [EntityType(**record) for record in data["entity_types"]]
    relation_types = [
        RelationType(
            **{**record, "domain": tuple(record["domain"]), "range": tuple(record["range"])}
        )
        for record in data["relation_types"]
    ]
    return Ontology(
        {kind.id: kind for kind in entity_types}, {kind.id: kind for kind in relation_types}
    )


def relation_label(relation: str, language: str) -> str:
    """Return a relation's label in ``en`` or ``ru``; a foreign relation's id is its own label."""
    kind = load_ontology().relation_types.get(relation)
    if kind is None:
        return relation.removeprefix("kgrag:").replace("_", " ")
    return kind.label_ru if language == "ru" else kind.label_en
