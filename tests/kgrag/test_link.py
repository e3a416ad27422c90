import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexes.catalogue import Catalogue
from indexes.errors import ModelError
from kgrag.clusters import Cluster
from kgrag.link import CATALOGUE, WEIGHTS, CatalogueLinker, LinkModel, open_linker
from kgrag.meanings import lookup_names
from kgrag.names import normal_name
from kgrag.train.catalogue import Sources, build
from kgrag.train.gold_links import GoldDocument, read_gold
from kgrag.train.linking import count_links
from kgrag.train.sightings import CORPORA, Sighting

TRAIN = CORPORA[0]
DEV = next(corpus for corpus in CORPORA if corpus.name == "nerel/dev")
DATA = Path(__file__).parents[3] / "shared/data"

FOOTBALLER = "Paul Smith is an English professional footballer who plays as a goalkeeper"
POLITICIAN = "Paul Smith is an American politician, a senator of the Republican Party"


def record(number: int, label: str, kind: str, **more: object) -> dict[str, Any]:
    return {
        "id": f"Q{number}",
        "label_en": label,
        "label_ru": None,
        "aliases": [],
        "description": None,
        "type": kind,
        "sources": ["test"],
        **more,
    }


RECORDS = [
    record(1, "Jordan Hill", "PERSON"),
    record(2, "Jordan Hill", "LOC"),
    record(3, "Paul Smith", "PERSON", description=FOOTBALLER),
    record(4, "Paul Smith", "PERSON", description=POLITICIAN),
    record(5, "Michael Jackson", "PERSON"),
    record(6, "Paul", "PERSON"),
    record(7, "father", "OTHER"),
    record(8, "Anna Frank", "PERSON"),
    record(9, "Maribor", "LOC"),
    record(10, "Boris Pahor", "PERSON"),
]
SEEN = {
    ("Jordan Hill", 1): 5,
    ("Jordan Hill", 2): 5,
    ("Paul Smith", 3): 6,
    ("Paul Smith", 4): 6,
    ("Michael Jackson", 5): 5,
    ("Jackson", 5): 20,
    ("Paul", 6): 2,
    ("father", 7): 1,
    ("Anna Frank", 8): 3,
    ("Anna", 8): 3,
    ("Maribor", 9): 9,
    ("Boris Pahor", 10): 9,
}


@pytest.fixture(scope="module")
def homonyms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a catalogue in which names are shared."""
    path = tmp_path_factory.mktemp("catalogue") / "homonyms.sqlite"
    seen = [
        Sighting(TRAIN, "d", True, surface, "", f"Q{number}", None)
        for (surface, number), count in SEEN.items()
        for _ in range(count)
    ]
    seen += [Sighting(TRAIN, "d", True, "father", "", None, None)] * 200
    seen += [Sighting(TRAIN, "d", True, "Paul", "", None, None)] * 60
    build(Sources(RECORDS, seen, {}), path, keep=lambda sighting: True)
    return path


@pytest.fixture(scope="module")
def linker(homonyms: Path) -> CatalogueLinker:
    return open_linker(homonyms)


@pytest.fixture(scope="module")
def bundled() -> CatalogueLinker:
    return open_linker()


def linked(linker: CatalogueLinker, name: str, group: str, context: str = "") -> str | None:
    type_ = {"place": "location", "other": "concept"}.get(group, group)
    return linker.link([Cluster((name,), type_, group, context)])[0]


def test_homonyms_are_told_apart_by_type(linker: CatalogueLinker) -> None:
    assert linked(linker, "Jordan Hill", "person") == "Q1"
    assert linked(linker, "Jordan Hill", "place") == "Q2"


def test_homonyms_are_told_apart_by_context(linker: CatalogueLinker) -> None:
    match = "The goalkeeper Paul Smith, a professional, saved the footballers of Leeds."
    vote = "The Republican senator Paul Smith left his party; politicians in America wondered."
    assert linked(linker, "Paul Smith", "person", match) == "Q3"
    assert linked(linker, "Paul Smith", "person", vote) == "Q4"


@pytest.mark.parametrize("name", ["Paul", "Jordan"])
def test_a_first_name_alone_means_nobody_in_particular(linker: CatalogueLinker, name: str) -> None:
    assert linked(linker, name, "person") is None


def test_a_common_word_means_nothing_in_particular(linker: CatalogueLinker) -> None:
    assert linked(linker, "father", "other") is None


def test_a_famous_surname_alone_is_linked(linker: CatalogueLinker) -> None:
    assert linked(linker, "Jackson", "person") == "Q5"
    assert linked(linker, "President Jackson", "person") == "Q5"


def test_an_unknown_person_with_a_famous_surname_is_not_linked(linker: CatalogueLinker) -> None:
    clusters = [Cluster(("Janet Jackson", "Jackson"), "person", "person")]
    assert linker.link(clusters) == [None]


@pytest.mark.parametrize(
    ("name", "group", "qid"),
    [
        ("Мариборе", "place", "Q9"),
        ("Marribour", "place", "Q9"),
        ("Борисом Пахором", "person", "Q10"),
        ("Борис Пастернак", "person", None),
        ("Борис", "person", None),
    ],
)
def test_a_name_in_the_other_script_or_misspelled_is_found_by_its_sound(
    linker: CatalogueLinker, name: str, group: str, qid: str | None
) -> None:
    assert linked(linker, name, group) == qid


def test_no_clusters_and_blank_names_are_not_linked(linker: CatalogueLinker) -> None:
    assert linker.link([]) == []
    assert linked(linker, " ", "person") is None


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.permutations(range(4)))
def test_a_link_does_not_depend_on_the_order_of_the_clusters(
    linker: CatalogueLinker, order: list[int]
) -> None:
    clusters = [
        Cluster(("Paul Smith",), "person", "person", "goalkeeper"),
        Cluster(("Jackson",), "person", "person"),
        Cluster(("Maribor",), "location", "place"),
        Cluster(("Nobody At All",), "person", "person"),
    ]
    expected = linker.link(clusters)
    assert linker.link([clusters[index] for index in order]) == [expected[i] for i in order]


def test_longer_names_and_acronyms_are_looked_up_and_shorter_names_are_not() -> None:
    obama = Cluster(("Barack Obama", "Барак Обама", "Obama"), "person", "person")
    assert lookup_names(obama) == ("barack obama", "барак обама")
    names = ("Российской академии наук", "РАН", "академии")
    academy = Cluster(names, "organization", "organization")
    assert lookup_names(academy) == ("российский академия наука", "ран")


def test_another_catalogue_or_other_weights_have_another_fingerprint(
    linker: CatalogueLinker, bundled: CatalogueLinker, homonyms: Path, tmp_path: Path
) -> None:
    weights = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    weights["threshold"] += 1
    (tmp_path / "link.json").write_text(json.dumps(weights), encoding="utf-8")
    stricter = open_linker(homonyms, tmp_path / "link.json")
    prints = [linker.fingerprint, bundled.fingerprint, stricter.fingerprint]
    assert len(set(prints)) == 3
    assert open_linker(homonyms).fingerprint == linker.fingerprint


@pytest.mark.parametrize("content", ["", "[]", '{"weights": {"bias": 1}, "threshold": 0}'])
def test_weights_that_cannot_be_used_are_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "link.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=r"link\.json"):
        LinkModel.load(path)


@pytest.mark.parametrize(
    ("name", "group", "qid"),
    [
        ("Catherine II", "person", "Q36450"),
        ("Екатерины II", "person", "Q36450"),
        ("Leonhard Euler", "person", "Q7604"),
        ("Петербурге", "place", "Q656"),
        ("Berlin", "place", "Q64"),
        ("UN", "organization", "Q1065"),
        ("Gottlob Unbekannt", "person", None),
    ],
)
def test_the_bundled_catalogue_knows_the_well_known(
    bundled: CatalogueLinker, name: str, group: str, qid: str | None
) -> None:
    assert linked(bundled, name, group) == qid


def test_the_bundled_catalogue_shows_a_plain_label() -> None:
    catalogue = Catalogue.open(CATALOGUE)
    labels = [catalogue.entity(qid) for qid in ("Q36450", "Q36517", "Q61")]
    catalogue.close()
    assert [label and label.label_en for label in labels] == [
        "Catherine II",
        "Francis Drake",
        "Washington, D.C.",
    ]
    assert labels[1] is not None and labels[1].label_ru == "Фрэнсис Дрейк"


def test_the_bundled_catalogue_was_built_with_these_normal_names() -> None:
    connection = sqlite3.connect(CATALOGUE)
    labels = connection.execute(
        "SELECT id, coalesce(label_ru, label_en) FROM entities WHERE id % 37 = 0"
    ).fetchall()
    rows = connection.execute(
        "SELECT entity, n.name FROM aliases AS a JOIN names AS n ON n.id = a.name"
    )
    names = set(rows.fetchall())
    connection.close()
    assert len(labels) > 300
    assert [label for number, label in labels if (number, normal_name(label)) not in names] == []


@pytest.fixture(scope="module")
def nerel_dev() -> list[GoldDocument]:
    if not (DATA / DEV.path).is_file():
        pytest.skip(f"{DATA / DEV.path} is missing")
    return read_gold(DATA, DEV)[:30]


def test_gold_names_of_russian_news_are_linked_right(
    bundled: CatalogueLinker, nerel_dev: list[GoldDocument]
) -> None:
    """The floors lie a little under what was measured; the entities are in this catalogue."""
    counts = [count_links(document, bundled) for document in nerel_dev]
    right = sum(count.right for count in counts) / sum(count.mentions for count in counts)
    nil = sum(count.right_nil for count in counts) / sum(count.nil for count in counts)
    assert right > 0.75
    assert nil > 0.80
