import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest

from indexes.errors import LibraryLockedError
from indexes.scope import Filter
from kgrag import KnowledgeBase
from kgrag.events import Answer, Event
from kgrag.language_model import never
from tests.chat_server import hang_after, serving
from tests.ui.asking import PATIENCE_S, ask, events_of, with_model
from tests.ui.parsed import Parsed
from ui.accounts import LOCAL
from ui.answer_view import Turn
from ui.answering import Answering
from ui.events import Open, PageEvents
from ui.limits import Limits
from ui.run import Run
from ui.shelf import Shelf
from ui.source_view import empty
from ui.words import words

EN = words("en")


def clicked(**data: object) -> gr.EventData:
    return gr.EventData(None, data)


def test_an_answer_comes_with_its_first_source_highlighted_and_its_facts(
    events: PageEvents,
) -> None:
    chat, opened, source, graph, box = ask(events, "Where was Leonhard Euler born?")
    assert "Leonhard Euler was born in Basel." in Parsed(chat).text
    assert 'data-cite="0:1"' in chat
    assert "<mark>Leonhard Euler was born in Basel.</mark>" in source
    names = {node["label"] for node in json.loads(graph)["nodes"]}
    assert {"Leonhard Euler", "Basel"} <= names
    assert [turn.question for turn in opened.turns] == ["Where was Leonhard Euler born?"]
    assert box == gr.update(submit_btn=True, stop_btn=False)


def test_the_conversation_shows_what_is_going_on_before_the_answer(events: PageEvents) -> None:
    run = Run("Where was Leonhard Euler born?")
    first, *_ = events.ask(run, Open())
    assert "Searching your documents" in first
    assert "aria-busy" in first
    assert "aria-busy" not in events.finish(run, Open())[0]


def test_earlier_answers_are_passed_on_as_history(knowledge_base: KnowledgeBase) -> None:
    seen: list[int] = []

    stream = knowledge_base.stream

    def listen(
        question: str,
        *,
        history: Sequence[Answer] = (),
        where: Filter | None = None,
        stopped: Callable[[], bool] = never,
    ) -> Iterator[Event]:
        seen.append(len(history))
        return stream(question, history=history)

    knowledge_base.stream = listen  # type: ignore[method-assign]
    events = events_of(knowledge_base)
    opened = ask(events, "Where was Leonhard Euler born?")[1]
    lost = replace(opened, turns=(*opened.turns, Turn("lost", failure="no")))
    chat, opened, *_ = ask(events, "Whom did he marry?", lost)
    assert seen == [0, 1]
    assert len(opened.turns) == 3
    assert "2:1" in chat


def test_an_abstention_shows_why_and_where_to_look(events: PageEvents) -> None:
    chat, _, source, *_ = ask(events, "What is the boiling point of mercury?")
    assert "kg-abstained" in chat
    assert "data-passage" in chat
    assert source == empty(EN)


def test_a_written_sentence_is_shown_with_its_verdict_before_the_answer_is_whole(
    knowledge_base: KnowledgeBase,
) -> None:
    with serving() as (server, endpoint):
        server.usual = hang_after("Leonhard Euler was born in Riga. [2] He")
        with with_model(knowledge_base, endpoint) as asked:
            page = events_of(asked).ask(Run("Where was Leonhard Euler born?"), Open())
            shown = next(chat for chat in page if isinstance(chat, str) and "Riga" in chat)
            page.close()
            assert server.left.wait(PATIENCE_S), "the model was not given up"
    assert "<s>Leonhard Euler was born in Riga.</s>" in shown


def test_the_head_of_the_page_names_the_model_once_its_server_has(
    knowledge_base: KnowledgeBase,
) -> None:
    assert "No language model" in events_of(knowledge_base).load(Open())[0]
    with serving() as (_, endpoint), with_model(knowledge_base, endpoint) as asked:
        answering = Answering()
        events = PageEvents(Shelf.around(asked), EN, answering, Limits())
        assert endpoint in events.load(Open())[0]
        answering.warm(Shelf.around(asked))
        assert "written by <bdi>scripted</bdi>" in events.load(Open())[0]


def test_a_model_that_cannot_be_reached_is_only_logged(
    knowledge_base: KnowledgeBase, caplog: pytest.LogCaptureFixture
) -> None:
    with serving() as (_, gone):
        pass
    with with_model(knowledge_base, gone) as asked:
        Answering().warm(Shelf.around(asked))
        events = events_of(asked)
        assert "cannot be reached" in caplog.text
        chat, *_ = ask(events, "Where was Leonhard Euler born?")
    assert "cannot be reached" in chat
    assert "Leonhard Euler was born in Basel." in Parsed(chat).text


def test_clicking_a_citation_shows_its_sentence(events: PageEvents) -> None:
    opened = ask(events, "Where was Leonhard Euler born?")[1]
    last = opened.turns[0].answer.citations[-1]
    source, graph = events.show(opened, clicked(cite=f"0:{last.n}"))
    assert last.quote.split("\n")[0] in source.partition("<mark>")[2]
    assert json.loads(graph)["focus"] == last.n


def test_clicking_a_passage_or_a_document_shows_it(
    events: PageEvents, knowledge_base: KnowledgeBase
) -> None:
    opened = ask(events, "What is the boiling point of mercury?")[1]
    assert "<mark>" in events.show(opened, clicked(passage="0:0"))[0]
    handlist = knowledge_base.documents()[0]
    source, graph = events.show(opened, clicked(open=handlist.id, start=0))
    assert "Handlist of the Academy" in source
    assert "<mark>" not in source
    assert len(json.loads(graph)["edges"]) == handlist.triplets


@pytest.mark.parametrize(
    "junk",
    [
        {"cite": "9:1"}, {"cite": "0:99"}, {"cite": "-1:1"}, {"cite": "x"}, {"cite": None},
        {"passage": "0:-1"}, {"passage": "0:9999"}, {"open": "sha256:none"}, {"open": None},
        {"open": "handlist.txt", "start": "x"}, {},
    ],
)  # fmt: skip
def test_a_click_that_cannot_be_is_answered_by_a_sentence(
    events: PageEvents, junk: dict[str, object]
) -> None:
    opened = ask(events, "Where was Leonhard Euler born?")[1]
    shown = events.show(opened, clicked(**junk))[0]
    assert "kg-notice" in shown
    assert "Traceback" not in shown


def test_what_a_user_can_mend_is_said_and_what_not_is_only_logged(
    knowledge_base: KnowledgeBase, caplog: pytest.LogCaptureFixture
) -> None:
    def locked(
        question: str,
        *,
        history: Sequence[Answer] = (),
        where: Filter | None = None,
        stopped: Callable[[], bool] = never,
    ) -> Iterator[Event]:
        raise LibraryLockedError("Another process (4711) is writing <b>now</b>.")

    def broken(
        question: str,
        *,
        history: Sequence[Answer] = (),
        where: Filter | None = None,
        stopped: Callable[[], bool] = never,
    ) -> Iterator[Event]:
        yield from ()
        raise ZeroDivisionError("secret detail")

    events = events_of(knowledge_base)
    knowledge_base.stream = locked  # type: ignore[method-assign]
    chat, opened, *_ = ask(events, "Q?")
    assert "Another process (4711) is writing &lt;b&gt;now&lt;/b&gt;." in chat
    knowledge_base.stream = broken  # type: ignore[method-assign]
    with caplog.at_level(logging.ERROR):
        chat = ask(events, "Q?", opened)[0]
    assert "Something went wrong" in chat
    assert "secret detail" not in chat
    assert "secret detail" in caplog.text


def test_the_first_words_offer_questions_that_the_library_answers(events: PageEvents) -> None:
    _, chat = events.load(Open())
    assert 'data-question="Кто это: Екатерина Дашкова?"' in chat
    assert chat.count("data-question") == 2


def test_a_conversation_that_has_begun_is_not_replaced_by_the_first_words(
    events: PageEvents,
) -> None:
    assert events.load(Open(turns=(Turn("Q", failure="no"),)))[1] == gr.skip()


def test_an_empty_library_says_what_to_do_first(tmp_path: Path) -> None:
    with KnowledgeBase.open(tmp_path / "empty") as nothing:
        _, chat = events_of(nothing).load(Open())
    assert "Add a few files" in chat


def test_a_conversation_is_kept_and_comes_back_with_its_answers(events: PageEvents) -> None:
    asked = ask(events, "Where was Leonhard Euler born?")[1]
    assert asked.conversation
    asked = ask(events, "Whom did he marry?", asked)[1]
    fresh = events.begin_again(None, asked)[1]
    assert fresh.turns == ()
    chat, opened, source, *_ = events.resume(None, fresh, clicked(conversation=asked.conversation))
    assert [turn.answer for turn in opened.turns] == [turn.answer for turn in asked.turns]
    assert f'data-conversation="{asked.conversation}"' in chat
    assert "<mark>" in source


def test_of_an_answer_that_quoted_a_removed_document_the_question_is_left(
    events: PageEvents, knowledge_base: KnowledgeBase
) -> None:
    asked = ask(events, "Where was Leonhard Euler born?")[1]
    knowledge_base.remove("handlist.txt")
    chat, *_ = events.resume(None, Open(), clicked(conversation=asked.conversation))
    assert "Where was Leonhard Euler born?" in chat
    assert "was born in Basel" not in chat
    assert "removed" in chat


def test_a_conversation_that_is_not_there_is_told(events: PageEvents) -> None:
    assert "kg-notice" in events.resume(None, Open(), clicked(conversation="0" * 16))[0]
    assert "kg-notice" in events.resume(None, Open(), clicked())[0]


def test_another_library_has_other_documents_and_a_fresh_conversation(
    knowledge_base: KnowledgeBase,
) -> None:
    shelf = Shelf.around(knowledge_base)
    other = shelf.create(LOCAL, "Botany")
    events = PageEvents(shelf, EN, Answering(), Limits())
    head, chat, opened, *_ = events.choose(None, clicked(library=other.id))
    assert f'data-library="{other.id}"' in head
    assert "Botany" in head
    assert "Add a few files" in chat
    assert opened.library == other.id
    assert "holds no documents yet" in ask(events, "Where was Leonhard Euler born?", opened)[0]
    shelf.close()


def test_a_library_that_is_not_there_leads_to_the_first_one(events: PageEvents) -> None:
    assert events.choose(None, clicked(library="nowhere"))[2].library == "main"


def test_what_another_user_has_open_is_not_shown(events: PageEvents) -> None:
    asked = replace(ask(events, "Where was Leonhard Euler born?")[1], user="somebody")
    assert "kg-notice" in events.show(asked, clicked(cite="0:1"))[0]
    chat, opened, *_ = ask(events, "Whom did he marry?", asked)
    assert "Where was Leonhard Euler born?" not in chat
    assert len(opened.turns) == 1
