import gzip
import json
from pathlib import Path
from typing import Any

from kgrag.train.corpora import TRAIN
from kgrag.train.data import Example, Fact, Source, read_examples

TEXT = "Danube flows through Vienna . Strauss wrote The Blue Danube . He lived in Vienna ."


def _entity(id_: str, text: str, type_: str, cluster: str, after: int = 0) -> dict[str, Any]:
    start = TEXT.index(text, after)
    return {
        "id": id_, "start": start, "end": start + len(text), "text": text,
        "type": type_, "cluster": cluster,
    }  # fmt: skip


ENTITIES = [
    _entity("river", "Danube", "LOC", "c0"),
    _entity("city", "Vienna", "LOC", "c1"),
    _entity("man", "Strauss", "PER", "c2"),
    _entity("waltz", "The Blue Danube", "MISC", "c3"),
    _entity("he", "He", "PER", "c2"),
    _entity("again", "Vienna", "LOC", "c1", 60),
]


def _read(folder: Path, relations: list[tuple[str, str, str]]) -> Example:
    record = {
        "id": "one", "text": TEXT, "entities": ENTITIES,
        "relations": [
            {"type": "", "property": name, "head": head, "tail": tail}
            for name, head, tail in relations
        ],
    }  # fmt: skip
    path = folder / "one.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(record).encode()))
    (example,) = read_examples(folder, [Source("one.jsonl.gz", "redocred")])
    return example


def test_an_inverse_relation_is_turned_round(tmp_path: Path) -> None:
    example = _read(tmp_path, [("P1376", "city", "river")])
    assert example.facts == (Fact((0,), "P36", (1, 5)),)


def test_a_relation_tells_the_type_that_a_coarse_label_hides(tmp_path: Path) -> None:
    plain = _read(tmp_path, [])
    narrowed = _read(tmp_path, [("P175", "waltz", "man"), ("P403", "river", "river")])
    assert "work_of_art" in plain.mentions[3].types
    assert len(plain.mentions[3].types) > 1
    assert narrowed.mentions[3].types == {"work_of_art"}
    assert narrowed.mentions[0].types == {"location"}


def test_a_well_known_name_tells_its_type(tmp_path: Path) -> None:
    assert _read(tmp_path, []).mentions[1].types == {"city"}


def test_a_pronoun_is_a_mention_that_names_nothing(tmp_path: Path) -> None:
    example = _read(tmp_path, [])
    unnamed = [TEXT[one.start : one.end] for one in example.mentions if not one.named]
    assert unnamed == ["He"]


def test_a_record_of_a_non_commercial_licence_is_not_read(tmp_path: Path) -> None:
    records: list[dict[str, Any]] = [
        {"id": id_, "text": TEXT, "entities": [], "nc": id_ == "nc"} for id_ in ("nc", "cc")
    ]
    lines = "".join(json.dumps(record) + "\n" for record in records)
    (tmp_path / "gum.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    examples = read_examples(tmp_path, [Source("gum.jsonl.gz", "gum")])
    assert [example.id for example in examples] == ["cc"]


def test_of_noun_phrases_only_names_are_believed(tmp_path: Path) -> None:
    text = "The old painter met Pablo Ruiz Fabo and Professor Smith from Lyon in Spanish Art."
    entities = [
        {
            "id": words, "start": text.index(words), "end": text.index(words) + len(words),
            "text": words, "type": type_, "kind": "sgl",
        }
        for words, type_ in (
            ("The old painter", "person"), ("old painter", "person"),
            ("Pablo Ruiz Fabo", "person"), ("Professor Smith from Lyon", "person"),
            ("Spanish Art", "abstract"),
        )
    ]  # fmt: skip
    record = {"id": "one", "text": text, "entities": entities}
    (tmp_path / "gum.jsonl.gz").write_bytes(gzip.compress(json.dumps(record).encode()))
    (example,) = read_examples(tmp_path, [Source("gum.jsonl.gz", "gum")])
    told = {text[one.start : one.end]: bool(one.types) for one in example.mentions}
    assert told == {
        "The old painter": False, "Pablo Ruiz Fabo": True,
        "Professor Smith from Lyon": False, "Spanish Art": False,
    }  # fmt: skip


def test_a_notable_work_is_not_stated_twice(tmp_path: Path) -> None:
    both = _read(tmp_path, [("P800", "man", "waltz"), ("P86", "waltz", "man")])
    alone = _read(tmp_path, [("P800", "man", "waltz")])
    assert [fact.relation for fact in both.facts] == ["P86"]
    assert [fact.relation for fact in alone.facts] == ["P800"]


def test_a_relation_that_no_signature_admits_leaves_the_pair_unknown(tmp_path: Path) -> None:
    example = _read(tmp_path, [("P26", "city", "waltz")])
    assert example.facts == ()
    assert {(1, 3), (3, 1), (5, 3), (3, 5)} <= example.unknown


def test_mentions_of_the_corpora_read_as_they_should(data: Path) -> None:
    for sources in TRAIN.values():
        for example in read_examples(data, sources[:1]):
            assert all(
                0 <= mention.start < mention.end <= len(example.text)
                for mention in example.mentions
            )
            assert example.mentions
