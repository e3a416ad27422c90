import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from eval.sets.annotated import read_annotated
from eval.sets.gold import GoldLink
from eval.sets.known import known_sets
from indexes.errors import ConfigError
from kgrag.train.corpora import TEST
from kgrag.train.data import Fact, read_examples
from tests.fakes import DATA

needs_data = pytest.mark.skipif(not (DATA / "ie").is_dir(), reason="needs ../shared/data")
NAMED = [
    (name, title)
    for name, title, kind, *_ in known_sets()
    if kind == "annotated" and name != "examples"
]
TEXT = "Euler was born in Basel. He died in 1783."


def entity(id_: str, words: str, type_: str, **more: object) -> dict[str, Any]:
    start = TEXT.index(words)
    return {"id": id_, "start": start, "end": start + len(words), "type": type_, **more}


def record(**more: object) -> dict[str, Any]:
    entities = [
        entity("e1", "Euler", "person", cluster="euler", link={"wikidata": "Q7604"}),
        entity("e2", "Basel", "city", link={"wikidata": None, "nil": True}),
        entity("e3", "He", "person", cluster="euler", kind="reference"),
        entity("e4", "1783", "date", link={"wikidata": None}),
    ]
    relations = [
        {"type": "born", "property": "P19", "head": "e1", "tail": "e2"},
        {"type": "P8810", "head": "e3", "tail": "e1"},
        {"type": "P570", "head": "e3", "tail": "e4"},
    ]
    return {"id": "t", "text": TEXT, "entities": entities, "relations": relations, **more}


def put(folder: Path, *records: object) -> str:
    path = folder / "gold.jsonl"
    path.write_text("\n".join(json.dumps(item) for item in records), encoding="utf-8")
    return str(path)


def test_own_annotations_are_read_by_the_names_of_the_ontology(tmp_path: Path) -> None:
    found = read_annotated(put(tmp_path, record()), data=None)
    (example,) = found.examples
    assert (found.name, found.licence, found.language) == ("gold", "your own", "en")
    assert [sorted(mention.types) for mention in example.mentions][:2] == [["person"], ["city"]]
    assert [mention.named for mention in example.mentions] == [True, True, False, True]
    assert example.facts == (
        Fact((0, 2), "P19", (1,)),
        Fact((0,), "P40", (2,)),  # parent of, turned round; of one cluster, between two mentions
        Fact((0, 2), "P570", (3,)),
    )
    assert found.links == ((GoldLink(0, 5, "Q7604"), GoldLink(18, 23, None)),)
    assert {"person", "taxon"} <= example.covered_types
    assert "P19" in example.covered_relations
    assert "P8810" not in example.covered_relations


def test_a_relation_of_no_ontology_is_told_and_left_open(tmp_path: Path) -> None:
    relations = [{"type": "likes", "head": "e1", "tail": "e2"}]
    found = read_annotated(put(tmp_path, record(relations=relations)), data=None)
    assert found.examples[0].facts == ()
    assert {(0, 1), (1, 0), (2, 1)} <= found.examples[0].unknown
    assert found.skipped == ("line 1: the relation “likes” is none of the ontology's: left open",)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"text": ""}, "has no text"),
        ({"entities": [{"type": "person"}]}, "an entity without an id"),
        ({"entities": [entity("e", "Euler", "wizard")]}, "“wizard”"),
        ({"entities": [entity("e", "Euler", "person") | {"end": 99}]}, "outside the text"),
        ({"entities": [entity("e", "Euler", "person", text="uler ")]}, "where the text says"),
        ({"entities": [entity("e", "Euler", "person")] * 2}, "two entities with the id"),
        ({"relations": [{"type": "P19", "head": "e1", "tail": "e9"}]}, "“e9” is no entity"),
    ],
)
def test_a_wrong_record_is_named_by_its_line_and_the_rest_is_read(
    tmp_path: Path, wrong: dict[str, Any], reason: str
) -> None:
    path = put(tmp_path, record(), record(**wrong), record())
    found = read_annotated(path, data=None)
    assert len(found.examples) == len(found.links) == 2
    (told,) = found.skipped
    assert told.startswith("line 2: ")
    assert reason in told


def test_labels_that_nobody_knows_are_refused_with_those_that_are_known(tmp_path: Path) -> None:
    strange = record(entities=[entity("e", "Euler", "ЧЕЛОВЕК")], relations=[])
    with pytest.raises(ConfigError, match="“ЧЕЛОВЕК”.*person, organization.*nerel"):
        read_annotated(put(tmp_path, strange), data=None)


def test_texts_keep_their_own_languages(tmp_path: Path) -> None:
    russian = {"id": "r", "text": "Эйлер родился в Базеле.", "relations": [],
               "entities": [{"id": "e", "start": 0, "end": 5, "type": "person"}]}  # fmt: skip
    found = read_annotated(put(tmp_path, record(), russian, russian), data=None)
    assert found.language == "ru"
    assert [example.language for example in found.examples] == ["en", "ru", "ru"]


def test_conll_columns_are_read_by_the_labels_that_they_have(tmp_path: Path) -> None:
    path = tmp_path / "news.conll"
    path.write_text("Euler B-PER\nleft O\nBasel B-LOC\n\nstray\nHe O\n", encoding="utf-8")
    found = read_annotated(str(path), data=None)
    assert [example.text for example in found.examples] == ["Euler left Basel", "He"]
    assert found.examples[0].scheme == "conll-style"
    assert "news.conll line 5" in found.skipped[0]


def test_brat_is_read_from_a_folder_and_from_a_zip(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "a.txt").write_text("Эйлер родился в Базеле.", encoding="utf-8")
    (folder / "a.ann").write_text(
        "T1\tPERSON 0 5\tЭйлер\nT2\tCITY 16 22\tБазеле\nR1\tPLACE_OF_BIRTH Arg1:T1 Arg2:T2\n"
        "N1\tReference T1 Wikidata:Q7604\tЭйлер\nT9\tPERSON 0 900\tЭйлер\n",
        encoding="utf-8",
    )
    with ZipFile(tmp_path / "corpus.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"corpus/test/{file.name}")
    plain = read_annotated(str(folder), data=None)
    zipped = read_annotated(str(tmp_path / "corpus.zip"), data=None)
    assert plain.examples == zipped.examples
    assert plain.examples[0].scheme == "nerel"
    assert plain.examples[0].facts == (Fact((0,), "P19", (1,)),)
    assert plain.links == ((GoldLink(0, 5, "Q7604"),),)
    assert "a.ann line 5" in plain.skipped[0]


def test_a_zip_of_several_folders_asks_which_one_is_meant(tmp_path: Path) -> None:
    path = tmp_path / "corpus.zip"
    with ZipFile(path, "w") as archive:
        for split in ("dev", "test"):
            archive.writestr(f"c/{split}/a.txt", "Эйлер")
            archive.writestr(f"c/{split}/a.ann", "T1\tPERSON 0 5\tЭйлер\n")
    with pytest.raises(ConfigError, match=r"c/dev, c/test.*corpus\.zip/c/dev"):
        read_annotated(str(path), data=None)
    assert len(read_annotated(f"{path}/c/test", data=None).examples) == 1
    with pytest.raises(ConfigError, match="no c/train"):
        read_annotated(f"{path}/c/train", data=None)


def test_the_annotated_examples_are_read_whole() -> None:
    found = read_annotated("examples", data=None)
    assert found.skipped == ()
    assert {example.language for example in found.examples} == {"en", "ru"}
    assert any(example.facts for example in found.examples)
    assert any(link.wikidata for links in found.links for link in links)


@needs_data
@pytest.mark.parametrize(("name", "title"), NAMED)
def test_known_test_sets_are_read_as_training_reads_them(name: str, title: str) -> None:
    sources = {key: source for corpora in TEST.values() for key, source in corpora.items()}
    found = read_annotated(name, data=DATA)
    assert list(found.examples) == read_examples(DATA, [sources[title]])
    assert found.name == title
    assert found.skipped == ()


@needs_data
def test_links_of_nerel_are_those_of_its_files() -> None:
    found = read_annotated("nerel", data=DATA)
    assert sum(map(len, found.links)) == 3878  # as SOURCES.md counts them
    raw = read_annotated(str(DATA / "raw/nerel-v1.1.zip/NEREL-v1.1/test"), data=None)
    assert [links for links in raw.links if links] == [links for links in found.links if links]


def test_an_annotated_set_that_is_not_there_says_where_it_comes_from() -> None:
    with pytest.raises(ConfigError, match=r"ie/nerel/test\.jsonl\.gz.*--data.*nerel-ds/NEREL"):
        read_annotated("nerel", data=None)
    with pytest.raises(ConfigError, match="“nereli”.*nerel.*brat"):
        read_annotated("nereli", data=None)
