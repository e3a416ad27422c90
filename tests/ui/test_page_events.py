import json
import logging
import shutil
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from indexes.errors import LibraryLockedError
from indexes.scope import Filter
from kgrag import KnowledgeBase
from kgrag.events import Answer, Event, Token
from tests.ui.library import HANDLIST
from ui.events import PageEvents
from ui.render import Turn
from ui.run import Run
from ui.source_view import EMPTY

NOTHING = (gr.skip(),) * 5

PATIENCE_S = 30.0


def clicked(**data: object) -> gr.EventData:
    return gr.EventData(None, data)


def ask(events: PageEvents, question: str, turns: Sequence[Turn] = ()) -> tuple[Any, ...]:
    *_, answered, last = events.ask(Run(question), turns)
    assert last == (*NOTHING[:4], answered[4])
    return answered


@pytest.fixture
def events(knowledge_base: KnowledgeBase) -> PageEvents:
    return PageEvents(knowledge_base)


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
    assert "Leonhard Euler was born in Basel." in chat
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
        question: str, *, history: Sequence[Answer] = (), where: Filter | None = None
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


class SlowModel:
    """Streams one word; the second comes only when it is let."""

    def __init__(self, knowledge_base: KnowledgeBase) -> None:
        self.asked, self.let, self.closed = (threading.Event() for _ in range(3))
        knowledge_base.stream = self._stream  # type: ignore[method-assign]

    def _stream(
        self, question: str, *, history: Sequence[Answer] = (), where: Filter | None = None
    ) -> Iterator[Event]:
        try:
            yield Token("first")
            self.asked.set()
            self.let.wait(PATIENCE_S)
            yield Token("second")
        except GeneratorExit:
            self.closed.set()
            raise


def test_a_stopped_answer_leaves_the_page_at_once_and_its_stream_is_closed(
    events: PageEvents, knowledge_base: KnowledgeBase
) -> None:
    earlier = ask(events, "Where was Leonhard Euler born?")[1]
    model, run = SlowModel(knowledge_base), Run("Q?")
    page = events.ask(run, earlier)
    assert "Q?" in next(page)[0]
    assert "first" in next(page)[0]
    assert model.asked.wait(PATIENCE_S)
    with ThreadPoolExecutor() as pool:
        stopped = pool.submit(events.stop, run, earlier)
        assert list(page) == [NOTHING]
        chat, box = stopped.result()
    assert "Q?" not in chat
    assert "Where was Leonhard Euler born?" in chat
    assert box == gr.update(value="Q?", submit_btn=True, stop_btn=False)
    assert not model.closed.is_set()
    model.let.set()
    assert model.closed.wait(PATIENCE_S)


def test_a_question_asked_while_the_stopped_one_lingers_is_answered(
    events: PageEvents, knowledge_base: KnowledgeBase
) -> None:
    quick = knowledge_base.stream
    model, run = SlowModel(knowledge_base), Run("Q?")
    page = events.ask(run, ())
    next(page)
    with ThreadPoolExecutor() as pool:
        empty = pool.submit(events.begin_again, run)
        assert list(page)[-1] == NOTHING
        assert empty.result()[1:4] == ([], EMPTY, "")
    assert run.over()
    knowledge_base.stream = quick  # type: ignore[method-assign]
    assert "was born in Basel" in ask(events, "Where was Leonhard Euler born?")[0]
    model.let.set()


def test_a_question_stopped_while_it_waits_is_never_asked(
    events: PageEvents, knowledge_base: KnowledgeBase
) -> None:
    model, run = SlowModel(knowledge_base), Run("Q?")
    assert events.stop(run, ())[1]["value"] == "Q?"
    assert list(events.ask(run, ())) == [NOTHING]
    assert not model.asked.is_set()


def test_an_answer_that_came_before_the_stop_stays(events: PageEvents) -> None:
    run = Run("Where was Leonhard Euler born?")
    assert "was born in Basel" in list(events.ask(run, ()))[-2][0]
    assert events.stop(run, ()) == (gr.skip(), gr.skip())
    assert list(events.ask(run, ())) == [NOTHING]


def test_the_stream_of_a_closed_page_is_closed(
    events: PageEvents, knowledge_base: KnowledgeBase
) -> None:
    model, run = SlowModel(knowledge_base), Run("Q?")
    page = events.ask(run, ())
    assert "first" in [next(page), next(page)][-1][0]
    assert not run.over()
    page.close()
    model.let.set()
    assert model.closed.wait(PATIENCE_S)
    assert run.over()


def test_clicking_a_citation_shows_its_sentence(events: PageEvents) -> None:
    turns = ask(events, "Where was Leonhard Euler born?")[1]
    last = turns[0].answer.citations[-1]
    source, graph = events.show(turns, clicked(cite=f"0:{last.n}"))
    assert last.quote.split("\n")[0] in source.partition("<mark>")[2]
    assert json.loads(graph)["focus"] == last.n


def test_clicking_a_passage_or_a_document_shows_it(
    events: PageEvents, knowledge_base: KnowledgeBase
) -> None:
    turns = ask(events, "Where was Leonhard Euler born?")[1]
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
        question: str, *, history: Sequence[Answer] = (), where: Filter | None = None
    ) -> Iterator[Event]:
        raise LibraryLockedError("Another process (4711) is writing <b>now</b>.")

    def broken(
        question: str, *, history: Sequence[Answer] = (), where: Filter | None = None
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
