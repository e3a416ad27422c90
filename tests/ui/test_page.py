"""The page in a real browser: what a user sees and can click, and what hostile text cannot do."""

import re
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from indexes.scope import Filter
from kgrag import KnowledgeBase
from kgrag.events import Answer, Event, Token
from tests.ui.library import HANDLIST, PAYLOADS

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from playwright.sync_api import Browser, Dialog, Page, expect, sync_playwright  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
]

GRAPH = "document.querySelector('#kg-graph [id^=html-]').kgGraph"

PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


class Watched:
    """A page, and everything on it that must not happen."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.wrong: list[str] = []
        own = urlsplit(url).netloc
        page.on("dialog", self._dismiss)
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("request", lambda request: self._check(request.url, own))
        page.on("console", lambda line: self._listen(line.text))
        page.goto(url)
        expect(page.locator("#kg-chat .kg-welcome")).to_be_visible(timeout=PATIENCE_MS)

    def ask(self, question: str) -> None:
        turns = self.page.locator(".kg-turn:not([aria-busy])")
        before = turns.count()
        self.page.fill("#kg-ask textarea", question)
        self.page.press("#kg-ask textarea", "Enter")
        expect(turns).to_have_count(before + 1)

    def labels(self, kind: str) -> list[str]:
        found = self.page.evaluate(f"{GRAPH}.{kind}().map(item => item.data('label'))")
        assert isinstance(found, list)
        return sorted(found)

    def tap(self, kind: str, index: int) -> None:
        # void: what emit returns is the whole graph, which would be sent back for a minute.
        self.page.evaluate(f"void {GRAPH}.{kind}()[{index}].emit('tap')")

    def _dismiss(self, dialog: Dialog) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _check(self, url: str, own: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc != own:
            self.wrong.append(f"request: {url}")

    def _listen(self, line: str) -> None:
        if "Content Security Policy" in line or "Error executing" in line:
            self.wrong.append(f"console: {line}")


@pytest.fixture
def watched(browser: Browser, page_url: str) -> Iterator[Watched]:
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.set_default_timeout(PATIENCE_MS)
    yield Watched(page, page_url)
    page.close()


def test_a_citation_leads_to_its_sentence_and_its_fact(watched: Watched) -> None:
    watched.ask("Where did Daniel Bernoulli work?")
    page = watched.page
    chip = page.locator(".kg-answer button.kg-chip").first
    quote = page.locator(".kg-card .kg-quote").first.inner_text()
    chip.click()
    mark = page.locator("#kg-source mark")
    expect(mark).to_have_text(quote)
    expect(mark).to_be_in_viewport()
    assert {"Daniel Bernoulli", "Academy of Sciences"} <= set(watched.labels("nodes"))
    assert "employer" in watched.labels("edges")
    watched.tap("edges", 0)
    expect(page.locator(".kg-detail .kg-card")).to_contain_text("handlist.txt")
    page.locator(".kg-detail .kg-card").first.click()
    expect(mark).to_have_text(page.locator(".kg-detail .kg-quote").first.inner_text())
    assert watched.wrong == []


def test_an_example_is_asked_by_a_click(watched: Watched) -> None:
    watched.page.locator(".kg-example").last.click()
    expect(watched.page.locator(".kg-answer:not(.kg-pending)")).to_be_visible(timeout=PATIENCE_MS)
    assert watched.wrong == []


def test_files_are_added_and_removed_after_a_second_thought(
    watched: Watched, tmp_path: Path
) -> None:
    new = tmp_path / "новый документ.txt"
    new.write_text(HANDLIST.replace("Basel", "Riga"), "utf-8")
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\n\x00\xff cut off")
    page = watched.page
    page.set_input_files("#kg-drop input[type=file]", [new, broken])
    expect(page.locator(".kg-was-failed")).to_contain_text("broken.pdf")
    row = page.locator(".kg-documents tr", has_text="новый документ.txt")
    expect(row).to_be_visible()
    row.locator(".kg-ask-remove").click()
    row.locator(".kg-no").click()
    expect(row.locator(".kg-about")).to_be_visible()
    row.locator(".kg-ask-remove").click()
    row.locator(".kg-yes").click()
    expect(row).to_have_count(0)
    assert watched.wrong == []


def test_two_users_have_two_conversations(
    browser: Browser, watched: Watched, page_url: str
) -> None:
    other = Watched(browser.new_page(), page_url)
    watched.ask("Where was Leonhard Euler born?")
    other.ask("Whom did Leonhard Euler marry?")
    watched.ask("Where did Daniel Bernoulli work?")
    assert watched.page.locator(".kg-question").count() == 2
    assert other.page.locator(".kg-question").all_inner_texts() == [
        "Whom did Leonhard Euler marry?"
    ]
    watched.page.locator("#kg-fresh").click()
    expect(watched.page.locator(".kg-welcome")).to_be_visible(timeout=PATIENCE_MS)
    expect(other.page.locator(".kg-turn")).to_have_count(1)
    other.page.close()


@pytest.mark.parametrize("width", [420, 800, 1400])
def test_nothing_is_cut_off_at_any_width(browser: Browser, page_url: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    watched = Watched(page, page_url)
    watched.ask("Where was Leonhard Euler born?")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for panel in ("#kg-left", "#kg-chat", "#kg-source", ".kg-canvas"):
        box = page.locator(panel).bounding_box()
        assert box is not None
        assert box["width"] >= 250
        assert box["height"] >= 100
    page.close()


def test_hostile_documents_names_and_questions_do_nothing(
    watched: Watched, knowledge_base: KnowledgeBase, tmp_path: Path
) -> None:
    page = watched.page
    lines = [payload.replace("\ud800", "").replace("\x00", "") for payload in PAYLOADS]
    pairs = [f"«{line}» married «Mallory {number}»." for number, line in enumerate(lines)]
    hostile = tmp_path / "<img src=x onerror=alert(1)> ${alert(1)} {{x}}.txt"
    hostile.write_text("Everything about Mallory.\n\n" + "\n\n".join(pairs), "utf-8")
    knowledge_base.upload([hostile])
    dropped = tmp_path / "<img src=x onerror=alert(2)>.md"
    dropped.write_text("\n\n".join(lines) + "\n\nMallory was born in Basel.", "utf-8")
    page.set_input_files("#kg-drop input[type=file]", dropped)
    expect(page.locator(".kg-was-indexed")).to_be_visible(timeout=PATIENCE_MS)
    page.locator(".kg-open", has_text=re.compile("alert\\(1\\)")).click()
    expect(page.locator("#kg-source")).to_contain_text("onerror=alert(1)")
    assert any("<" in label for label in watched.labels("nodes"))
    for index in range(len(watched.labels("nodes"))):
        watched.tap("nodes", index)
    watched.tap("edges", 0)
    for question in ("Whom did Mallory 3 marry? <img src=x onerror=alert(3)>", *lines[:4]):
        watched.ask(question)
    for card in page.locator(".kg-card").all()[:6]:
        card.click()
    page.wait_for_timeout(500)
    assert watched.wrong == []
    strange = "#kg-page :is(img, iframe, script, style, link, meta, object, svg[onload])"
    assert page.locator(strange).count() == 0


@pytest.fixture
def slow_model(knowledge_base: KnowledgeBase) -> Iterator[threading.Event]:
    """Let the next question be answered by three words and a long wait for the fourth.

    Setting the event ends the wait.
    """
    quick, let = knowledge_base.stream, threading.Event()

    def slow(
        question: str, *, history: Sequence[Answer] = (), where: Filter | None = None
    ) -> Iterator[Event]:
        knowledge_base.stream = quick  # type: ignore[method-assign]
        for number in range(3):
            time.sleep(0.1)
            yield Token(f"word{number} ")
        let.wait(PATIENCE_MS / 1000)
        yield Token("late")

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
