from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexes.records import Extraction, Mention, MentionRelation, Resolution
from kgrag.clusters import Cluster, Linker
from kgrag.resolve import resolve
from tests.fakes import NoLinker, extract_capitalised

Names = Sequence[tuple[str, str]]


def mentions_of(text: str, names: Names) -> tuple[Mention, ...]:
    found, at = [], 0
    for surface, kind in names:
        at = text.index(surface, at)
        found.append(Mention(at, at + len(surface), surface, kind, 0.9))
        at += len(surface)
    return tuple(found)


class KnowingLinker:
    """Knows some surfaces by their QID; remembers what it was asked."""

    fingerprint = "knowing-1"

    def __init__(self, qids: dict[str, str]) -> None:
        self.qids = qids
        self.asked: list[Cluster] = []

    def link(self, clusters: Sequence[Cluster]) -> list[str | None]:
        self.asked += clusters
        return [
            next((self.qids[name] for name in cluster.surfaces if name in self.qids), None)
            for cluster in clusters
        ]


def resolved(names: Names, linker: Linker | None = None) -> Resolution:
    """Resolve a text that names these (surface, type), in this order."""
    text = ". ".join(surface for surface, _ in names)
    mentions = Extraction(mentions_of(text, names))
    return resolve(text, mentions, linker=linker or NoLinker(), document_id="d1")


def identities(names: Names) -> list[str]:
    return [item.identity for item in resolved(names).mentions]


def people(*surfaces: str) -> Names:
    return [(surface, "person") for surface in surfaces]


def test_inflections_of_one_name_are_one() -> None:
    assert len(set(identities(people("Леонард Эйлер", "Леонарда Эйлера", "Леонарду Эйлеру")))) == 1


@pytest.mark.parametrize("order", [("Leonhard Euler", "Euler"), ("Euler", "Leonhard Euler")])
def test_a_surname_is_the_person_whose_full_name_the_document_gives(order: tuple[str, str]) -> None:
    assert identities(people(*order)) == identities(people("Leonhard Euler", "Leonhard Euler"))


def test_a_name_shared_by_several_is_the_one_whom_the_document_is_about() -> None:
    full = ["Daniel Bernoulli"] * 4 + ["Jakob Bernoulli"]
    found = identities(people(*full, "Bernoulli"))
    assert found[-1] == found[0] != found[-2]


def test_a_name_shared_by_several_alike_belongs_to_this_document_alone() -> None:
    found = identities(people("Daniel Bernoulli", "Jakob Bernoulli", "Bernoulli"))
    assert found[-1] == "person|bernoulli|d1"
    assert len(set(found)) == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna Berezina", "Анны Березиной"),
        ("Viktor Tsoi", "Виктором Цоем"),
        ("Martin Gordon", "Мартина Гордона"),
    ],
)
def test_a_full_name_in_two_languages_is_one_person(one: str, other: str) -> None:
    assert identities(people(one)) == identities(people(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Chris Jericho", "Джордж Сорос"),
        ("Henry II", "Henry III"),
        ("J. Smith", "Jo Smith"),
        ("Anna", "Анна"),
        ("Ivan Petrov", "Иван Петров-Водкин"),
    ],
)
def test_names_that_only_resemble_one_another_stay_apart(one: str, other: str) -> None:
    assert identities(people(one)) != identities(people(other))


def test_two_spellings_in_one_script_of_one_document_are_two_persons() -> None:
    together = identities(people("Mark Antoni", "Mark Anthony"))
    assert len(set(together)) == 2


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
    linker = KnowingLinker({"Leonhard Euler": "Q7604"})
    found = resolved([*people("Euler", "Leonhard Euler", "Anna"), ("1727", "date")], linker)
    assert [item.identity for item in found.mentions] == [
        "Q7604",
        "Q7604",
        "person|anna",
        "date|1727",
    ]
    surfaces = [cluster.surfaces for cluster in linker.asked]
    assert surfaces == [("Leonhard Euler", "Euler"), ("Anna",)]
    assert all("Anna" in cluster.context for cluster in linker.asked)
    assert {(cluster.type, cluster.group) for cluster in linker.asked} == {("person", "person")}
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
    found = resolve(text, stated, linker=NoLinker(), document_id="d1")
    pair = tuple(sorted(item.identity for item in found.mentions))
    assert found.same_as == ((pair,) if joined else ())
    assert found.relations == stated.relations


def test_two_known_entities_are_never_called_one() -> None:
    text = "Anna, also known as Nyura."
    mentions = mentions_of(text, people("Anna", "Nyura"))
    stated = Extraction(mentions, (MentionRelation(0, "P4970", 1, 0, len(text), 0.9),))
    linker = KnowingLinker({"Anna": "Q1", "Nyura": "Q2"})
    found = resolve(text, stated, linker=linker, document_id="d1")
    assert found.same_as == ()


_WORDS = st.sampled_from(
    "Anna Euler Leonhard Bernoulli IAS Иванов Ивановым II of the 1727 wrote . | « ’s".split()
)


@given(st.lists(_WORDS, max_size=30).map(" ".join), st.integers(0, 9))
def test_any_text_resolves_in_order_and_alike_each_time(text: str, number: int) -> None:
    extraction = extract_capitalised(text)
    found = resolve(text, extraction, linker=NoLinker(), document_id=f"d{number}")
    assert [item.mention for item in found.mentions] == list(extraction.mentions)
    assert found == resolve(text, extraction, linker=NoLinker(), document_id=f"d{number}")
    known = {item.identity for item in found.mentions}
    for first, second in found.same_as:
        assert first < second
        assert {first, second} <= known


def test_the_last_word_of_an_organization_stands_for_it() -> None:
    names = [("Европейская комиссия", "organization"), ("Комиссии", "organization")]
    assert len(set(identities(names))) == 1
    names = [("European Commission", "organization"), ("Commission", "organization")]
    assert len(set(identities(names))) == 1
    shared = [("Central Bank", "organization"), ("World Bank", "organization")]
    assert len(set(identities([*shared, ("Bank", "organization")]))) == 3


def test_an_acronym_of_two_names_is_the_one_that_the_document_is_about() -> None:
    union, council = ("European Union", "organization"), ("European University", "organization")
    found = resolved([union, union, council, ("EU", "organization")])
    assert found.same_as == (("organization|eu", "organization|european union"),)
    assert resolved([union, council, ("EU", "organization")]).same_as == ()
