"""Questions over a small library, answered by quoting."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kgrag import KnowledgeBase
from kgrag.events import Answered, Retrieved, Token
from kgrag.quote import choose
from kgrag.sentence_model import load_model
from tests.fakes import CapitalisedExtractor

TEXTS = {
    "ada.txt": "Ada Lovelace was born in London in 1815. She wrote notes on the Analytical Engine.",
    "babbage.txt": "Charles Babbage designed the Analytical Engine in 1837. He died in London.",
    "river.txt": "The Neva flows from Lake Ladoga to the Gulf of Finland. It is 74 km long.",
    "mendeleev.txt": "Дмитрий Менделеев родился в Тобольске в 1834 году. Он открыл закон.",
}


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("answers")
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    library = folder / "library"
    with KnowledgeBase.open(library, extractor=CapitalisedExtractor) as opened:
        opened.add([folder / name for name in TEXTS])
        yield opened


def test_the_sentence_that_answers_is_quoted_first(kb: KnowledgeBase) -> None:
    answer = kb.ask("When was Ada Lovelace born?")
    assert answer.citations[0].quote == "Ada Lovelace was born in London in 1815."
    assert answer.text.startswith("Ada Lovelace was born in London in 1815. [1]")


def test_russian_is_asked_and_answered_like_english(kb: KnowledgeBase) -> None:
    answer = kb.ask("Где родился Менделеев?")
    assert answer.citations[0].document_name == "mendeleev.txt"


def test_every_citation_equals_its_span_and_every_number_has_one(kb: KnowledgeBase) -> None:
    for question in ("Who designed the Analytical Engine?", "How long is the Neva?"):
        answer = kb.ask(question)
        numbers = {citation.n for citation in answer.citations}
        assert {n for sentence in answer.sentences for n in sentence.citations} == numbers
        for citation in answer.citations:
            text = kb.document(citation.document_id).text
            assert text[citation.start : citation.end] == citation.quote


def test_what_no_document_says_is_declined_and_the_gap_is_named(kb: KnowledgeBase) -> None:
    answer = kb.ask("Who invented the transistor?")
    assert answer.abstained and answer.citations == ()
    assert answer.why is not None and "transistor" in answer.why


def test_a_question_without_words_is_declined(kb: KnowledgeBase) -> None:
    for question in ("", "?!", "who is it", '" OR NEAR( * "'):
        assert kb.ask(question).abstained


def test_the_events_are_what_was_retrieved_then_the_text_then_the_answer(kb: KnowledgeBase) -> None:
    events = list(kb.stream("When was Ada Lovelace born?"))
    assert isinstance(events[0], Retrieved) and isinstance(events[-1], Answered)
    pieces = [event.text for event in events if isinstance(event, Token)]
    assert "".join(pieces).strip() == events[-1].answer.text


def test_a_follow_up_without_a_name_is_about_the_last_one(kb: KnowledgeBase) -> None:
    first = kb.ask("Where was Ada Lovelace born?")
    follow_up = kb.ask("In which year was that?", history=[first])
    assert follow_up.citations[0].document_name == "ada.txt"
    assert kb.ask("In which year was that?").abstained


def test_the_graph_carries_a_question_one_hop(kb: KnowledgeBase) -> None:
    found = kb.search("Ada Lovelace", limit=8)
    names = [passage.document_name for passage in found.passages]
    assert names[0] == "ada.txt" and "babbage.txt" in names


def test_facts_about_a_name_are_found_in_any_inflection(kb: KnowledgeBase) -> None:
    facts = kb.facts(about="Менделеева Дмитрия") or kb.facts(about="Дмитрием Менделеевым")
    assert facts and all(fact.evidence for fact in facts)


def test_nothing_is_chosen_below_the_threshold() -> None:
    assert choose([]) == []
    assert 0 < load_model().threshold < 1


def test_the_order_in_which_files_were_added_changes_no_answer(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with KnowledgeBase.open(tmp_path / "library", extractor=CapitalisedExtractor) as other:
        for name in reversed(TEXTS):
            other.add(tmp_path / name)
        for question in ("When was Ada Lovelace born?", "Who designed the Analytical Engine?"):
            assert other.ask(question).text == kb.ask(question).text
