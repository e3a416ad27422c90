"""Dated facts in order, and facts that cannot all be true."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexes.library import Library
from kgrag.explore import Explorer
from kgrag.explorer.contradictions import values_differ
from kgrag.explorer.timeline import point_of
from kgrag.literals import Literal
from tests.indexes.samples import plain_library
from tests.kgrag.exploring import state

BORN, BORN_IN, FOUNDED = "P569", "P19", "P571"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = plain_library(tmp_path)
    yield opened
    opened.close()


def dated(library: Library, source: str, *dates: tuple[str, str]) -> str:
    types = {date: "date" for _, date in dates}
    return state(library, source, [(who, BORN, date) for who, date in dates], types)


def events(library: Library, query: str = "") -> list[tuple[str, str]]:
    found = Explorer(library).timeline(query)
    assert found.total == len(found.events)
    return [(event.date, event.fact.fact.subject.name) for event in found.events]


def test_dates_of_both_languages_stand_in_the_order_of_time_as_exact_as_they_are(
    library: Library,
) -> None:
    dated(library, "en.txt", ("Anna", "17 May 1727"), ("Bert", "1727"), ("Carl", "44 BC"))
    dated(
        library,
        "ru.txt",
        ("Дина", "май 1727 года"),
        ("Ева", "в 1728 году"),
        ("Фома", "5 мая 1727 г."),
    )
    dated(library, "more.txt", ("Gaius", "100 BC"), ("Hans", "about 1730"), ("Ivo", "summer 1727"))
    assert events(library) == [
        ("-0099", "Gaius"),
        ("-0043", "Carl"),
        ("1727", "Bert"),
        ("1727-05", "Дина"),
        ("1727-05-05", "Фома"),
        ("1727-05-17", "Anna"),
        ("1727", "Ivo"),
        ("1728", "Ева"),
        ("1730", "Hans"),
    ]


def test_of_what_begins_on_one_day_the_least_exact_comes_first(library: Library) -> None:
    dates = ("1 January 1727", "January 1727", "1727")
    facts = [(f"Anna {number}", BORN, date, 0.9 - number / 9) for number, date in enumerate(dates)]
    state(library, "a.txt", facts, dict.fromkeys(dates, "date"))
    assert [date for date, _ in events(library)] == ["1727", "1727-01", "1727-01-01"]


def test_what_has_no_place_in_time_is_left_out(library: Library) -> None:
    dated(library, "a.txt", ("Anna", "17 May"), ("Bert", "yesterday"), ("Carl", "1720s"))
    dated(library, "b.txt", ("Dora", "18th century"), ("Egon", "before 1700"), ("Fay", "1699"))
    state(library, "c.txt", [("Gus", "P40", "Hans")])
    assert events(library) == [("1699", "Fay")]


@pytest.mark.parametrize(
    ("type_", "value", "date"),
    [
        ("date", "1727-05-17", "1727-05-17"),
        ("date", "1727-05", "1727-05"),
        ("date", "1727~", "1727"),
        ("date", "early 1727", "1727"),
        ("date", "1727-33", "1727"),
        ("date", "1720/1725-03", "1720"),
        ("time", "2010-12-06T00:30", "2010-12-06"),
        ("date", "0000", "0000"),
        ("date", "../1727", None),
        ("date", "1727/..", None),
        ("date", "172X", None),
        ("date", "early 17XX", None),
        ("date", "XXXX-05-17", None),
        ("date", "P3Y", None),
        ("time", "14:06", None),
        ("age", "P34Y", None),
    ],
)
def test_a_value_is_dated_no_more_exactly_than_it_is(
    type_: str, value: str, date: str | None
) -> None:
    point = point_of(Literal(type_, value))
    assert (point and point[0]) == date


def test_the_timeline_is_searched_and_paged(library: Library) -> None:
    dated(library, "a.txt", *((f"Anna {n:02}", str(1700 + n)) for n in range(12)), ("Bo", "1705"))
    explorer = Explorer(library)
    assert [date for date, _ in events(library, "anna")] == [str(1700 + n) for n in range(12)]
    assert events(library, "1705") == [("1705", "Anna 05"), ("1705", "Bo")] or events(
        library, "1705"
    ) == [("1705", "Bo"), ("1705", "Anna 05")]
    page = explorer.timeline(limit=5, offset=10)
    assert (page.total, [event.date for event in page.events]) == (13, ["1709", "1710", "1711"])
    whole = explorer.timeline()
    assert [*explorer.timeline(limit=6).events, *explorer.timeline(limit=100, offset=6).events] == [
        *whole.events
    ]


def contradicted(library: Library) -> list[tuple[str, str, list[str]]]:
    return [
        (found.subject.name, found.relation, [claim.fact.object.name for claim in found.claims])
        for found in Explorer(library).contradictions()
    ]


def test_two_dates_of_what_happens_once_contradict_each_other(library: Library) -> None:
    dated(library, "a.txt", ("Anna", "1727"), ("Boris", "1730"))
    dated(library, "b.txt", ("Anna", "1728"), ("Boris", "1730"))
    dated(library, "c.txt", ("Anna", "1728"))
    assert contradicted(library) == [("Anna", BORN, ["1728", "1727"])]
    (found,) = Explorer(library).contradictions()
    assert [claim.documents for claim in found.claims] == [2, 1]
    assert {quote.document_name for quote in found.claims[0].fact.evidence} == {"b.txt", "c.txt"}


def test_a_date_that_only_says_less_contradicts_nothing(library: Library) -> None:
    dated(library, "a.txt", ("Anna", "1727"), ("Boris", "1727"), ("Carl", "about 1727"))
    dated(library, "b.txt", ("Anna", "17 May 1727"), ("Carl", "1729"))
    dated(library, "c.txt", ("Anna", "мая 1727 года"), ("Boris", "spring 1727"))
    assert contradicted(library) == []
    dated(library, "d.txt", ("Anna", "18 May 1727"))
    ((who, _, claims),) = contradicted(library)
    assert (who, set(claims)) == ("Anna", {"17 May 1727", "18 May 1727"})


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("1707-04-15", "1707-04-04", False),  # Julian and Gregorian: eleven days
        ("1869-04-22", "1869-04-10", False),  # twelve
        ("1869-04-22", "1869-04-11", True),
        ("1990-04-22", "1990-04-09", True),  # no longer
        ("1727", "1728", True),
        ("1727~", "1728", False),
        ("../1727", "1726", False),
        ("../1727", "1729", True),
        ("1720/1729", "1725/1735", False),
        ("XXXX-05-17", "1727-06-01", False),
    ],
)
def test_dates_differ_only_where_no_day_is_in_both(one: str, other: str, differ: bool) -> None:
    first, second = Literal("date", one), Literal("date", other)
    assert values_differ(first, second) == values_differ(second, first) == differ


def test_ages_differ_where_none_bears_out_the_other() -> None:
    assert values_differ(Literal("age", "P34Y"), Literal("age", "P35Y"))
    assert not values_differ(Literal("age", "P34Y"), Literal("age", "P34Y"))
    assert not values_differ(Literal("age", "P34Y"), Literal("age", "~P35Y"))


def born_in(library: Library, source: str, who: str, where: str, type_: str = "city") -> str:
    return state(library, source, [(who, BORN_IN, where)], {where: type_})


def test_two_places_of_birth_contradict_each_other(library: Library) -> None:
    born_in(library, "a.txt", "Anna", "Basel")
    born_in(library, "b.txt", "Anna", "Riehen")
    assert contradicted(library) == [("Anna", BORN_IN, ["Basel", "Riehen"])] or contradicted(
        library
    ) == [("Anna", BORN_IN, ["Riehen", "Basel"])]


def test_a_place_within_the_other_or_of_another_kind_contradicts_nothing(library: Library) -> None:
    born_in(library, "a.txt", "Anna", "Basel")
    born_in(library, "b.txt", "Anna", "Switzerland", "country")
    born_in(library, "c.txt", "Anna", "Old Basel")
    born_in(library, "d.txt", "Boris", "Kolpino")
    born_in(library, "e.txt", "Boris", "Saint Petersburg")
    places = {"Kolpino": "city", "Saint Petersburg": "city"}
    within = state(library, "f.txt", [("Kolpino", "P131", "Saint Petersburg")], places)
    assert contradicted(library) == []
    library.remove(within)
    assert [who for who, _, _ in contradicted(library)] == ["Boris"]


def test_a_relation_that_admits_several_objects_contradicts_nothing(library: Library) -> None:
    state(library, "a.txt", [("Anna", "P40", "Boris"), ("Anna", "P40", "Clara")])
    state(library, "b.txt", [("Anna", "foreign:x", "Boris"), ("Anna", "foreign:x", "Clara")])
    assert contradicted(library) == []


def test_what_most_documents_speak_to_comes_first_and_only_so_many(library: Library) -> None:
    names = ["Zoe", "Yan", "Xenia", "Wim", "Vera", "Ugo"]
    for rank, name in enumerate(names):
        for number in range(8 - rank):
            year = str(1700 if number > 1 else 1710 + number)
            dated(library, f"{name}{number}.txt", (name, year))
    assert [who for who, _, _ in contradicted(library)] == names
    assert [claims[0] for _, _, claims in contradicted(library)[:5]] == ["1700"] * 5
    assert [found.subject.name for found in Explorer(library).contradictions(2)] == names[:2]
