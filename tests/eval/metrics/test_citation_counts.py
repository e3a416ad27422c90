"""Citations against expected evidence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.citations import (
    Cited,
    citation_counts,
    citations_right,
    fits,
    holds,
    pieces_cited,
)
from eval.sets.questions import Expected

BORN = "Leonhard Euler was born in Basel on 15 April 1707."
DOCUMENTS = st.sampled_from(["a.pdf", "b.md"])
PAGES = st.none() | st.integers(1, 2)
QUOTES = st.sampled_from(["born in Basel", "in Basel", "in\n Basel", "died", ""])
PIECES = st.lists(st.builds(Expected, DOCUMENTS, PAGES, QUOTES), max_size=4)
CITED = st.lists(st.builds(Cited, DOCUMENTS, PAGES, QUOTES), max_size=4)


@pytest.mark.parametrize(
    ("piece", "cited", "right"),
    [
        (Expected("a.pdf", 2, "born in Basel"), Cited("a.pdf", 2, BORN), True),
        (Expected("a.pdf", 2, BORN), Cited("a.pdf", 2, "born\n  in Basel"), True),
        (Expected("a.pdf", None, "born in Basel"), Cited("a.pdf", 7, BORN), True),
        (Expected("a.pdf", 2, "born in Basel"), Cited("a.pdf", None, BORN), True),
        (Expected("a.pdf", 2), Cited("a.pdf", 2, "anything"), True),
        (Expected("a.pdf", 2), Cited("a.pdf", 3, "anything"), False),
        (Expected("a.pdf", 2, "born in Basel"), Cited("a.pdf", 3, BORN), False),
        (Expected("a.pdf", 2, "born in Bern"), Cited("a.pdf", 2, BORN), False),
        (Expected("a.pdf", 2, "born in Basel"), Cited("b.pdf", 2, BORN), False),
        (Expected("a.pdf", 2, "born in Basel"), Cited("a.pdf", 2, " "), False),
    ],
)
def test_document_page_and_quotation_must_fit(piece: Expected, cited: Cited, right: bool) -> None:
    assert fits(piece, cited) == right


@given(PIECES, CITED)
def test_counts_are_those_of_every_pair(expected: list[Expected], cited: list[Cited]) -> None:
    table = [[fits(piece, one) for one in cited] for piece in expected]
    assert pieces_cited(expected, cited) == [any(row) for row in table]
    assert citations_right(expected, cited) == [
        any(row[at] for row in table) for at in range(len(cited))
    ]
    right, given_, wanted, found = citation_counts(expected, cited)
    assert (given_, wanted) == (len(cited), len(expected))
    assert right == sum(citations_right(expected, cited)) <= given_
    assert found == sum(pieces_cited(expected, cited)) <= wanted
    assert (right > 0) == (found > 0)


@given(PIECES, CITED, CITED)
def test_citing_more_finds_no_fewer_pieces(
    expected: list[Expected], cited: list[Cited], more: list[Cited]
) -> None:
    before, after = pieces_cited(expected, cited), pieces_cited(expected, [*more, *cited])
    assert all(late >= early for early, late in zip(before, after, strict=True))


def test_one_citation_may_hold_several_pieces_and_several_be_of_one() -> None:
    pieces = [Expected("a.pdf", None, "born in Basel"), Expected("a.pdf", None, "15 April 1707")]
    assert citation_counts(pieces, [Cited("a.pdf", 1, BORN)]) == (1, 1, 2, 2)
    assert citation_counts(pieces[:1], [Cited("a.pdf", 1, BORN)] * 2) == (2, 2, 1, 1)


@given(st.text(), st.text(), st.text())
def test_white_space_is_set_aside(before: str, quote: str, after: str) -> None:
    spread = "\n \t".join(f"{before} {quote} {after}".split(" "))
    assert holds(quote, spread) == (bool(spread.split()) or not quote.split())


def test_with_nothing_expected_no_citation_is_right() -> None:
    assert citation_counts([], [Cited("a.pdf", 1, BORN)]) == (0, 1, 0, 0)
