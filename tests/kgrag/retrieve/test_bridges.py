"""Which openings a name leads to."""

import pytest

from indexes.text import stems
from kgrag.retrieve.bridges import likeness

OPENINGS = {
    "Shawn Levy": "Shawn Adam Levy (born July 23, 1968) is a Canadian film director",
    "D. Madhusudhana Rao": "Dukkipati Madhusudhana Rao was an Indian film producer",
    "Stan Rogers": "Stanley Allison Rogers was a Canadian folk musician",
    "Tran Anh Hung": "Trần Anh Hùng (born December 23, 1962) is a film director",
    "Springfield Armory": "The Springfield Armory, located in Massachusetts, was a manufacturer",
}


def alike(name: str, opening: str) -> float:
    words = stems(name)
    return likeness(words, [float(len(word)) for word in words], stems(opening)[:16])


@pytest.mark.parametrize(("name", "opening"), OPENINGS.items())
def test_a_name_leads_to_who_is_written_otherwise(name: str, opening: str) -> None:
    assert alike(name, opening) > 0.6


@pytest.mark.parametrize("name", OPENINGS)
def test_a_name_leads_to_nobody_else(name: str) -> None:
    for other, opening in OPENINGS.items():
        if other != name:
            assert alike(name, opening) == 0.0


def test_a_name_that_comes_later_counts_less() -> None:
    first = alike("Ann Hui", "Ann Hui directed Eighteen Springs")
    later = alike("Ann Hui", "Eighteen Springs is a 1997 film directed by Ann Hui")
    assert 0 < later < first


def test_words_far_apart_are_not_one_name() -> None:
    text = "Levy is a village in the far north of the district where Shawn stayed"
    assert alike("Shawn Levy", text) == 0.0
