import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kgrag.ontology import load_ontology
from kgrag.train.corpora import DEV, TEST, TRAIN
from kgrag.train.data import Source
from kgrag.train.mappings import ENTITY_LABELS, OBJECT_TYPES, RELATION_LABELS, SUBJECT_TYPES

SOURCES = [
    source
    for sources in (*TRAIN.values(), *DEV.values(), *(t.values() for t in TEST.values()))
    for source in sources
]


def _records(data: Path, source: Source) -> Iterator[dict[str, Any]]:
    with gzip.open(data / source.path, "rt", encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: f"{source.path}-{source.keep.start}")
def test_every_label_of_every_corpus_is_mapped(data: Path, source: Source) -> None:
    entities: set[str] = set()
    relations: set[str] = set()
    for record in _records(data, source):
        entities.update(entity["type"] for entity in record["entities"])
        relations.update(str(r.get("property") or r["type"]) for r in record["relations"])
    assert entities <= set(ENTITY_LABELS[source.scheme])
    assert relations <= set(RELATION_LABELS[source.scheme])


def test_mappings_name_only_what_the_ontology_has() -> None:
    ontology = load_ontology()
    for labels in ENTITY_LABELS.values():
        assert {name for names in labels.values() for name in names} <= set(ontology.entity_types)
    for labels in RELATION_LABELS.values():
        for name in (target.lstrip("-") for targets in labels.values() for target in targets):
            assert ontology.relation_types[name].canonical, name
    assert set(OBJECT_TYPES.values()) | set(SUBJECT_TYPES.values()) <= set(ontology.entity_types)


def test_no_test_file_and_nothing_non_commercial_trains_or_steers() -> None:
    judged = {source.path for tests in TEST.values() for source in tests.values()}
    for sources in (*TRAIN.values(), *DEV.values()):
        for source in sources:
            assert source.path not in judged
            assert "test" not in source.path
            assert not any(name in source.path for name in ("webnlg", "re3d", "wikigold", "uner"))


def test_training_and_dev_never_share_a_record() -> None:
    for language, sources in TRAIN.items():
        for one in sources:
            for two in DEV[language]:
                if one.path == two.path:
                    places = range(10_000)
                    assert not set(places[one.keep]) & set(places[two.keep])
