"""An answer that is being written, and a user who does not wait for it."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import gradio as gr
import pytest

from indexes.scope import Filter
from kgrag import KnowledgeBase
from kgrag.events import Answer, Event, Sentence, Token
from kgrag.language_model import never
from tests.chat_server import Behaviour, hang, hang_after, serving
from tests.ui.asking import NOTHING, PATIENCE_S, OpenPage, ask, page_over, with_model
from tests.ui.parsed import Parsed
from ui.events import Open, PageEvents
from ui.run import PULSE_S, Run
from ui.source_view import empty
from ui.words import words

GONE_S = 4.0
"""It takes 0.6 s; two cores may have more to do."""


class SlowModel:
    """Streams one sentence; the second comes only when it is let."""

    def __init__(self, knowledge_base: KnowledgeBase) -> None:
        self.asked, self.let, self.closed = (threading.Event() for _ in range(3))
        self.stopped: Callable[[], bool] = never
        knowledge_base.stream = self._stream  # type: ignore[method-assign]

    def _stream(
        self,
        question: str,
        *,
        history: Sequence[Answer] = (),
        where: Filter | None = None,
        stopped: Callable[[], bool] = never,
    ) -> Iterator[Event]:
        try:
            yield Token("first ", Sentence("first", ()))
            self.stopped = stopped
            self.asked.set()
            self.let.wait(PATIENCE_S)
            yield Token("second ", Sentence("second", ()))
        except GeneratorExit:
            self.closed.set()
            raise


def test_a_stopped_answer_leaves_the_page_at_once_and_its_stream_is_closed(
    events: PageEvents, knowledge_base: KnowledgeBase
) -> None:
    earlier = ask(events, "Where was Leonhard Euler born?")[1]
    model, run = SlowModel(knowledge_base), Run("Q?")
    page = events.ask(run, earlier)
    assert "Q?" in next(page)
    assert "first" in next(page)
    assert model.asked.wait(PATIENCE_S)
    assert not model.stopped()
    with ThreadPoolExecutor() as pool:
        stopped = pool.submit(events.stop, run, earlier)
        assert list(page) == [gr.skip()]
        chat, box = stopped.result()
    assert "Q?" not in chat
    assert "Where was Leonhard Euler born?" in chat
    assert box == gr.update(value="Q?", submit_btn=True, stop_btn=False)
    assert model.stopped()
    assert not model.closed.is_set()
    model.let.set()
    assert model.closed.wait(PATIENCE_S)


def test_a_question_asked_while_the_stopped_one_lingers_is_answered(
    events: PageEvents, knowledge_base: KnowledgeBase
) -> None:
    quick = knowledge_base.stream
    model, run = SlowModel(knowledge_base), Run("Q?")
    page = events.ask(run, Open())
    next(page)
    with ThreadPoolExecutor() as pool:
        fresh = pool.submit(events.begin_again, run, Open())
        assert list(page)[-1] == gr.skip()
        assert fresh.result()[1:4] == (Open("local"), empty(words("en")), "")
    assert run.over()
    knowledge_base.stream = quick  # type: ignore[method-assign]
    chat = ask(events, "Where was Leonhard Euler born?")[0]
    assert "was born in Basel" in Parsed(chat).text
    model.let.set()


def test_a_question_stopped_while_it_waits_is_never_asked(
    events: PageEvents, knowledge_base: KnowledgeBase
) -> None:
    model, run = SlowModel(knowledge_base), Run("Q?")
    assert events.stop(run, Open())[1]["value"] == "Q?"
    assert list(events.ask(run, Open())) == [gr.skip()]
    assert not model.asked.is_set()


def test_an_answer_that_came_before_the_stop_stays(events: PageEvents) -> None:
    run = Run("Where was Leonhard Euler born?")
    assert len(list(events.ask(run, Open()))) > 1
    assert events.stop(run, Open()) == (gr.skip(), gr.skip())
    assert list(events.ask(run, Open())) == [gr.skip()]
    assert "was born in Basel" in Parsed(events.finish(run, Open())[0]).text


def test_an_answer_that_comes_after_the_page_has_begun_again_is_not_shown(
    events: PageEvents,
) -> None:
    run = Run("Where was Leonhard Euler born?")
    list(events.ask(run, Open()))
    events.begin_again(run, Open())
    assert events.finish(run, Open()) == NOTHING


def test_the_stream_of_a_closed_page_is_closed(
    events: PageEvents, knowledge_base: KnowledgeBase
) -> None:
    model, run = SlowModel(knowledge_base), Run("Q?")
    page = events.ask(run, Open())
    assert "first" in [next(page), next(page)][-1]
    assert not run.over()
    page.close()
    assert model.asked.wait(PATIENCE_S)
    assert model.stopped()
    model.let.set()
    assert model.closed.wait(PATIENCE_S)
    assert run.over()


def test_a_page_whose_model_says_nothing_is_asked_again_and_again_whether_it_is_open(
    events: PageEvents, knowledge_base: KnowledgeBase
) -> None:
    model, run = SlowModel(knowledge_base), Run("Q?")
    page = events.ask(run, Open())
    assert "first" in [next(page), next(page)][-1]
    started = time.monotonic()
    assert [next(page), next(page)] == [gr.skip(), gr.skip()]
    page.close()
    assert time.monotonic() - started < 2 * PULSE_S + 1
    assert model.asked.wait(PATIENCE_S)
    assert model.stopped()
    model.let.set()


def test_a_server_that_shuts_down_stops_every_answer_and_begins_no_other(
    events: PageEvents, knowledge_base: KnowledgeBase
) -> None:
    model, run = SlowModel(knowledge_base), Run("Q?")
    page = events.ask(run, Open())
    assert "first" in [next(page), next(page)][-1]
    assert model.asked.wait(PATIENCE_S)
    events._answering.close()
    assert model.stopped()
    assert list(page) == [gr.skip()]
    assert list(events.ask(Run("Another?"), Open())) == [gr.skip()]
    model.let.set()


@pytest.mark.parametrize("behave", [hang, hang_after("Leonhard Euler was born in Basel. [2] He")])
def test_a_page_that_is_closed_gives_up_the_model(
    knowledge_base: KnowledgeBase, behave: Behaviour
) -> None:
    with serving() as (server, endpoint), with_model(knowledge_base, endpoint) as asked:
        server.usual = behave
        with page_over(asked) as url, OpenPage(url) as page:
            messages = page.ask("Where was Leonhard Euler born?")
            while not server.requests:
                next(messages)
            assert not server.left.is_set()
            page.close()
            closed_at = time.monotonic()
            assert server.left.wait(PATIENCE_S)
            assert time.monotonic() - closed_at < GONE_S
