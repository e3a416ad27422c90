"""Declined and answered questions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.abstention import abstention_counts, answered_counts


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=30))
def test_counts_add_up_to_the_four_kinds_of_questions(asked: list[tuple[bool, bool]]) -> None:
    rows = [abstention_counts(declined=d, answerable=a) for d, a in asked]
    rightly, declined, unanswerable = (sum(column) for column in zip(*rows, strict=True))
    answers = [answered_counts(declined=d, answerable=a) for d, a in asked]
    answered, answerable = (sum(column) for column in zip(*answers, strict=True))
    assert unanswerable + answerable == len(asked)
    assert rightly == asked.count((True, False))
    assert answered == asked.count((False, True))
    assert declined - rightly == answerable - answered == asked.count((True, True))


@pytest.mark.parametrize("always", [True, False])
def test_declining_always_or_never_is_not_rewarded_on_both_sides(always: bool) -> None:
    truth = [True, True, True, False]
    rows = [abstention_counts(declined=always, answerable=answerable) for answerable in truth]
    answers = [answered_counts(declined=always, answerable=answerable) for answerable in truth]
    assert sum(row[0] for row in rows) == (1 if always else 0)
    assert sum(row[1] for row in rows) == (4 if always else 0)
    assert sum(row[0] for row in answers) == (0 if always else 3)
