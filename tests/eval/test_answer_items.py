"""What is counted of an answer."""

from dataclasses import replace

import pytest

from eval.answer_items import answer_item, is_right
from eval.sets.questions import Expected, Question
from kgrag.events import Answer, Citation, RankedPassage, Sentence

QUESTION = Question(
    "x",
    "Where was Euler born?",
    ("Basel",),
    (
        Expected("a.txt", quote="Euler was born\nin Basel"),
        Expected("b.txt", quote="Basel lies on the Rhine"),
    ),
)
UNANSWERABLE = Question("y", "Who was his cook?", answerable=False)


def answer(*cited: tuple[str, str], sufficiency: float | None = 0.8) -> Answer:
    citations = tuple(
        Citation(n, "sha256:0", document, None, 0, len(quote), quote)
        for n, (document, quote) in enumerate(cited, start=1)
    )
    sentences = tuple(
        Sentence(quote, (n,), highlight=(quote.index("Basel"), quote.index("Basel") + 5))
        if "Basel" in quote
        else Sentence(quote, (n,))
        for n, (_, quote) in enumerate(cited, start=1)
    )
    why = None if cited else "No."
    return Answer("x", sentences, citations, not cited, why, "quote", 0.0, sufficiency=sufficiency)


def counts(question: Question, given: Answer) -> dict[str, tuple[float, ...]]:
    return dict(answer_item(question, given, "g", ms=1.0).counts)


def test_white_space_does_not_part_a_quotation_from_its_citation() -> None:
    found = counts(QUESTION, answer(("a.txt", "Leonhard Euler was born in Basel in 1707.")))
    assert found["evidence_any"] == (1.0,) and found["evidence_all"] == (0.0,)
    assert found["citations"] == (1, 1, 2, 1)
    assert found["first_sentence"] == (1.0,)


def test_the_right_words_in_the_wrong_document_are_no_evidence() -> None:
    given = answer(("c.txt", "Leonhard Euler was born in Basel."))
    assert not is_right(QUESTION, given)
    assert counts(QUESTION, given)["contains"] == (1.0,)


def test_what_a_quotation_marks_is_held_against_the_expected_answer() -> None:
    found = counts(QUESTION, answer(("a.txt", "Euler was born in Basel.")))
    assert found["exact"] == (1.0,) and found["answer_f1"] == (1.0,)
    unmarked = counts(QUESTION, answer(("a.txt", "Euler was born there.")))
    assert "exact" not in unmarked and unmarked["contains"] == (0.0,)


def test_what_a_model_has_written_is_held_against_it_whole() -> None:
    written = replace(
        answer(("a.txt", "Euler was born in Basel.")),
        mode="llm",
        sentences=(
            Sentence("In Basel.", (1,)),
            Sentence("Maybe.", (1,), verdict="unsupported", reason="No."),
        ),
    )
    found = counts(QUESTION, written)
    assert found["exact"] == (0.0,) and found["answer_f1"][0] == pytest.approx(2 / 3)
    assert found["sentences"] == (1.0, 2.0)


def test_declining_is_right_where_there_is_no_answer_and_only_there() -> None:
    assert is_right(UNANSWERABLE, answer()) and not is_right(QUESTION, answer())
    assert counts(UNANSWERABLE, answer())["abstention"] == (1, 1, 1)
    assert counts(QUESTION, answer())["abstention"] == (0, 1, 0)
    assert counts(QUESTION, answer())["answered"] == (0, 1)
    assert "evidence_any" not in counts(UNANSWERABLE, answer(("a.txt", "He ate.")))
    item = answer_item(UNANSWERABLE, answer(("a.txt", "He ate.")), "g", ms=1.0)
    assert item.tags["outcome"] == "wrong"


def test_the_risk_of_what_was_declined_is_that_of_what_came_nearest() -> None:
    declined = answer(sufficiency=0.2)
    near = RankedPassage("sha256:0", "a.txt", None, 0, 9, "Euler was born in Basel. He left.", 1.0)
    assert counts(QUESTION, declined)["risk"] == (0.2, 1.0)
    assert counts(QUESTION, replace(declined, nearest=(near,)))["risk"] == (0.2, 0.0)
    assert counts(UNANSWERABLE, replace(declined, nearest=(near,)))["risk"] == (0.2, 1.0)
    assert "risk" not in counts(QUESTION, answer(sufficiency=None))


def test_an_answer_that_a_user_has_retracted_is_seen() -> None:
    question = replace(QUESTION, wrong=("Bern",))
    assert counts(question, answer(("a.txt", "Euler was born in Basel.")))["wrong_avoided"] == (1,)
    said = answer(("a.txt", "Euler was born in Bern, in Basel or at sea."))
    assert counts(question, said)["wrong_avoided"] == (0.0,)


def test_the_documents_behind_what_is_shown_are_known() -> None:
    item = answer_item(QUESTION, answer(("a.txt", "Euler was born in Basel.")), "g", ms=1.0)
    assert item.documents == ("sha256:0",)
    assert item.shown["citations"][0]["right"] is True
