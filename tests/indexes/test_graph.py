from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexes.additions import Analysis
from indexes.check import state_hash
from indexes.library import Library
from indexes.records import Triplet
from tests.indexes.samples import add, plain_library, remove_all, said

EULER, GAUSS, UNKNOWN = "Q7604", "Q6722", "person|euler"


def entity_of(library: Library, key: str) -> str | None:
    found = library.db.execute("SELECT entity FROM identities WHERE key = ?", (key,)).fetchone()
    return found[0] if found else None


def lines(facts: list[Triplet]) -> list[tuple[str, str, str]]:
    return [(fact.subject.name, fact.relation, fact.object.name) for fact in facts]


def test_a_document_says_what_its_mentions_are_and_what_it_states(library: Library) -> None:
    text = "Leonhard Euler met Gauss."
    id_ = add(
        library,
        "a.txt",
        said(text, [("Leonhard Euler", EULER), ("Gauss", "person|gauss")], facts=[(0, "P26", 1)]),
    )
    row = library.documents.row_of(id_)
    assert row is not None
    assert [(m.text, m.start, e == EULER) for m, e in library.graph.mentions(row)] == [
        ("Leonhard Euler", 0, True),
        ("Gauss", 19, False),
    ]
    (fact,) = library.graph.triplets()
    assert lines([fact]) == [("Leonhard Euler", "P26", "Gauss")]
    assert (fact.subject.wikidata, fact.object.wikidata) == (EULER, None)
    assert (fact.evidence[0].quote, fact.evidence[0].extractor) == (text, "hand")
    assert library.graph.triplets(document=row, span=(0, 5)) == [fact]
    assert library.graph.triplets(document=row, span=(25, 30)) == []
    assert library.graph.triplets(entities=[EULER]) == [fact]
    assert library.graph.triplets(entities=["Q1"]) == []


def test_removing_what_was_added_leaves_the_state_before(library: Library) -> None:
    add(library, "a.txt", said("Euler met Gauss.", [("Euler", EULER), ("Gauss", GAUSS)]))
    before = state_hash(library)
    text = "Euler, also called Leonhard, met Anna."
    names = [("Euler", EULER), ("Leonhard", "person|leonhard"), ("Anna", "person|anna")]
    same = [(EULER, "person|leonhard")]
    id_ = add(library, "b.txt", said(text, names, facts=[(0, "P26", 2)], same_as=same))
    assert state_hash(library) != before
    library.remove(id_)
    assert state_hash(library) == before


def test_removing_everything_leaves_no_row_behind(library: Library) -> None:
    names, same = [("Euler", EULER), ("Gauss", GAUSS)], [(EULER, UNKNOWN)]
    add(library, "a.txt", said("Euler met Gauss.", names, facts=[(0, "P26", 1)], same_as=same))
    remove_all(library)
    tables = [
        name
        for (name,) in library.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if not name.startswith(("sqlite_", "passage_stems_", "passage_openings_", "manifest"))
    ]
    assert len(tables) > 8
    assert {t: library.db.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in tables} == {
        table: 0 for table in tables
    }


def test_entities_are_one_while_a_document_says_so(library: Library) -> None:
    add(library, "a.txt", said("Euler wrote.", [("Euler", UNKNOWN)]))
    add(library, "b.txt", said("Leonhard wrote.", [("Leonhard", "person|leonhard")]))
    assert entity_of(library, UNKNOWN) != entity_of(library, "person|leonhard")
    link = said(
        "Euler is Leonhard.",
        [("Euler", UNKNOWN), ("Leonhard", "person|leonhard")],
        same_as=[(UNKNOWN, "person|leonhard")],
    )
    id_ = add(library, "c.txt", link)
    assert entity_of(library, UNKNOWN) == entity_of(library, "person|leonhard")
    one = entity_of(library, UNKNOWN)
    assert one is not None
    entity = library.graph.entities([one, "e:unknown"])[one]
    assert (entity.name, entity.aliases) in {("Euler", ("Leonhard",)), ("Leonhard", ("Euler",))}
    library.remove(id_)
    assert entity_of(library, UNKNOWN) != entity_of(library, "person|leonhard")


def test_a_chain_falls_apart_where_its_middle_goes(library: Library) -> None:
    keys = [f"person|{letter}" for letter in "abcd"]
    ids = [
        add(library, f"{one}.txt", said(f"A{i} B{i}", [(f"A{i}", one), (f"B{i}", other)],
            same_as=[(one, other)]))
        for i, (one, other) in enumerate(zip(keys, keys[1:], strict=False))
    ]  # fmt: skip
    assert len({entity_of(library, key) for key in keys}) == 1
    library.remove(ids[1])
    assert entity_of(library, "person|a") == entity_of(library, "person|b")
    assert entity_of(library, "person|c") == entity_of(library, "person|d")
    assert entity_of(library, "person|a") != entity_of(library, "person|c")


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_two_wikidata_entities_never_join_and_most_documents_decide(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    """Two documents say that the name is Euler, one that it is Gauss: in any order, it is Euler."""
    contents = [
        said(f"Text {i}: Euler.", [("Euler", qid)], same_as=[(UNKNOWN, qid)])
        for i, qid in enumerate((GAUSS, EULER, EULER))
    ]
    library = plain_library(tmp_path)
    for number in order:
        add(library, f"{number}.txt", contents[number])
    assert entity_of(library, UNKNOWN) == entity_of(library, EULER) == EULER
    assert entity_of(library, GAUSS) == GAUSS
    library.close()


def test_an_entity_is_called_by_its_fullest_uninflected_name(library: Library) -> None:
    names = [("Эйлера", UNKNOWN), ("Леонард Эйлер", UNKNOWN), ("Эйлера", UNKNOWN)]
    add(library, "a.txt", said("Эйлера звали Леонард Эйлер, не Эйлера.", names))
    entity = library.graph.entities([entity_of(library, UNKNOWN) or ""]).popitem()[1]
    assert (entity.name, entity.aliases) == ("Леонард Эйлер", ("Эйлера",))
    assert entity.type == "person"


def test_names_lead_to_their_entities_with_counts(library: Library) -> None:
    add(library, "a.txt", said("Euler, Euler.", [("Euler", EULER), ("Euler", EULER)]))
    add(library, "b.txt", said("Another Euler.", [("Euler", UNKNOWN)]))
    named = library.graph.named(["euler", "gauss"])
    assert named == {"euler": {EULER: 2, entity_of(library, UNKNOWN): 1}}
    assert library.graph.named([]) == {}


def test_a_fact_keeps_all_its_evidence_and_doubts_each_document_once(library: Library) -> None:
    names = [("Euler", EULER), ("Gauss", GAUSS)]
    for number, score in enumerate((0.5, 0.6)):
        text = f"Euler met Gauss in year {number}."
        add(library, f"{number}.txt", said(text, names, facts=[(0, "P26", 1)], score=score))
    (fact,) = library.graph.triplets()
    assert sorted(item.document_name for item in fact.evidence) == ["0.txt", "1.txt"]
    assert fact.confidence == pytest.approx(1 - 0.5 * 0.4)


def test_facts_of_names_that_became_one_are_one_fact(library: Library) -> None:
    met = [(0, "P26", 1)]
    names = [("Euler", EULER), ("Gauss", GAUSS)]
    add(library, "a.txt", said("Euler met Gauss.", names, facts=met))
    names = [("Leonhard", UNKNOWN), ("Gauss", GAUSS)]
    add(library, "b.txt", said("He, Leonhard, met Gauss.", names, facts=met))
    assert len(library.graph.triplets()) == 2
    names, same = [("Euler", EULER), ("Leonhard", UNKNOWN)], [(EULER, UNKNOWN)]
    add(library, "c.txt", said("Euler: Leonhard.", names, same_as=same))
    (fact,) = library.graph.triplets()
    assert len(fact.evidence) == 2


def test_passages_know_their_mentions_and_facts(library: Library) -> None:
    text = "Nobody here. Euler met Gauss."
    id_ = add(library, "a.txt", said(text, [("Euler", EULER), ("Gauss", GAUSS)]))
    row = library.documents.row_of(id_)
    assert row is not None
    first, second = library.documents.passage_rows(row)
    places = [(EULER, second, 0), (GAUSS, second, 10)]
    by_key = dict(library.db.execute("SELECT key, entity FROM identities"))
    assert sorted(library.graph.passages_of(by_key.values(), 5)) == sorted(
        (by_key[key], row, place) for key, row, place in places
    )
    found = library.graph.mentioned_in([first, second])
    assert {at: [m.text for m, _ in held] for at, held in found.items()} == {
        second: ["Euler", "Gauss"]
    }
    assert library.graph.stated_in([first, second]) == []


KEYS = (EULER, GAUSS, "Q1", "person|a", "person|b", "person|c", "person|d")
_documents = st.lists(
    st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS)), max_size=4), max_size=5
)


def _content(number: int, pairs: list[tuple[str, str]]) -> Analysis:
    keys = sorted({key for pair in pairs for key in pair}) or [EULER]
    surfaces = [f"N{KEYS.index(key)}" for key in keys]
    same_as = [(one, other) for one, other in pairs if one != other]
    text = f"Document {number}: " + " ".join(surfaces)
    return said(text, list(zip(surfaces, keys, strict=True)), same_as=same_as)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(_documents, st.randoms(use_true_random=False), st.data())
def test_the_graph_does_not_depend_on_what_came_and_went(
    library: Library, documents: list[list[tuple[str, str]]], random: object, data: st.DataObject
) -> None:
    remove_all(library)
    library.db.execute("PRAGMA synchronous = OFF")
    contents = [_content(number, pairs) for number, pairs in enumerate(documents)]
    for number, content in enumerate(contents):
        add(library, f"{number}.txt", content)
    kept = data.draw(st.permutations(range(len(contents)))) if contents else []
    gone = kept[: len(kept) // 2]
    for number in gone:
        library.remove(contents[number].document.id)
    assert library.graph.places.misplaced() == {}
    history = state_hash(library)
    remove_all(library)
    for number in kept[len(kept) // 2 :]:
        add(library, f"{number}.txt", contents[number])
    assert state_hash(library) == history
    for key in KEYS[:3]:
        assert entity_of(library, key) in (None, key)
