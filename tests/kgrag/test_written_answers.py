"""Answers that a language model writes: checked against what they cite, or replaced by quotations.

The model is a server on loopback that says what it is told to, the truth or not.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kgrag import KnowledgeBase, Settings
from kgrag.events import Answer, Answered, Retrieved, Token
from kgrag.model_settings import ModelSettings
from tests.chat_server import Behaviour, ChatServer, Exchange, say, serving
from tests.fakes import CapitalisedExtractor

TEXTS = {
    "ada.txt": "Ada Lovelace was born in London in 1815. She wrote notes on the Analytical Engine.",
    "babbage.txt": "Charles Babbage designed the Analytical Engine in 1837. He died in London.",
    "mendeleev.txt": "Дмитрий Менделеев родился в Тобольске в 1834 году. Он открыл закон.",
}
WHEN = "When was Ada Lovelace born?"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[KnowledgeBase, ChatServer]]:
    folder = tmp_path_factory.mktemp("written")
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    with serving() as (server, endpoint):
        settings = Settings(model=ModelSettings(endpoint=endpoint))
        with KnowledgeBase.open(folder / "library", settings, extractor=CapitalisedExtractor) as kb:
            kb.add([folder / name for name in TEXTS])
            yield kb, server


@pytest.fixture(autouse=True)
def fresh(asked: tuple[KnowledgeBase, ChatServer]) -> None:
    asked[1].script.clear()
    asked[1].requests.clear()


def number_of(prompt: str, words: str) -> int:
    """Return the number of the sentence in the prompt that holds these words."""
    found = re.search(rf"^\[(\d+)\] .*{re.escape(words)}", prompt, re.MULTILINE)
    assert found is not None, f"{words!r} is not in the prompt"
    return int(found.group(1))


def state(text: str, source: str) -> Behaviour:
    """Write a sentence, citing the one that holds ``source``."""

    def behave(exchange: Exchange) -> None:
        say(f"{text} [{number_of(exchange.prompt, source)}]")(exchange)

    return behave


def test_what_the_source_supports_stands_and_is_cited_by_its_span(
    asked: tuple[KnowledgeBase, ChatServer],
) -> None:
    kb, server = asked
    server.usual = state("Ada Lovelace was born in 1815.", "born in London")
    answer = kb.ask(WHEN)
    assert (answer.mode, answer.abstained, answer.notice) == ("llm", False, None)
    assert answer.text == "Ada Lovelace was born in 1815. [1]"
    assert answer.sentences[0].verdict == "supported"
    (citation,) = answer.citations
    text = kb.document(citation.document_id).text
    assert text[citation.start : citation.end] == citation.quote
    assert citation.quote == "Ada Lovelace was born in London in 1815."


def test_the_server_gets_a_grammar_of_the_numbers_in_the_prompt_and_no_others(
    asked: tuple[KnowledgeBase, ChatServer],
) -> None:
    kb, server = asked
    server.usual = state("Ada Lovelace was born in 1815.", "born in London")
    kb.ask(WHEN)
    request = server.requests[-1]
    prompt = str(request["messages"][-1]["content"])
    shown = set(re.findall(r"^\[(\d+)\]", prompt, re.MULTILINE))
    cite = request["structured_outputs"]["grammar"].splitlines()[-1]
    assert set(re.findall(r'"(\d+)"', cite)) == shown and shown


def test_a_wrong_year_is_struck_and_the_model_gets_one_more_try(
    asked: tuple[KnowledgeBase, ChatServer],
) -> None:
    kb, server = asked
    server.script.append(state("Ada Lovelace was born in 1820.", "born in London"))
    server.script.append(state("Ada Lovelace was born in 1815.", "born in London"))
    first, second, last = list(kb.stream(WHEN))[1:]
    assert isinstance(first, Token) and not first.is_anew and not first.sentence.stands
    assert isinstance(second, Token) and second.is_anew and second.sentence.stands
    assert isinstance(last, Answered)
    assert last.answer.text == "Ada Lovelace was born in 1815. [1]"
    assert "1820" in str(server.requests[1]["messages"][-1])


def test_a_model_that_goes_on_lying_is_struck_and_the_documents_are_quoted(
    asked: tuple[KnowledgeBase, ChatServer],
) -> None:
    kb, server = asked
    server.usual = state("Ada Lovelace was born in 1820.", "born in London")
    answer = kb.ask(WHEN)
    assert answer.mode == "quote" and answer.notice is not None
    struck, *quoted = answer.sentences
    assert not struck.stands and struck.reason is not None and "1820" in struck.reason
    assert "1820" not in answer.text and "1815" in answer.text
    assert all(sentence.stands for sentence in quoted)
    assert len(server.requests) == 2


def test_a_sentence_that_fails_is_struck_and_the_others_stand(
    asked: tuple[KnowledgeBase, ChatServer],
) -> None:
    kb, server = asked

    def half(exchange: Exchange) -> None:
        n = number_of(exchange.prompt, "born in London")
        say(f"Ada Lovelace was born in London. [{n}] She was born in 1999. [{n}]")(exchange)

    server.usual = half
    answer = kb.ask(WHEN)
    assert [sentence.stands for sentence in answer.sentences] == [True, False]
    assert answer.text == "Ada Lovelace was born in London. [1]"


def test_numbers_that_were_not_retrieved_never_reach_the_answer(
    asked: tuple[KnowledgeBase, ChatServer],
) -> None:
    kb, server = asked
    server.usual = say("Ada Lovelace was born in 1815. [77]")
    answer = kb.ask(WHEN)
    assert not answer.sentences[0].stands
    assert {n for s in answer.sentences for n in s.citations} == {c.n for c in answer.citations}
    assert "77" not in answer.text


def test_that_the_documents_do_not_say_is_an_answer(
    asked: tuple[KnowledgeBase, ChatServer],
) -> None:
    kb, server = asked
    server.usual = say("The documents do not say.")
    answer = kb.ask("When did Ada Lovelace learn cooking?")
    assert answer.abstained and answer.mode == "llm" and answer.text == ""
    assert answer.why is not None and "cooking" in answer.why
    assert answer.nearest[0].document_name == "ada.txt"


def test_a_russian_question_is_answered_and_declined_in_russian(
    asked: tuple[KnowledgeBase, ChatServer],
) -> None:
    kb, server = asked
    server.usual = state("Менделеев родился в Тобольске.", "Тобольске")
    assert kb.ask("Где родился Менделеев?").text == "Менделеев родился в Тобольске. [1]"
    assert "Answer in Russian" in str(server.requests[-1]["messages"][0])
    server.usual = say("В документах этого нет.")
    answer = kb.ask("Где умер Менделеев?")
    assert answer.why is not None and answer.why.startswith("В документах нет ответа")


def test_sentences_are_streamed_as_they_are_checked(
    asked: tuple[KnowledgeBase, ChatServer],
) -> None:
    kb, server = asked
    server.usual = state("Ada Lovelace was born in 1815.", "born in London")
    events = list(kb.stream(WHEN))
    kinds = [type(event) for event in events]
    assert kinds == [Retrieved, Token, Answered]
    token = events[1]
    assert isinstance(token, Token) and token.sentence.verdict == "supported"


def test_a_follow_up_is_rewritten_and_the_rewriting_is_shown(
    asked: tuple[KnowledgeBase, ChatServer],
) -> None:
    kb, server = asked
    server.usual = state("Ada Lovelace was born in 1815.", "born in London")
    first = kb.ask(WHEN)
    server.script.append(say("Where was Ada Lovelace born?"))
    answer = kb.ask("And where?", history=[first])
    assert answer.question == "And where?"
    assert answer.understood == "Where was Ada Lovelace born?"


def test_an_answer_that_hit_its_limit_keeps_what_was_complete(
    asked: tuple[KnowledgeBase, ChatServer],
) -> None:
    kb, server = asked

    def long(exchange: Exchange) -> None:
        n = number_of(exchange.prompt, "born in London")
        say(f"Ada Lovelace was born in London. [{n}] She was bo", finish="length")(exchange)

    server.usual = long
    assert kb.ask(WHEN).text == "Ada Lovelace was born in London. [1]"


def test_a_server_that_takes_no_grammar_is_held_to_the_same_contract(tmp_path: Path) -> None:
    (tmp_path / "ada.txt").write_text(TEXTS["ada.txt"], encoding="utf-8")
    with serving() as (server, endpoint):
        server.owner = "somebody"
        settings = Settings(model=ModelSettings(endpoint=endpoint))
        with KnowledgeBase.open(tmp_path / "l", settings, extractor=CapitalisedExtractor) as kb:
            kb.add(tmp_path / "ada.txt")
            server.usual = state("* Ada Lovelace was born in 1815 [99]", "born in London")
            answer: Answer = kb.ask(WHEN)
    assert "structured_outputs" not in server.requests[0]
    assert answer.text.startswith("Ada Lovelace was born in 1815") and "99" not in answer.text
    (sentence,) = answer.sentences
    assert sentence.verdict == "partly" and "(99)" in (sentence.reason or "")


def test_what_is_borne_out_in_part_by_weak_evidence_is_no_answer(
    asked: tuple[KnowledgeBase, ChatServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    kb, server = asked

    def also_unknown(exchange: Exchange) -> None:
        n = number_of(exchange.prompt, "born in London")
        say(f"Ada Lovelace was born in 1815. [{n}] [77]")(exchange)

    server.usual = also_unknown  # which makes it "partly"
    assert kb.ask(WHEN).text.startswith("Ada Lovelace was born in 1815.")
    monkeypatch.setattr("kgrag.answer.sufficiency", lambda _: 0.01)
    answer = kb.ask(WHEN)
    assert answer.abstained and answer.text == "" and answer.citations == ()
