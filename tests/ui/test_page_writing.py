"""The page in a real browser while an answer is being written, by whatever model."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from indexes.scope import Filter
from kgrag import KnowledgeBase
from kgrag.events import Answer, Event, Sentence, Token
from kgrag.language_model import never
from tests.chat_server import hang_after, say, serving
from tests.ui.asking import page_over, with_model
from tests.ui.browsing import IN_A_BROWSER, PATIENCE_MS, STRANGE, Browser, Watched, expect
from tests.ui.library import PAYLOADS

pytestmark = IN_A_BROWSER


def test_what_a_hostile_model_writes_is_only_text(
    browser: Browser, knowledge_base: KnowledgeBase
) -> None:
    lines = [payload.replace("\ud800", "") for payload in PAYLOADS]
    with serving() as (server, endpoint), with_model(knowledge_base, endpoint) as asked:
        server.owner = "somebody"
        server.script.extend(
            say(f"Leonhard Euler was born in Basel. [2] {' [1] '.join(part)} [1]")
            for part in (lines[::2], lines[1::2])
        )
        with page_over(asked) as url:
            watched = Watched(browser.new_page(), url)
            page = watched.page
            for number, question in enumerate(("Where was Euler born?", "Whom did Euler marry?")):
                watched.ask(question)
                expect(page.locator(".kg-answer s").first).to_be_visible()
                expect(page.locator(".kg-how")).to_have_count(number + 1)
            expect(page.locator(".kg-answer").first).to_contain_text("<script>alert(1)</script>")
            page.wait_for_timeout(500)
            assert watched.wrong == []
            assert page.locator(STRANGE).count() == 0
            page.close()


def test_a_written_sentence_is_seen_while_the_next_one_is_waited_for(
    browser: Browser, knowledge_base: KnowledgeBase
) -> None:
    with serving() as (server, endpoint), with_model(knowledge_base, endpoint) as asked:
        server.usual = hang_after("Euler was born in Basel. [2] He studied in Riga. [2] And")
        with page_over(asked) as url:
            watched = Watched(browser.new_page(), url)
            page = watched.page
            page.fill("#kg-ask textarea", "Where was Leonhard Euler born?")
            page.press("#kg-ask textarea", "Enter")
            expect(page.locator(".kg-pending .kg-sentence").first).to_contain_text("Basel")
            expect(page.locator(".kg-pending s")).to_have_text("He studied in Riga.")
            expect(page.locator(".kg-pending .kg-verdict")).to_be_visible()
            assert not server.left.is_set()
            page.close()
            assert server.left.wait(PATIENCE_MS / 1000)
    assert watched.wrong == []


def token(text: str) -> Token:
    return Token(f"{text} ", Sentence(text, ()))


@pytest.fixture
def slow_model(knowledge_base: KnowledgeBase) -> Iterator[threading.Event]:
    """Let the next question be answered by three sentences and a long wait for the fourth.

    Setting the event ends the wait.
    """
    quick, let = knowledge_base.stream, threading.Event()

    def slow(
        question: str,
        *,
        history: Sequence[Answer] = (),
        where: Filter | None = None,
        stopped: Callable[[], bool] = never,
    ) -> Iterator[Event]:
        knowledge_base.stream = quick  # type: ignore[method-assign]
        for number in range(3):
            time.sleep(0.1)
            yield token(f"word{number}")
        let.wait(PATIENCE_MS / 1000)
        yield token("late")

    knowledge_base.stream = slow  # type: ignore[method-assign]
    yield let
    let.set()


def test_an_answer_can_be_stopped_and_asked_again(
    watched: Watched, slow_model: threading.Event
) -> None:
    page, question = watched.page, "Where was Leonhard Euler born?"
    page.fill("#kg-ask textarea", question)
    page.press("#kg-ask textarea", "Enter")
    expect(page.locator(".kg-pending")).to_contain_text("word2")
    page.locator("#kg-ask [data-testid=stop-button]").click()
    expect(page.locator("#kg-ask textarea")).to_have_value(question)
    expect(page.locator(".kg-turn")).to_have_count(0)
    watched.ask(question)
    expect(page.locator(".kg-question")).to_have_text(question)
    slow_model.set()
    watched.ask("Whom did Leonhard Euler marry?")
    expect(page.locator(".kg-turn")).to_have_count(2)
    assert watched.wrong == []


def test_a_new_conversation_ends_the_answer_that_is_being_written(
    watched: Watched, slow_model: threading.Event
) -> None:
    page = watched.page
    page.fill("#kg-ask textarea", "Where did Daniel Bernoulli work?")
    page.press("#kg-ask textarea", "Enter")
    expect(page.locator(".kg-pending")).to_contain_text("word2")
    page.locator("#kg-fresh").click()
    expect(page.locator(".kg-welcome")).to_be_visible()
    watched.ask("Where was Leonhard Euler born?")
    slow_model.set()
    watched.ask("Whom did Leonhard Euler marry?")
    assert page.locator(".kg-question").all_inner_texts() == [
        "Where was Leonhard Euler born?",
        "Whom did Leonhard Euler marry?",
    ]
    assert watched.wrong == []
