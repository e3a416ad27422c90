"""What an answer cites against the evidence that is expected of it.

A citation is right where it names the document of an expected piece, and one of the two quotations
holds the other, white space aside. An expected piece without a quotation takes any citation of its
document. Pages count where both sides have one. Precision and recall of citations: ALCE (Gao et
al. 2023), with the quotations in place of a judge.
"""

from collections.abc import Sequence
from typing import NamedTuple

from eval.sets.questions import Expected


class Cited(NamedTuple):
    """A citation: the document's name, the page (from 1, if there are any), the quotation."""

    document: str
    page: int | None
    quote: str


def fits(piece: Expected, cited: Cited) -> bool:
    """Return whether a citation is of an expected piece of evidence."""
    return (
        cited.document == piece.document
        and (piece.page is None or cited.page is None or cited.page == piece.page)
        and holds(piece.quote, cited.quote)
    )


def holds(expected: str, cited: str) -> bool:
    """Return whether one of two quotations holds the other, white space aside.

    An empty expected one is held by any; an empty cited one holds no other.
    """
    one, other = " ".join(expected.split()), " ".join(cited.split())
    return one in other or (other != "" and other in one)


def pieces_cited(expected: Sequence[Expected], cited: Sequence[Cited]) -> list[bool]:
    """Return of each expected piece whether any citation is of it."""
    return [any(fits(piece, one) for one in cited) for piece in expected]


def citations_right(expected: Sequence[Expected], cited: Sequence[Cited]) -> list[bool]:
    """Return of each citation whether it is of any expected piece."""
    return [any(fits(piece, one) for piece in expected) for one in cited]


def citation_counts(
    expected: Sequence[Expected], cited: Sequence[Cited]
) -> tuple[int, int, int, int]:
    """Count citations that are right, citations, expected pieces, and those of them that are cited.

    Precision is the first by the second, recall the fourth by the third: several citations may be
    of one piece, and one citation of several.
    """
    right, found = citations_right(expected, cited), pieces_cited(expected, cited)
    return sum(right), len(right), len(found), sum(found)
