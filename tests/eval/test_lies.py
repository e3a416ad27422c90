"""The lying model's claims: seeded, split by article, and lies indeed."""

from random import Random

import pytest

from eval.claims.edits import change_date, change_number, invent_name, negate, swap_roles
from eval.claims.lies import LIES, Case, orders, read_cases, split_of, written_cases
from eval.claims.truths import reformat, rename, restate, shorten
from kgrag.verify import Ground, verify
from tests.fakes import DATA

SENTENCE = "In 1998 Edith Vance sold 3,400 boxes to Marlow Steel, which is in York."


@pytest.fixture(scope="module")
def cases() -> tuple[Case, ...]:
    if not (DATA / "qa").is_dir():
        pytest.skip("the corpora are not at hand")
    return read_cases(DATA, "dev", each=8)


def test_every_edit_changes_what_it_says_it_changes() -> None:
    draw = Random(1)
    number = change_number(SENTENCE, draw)
    assert number is not None and "3,400" not in number and "1998" in number
    date = change_date(SENTENCE, draw)
    assert date is not None and "1998" not in date and "3,400" in date
    assert negate(SENTENCE, draw, russian=False) not in (None, SENTENCE)
    assert negate("Пётр разбил Карла.", draw, russian=True) == "Пётр не разбил Карла."
    swapped = swap_roles("Edith Vance defeated Marlow Steel.", draw, russian=False)
    assert swapped == "Marlow Steel defeated Edith Vance."
    invented = invent_name("He met Edith Vance.", ["Otto Berg"], draw)
    assert invented in ("He met Otto Berg.", "He met Edith Berg.")


def test_an_edit_without_its_material_returns_nothing() -> None:
    draw = Random(1)
    for edit in (change_number, change_date):
        assert edit("The house is old.", draw) is None
    assert swap_roles("The house is old.", draw, russian=False) is None
    assert invent_name("the house is old.", ["Otto"], draw) is None


def test_honest_rewording_keeps_the_facts() -> None:
    assert shorten(SENTENCE) == "In 1998 Edith Vance sold 3,400 boxes to Marlow Steel."
    assert reformat("It opened on 4 June 1931.") == "It opened on June 4, 1931."
    assert restate("Who designed the bridge?", "Edith Vance") == "Edith Vance designed the bridge."
    assert restate("Когда открыли мост?", "в 1880 году") == "В 1880 году открыли мост."
    assert rename("Edith Vance came.", "Edith Vance came. Later Vance left.") == "Vance came."


def test_cases_are_the_same_each_time_and_cite_a_sentence_of_their_document(
    cases: tuple[Case, ...],
) -> None:
    assert cases == read_cases(DATA, "dev", each=8)
    assert {case.kind for case in cases} >= set(LIES)
    for case in cases:
        assert case.cited.strip()
        assert case.truthful == (case.kind not in LIES)


def test_no_article_is_in_both_splits(cases: tuple[Case, ...]) -> None:
    drawn = [case for case in cases if not case.written]
    assert {split_of(case.documents[0].title) for case in drawn} == {"dev"}
    for language in ("en", "ru"):
        assert not set(orders()[language]["dev"]) & set(orders()[language]["test"])


def test_lies_written_for_dev_are_caught_and_truths_let_pass() -> None:
    found = [
        (case, verify(case.claim, [Ground(case.cited, case.documents[0].text, "")]))
        for case in written_cases("dev")
    ]
    caught = [v.status in ("unsupported", "contradicted") for case, v in found if not case.truthful]
    alarms = [v.status in ("unsupported", "contradicted") for case, v in found if case.truthful]
    assert len(caught) > 25
    assert sum(caught) / len(caught) >= 0.85
    assert sum(alarms) / len(alarms) <= 0.1
