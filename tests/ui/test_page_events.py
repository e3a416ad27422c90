import json
import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import gradio as gr
import pytest

from indexes.errors import LibraryLockedError
from indexes.scope import Filter
from kgrag import KnowledgeBase
from kgrag.events import Answer, Event
from kgrag.language_model import never
from tests.chat_server import hang_after, serving
from tests.ui.asking import PATIENCE_S, ask, with_model
from tests.ui.library import HANDLIST
from tests.ui.parsed import Parsed
from ui.answer_view import Turn
from ui.events import PageEvents
from ui.run import Run
from ui.source_view import EMPTY


def clicked(**data: object) -> gr.EventData:
    return gr.EventData(None, data)


@pytest.fixture
def dropped(tmp_path: Path) -> Iterator[Path]:
    """A folder like gradio's cache of uploads."""
    folder = tmp_path / "dropped"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


def test_an_answer_comes_with_its_first_source_highlighted_and_its_facts(
    events: PageEvents,
) -> None:
    chat, turns, source, graph, box = ask(events, "Where was Leonhard Euler born?")
    assert "Leonhard Euler was born in Basel." in Parsed(chat).text
    assert 'data-cite="0:1"' in chat
    assert "<mark>Leonhard Euler was born in Basel.</mark>" in source
    names = {node["label"] for node in json.loads(graph)["nodes"]}
    assert {"Leonhard Euler", "Basel"} <= names
    assert [turn.question for turn in turns] == ["Where was Leonhard Euler born?"]
    assert box == gr.update(submit_btn=True, stop_btn=False)


def test_the_conversation_shows_what_is_going_on_before_the_answer(events: PageEvents) -> None:
    first, *_, last, _ = events.ask(Run("Where was Leonhard Euler born?"), ())
    assert "Searching your documents" in first[0]
    assert "aria-busy" in first[0]
    assert "aria-busy" not in last[0]


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
    events = PageEvents(knowledge_base)
    turns = ask(events, "Where was Leonhard Euler born?")[1]
    chat, turns, *_ = ask(events, "Whom did he marry?", [*turns, Turn("lost", failure="no")])
    assert seen == [0, 1]
    assert len(turns) == 3
    assert "2:1" in chat


def test_an_abstention_shows_why_and_where_to_look(events: PageEvents) -> None:
    chat, _, source, *_ = ask(events, "What is the boiling point of mercury?")
    assert "kg-abstained" in chat
    assert "data-passage" in chat
    assert source == EMPTY


def test_a_written_sentence_is_shown_with_its_verdict_before_the_answer_is_whole(
    knowledge_base: KnowledgeBase,
) -> None:
    with serving() as (server, endpoint):
        server.usual = hang_after("Leonhard Euler was born in Riga. [2] He")
        with with_model(knowledge_base, endpoint) as asked:
            page = PageEvents(asked).ask(Run("Where was Leonhard Euler born?"), ())
            shown = next(chat for chat, *_ in page if isinstance(chat, str) and "Riga" in chat)
            page.close()
            assert server.left.wait(PATIENCE_S), "the model was not given up"
    assert "<s>Leonhard Euler was born in Riga.</s>" in shown


def test_the_head_of_the_page_names_the_model_once_its_server_has(
    knowledge_base: KnowledgeBase,
) -> None:
    assert "No language model" in PageEvents(knowledge_base).header()
    with serving() as (_, endpoint), with_model(knowledge_base, endpoint) as asked:
        events = PageEvents(asked)
        assert endpoint in events.header()
        events.warm()
        assert "written by <bdi>scripted</bdi>" in events.header()


def test_a_model_that_cannot_be_reached_is_only_logged(
    knowledge_base: KnowledgeBase, caplog: pytest.LogCaptureFixture
) -> None:
    with serving() as (_, gone):
        pass
    with with_model(knowledge_base, gone) as asked:
        events = PageEvents(asked)
        events.warm()
        assert "cannot be reached" in caplog.text
        chat, *_ = ask(events, "Where was Leonhard Euler born?")
    assert "cannot be reached" in chat
    assert "Leonhard Euler was born in Basel." in Parsed(chat).text


def test_clicking_a_citation_shows_its_sentence(events: PageEvents) -> None:
    turns = ask(events, "Where was Leonhard Euler born?")[1]
    last = turns[0].answer.citations[-1]
    source, graph = events.show(turns, clicked(cite=f"0:{last.n}"))
    assert last.quote.split("\n")[0] in source.partition("<mark>")[2]
    assert json.loads(graph)["focus"] == last.n


def test_clicking_a_passage_or_a_document_shows_it(
    events: PageEvents, knowledge_base: KnowledgeBase
) -> None:
    turns = ask(events, "What is the boiling point of mercury?")[1]
    assert "<mark>" in events.show(turns, clicked(passage="0:0"))[0]
    handlist = knowledge_base.documents()[0]
    source, graph = events.show(turns, clicked(open=handlist.id, start=0))
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
    turns = ask(events, "Where was Leonhard Euler born?")[1]
    shown = events.show(turns, clicked(**junk))[0]
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

    events = PageEvents(knowledge_base)
    knowledge_base.stream = locked  # type: ignore[method-assign]
    chat, turns, *_ = ask(events, "Q?")
    assert "Another process (4711) is writing &lt;b&gt;now&lt;/b&gt;." in chat
    knowledge_base.stream = broken  # type: ignore[method-assign]
    with caplog.at_level(logging.ERROR):
        chat = ask(events, "Q?", turns)[0]
    assert "Something went wrong" in chat
    assert "secret detail" not in chat
    assert "secret detail" in caplog.text


def test_uploads_are_read_one_outcome_each_and_leave_the_cache(
    events: PageEvents, knowledge_base: KnowledgeBase, dropped: Path
) -> None:
    (dropped / "1").mkdir()
    (dropped / "2").mkdir()
    good, bad = dropped / "1" / "second.txt", dropped / "2" / "broken.pdf"
    good.write_text(HANDLIST.replace("Basel", "Zürich"), "utf-8")
    bad.write_bytes(b"%PDF-1.7\n\x00\xff cut off")
    updates = [status for status, _ in events.add([str(good), str(bad)])]
    assert "Reading" in updates[0]
    assert "second.txt" in updates[-1]
    assert "broken.pdf" in updates[-1]
    assert "kg-was-failed" in updates[-1]
    assert "kg-was-indexed" in updates[-1]
    assert not [path for path in dropped.rglob("*") if path.is_file()]
    assert "second.txt" in {summary.name for summary in knowledge_base.documents()}


def test_removing_a_document_takes_it_from_the_list_and_clears_what_was_shown(
    events: PageEvents, knowledge_base: KnowledgeBase
) -> None:
    handlist = knowledge_base.documents()[0]
    assert events.change((), clicked(remove=handlist.id)) == ("", EMPTY, "")
    assert handlist.name not in events.load(())[0]
    assert "kg-notice" in events.change((), clicked(remove=handlist.id))[0]


def test_the_first_words_offer_questions_that_the_library_answers(events: PageEvents) -> None:
    documents, chat = events.load(())
    assert "handlist.txt" in documents
    assert "заметки.md" in documents
    assert 'data-question="Кто это: Екатерина Дашкова?"' in chat
    assert chat.count("data-question") == 2


def test_a_conversation_that_has_begun_is_not_replaced_by_the_first_words(
    events: PageEvents,
) -> None:
    assert events.load([Turn("Q", failure="no")])[1] == gr.skip()


def test_an_empty_library_says_what_to_do_first(tmp_path: Path) -> None:
    with KnowledgeBase.open(tmp_path / "empty") as empty:
        documents, chat = PageEvents(empty).load(())
    assert "No documents yet" in documents
    assert "Add a few files" in chat
