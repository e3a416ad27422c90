"""Rankings against trec_eval, and what must not raise or lower a value."""

import math

import pytest
import pytrec_eval
from hypothesis import assume, given
from hypothesis import strategies as st

from eval.metrics.ranking import all_at, ndcg_at, recall_at, reciprocal_rank

NAMES = "abcdefghijkl"
RANKED = st.lists(st.sampled_from(NAMES), unique=True, min_size=1)
NEEDED = st.frozensets(st.sampled_from(NAMES), min_size=1)
PLACES = (1, 5, 10)


@given(RANKED, NEEDED)
def test_values_are_those_of_trec_eval(ranked: list[str], needed: frozenset[str]) -> None:
    places = ",".join(map(str, PLACES))
    evaluator = pytrec_eval.RelevanceEvaluator(
        {"q": dict.fromkeys(needed, 1)},
        {f"recall.{places}", f"ndcg_cut.{places}", "recip_rank"},
    )
    scores = {name: float(len(ranked) - at) for at, name in enumerate(ranked)}
    expected = evaluator.evaluate({"q": scores})["q"]
    assert reciprocal_rank(ranked, needed) == pytest.approx(expected["recip_rank"])
    for k in PLACES:
        assert recall_at(ranked, needed, k) == pytest.approx(expected[f"recall_{k}"])
        assert ndcg_at(ranked, needed, k) == pytest.approx(expected[f"ndcg_cut_{k}"])
        assert all_at(ranked, needed, k) == (expected[f"recall_{k}"] == 1.0)


@given(st.lists(st.sampled_from(NAMES)), NEEDED, st.integers(1, 12))
def test_a_repeat_is_a_place_without_gain(
    ranked: list[str], needed: frozenset[str], k: int
) -> None:
    seen: set[str] = set()
    renamed = []
    for place, name in enumerate(ranked):
        renamed.append(f"repeat {place}" if name in seen else name)
        seen.add(name)
    for measure in (recall_at, ndcg_at, all_at):
        assert measure(ranked, needed, k) == measure(renamed, needed, k)
    assert reciprocal_rank(ranked, needed) == reciprocal_rank(renamed, needed)


@given(RANKED, NEEDED, st.integers(1, 12))
def test_no_order_is_better_than_the_needed_first(
    ranked: list[str], needed: frozenset[str], k: int
) -> None:
    best = sorted(ranked, key=lambda name: name not in needed)
    assert 0 <= ndcg_at(ranked, needed, k) <= ndcg_at(best, needed, k) <= 1 + 1e-12
    assert ndcg_at(sorted(needed), needed, k) == pytest.approx(1.0)


@given(RANKED, NEEDED, st.integers(1, 11))
def test_looking_further_never_finds_fewer(
    ranked: list[str], needed: frozenset[str], k: int
) -> None:
    assert recall_at(ranked, needed, k) <= recall_at(ranked, needed, k + 1)
    assert all_at(ranked, needed, k) == (recall_at(ranked, needed, k) == 1.0)


@given(RANKED, NEEDED)
def test_moving_a_needed_name_up_raises_its_values(
    ranked: list[str], needed: frozenset[str]
) -> None:
    at = next((i for i in range(1, len(ranked)) if ranked[i] in needed), None)
    assume(at is not None and ranked[at - 1] not in needed)
    assert at is not None
    better = [*ranked[: at - 1], ranked[at], ranked[at - 1], *ranked[at + 1 :]]
    k = len(ranked)
    assert ndcg_at(better, needed, k) > ndcg_at(ranked, needed, k)


def test_a_worked_ranking() -> None:
    ranked, needed = ["x", "a", "y", "b"], {"a", "b", "c"}
    assert reciprocal_rank(ranked, needed) == 1 / 2
    assert recall_at(ranked, needed, 2) == 1 / 3
    gain = 1 / math.log2(3) + 1 / math.log2(5)
    best = 1 + 1 / math.log2(3) + 1 / math.log2(4)
    assert ndcg_at(ranked, needed, 10) == pytest.approx(gain / best)
    assert reciprocal_rank([], needed) == 0.0


def test_a_case_without_anything_needed_has_no_value() -> None:
    for k in PLACES:
        with pytest.raises(ValueError, match="nothing is needed"):
            recall_at(["a"], set(), k)
    with pytest.raises(ValueError, match="nothing is needed"):
        reciprocal_rank(["a"], set())


def test_no_places_are_refused() -> None:
    with pytest.raises(ValueError, match="the first 0 places"):
        ndcg_at(["a"], {"a"}, 0)
