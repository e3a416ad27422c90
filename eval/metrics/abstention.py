"""Declining to answer, as a search for the questions that have no answer.

Precision is the share of the declined that have none, recall the share of those without one that
were declined (the no-answer side of SQuAD 2.0, Rajpurkar et al. 2018).
"""


def abstention_counts(*, declined: bool, answerable: bool) -> tuple[int, int, int]:
    """Count one question: declined and unanswerable, declined, unanswerable."""
    return int(declined and not answerable), int(declined), int(not answerable)


def answered_counts(*, declined: bool, answerable: bool) -> tuple[int, int]:
    """Count one question: answered and answerable, answerable."""
    return int(answerable and not declined), int(answerable)
