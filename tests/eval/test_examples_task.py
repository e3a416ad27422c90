"""How answers to the example questions are judged."""

from eval.tasks.examples import holds, judge, share
from kgrag.events import Answer, Citation

QUESTION = {
    "id": "x",
    "kind": "two-hop",
    "question": "Who?",
    "answerable": True,
    "evidence": [
        {"document": "a.txt", "quote": "Euler was born\nin Basel"},
        {"document": "b.txt", "quote": "Basel lies on the Rhine"},
    ],
}


def answer(*cited: tuple[str, str]) -> Answer:
    citations = tuple(
        Citation(n, "sha256:0", document, None, 0, len(quote), quote)
        for n, (document, quote) in enumerate(cited, start=1)
    )
    return Answer("Who?", (), citations, not cited, None, "quote", 0.0)


def test_white_space_does_not_part_a_quotation_from_its_citation() -> None:
    assert holds("Euler was born\nin  Basel", "Leonhard Euler was born in Basel in 1707.")


def test_one_of_two_pieces_of_evidence_counts_as_any_and_not_as_all() -> None:
    found = judge(QUESTION, answer(("a.txt", "Leonhard Euler was born in Basel.")))
    assert (found["any"], found["all"]) == (True, False)


def test_the_right_words_in_the_wrong_document_do_not_count() -> None:
    assert not judge(QUESTION, answer(("c.txt", "Leonhard Euler was born in Basel.")))["any"]


def test_an_unanswerable_question_is_right_only_when_declined() -> None:
    question = QUESTION | {"answerable": False, "evidence": []}
    assert judge(question, answer())["any"]
    assert not judge(question, answer(("a.txt", "Anything at all.")))["any"]


def test_a_share_has_its_n_and_an_interval_around_it() -> None:
    measured = share([True, True, False, True])
    assert measured["value"] == 0.75 and measured["n"] == 4
    assert measured["low"] < 0.75 < measured["high"]
