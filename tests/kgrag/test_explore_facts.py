"""Pages of facts, single facts and exports: the same facts as the graph's, in a total order."""

import csv
import io
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from indexes.errors import FactNotFoundError
from indexes.library import Library
from indexes.records import Triplet
from kgrag.explore import Explorer
from kgrag.explorer.records import FactPage, FactSort, ListedFact
from kgrag.explorer.selection import FactQuery
from kgrag.export import FORMATS
from kgrag.ontology import relation_label
from tests.indexes.samples import plain_library
from tests.kgrag.exploring import Stated, entity_id, state

PEOPLE = ["Ada Lovelace", "Борис Годунов", "clara Bow", "Дмитрий Менделеев", "Émile Zola", "Fay"]
PLACES = {"Basel": "city", "Тверь": "city", "1707": "date"}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    opened = plain_library(tmp_path_factory.mktemp("facts"))
    draw = random.Random(3)
    for number in range(12):
        facts: list[Stated] = [("Fay", "P40", "Ada Lovelace", 0.1 + number / 40)]
        for _ in range(9):
            subject, object_ = draw.sample(PEOPLE, 2)
            facts.append((subject, draw.choice(["P26", "P40"]), object_, draw.choice([0.3, 0.6])))
        facts.append((draw.choice(PEOPLE), "P551", draw.choice(["Basel", "Тверь"]), 0.4))
        facts.append((draw.choice(PEOPLE), "P569", "1707", 0.4))
        state(opened, f"{number}.txt", facts, PLACES)
    yield opened
    opened.close()


def key(fact: Triplet) -> tuple[str, str, str]:
    return fact.subject.id, fact.relation, fact.object.id


def by_key(library: Library) -> dict[tuple[str, str, str], Triplet]:
    return {key(fact): fact for fact in library.graph.triplets()}


def keys(page: FactPage) -> list[tuple[str, str, str]]:
    return [key(item.fact) for item in page.facts]


SORT_KEYS: dict[str, Callable[[ListedFact], Any]] = {
    "confidence": lambda item: item.confidence,
    "documents": lambda item: item.documents,
    "subject": lambda item: item.fact.subject.name.casefold().replace("é", "e"),
    "object": lambda item: item.fact.object.name.casefold().replace("é", "e"),
    "relation": lambda item: relation_label(item.fact.relation, "en"),
}


@pytest.mark.parametrize("sort", get_args(FactSort))
@pytest.mark.parametrize("descending", [False, True])
def test_pages_are_the_slices_of_one_order_of_all_facts(
    library: Library, sort: FactSort, descending: bool
) -> None:
    explorer = Explorer(library)
    whole = explorer.facts(sort=sort, descending=descending, limit=10_000)
    assert sorted(keys(whole)) == sorted(by_key(library))
    assert whole.total == len(whole.facts) > 50
    values = [SORT_KEYS[sort](item) for item in whole.facts]
    assert values == sorted(values, reverse=descending)
    paged: list[ListedFact] = []
    for offset in range(0, whole.total + 7, 7):
        page = explorer.facts(sort=sort, descending=descending, limit=7, offset=offset)
        assert page.total == whole.total
        paged += page.facts
    assert paged == list(whole.facts)
    again = Explorer(library).facts(sort=sort, descending=descending, limit=10_000)
    assert again == whole


def test_a_fact_knows_all_its_evidence_and_shows_the_surest(library: Library) -> None:
    expected = by_key(library)
    for item in Explorer(library).facts(limit=10_000).facts:
        fact = expected[key(item.fact)]
        assert item.confidence == fact.confidence
        assert item.evidence_count == len(fact.evidence)
        assert item.documents == len({quote.document_id for quote in fact.evidence})
        best = sorted(fact.evidence, key=lambda e: (-e.score, e.document_id, e.start))
        assert list(item.fact.evidence) == best[:5]
    assert any(item.evidence_count > 5 for item in Explorer(library).facts(limit=10_000).facts)


def test_facts_are_found_by_each_part(library: Library) -> None:
    explorer = Explorer(library)
    ada = entity_id(library, "Ada Lovelace")
    cases: list[tuple[FactQuery, Callable[[Triplet], bool]]] = [
        (FactQuery(subject=ada), lambda f: f.subject.id == ada),
        (FactQuery(relation="P40"), lambda f: f.relation == "P40"),
        (FactQuery(type="city"), lambda f: "city" in (f.subject.type, f.object.type)),
        (FactQuery(subject=ada, relation="P26"), lambda f: key(f)[:2] == (ada, "P26")),
        (FactQuery(query="zola"), lambda f: "Émile Zola" in (f.subject.name, f.object.name)),
        (FactQuery(query="ЗОЛА"), lambda f: False),
        (FactQuery(query="ада тверь"), lambda f: False),
        (
            FactQuery(query="ada basel"),
            lambda f: {f.subject.name, f.object.name} == {"Ada Lovelace", "Basel"},
        ),
        (FactQuery(query="супр"), lambda f: f.relation == "P26"),
        (
            FactQuery(query="spouse ada"),
            lambda f: f.relation == "P26" and "Ada Lovelace" in (f.subject.name, f.object.name),
        ),
        (FactQuery(query="1707"), lambda f: f.object.name == "1707"),
        (FactQuery(subject="e:none"), lambda f: False),
    ]
    for asked, holds in cases:
        page = explorer.facts(asked, limit=10_000)
        assert set(keys(page)) == {k for k, f in by_key(library).items() if holds(f)}, asked
        assert page.total == len(page.facts)


def test_facts_of_a_document_are_quoted_from_it_alone(library: Library) -> None:
    row, id_ = library.db.execute(
        "SELECT row, id FROM documents JOIN sources ON document = row WHERE name = '4.txt'"
    ).fetchone()
    stated = {key(fact): fact for fact in library.graph.triplets(document=row)}
    for wanted in ("4.txt", id_):
        page = Explorer(library).facts(FactQuery(document=wanted), limit=100)
        assert set(keys(page)) == set(stated)
        for item in page.facts:
            assert item.confidence == stated[key(item.fact)].confidence
            assert {quote.document_id for quote in item.fact.evidence} == {id_}
            assert (item.documents, item.evidence_count) == (1, len(item.fact.evidence))


def test_an_unknown_order_is_refused(library: Library) -> None:
    with pytest.raises(ValueError, match="'colour'"):
        Explorer(library).facts(sort="colour")  # type: ignore[arg-type]


def test_a_single_fact_comes_with_up_to_fifty_quotations(tmp_path: Path) -> None:
    library = plain_library(tmp_path)
    for number in range(3):
        state(library, f"{number}.txt", [("Anna", "P26", "Boris", 0.4)] * 25)
    anna, boris = entity_id(library, "Anna"), entity_id(library, "Boris")
    explorer = Explorer(library)
    item = explorer.fact(anna, "P26", boris)
    assert (item.documents, item.evidence_count, len(item.fact.evidence)) == (3, 75, 50)
    assert item.confidence == pytest.approx(1 - 0.6**3)
    with pytest.raises(FactNotFoundError, match="P26"):
        explorer.fact(boris, "P26", anna)
    library.close()


def test_an_export_holds_every_fact_and_all_its_quotations(library: Library) -> None:
    exported = Explorer(library).export()
    expected = by_key(library)
    assert len(exported) == len(expected)
    assert {key(fact): set(fact.evidence) for fact in exported} == {
        key_: set(fact.evidence) for key_, fact in expected.items()
    }
    # Each piece of evidence is a line of the CSV.
    lines = list(csv.DictReader(io.StringIO(FORMATS["csv"](exported))))
    assert len(lines) == sum(len(fact.evidence) for fact in expected.values())
    assert all(FORMATS[name](exported) for name in FORMATS)


def test_an_export_is_a_sequence_in_the_order_of_confidence(library: Library) -> None:
    exported = Explorer(library).export(FactQuery(relation="P40"))
    facts = list(exported)
    assert [fact.confidence for fact in facts] == sorted(
        (fact.confidence for fact in facts), reverse=True
    )
    assert {fact.relation for fact in facts} == {"P40"}
    assert exported[1] == facts[1]
    assert exported[-1] == facts[-1]
    assert exported[2:5] == facts[2:5]


def test_what_is_removed_during_an_export_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kgrag.explorer.fact_pages._BLOCK", 2)
    library = plain_library(tmp_path)
    facts: list[Stated] = [("Anna", "P40", f"Child {number}", 0.9) for number in range(4)]
    state(library, "a.txt", facts)
    gone = state(library, "b.txt", [("Boris", "P40", f"Child {n}", 0.1) for n in range(4)])
    exported = iter(Explorer(library).export())
    first = next(exported)
    library.remove(gone)
    rest = [first, *exported]
    assert {fact.subject.name for fact in rest} == {"Anna"}
    assert len(rest) == 4
    library.close()
