import pytest

from indexes.records import Mention
from kgrag.train.coreference_scores import b_cubed, identities, name_rows, pairwise


def test_pairs_count_what_is_joined_in_both() -> None:
    # Gold {1 2 3} {4 5}; found {1 2} {3 4 5}: of 3 + 1 gold pairs, (1, 2) and (4, 5) are found.
    counts = pairwise("aaabb", "xxyyy")
    assert (counts.right, counts.predicted, counts.wanted) == (2, 4, 4)


def test_b_cubed_gives_the_example_of_its_authors() -> None:
    # Bagga and Baldwin (1998), figures 1 and 2: twelve mentions, gold {1-5} {6 7} {8-C}.
    gold = "aaaaabbccccc"
    joined_small = "xxxxxyyyyyyy"
    joined_large = "xxxxxyyxxxxx"
    assert b_cubed(gold, joined_small) == pytest.approx((16 / 21, 1.0))
    assert b_cubed(gold, joined_large) == pytest.approx((7 / 12, 1.0))


def test_singletons_are_pure_and_not_whole() -> None:
    assert b_cubed("aab", "xyz") == pytest.approx((1.0, 2 / 3))
    assert b_cubed("", "") == (1.0, 1.0)


def test_names_are_joined_as_the_product_joins_them() -> None:
    text = "Leonhard Euler met Anna. Euler left."
    surfaces = ("Leonhard Euler", "Anna", "Euler")
    mentions = []
    at = 0
    for surface in surfaces:
        at = text.index(surface, at)
        mentions.append(Mention(at, at + len(surface), surface, "person", 1.0))
        at += len(surface)
    found = identities(text, mentions, "one")
    assert found[0] == found[2] != found[1]
    pairs, cubed = name_rows("hand", [(text, tuple(mentions), ("e", "a", "e"))])
    assert (pairs.precision, pairs.recall, pairs.n) == (1.0, 1.0, 1)
    assert (cubed.f1, cubed.n) == (1.0, 3)
