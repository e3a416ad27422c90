import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kgrag.extract.spans import MAX_SPAN_TOKENS, TypedSpan, decode_spans, without_crossings

SPANS = st.lists(
    st.tuples(st.integers(0, 19), st.integers(0, 5), st.floats(0, 1)).map(
        lambda item: TypedSpan(item[0], min(item[0] + item[1], 19), 0, item[2])
    ),
    unique_by=lambda span: (span.first, span.last),
    max_size=30,
)


@given(SPANS)
def test_mentions_never_cross_and_come_in_text_order(spans: list[TypedSpan]) -> None:
    kept = without_crossings(spans, 20)
    assert set(kept) <= set(spans)
    assert kept == sorted(kept, key=lambda span: (span.first, -span.last))
    for one in kept:
        for two in kept:
            assert not one.first < two.first <= one.last < two.last


@given(SPANS)
def test_the_best_span_is_always_kept(spans: list[TypedSpan]) -> None:
    if spans:
        assert max(span.score for span in spans) in {
            span.score for span in without_crossings(spans, 20)
        }


def _scores(named: dict[tuple[int, int], list[float]], types: int) -> NDArray[np.float32]:
    scores = np.zeros((6, MAX_SPAN_TOKENS, 1 + types), np.float32)
    scores[:, :, 0] = 1.0
    for (first, last), probabilities in named.items():
        scores[first, last - first] = [1.0 - sum(probabilities), *probabilities]
    return scores


def test_a_mention_within_a_mention_survives() -> None:
    scores = _scores({(0, 3): [0.9, 0.0], (3, 3): [0.0, 0.8]}, 2)
    found = [(span.first, span.last, span.type) for span in decode_spans(scores, [0, 1], 0.5)]
    assert found == [(0, 3, 0), (3, 3, 1)]


def test_probability_split_within_a_group_adds_up() -> None:
    scores = _scores({(1, 1): [0.25, 0.3, 0.35]}, 3)
    (found,) = decode_spans(scores, [0, 0, 1], 0.5)
    assert found.type == 1
    assert abs(found.score - 0.9) < 1e-6


def test_spans_past_the_end_of_the_window_are_nothing() -> None:
    scores = np.zeros((3, MAX_SPAN_TOKENS, 2), np.float32)
    scores[:, :, 1] = 1.0
    assert all(span.last < 3 for span in decode_spans(scores, [0], 0.5))


def test_no_mention_lies_in_two_blocks() -> None:
    scores = np.zeros((3, MAX_SPAN_TOKENS, 2), np.float32)
    scores[:, :, 0] = 1.0
    scores[0, 1] = (0.1, 0.9)
    scores[1, 1] = (0.2, 0.8)
    (found,) = decode_spans(scores, [0], 0.5, blocks=[0, 1, 1])
    assert (found.first, found.last) == (1, 2)
