import pytest

from indexes.records import (
    Document,
    Entity,
    Evidence,
    Extraction,
    Heading,
    Mention,
    MentionRelation,
    Page,
    Passage,
    Triplet,
)


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 3), (4, 2)])
def test_a_span_that_is_no_span_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="0 <= start < end"):
        Passage(0, start, end)
    with pytest.raises(ValueError, match="0 <= start < end"):
        Heading(1, start, end)
    with pytest.raises(ValueError, match="0 <= start < end"):
        MentionRelation(0, "P19", 1, start, end, 0.5)


@pytest.mark.parametrize("score", [-0.1, 1.1, float("nan")])
def test_a_score_outside_its_range_is_refused(score: float) -> None:
    with pytest.raises(ValueError, match="score"):
        Mention(0, 2, "ab", "person", score)
    with pytest.raises(ValueError, match="score"):
        Evidence("id", "a", None, 0, 2, "ab", "hand", score)


def test_a_quotation_of_another_length_than_its_span_is_refused() -> None:
    with pytest.raises(ValueError, match="not 3 characters long"):
        Mention(0, 3, "ab", "person", 0.5)
    with pytest.raises(ValueError, match="not 3 characters long"):
        Evidence("id", "a", None, 0, 3, "ab", "hand", 0.5)


def test_pages_and_headings_must_lie_within_the_text() -> None:
    assert Document("id", "a", "text/plain", "text", pages=(Page(1, 0, 4),)).page_at(2) == 1
    with pytest.raises(ValueError, match="ends after the text"):
        Document("id", "a", "text/plain", "text", pages=(Page(1, 0, 5),))
    with pytest.raises(ValueError, match="ends after the text"):
        Document("id", "a", "text/plain", "text", headings=(Heading(1, 0, 5),))


def test_an_offset_belongs_to_the_last_page_that_starts_before_it() -> None:
    pages = (Page(1, 0, 3), Page(2, 4, 4), Page(3, 4, 9))
    document = Document("id", "a", "text/plain", "x" * 9, pages=pages)
    assert [document.page_at(offset) for offset in (0, 3, 4, 8)] == [1, 1, 3, 3]
    assert Document("id", "a", "text/plain", "x").page_at(0) is None


def test_a_relation_must_hold_its_mentions_in_its_evidence() -> None:
    mentions = (Mention(0, 2, "ab", "person", 1.0), Mention(5, 7, "cd", "person", 1.0))
    Extraction(mentions, (MentionRelation(0, "P26", 1, 0, 7, 0.5),))
    with pytest.raises(ValueError, match="outside its evidence"):
        Extraction(mentions, (MentionRelation(0, "P26", 1, 0, 6, 0.5),))


def test_a_triplet_needs_evidence_and_doubts_it_once_for_each_document() -> None:
    one, other = Entity("a", "A", "person"), Entity("b", "B", "person")
    with pytest.raises(ValueError, match="at least one"):
        Triplet(one, "P26", other, ())
    evidence = [
        Evidence(document, document, None, start, start + 1, "x", "hand", score)
        for document, start, score in (("d1", 0, 0.5), ("d1", 3, 0.6), ("d2", 0, 0.5))
    ]
    assert Triplet(one, "P26", other, tuple(evidence)).confidence == pytest.approx(1 - 0.4 * 0.5)


def test_a_reference_refers_to_a_name_of_its_text() -> None:
    name, he = Mention(0, 2, "ab", "person", 1.0), Mention(5, 7, "he", "person", 0.9, 0)
    assert Extraction((name, he)).mentions[1].antecedent == 0
    for antecedent in (1, 2):  # itself, nobody
        with pytest.raises(ValueError, match="does not refer to a name"):
            Extraction((name, Mention(5, 7, "he", "person", 0.9, antecedent)))
    with pytest.raises(ValueError, match="does not refer to a name"):
        Extraction((name, he, Mention(8, 11, "him", "person", 0.9, 1)))
    with pytest.raises(ValueError, match="no index"):
        Mention(5, 7, "he", "person", 0.9, -1)
