import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexes.catalogue import SCHEMA, Catalogue, CatalogueEntry
from indexes.errors import ModelError

ENTITIES = [
    (90, "Paris", "Париж", "capital of France", "city", "place", 0.9),
    (830149, "Paris, Texas", None, "", "", "place", 0.2),
    (7604, "Leonhard Euler", "Леонард Эйлер", "mathematician", "person", "person", 0.5),
]
NAMES = ["paris", "city of light", "париж", "euler"]
ALIASES = [(1, 90, 0.8), (1, 830149, 0.1), (2, 90, 0.9), (3, 90, 0.9), (4, 7604, 0.7)]
SOUNDS = ["prs", "st af lt", "prs", "alr"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a catalogue #1.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    with connection:
        connection.executemany("INSERT INTO entities VALUES (?, ?, ?, ?, ?, ?, ?)", ENTITIES)
        connection.executemany("INSERT INTO names VALUES (?, ?)", enumerate(NAMES, 1))
        connection.executemany("INSERT INTO aliases VALUES (?, ?, ?)", ALIASES)
        connection.executemany(
            "INSERT INTO sounds (rowid, keys) VALUES (?, ?)", enumerate(SOUNDS, 1)
        )
        connection.execute("INSERT INTO about VALUES ('fingerprint', 'f1')")
    connection.close()
    return path


@pytest.fixture
def catalogue(path: Path) -> Iterator[Catalogue]:
    catalogue = Catalogue.open(path)
    yield catalogue
    catalogue.close()


def test_an_entity_comes_back_as_it_was_written(catalogue: Catalogue) -> None:
    assert catalogue.candidates(["euler"]) == [
        CatalogueEntry(
            wikidata="Q7604",
            label_en="Leonhard Euler",
            label_ru="Леонард Эйлер",
            description="mathematician",
            type="person",
            type_group="person",
            prior=0.5,
            alias_prior=0.7,
            name="euler",
        )
    ]


def test_the_likeliest_entity_of_a_name_comes_first(catalogue: Catalogue) -> None:
    assert [entry.wikidata for entry in catalogue.candidates(["paris"])] == ["Q90", "Q830149"]
    assert [entry.wikidata for entry in catalogue.candidates(["paris"], limit=1)] == ["Q90"]


def test_an_entity_with_several_of_the_names_comes_once_with_its_best_prior(
    catalogue: Catalogue,
) -> None:
    found = catalogue.candidates(["paris", "city of light", "paris"])
    assert [(entry.wikidata, entry.alias_prior) for entry in found] == [
        ("Q90", 0.9),
        ("Q830149", 0.1),
    ]


def test_unknown_names_and_no_names_give_nothing(catalogue: Catalogue) -> None:
    assert catalogue.candidates(["atlantis", ""]) == []
    assert catalogue.candidates([]) == []


@pytest.mark.parametrize(
    "name", ["' OR 1=1 --", "paris'; DROP TABLE aliases; --", "%", "pari_", '"']
)
def test_a_name_that_looks_like_a_query_is_only_a_name(catalogue: Catalogue, name: str) -> None:
    assert catalogue.candidates([name]) == []
    assert len(catalogue.candidates(["paris"])) == 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_can_be_looked_up(catalogue: Catalogue, name: str) -> None:
    known = set(NAMES)
    assert bool(catalogue.candidates([name])) == (name in known)


def test_more_names_than_a_query_can_hold_do_no_harm(catalogue: Catalogue) -> None:
    assert catalogue.candidates(f"name {number}" for number in range(300_000)) == []


def test_an_entity_is_found_by_its_qid(catalogue: Catalogue) -> None:
    entity = catalogue.entity("Q830149")
    assert entity is not None and entity.label == "Paris, Texas"
    assert [catalogue.entity(other) for other in ("Q1", "", "Q", "Q٣", "90")] == [None] * 5


def test_the_catalogue_is_never_written_to(path: Path) -> None:
    before = path.read_bytes()
    path.chmod(0o400)
    path.parent.chmod(0o500)
    Catalogue.open(path).candidates(["paris"])
    assert path.read_bytes() == before and [path] == list(path.parent.iterdir())
    path.parent.chmod(0o700)


@pytest.mark.parametrize("content", [None, b"", b"no database" * 100])
def test_a_missing_or_damaged_catalogue_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "catalogue.sqlite"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"catalogue\.sqlite"):
        Catalogue.open(path)


def test_names_are_found_by_what_they_sound_like_the_best_known_first(catalogue: Catalogue) -> None:
    assert [entry.wikidata for entry in catalogue.sounding_like(["prs"])] == ["Q90", "Q830149"]
    assert [entry.name for entry in catalogue.sounding_like(["lt", "st"])] == ["city of light"]
    assert [entry.name for entry in catalogue.sounding_like(["prs"], limit=1)] == ["paris"]


@pytest.mark.parametrize("keys", [[], ["xyz"], ["prs", "xyz"], ["NOT"], ["ключ", "漢字"]])
def test_keys_that_no_name_has_find_nothing(catalogue: Catalogue, keys: list[str]) -> None:
    assert catalogue.sounding_like(keys) == []


def test_a_catalogue_tells_what_it_holds_by_its_fingerprint(catalogue: Catalogue) -> None:
    assert catalogue.fingerprint == "f1"
