from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexes.records import Extraction, Mention, MentionRelation, Resolution
from kgrag.resolve import resolve
from tests.fakes import extract_capitalised, no_link

Names = Sequence[tuple[str, str]]


def mentions_of(text: str, names: Names) -> tuple[Mention, ...]:
    found, at = [], 0
    for surface, kind in names:
        at = text.index(surface, at)
        found.append(Mention(at, at + len(surface), surface, kind, 0.9))
        at += len(surface)
    return tuple(found)


def resolved(names: Names, link: object = no_link) -> Resolution:
    """Resolve a text that names these (surface, type), in this order."""
    text = ". ".join(surface for surface, _ in names)
    assert callable(link)
    return resolve(text, Extraction(mentions_of(text, names)), link=link, document_id="d1")


def identities(names: Names) -> list[str]:
    return [item.identity for item in resolved(names).mentions]


def people(*surfaces: str) -> Names:
    return [(surface, "person") for surface in surfaces]


def test_inflections_of_one_name_are_one() -> None:
    assert len(set(identities(people("Леонард Эйлер", "Леонарда Эйлера", "Леонарду Эйлеру")))) == 1


@pytest.mark.parametrize("order", [("Leonhard Euler", "Euler"), ("Euler", "Leonhard Euler")])
def test_a_surname_is_the_person_whose_full_name_the_document_gives(order: tuple[str, str]) -> None:
    assert identities(people(*order)) == ["person|leonhard euler"] * 2


def test_a_name_shared_by_several_is_the_one_whom_the_document_is_about() -> None:
    full = ["Daniel Bernoulli"] * 4 + ["Jakob Bernoulli"]
    assert identities(people(*full, "Bernoulli"))[-1] == "person|daniel bernoulli"


def test_a_name_shared_by_several_alike_belongs_to_this_document_alone() -> None:
    found = identities(people("Daniel Bernoulli", "Jakob Bernoulli", "Bernoulli"))
    assert found[-1] == "person|bernoulli|d1"
    assert len(set(found)) == 3


def test_events_without_a_name_stay_apart_and_named_ones_meet() -> None:
    died = identities([("died", "event"), ("died", "event")])
    assert len(set(died)) == 2
    assert all("|d1:" in identity for identity in died)
    war = identities([("Seven Years War", "event"), ("Seven Years War", "event")])
    assert len(set(war)) == 1


def test_one_name_has_one_group_its_commonest_but_literals_keep_their_type() -> None:
    found = identities(
        [("Amazon", "organization"), ("Amazon", "organization"), ("Amazon", "location")]
    )
    assert set(found) == {"organization|amazon"}
    assert identities([("1727", "date"), ("1727", "number")]) == ["date|1727", "number|1727"]


def test_what_the_catalogue_knows_is_called_by_its_qid() -> None:
    asked = []

    def link(names: Sequence[str], group: str, context: str) -> str | None:
        asked.append((list(names), group, context))
        return "Q7604" if "Leonhard Euler" in names else None

    found = resolved([*people("Euler", "Leonhard Euler", "Anna"), ("1727", "date")], link)
    assert [item.identity for item in found.mentions] == [
        "Q7604",
        "Q7604",
        "person|anna",
        "date|1727",
    ]
    assert [names for names, _, _ in asked] == [["Leonhard Euler", "Euler"], ["Anna"]]
    assert all("Anna" in context for _, _, context in asked)
    assert [item.normal for item in found.mentions] == ["euler", "leonhard euler", "anna", "1727"]


def test_an_acronym_is_the_one_organization_with_these_initials() -> None:
    names = [("Imperial Academy of Sciences", "organization"), ("IAS", "organization")]
    assert resolved(names).same_as == (
        ("organization|ias", "organization|imperial academy of sciences"),
    )
    twice = [("Institute of Arctic Studies", "organization"), *names]
    assert resolved(twice).same_as == ()


@pytest.mark.parametrize(
    ("relation", "score", "joined"),
    [("P4970", 0.9, True), ("P1813", 0.9, True), ("P4970", 0.3, False), ("P26", 0.9, False)],
)
def test_a_stated_alias_joins_two_names(relation: str, score: float, joined: bool) -> None:
    text = "Anna Ivanova, also known as Nyura."
    mentions = mentions_of(text, people("Anna Ivanova", "Nyura"))
    stated = Extraction(mentions, (MentionRelation(0, relation, 1, 0, len(text), score),))
    found = resolve(text, stated, link=no_link, document_id="d1")
    assert found.same_as == ((("person|anna ivanova", "person|nyura"),) if joined else ())
    assert found.relations == stated.relations


def test_two_known_entities_are_never_called_one() -> None:
    text = "Anna, also known as Nyura."
    mentions = mentions_of(text, people("Anna", "Nyura"))
    stated = Extraction(mentions, (MentionRelation(0, "P4970", 1, 0, len(text), 0.9),))
    qids = {"Anna": "Q1", "Nyura": "Q2"}
    found = resolve(text, stated, link=lambda n, g, c: qids[n[0]], document_id="d1")
    assert found.same_as == ()


_WORDS = st.sampled_from(
    "Anna Euler Leonhard Bernoulli IAS Иванов Ивановым II of the 1727 wrote . | « ’s".split()
)


@given(st.lists(_WORDS, max_size=30).map(" ".join), st.integers(0, 9))
def test_any_text_resolves_in_order_and_alike_each_time(text: str, number: int) -> None:
    extraction = extract_capitalised(text)
    found = resolve(text, extraction, link=no_link, document_id=f"d{number}")
    assert [item.mention for item in found.mentions] == list(extraction.mentions)
    assert found == resolve(text, extraction, link=no_link, document_id=f"d{number}")
    known = {item.identity for item in found.mentions}
    for first, second in found.same_as:
        assert first < second
        assert {first, second} <= known
