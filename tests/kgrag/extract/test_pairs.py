import numpy as np

from kgrag.extract.pairs import MAX_PARTNERS, PLACE_SIZES, candidate_pairs, pair_places
from kgrag.extract.spans import TypedSpan

PERSON, CITY = 0, 1


def _span(token: int, type_: int) -> TypedSpan:
    return TypedSpan(token, token, type_, 1.0)


def test_only_pairs_that_a_signature_admits_are_scored() -> None:
    allowed = np.array([[False, True], [False, False]])
    mentions = [_span(0, PERSON), _span(2, CITY), _span(4, PERSON)]
    pairs = candidate_pairs(mentions, [0] * 5, allowed, ["Euler", "Basel", "Bernoulli"]).tolist()
    assert sorted(pairs) == [[0, 1], [2, 1]]


def test_mentions_more_than_two_sentences_apart_are_not_paired() -> None:
    allowed = np.ones((2, 2), np.bool_)
    mentions = [_span(0, PERSON), _span(1, CITY), _span(2, CITY)]
    pairs = candidate_pairs(mentions, [0, 2, 3], allowed, ["Euler", "Basel", "Bern"]).tolist()
    assert sorted(pairs) == [[0, 1], [1, 0], [1, 2], [2, 1]]


def test_a_name_is_paired_with_the_last_one_like_it_however_far() -> None:
    allowed = np.ones((2, 2), np.bool_)
    mentions = [_span(token, PERSON) for token in range(4)]
    surfaces = ["Leonhard Euler", "Leonhard Euler", "Gauss", "Euler"]
    pairs = candidate_pairs(mentions, [0, 1, 8, 9], allowed, surfaces).tolist()
    assert [1, 3] in pairs and [3, 1] in pairs
    assert [0, 3] not in pairs
    repeated = candidate_pairs(mentions[:2], [0, 9], allowed, ["Euler", "Euler"])
    assert repeated.tolist() == []


def test_a_long_list_of_names_has_a_linear_number_of_pairs() -> None:
    allowed = np.ones((2, 2), np.bool_)
    mentions = [_span(token, PERSON) for token in range(1000)]
    for surfaces in (["Euler"] * 1000, [f"Euler {number}" for number in range(1000)]):
        pairs = candidate_pairs(mentions, [0] * 1000, allowed, surfaces)
        assert len(pairs) <= 2 * (MAX_PARTNERS + 1) * 1000


def test_places_tell_direction_nesting_and_sameness_and_fit_their_tables() -> None:
    mentions = [TypedSpan(0, 3, 0, 1.0), _span(3, 1), _span(200, 1)]
    pairs = np.array([[0, 1], [1, 0], [0, 2], [2, 0], [1, 2]])
    surfaces = ["University of Basel", "Basel", "Basle"]
    places = pair_places(pairs, mentions, [0] * 150 + [1] * 60, [0, 1, 1], surfaces)
    assert np.all(places < np.array(PLACE_SIZES))
    assert len({tuple(place) for place in places.tolist()}) == 5
    assert places[:, 0].tolist() == [0, 0, 1, 1, 1]
    assert places[:, 2].tolist() == [0, 0, 0, 0, 1]
