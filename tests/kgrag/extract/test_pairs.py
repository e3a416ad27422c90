import numpy as np

from kgrag.extract.pairs import MAX_PARTNERS, PLACE_SIZES, candidate_pairs, pair_places
from kgrag.extract.spans import TypedSpan

PERSON, CITY = 0, 1


def _span(token: int, type_: int) -> TypedSpan:
    return TypedSpan(token, token, type_, 1.0)


def test_only_pairs_that_a_signature_admits_are_scored() -> None:
    allowed = np.array([[False, True], [False, False]])
    mentions = [_span(0, PERSON), _span(2, CITY), _span(4, PERSON)]
    pairs = candidate_pairs(mentions, [0] * 5, allowed).tolist()
    assert sorted(pairs) == [[0, 1], [2, 1]]


def test_mentions_more_than_two_sentences_apart_are_not_paired() -> None:
    allowed = np.ones((2, 2), np.bool_)
    mentions = [_span(0, PERSON), _span(1, CITY), _span(2, CITY)]
    pairs = candidate_pairs(mentions, [0, 2, 3], allowed).tolist()
    assert sorted(pairs) == [[0, 1], [1, 0], [1, 2], [2, 1]]


def test_a_long_list_of_names_has_a_linear_number_of_pairs() -> None:
    allowed = np.ones((2, 2), np.bool_)
    mentions = [_span(token, PERSON) for token in range(1000)]
    assert len(candidate_pairs(mentions, [0] * 1000, allowed)) <= 2 * MAX_PARTNERS * 1000


def test_places_tell_direction_nesting_and_sameness_and_fit_their_tables() -> None:
    mentions = [TypedSpan(0, 3, 0, 1.0), _span(3, 1), _span(200, 1)]
    pairs = np.array([[0, 1], [1, 0], [0, 2], [2, 0], [1, 2]])
    places = pair_places(pairs, mentions, [0] * 150 + [1] * 60, [0, 1, 1])
    assert np.all(places < np.array(PLACE_SIZES))
    assert len({tuple(place) for place in places.tolist()}) == 5
    assert places[:, 0].tolist() == [0, 0, 1, 1, 1]
    assert places[:, 2].tolist() == [0, 0, 0, 0, 1]
