"""Relations: both ends, the name and the direction count."""

from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.relations import Relation, relation_counts
from eval.metrics.spans import Span

ENDS = st.builds(
    lambda at, type_: (at * 10, at * 10 + 5, type_),
    st.integers(0, 3),
    st.sampled_from(["person", "place"]),
)
RELATIONS = st.lists(
    st.tuples(ENDS, st.sampled_from(["born_in", "spouse"]), ENDS).filter(
        lambda relation: relation[0] != relation[2]
    ),
    max_size=8,
)
SYMMETRIC = frozenset({"spouse"})
ANNA: Span = (0, 4, "person")
BORIS: Span = (10, 15, "person")
BASEL: Span = (20, 25, "place")


def swapped(relations: list[Relation]) -> list[Relation]:
    return [(tail, name, head) for head, name, tail in relations]


@given(RELATIONS, RELATIONS)
def test_every_right_one_is_found_by_looking_at_each_pair(
    gold: list[Relation], found: list[Relation]
) -> None:
    def same(one: Relation, other: Relation) -> bool:
        return one == other or (one[1] in SYMMETRIC and [one] == swapped([other]))

    def distinct(relations: list[Relation]) -> list[Relation]:
        kept: list[Relation] = []
        for relation in relations:
            if not any(same(relation, other) for other in kept):
                kept.append(relation)
        return kept

    one, other = distinct(gold), distinct(found)
    right = sum(any(same(a, b) for b in other) for a in one)
    assert relation_counts(gold, found, SYMMETRIC) == (right, len(other), len(one))


@given(RELATIONS)
def test_swapping_the_ends_loses_all_but_the_symmetric(gold: list[Relation]) -> None:
    once = [one for one in gold if swapped([one])[0] not in gold]
    right, predicted, wanted = relation_counts(once, swapped(once), SYMMETRIC)
    assert right == len({one for one in once if one[1] in SYMMETRIC})
    assert predicted == wanted
    assert relation_counts(gold, swapped(gold), {"spouse", "born_in"})[0] == wanted_of(gold)


def wanted_of(gold: list[Relation]) -> int:
    return len({(name, frozenset((head, tail))) for head, name, tail in gold})


@given(RELATIONS)
def test_identical_relations_are_all_right(gold: list[Relation]) -> None:
    right, predicted, wanted = relation_counts(gold, gold[::-1] + gold, SYMMETRIC)
    assert right == predicted == wanted


def test_a_wrong_type_at_one_end_is_wrong() -> None:
    gold: list[Relation] = [(ANNA, "born_in", BASEL)]
    found: list[Relation] = [(ANNA, "born_in", (20, 25, "person"))]
    assert relation_counts(gold, found) == (0, 1, 1)


def test_a_symmetric_relation_said_both_ways_counts_once() -> None:
    both: list[Relation] = [(ANNA, "spouse", BORIS), (BORIS, "spouse", ANNA)]
    assert relation_counts(both[:1], both, SYMMETRIC) == (1, 1, 1)
    assert relation_counts(both[:1], both) == (1, 2, 1)
