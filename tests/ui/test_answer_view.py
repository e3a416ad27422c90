from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Literal

import pytest

from indexes.records import Entity, Evidence, Triplet
from kgrag.events import Answer, Citation, RankedPassage, SearchResult, Sentence, Status
from tests.ui.library import PAYLOADS
from tests.ui.parsed import Parsed, assert_inert
from ui import answer_view
from ui.answer_view import Turn
from ui.words import words

conversation = partial(answer_view.conversation, words("en"))
pending_turn = partial(answer_view.pending_turn, words("en"))


def citation(text: str, n: int = 1) -> Citation:
    return Citation(n, "sha256:" + text, text, 3, 0, len(text), text)


def answer(*sentences: Sentence, mode: Literal["quote", "llm"] = "llm") -> Answer:
    numbers = sorted({n for sentence in sentences for n in sentence.citations})
    sources = tuple(citation(f"source {n}", n) for n in numbers)
    return Answer("Who?", sentences, sources, False, None, mode, 0.1)


def abstention(why: str, nearest: str) -> Answer:
    passage = RankedPassage("id", nearest, None, 0, len(nearest), nearest, 1.0)
    return Answer("Who?", (), (), True, why, "llm", 0.1, nearest=(passage,))


def found(question: str) -> SearchResult:
    passage = RankedPassage("id", "a.txt", None, 0, 4, "Text", 1.0)
    return SearchResult(question, (passage,), (), 0.1)


def shown(answer: Answer) -> Parsed:
    return Parsed(conversation([Turn(answer.question, answer)]))


def doubted(text: str, verdict: Status = "unsupported") -> Sentence:
    return Sentence(text, (1,), verdict, text)


def fact(subject: str, start: int, end: int, score: float = 0.8) -> Triplet:
    evidence = Evidence("sha256:a", "a.txt", None, start, end, "q" * (end - start), "test", score)
    one, other = (Entity(f"id:{name}", name, "city", (), None) for name in (subject, "Basel"))
    return Triplet(one, "P19", other, (evidence,))


def quoted(*facts: Triplet) -> Answer:
    source = Citation(1, "sha256:a", "a.txt", None, 10, 40, "Euler was born there.", facts)
    said = Sentence(source.quote, (1,))
    return replace(answer(said, mode="quote"), citations=(source,))


SINKS: dict[str, Callable[[str], str]] = {
    "question": lambda text: conversation([Turn(text, answer(Sentence("So.", (1,))))]),
    "written": lambda text: conversation([Turn("Q", answer(Sentence(text, (1,))))]),
    "partly": lambda text: conversation([Turn("Q", answer(doubted(text, "partly")))]),
    "contradicted": lambda text: conversation([Turn("Q", answer(doubted(text, "contradicted")))]),
    "reason": lambda text: conversation(
        [Turn("Q", answer(Sentence("So.", (1,), "unsupported", text)))]
    ),
    "highlight": lambda text: conversation(
        [Turn("Q", answer(Sentence(text, (1,), highlight=(1, 3))))]
    ),
    "quotation": lambda text: conversation(
        [Turn("Q", replace(answer(Sentence("So.", (1,))), citations=(citation(text),)))]
    ),
    "fact": lambda text: conversation([Turn("Q", quoted(fact(text, 10, 40)))]),
    "understood": lambda text: conversation(
        [Turn("Q", replace(answer(Sentence("So.", (1,))), understood=text))]
    ),
    "notice": lambda text: conversation(
        [Turn("Q", replace(answer(Sentence("So.", (1,))), notice=text))]
    ),
    "why": lambda text: conversation([Turn("Q", abstention(text, "near"))]),
    "nearest": lambda text: conversation([Turn("Q", abstention("no", text))]),
    "failure": lambda text: conversation([Turn("Q", failure=text)]),
    "being asked": lambda text: pending_turn(text, [], None),
    "being written": lambda text: pending_turn("Q", [doubted(text)], found("Q")),
    "being understood": lambda text: pending_turn("Q", [], found(text)),
}


@pytest.mark.parametrize("sink", SINKS)
@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_text_stays_text_in_every_part_of_an_answer(payload: str, sink: str) -> None:
    assert_inert(SINKS[sink](payload), payload)


def test_each_citation_number_of_an_answer_leads_to_its_card() -> None:
    two = answer(Sentence("One.", (1,)), Sentence("Both.", (1, 2)))
    parsed = Parsed(conversation([Turn("Before", failure="no"), Turn("Who?", two)]))
    targets = [value for name, value in parsed.attributes if name == "data-cite"]
    assert targets == ["1:1", "1:1", "1:2", "1:1", "1:2"]
    assert "p. 3" in parsed.text


def test_a_citation_number_that_was_not_retrieved_is_not_shown() -> None:
    invented = replace(answer(Sentence("So.", (7,))), citations=())
    assert "data-cite" not in conversation([Turn("Q", invented)])


@pytest.mark.parametrize(
    ("verdict", "named"),
    [("unsupported", "Not supported"), ("contradicted", "Contradicted")],
)
def test_a_sentence_without_support_is_struck_and_says_why(verdict: Status, named: str) -> None:
    wrong = Sentence("He came in 1999.", (1,), verdict, "1999 is not in the source.")
    parsed = shown(answer(Sentence("He came.", (1,)), wrong))
    assert parsed.within["s"] == "He came in 1999."
    assert f"{named}: 1999 is not in the source." in parsed.text


def test_a_sentence_with_some_support_is_marked_but_not_struck() -> None:
    doubtful = Sentence("He came in May.", (1,), "partly", "The source says only 1727.")
    parsed = shown(answer(doubtful))
    assert "s" not in parsed.tags
    assert "He came in May." in parsed.text
    assert "Partly supported: The source says only 1727." in parsed.text
    assert ("class", "kg-sentence kg-doubted kg-is-partly") in parsed.attributes


@pytest.mark.parametrize("mode", ["quote", "llm"])
def test_a_supported_sentence_bears_no_mark(mode: Literal["quote", "llm"]) -> None:
    page = conversation([Turn("Q", answer(Sentence("He came.", (1,)), mode=mode))])
    assert "kg-verdict" not in page
    assert "kg-doubted" not in page


def test_the_answer_stands_out_in_the_sentence_that_is_quoted() -> None:
    quoted = Sentence("Euler came in <1727> by sea.", (1,), highlight=(14, 20))
    parsed = shown(answer(quoted, mode="quote"))
    assert parsed.within["strong"] == "<1727>"
    assert "Euler came in <1727> by sea." in parsed.text


def test_the_card_of_a_quotation_shows_the_facts_in_it_and_not_its_words_again() -> None:
    unsure, beyond = fact("Bernoulli", 10, 40, score=0.6), fact("Gsell", 10, 60)
    text = shown(quoted(fact("Euler", 10, 40), unsure, beyond)).text
    assert "Euler — place of birth — Basel" in text
    assert "Bernoulli" not in text
    assert "Gsell" not in text
    assert text.count("Euler was born there.") == 1


def test_the_card_of_what_a_model_cites_shows_its_words() -> None:
    assert "source 1" in shown(answer(Sentence("He came.", (1,)))).within["q"]


def test_a_follow_up_shows_how_it_was_understood() -> None:
    followed = replace(answer(Sentence("So.", (1,))), understood="When did Euler die?")
    assert "Understood as: When did Euler die?" in shown(followed).text
    pending = Parsed(pending_turn("And when?", [], found("When did Euler die?")))
    assert "Understood as: When did Euler die?" in pending.text


def test_a_question_that_needs_no_understanding_is_shown_once() -> None:
    assert "Understood as" not in shown(answer(Sentence("So.", (1,)))).text
    assert "Understood as" not in pending_turn("Who  came? ", [], found("Who came?"))


def test_a_notice_stands_before_the_answer() -> None:
    quoted = answer(Sentence("He came.", (1,)), mode="quote")
    text = shown(replace(quoted, notice="The model cannot be reached.")).text
    assert text.index("The model cannot be reached.") < text.index("He came.")


def test_an_abstention_says_why_and_offers_what_comes_nearest() -> None:
    parsed = shown(abstention("Nothing covers: Peru.", "Lima is far."))
    assert "Nothing covers: Peru." in parsed.text
    assert "Lima is far." in parsed.text
    assert ("data-passage", "0:0") in parsed.attributes


def test_an_abstention_shows_what_was_struck_before_it() -> None:
    struck = replace(abstention("No.", "near"), sentences=(doubted("He came in 1999."),))
    assert shown(struck).within["s"] == "He came in 1999."


def test_sentences_are_shown_with_their_verdicts_while_more_is_written() -> None:
    so_far = [Sentence("He came.", (2,)), Sentence("In 1999.", (1,), "contradicted", "It was 1727")]
    parsed = Parsed(pending_turn("Who?", so_far, found("Who?")))
    assert parsed.within["s"] == "In 1999."
    assert "Contradicted: It was 1727" in parsed.text
    assert ("class", "kg-chip") in parsed.attributes
    assert ("aria-busy", "true") in parsed.attributes
    assert "data-cite" not in dict(parsed.attributes)
