import bz2
import gzip
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from indexes.catalogue import Catalogue, CatalogueEntry
from indexes.errors import ModelError
from kgrag.train.wikidata import import_dump

Item = dict[str, Any]


def item(
    number: int,
    labels: dict[str, str],
    *,
    aliases: dict[str, list[str]] | None = None,
    classes: tuple[str, ...] = (),
    parents: tuple[str, ...] = (),
    sitelinks: int = 1,
    **more: object,
) -> Item:
    def claims(values: tuple[str, ...]) -> list[Item]:
        return [
            {"rank": "normal", "mainsnak": {"datavalue": {"value": {"id": value}}}}
            for value in values
        ]

    return {
        "type": "item",
        "id": f"Q{number}",
        "labels": {lang: {"language": lang, "value": value} for lang, value in labels.items()},
        "aliases": {
            lang: [{"language": lang, "value": value} for value in values]
            for lang, values in (aliases or {}).items()
        },
        "descriptions": {"en": {"language": "en", "value": f"description of {number}"}},
        "claims": {"P31": claims(classes), "P279": claims(parents)},
        "sitelinks": {f"wiki{n}": {} for n in range(sitelinks)},
        **more,
    }


EULER = item(
    7604,
    {"en": "Leonhard Euler", "ru": "Эйлер, Леонард", "de": "Leonhard Euler"},
    aliases={"en": ["Euler"], "ru": ["Эйлер"], "fr": ["Léonard Euler"]},
    classes=("Q5",),
    sitelinks=150,
)
TOWN_CLASS = item(3957, {"en": "town"}, parents=("Q486972",))
SMALL_TOWN_CLASS = item(100, {"en": "small town"}, parents=("Q3957",), sitelinks=0)
TOWN = item(200, {"en": "Euler"}, classes=("Q100",), sitelinks=2)
DISAMBIGUATION = item(300, {"en": "Euler"}, classes=("Q4167410",))
PROPERTY = {"type": "property", "id": "P31", "labels": {"en": {"value": "instance of"}}}
LONELY = item(400, {"en": "Nobody"}, sitelinks=0)
GERMAN = item(500, {"de": "Nur deutsch"})
ITEMS = [EULER, TOWN, SMALL_TOWN_CLASS, TOWN_CLASS, DISAMBIGUATION, PROPERTY, LONELY, GERMAN]


def dump_of(lines: list[str]) -> bytes:
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode()


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "dump.json"
    path.write_bytes(dump_of([json.dumps(entity) for entity in ITEMS]))
    return path


def imported(dump: Path, out: Path) -> dict[str, CatalogueEntry]:
    import_dump(dump, out)
    catalogue = Catalogue.open(out)
    found = [catalogue.entity(f"Q{number}") for number in range(1, 8000)]
    catalogue.close()
    return {entry.wikidata: entry for entry in found if entry}


def test_only_items_that_a_text_can_name_are_kept(dump: Path, tmp_path: Path) -> None:
    assert imported(dump, tmp_path / "out.sqlite").keys() == {"Q7604", "Q200", "Q3957"}


def test_labels_descriptions_and_fame_come_from_the_dump(dump: Path, tmp_path: Path) -> None:
    euler = imported(dump, tmp_path / "out.sqlite")["Q7604"]
    assert (euler.label_en, euler.label_ru) == ("Leonhard Euler", "Эйлер, Леонард")
    assert euler.description == "description of 7604"
    assert euler.prior == 1.0


def test_types_come_from_the_nearest_known_class_above(dump: Path, tmp_path: Path) -> None:
    found = imported(dump, tmp_path / "out.sqlite")
    assert (found["Q7604"].type, found["Q7604"].type_group) == ("person", "person")
    assert (found["Q200"].type, found["Q200"].type_group) == ("city", "place")
    assert found["Q3957"].type_group == "unknown"


def test_names_are_found_in_both_languages_by_fame(dump: Path, tmp_path: Path) -> None:
    import_dump(dump, tmp_path / "out.sqlite")
    catalogue = Catalogue.open(tmp_path / "out.sqlite")
    assert [entry.wikidata for entry in catalogue.candidates(["euler"])] == ["Q7604", "Q200"]
    shares = [entry.alias_prior for entry in catalogue.candidates(["euler"])]
    assert shares == [round(75 / 78, 3), round(2 / 78, 3)]
    assert [entry.wikidata for entry in catalogue.candidates(["эйлер"])] == ["Q7604"]
    assert catalogue.candidates(["leonard euler"]) == []  # French
    catalogue.close()


@pytest.mark.parametrize("ending", [".json.gz", ".json.bz2"])
def test_packed_dumps_are_read_alike(dump: Path, tmp_path: Path, ending: str) -> None:
    pack = gzip.compress if ending.endswith("gz") else bz2.compress
    packed = tmp_path / f"packed{ending}"
    packed.write_bytes(pack(dump.read_bytes()))
    assert imported(packed, tmp_path / "b.sqlite") == imported(dump, tmp_path / "a.sqlite")


def test_the_same_dump_gives_the_same_bytes(dump: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        import_dump(dump, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_bad_lines_are_named_and_skipped(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    odd: list[Item] = [
        {"type": "item", "id": "Q9", "labels": [], "claims": []},
        {"type": "item", "id": f"Q{10**30}", "labels": {"en": {"value": "Beyond counting"}}},
        item(12, {"en": "half \ud800"}),
        item(13, {"en": "Odd"}, aliases={"en": ["half \udfff"]}, claims={"P31": [None, 5, {}]}),
    ]
    lines = [json.dumps(EULER), '{"type": "item", "id": ', '"text"', "[" * 100_000, "\x00"]
    path = tmp_path / "dump.json"
    path.write_bytes(dump_of([*lines, *map(json.dumps, odd)]))
    with caplog.at_level(logging.WARNING):
        report = import_dump(path, tmp_path / "out.sqlite")
    assert (report.kept, report.malformed) == (2, 4)
    assert [f"line {number} " in caplog.text for number in (2, 3, 4, 5, 6, 7)] == [
        False, True, True, True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"[\n]\n", gzip.compress(b"[\n{}\n", mtime=0)[:-9]])
def test_a_dump_that_ends_early_or_is_empty_leaves_what_was_there(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / ("dump.json.gz" if content[:1] == b"\x1f" else "dump.json")
    path.write_bytes(content)
    out = tmp_path / "out.sqlite"
    out.write_bytes(b"what was there")
    with pytest.raises(ModelError, match="dump"):
        import_dump(path, out)
    assert out.read_bytes() == b"what was there"
    assert sorted(tmp_path.iterdir()) == sorted([path, out])


def test_a_missing_dump_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nothing\.json"):
        import_dump(tmp_path / "nothing.json", tmp_path / "out.sqlite")
