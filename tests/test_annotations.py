"""The passages annotated by hand belong to the example documents, the ontology and the catalogue.

What the annotations say is for a reader to judge (docs/annotation-guide.md); here is held what a
machine can: that nothing in them points nowhere, and that none was lost.
"""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Literal, NotRequired, TypedDict

import pytest

from indexes.catalogue import Catalogue
from kgrag.link import CATALOGUE
from kgrag.ontology import load_ontology
from kgrag.parse import ParserPool

EXAMPLES = Path(__file__).parents[1] / "examples"
FEWEST = {"mention": 720, "reference": 130, "relation": 355, "link": 220, "nil": 160}
PASSAGES = {"en": 16, "ru": 16}


class Link(TypedDict):
    wikidata: str | None
    nil: NotRequired[Literal[True]]


class Entity(TypedDict):
    id: str
    start: int
    end: int
    text: str
    type: str
    cluster: str
    kind: NotRequired[Literal["reference"]]
    link: NotRequired[Link]


class Relation(TypedDict):
    property: str
    head: str
    tail: str
    evidence: list[tuple[int, int]]


class Record(TypedDict):
    id: str
    lang: str
    document: str
    text: str
    entities: list[Entity]
    relations: list[Relation]
    licence: str


def read_records() -> list[Record]:
    lines = (EXAMPLES / "annotations.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


RECORDS = read_records()
each_record = pytest.mark.parametrize("record", RECORDS, ids=[record["id"] for record in RECORDS])


def one_space(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


@cache
def document_texts() -> dict[str, str]:
    """Return what kgrag's own parser makes of each example document, by file name."""
    with ParserPool(1) as parsers:
        return {
            path.name: one_space(parsers.parse(path.name, path.read_bytes()).text)
            for path in sorted((EXAMPLES / "documents").iterdir())
        }


def test_passages_are_of_both_languages_and_all_documents() -> None:
    assert Counter(record["lang"] for record in RECORDS) == PASSAGES
    assert {record["document"] for record in RECORDS} == document_texts().keys()
    assert len({record["id"] for record in RECORDS}) == len(RECORDS)
    assert all(record["id"].startswith(record["lang"] + "-") for record in RECORDS)
    assert {record["licence"] for record in RECORDS} == {"Apache-2.0"}


def test_no_annotation_was_lost() -> None:
    found: Counter[str] = Counter()
    for record in RECORDS:
        found["relation"] += len(record["relations"])
        for entity in record["entities"]:
            found[entity.get("kind", "mention")] += 1
            if "link" in entity:
                found["nil" if entity["link"]["wikidata"] is None else "link"] += 1
    assert {name: found[name] for name in FEWEST if found[name] < FEWEST[name]} == {}


@each_record
def test_a_passage_stands_in_its_document(record: Record) -> None:
    assert one_space(record["text"]) in document_texts()[record["document"]]


@each_record
def test_a_mention_is_the_text_at_its_offsets_and_of_a_known_type(record: Record) -> None:
    text, entities = record["text"], record["entities"]
    assert len({entity["id"] for entity in entities}) == len(entities)
    assert len({(e["start"], e["end"], e["type"]) for e in entities}) == len(entities)
    for entity in entities:
        assert text[entity["start"] : entity["end"]] == entity["text"] == entity["text"].strip()
        assert entity["text"]
        assert entity["type"] in load_ontology().entity_types


@each_record
def test_mentions_are_nested_or_apart_and_never_cross(record: Record) -> None:
    spans = sorted({(entity["start"], -entity["end"]) for entity in record["entities"]})
    around: list[int] = []
    for start, minus_end in spans:
        while around and around[-1] <= start:
            around.pop()
        assert not around or -minus_end <= around[-1], record["text"][start:-minus_end]
        around.append(-minus_end)


@each_record
def test_a_cluster_has_one_type_one_link_and_a_name(record: Record) -> None:
    types: dict[str, set[str]] = {}
    links: dict[str, set[str]] = {}
    named = set()
    for entity in record["entities"]:
        types.setdefault(entity["cluster"], set()).add(entity["type"])
        if "kind" not in entity:
            named.add(entity["cluster"])
            links.setdefault(entity["cluster"], set()).add(json.dumps(entity.get("link")))
    assert [cluster for cluster, found in types.items() if len(found) > 1] == []
    assert [cluster for cluster, found in links.items() if len(found) > 1] == []
    assert types.keys() == named


@each_record
def test_only_people_and_organisations_are_referred_to(record: Record) -> None:
    for entity in record["entities"]:
        if "kind" in entity:
            assert entity["kind"] == "reference"
            assert entity["type"] in {"person", "organization"}
            assert "link" not in entity


def test_links_are_to_entities_of_the_catalogue_and_never_of_literals() -> None:
    catalogue = Catalogue.open(CATALOGUE)
    try:
        for entity in (entity for record in RECORDS for entity in record["entities"]):
            if "link" not in entity:
                continue
            assert load_ontology().entity_types[entity["type"]].group != "literal"
            qid = entity["link"]["wikidata"]
            assert entity["link"].get("nil", False) == (qid is None)
            assert qid is None or catalogue.entity(qid), entity
    finally:
        catalogue.close()


def test_names_of_named_types_are_linked_or_said_to_be_in_no_catalogue() -> None:
    missing = {
        one_space(entity["text"])
        for record in RECORDS
        for entity in record["entities"]
        if load_ontology().entity_types[entity["type"]].group in {"person", "organization", "place"}
        and not {"kind", "link"} & entity.keys()
    }
    assert missing == set()


@each_record
def test_a_relation_is_canonical_and_keeps_its_signature(record: Record) -> None:
    types = {entity["id"]: entity["type"] for entity in record["entities"]}
    spans = {entity["id"]: (entity["start"], entity["end"]) for entity in record["entities"]}
    for relation in record["relations"]:
        kind = load_ontology().relation_types[relation["property"]]
        assert kind.canonical, relation
        head, tail = (spans[relation[end]] for end in ("head", "tail"))
        assert head != tail, relation
        assert kind.allows(types[relation["head"]], types[relation["tail"]]), relation


@each_record
def test_a_relation_is_given_once_and_shows_where_it_is_stated(record: Record) -> None:
    entities = {entity["id"]: entity for entity in record["entities"]}
    seen = set()
    for relation in record["relations"]:
        head, tail = entities[relation["head"]], entities[relation["tail"]]
        ends = [head["cluster"], tail["cluster"]]
        if load_ontology().relation_types[relation["property"]].symmetric:
            ends.sort()
        seen.add((relation["property"], *ends))
        assert relation["evidence"]
        assert all(0 <= start < end <= len(record["text"]) for start, end in relation["evidence"])
        for entity in (head, tail):
            assert any(
                start <= entity["start"] and entity["end"] <= end
                for start, end in relation["evidence"]
            ), (relation, entity)
    assert len(seen) == len(record["relations"])
