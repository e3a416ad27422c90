"""Links to a catalogue: worked counts, and what holds of any links."""

from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.linking import Links, accuracy_counts, in_catalogue_counts, nil_counts

LINKS = st.dictionaries(st.integers(0, 9), st.sampled_from(["Q1", "Q2", "Q3", None]))

GOLD: Links = {0: "Q1", 1: "Q2", 2: None, 3: None, 4: "Q5"}
FOUND: Links = {0: "Q1", 1: "Q9", 2: None, 3: "Q7", 8: "Q8"}
"""One right, one wrong, NIL found, NIL missed, one not found as a mention, one invented."""


def test_counts_of_a_worked_example() -> None:
    assert in_catalogue_counts(GOLD, FOUND) == (1, 4, 3)
    assert accuracy_counts(GOLD, FOUND) == (2, 5)
    assert nil_counts(GOLD, FOUND) == (1, 2)


def test_nil_and_not_found_are_different_things() -> None:
    assert nil_counts({0: None}, {0: None}) == (1, 1)
    assert nil_counts({0: None}, {}) == (0, 1)
    assert accuracy_counts({0: None}, {}) == (0, 1)
    assert in_catalogue_counts({0: None}, {0: None}) == (0, 0, 0)


@given(LINKS, LINKS)
def test_each_mention_is_judged_by_itself(gold: Links, found: Links) -> None:
    kinds = [
        (mention in gold, gold.get(mention), mention in found, found.get(mention))
        for mention in {*gold, *found}
    ]
    hits = [wanted for _, wanted, _, said in kinds if wanted is not None and wanted == said]
    false = [said for _, wanted, _, said in kinds if said is not None and wanted != said]
    missed = [wanted for _, wanted, _, said in kinds if wanted is not None and wanted != said]
    right, predicted, wanted = in_catalogue_counts(gold, found)
    assert (right, predicted - right, wanted - right) == (len(hits), len(false), len(missed))
    nils = sum(a and one is None and b and other is None for a, one, b, other in kinds)
    assert nil_counts(gold, found)[0] == nils
    assert accuracy_counts(gold, found) == (len(hits) + nils, len(gold))


@given(LINKS)
def test_identical_links_are_all_right(gold: Links) -> None:
    linked = sum(entity is not None for entity in gold.values())
    assert in_catalogue_counts(gold, gold) == (linked, linked, linked)
    assert accuracy_counts(gold, gold) == (len(gold), len(gold))
    assert nil_counts(gold, gold) == (len(gold) - linked, len(gold) - linked)
