"""The view of evaluations in a browser, over the real service and a stand-in for ``kgrag-eval``."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ui.asking import page_over
from tests.ui.browsing import IN_A_BROWSER, PATIENCE_MS, STRANGE, Browser, Watched, expect
from tests.ui.evaluating import SENTENCE, stand_in
from tests.ui.library import PAYLOADS, open_library

pytestmark = IN_A_BROWSER

Open = Callable[..., "Evaluate"]


class Evaluate(Watched):
    """A page that shows the view of evaluations."""

    def wait(self) -> None:
        """Wait until the view is there."""
        self.page.set_default_timeout(PATIENCE_MS)
        expect(self.page.locator(".kg-eval-run, .kg-eval-empty").first).to_be_visible()

    def upload(self, name: str, *questions: str, more: str = "") -> None:
        """Upload a file of questions, and wait until it is listed."""
        text = "".join(json.dumps({"question": text}) + "\n" for text in questions) + more
        file = {"name": name, "mimeType": "application/jsonl", "buffer": text.encode()}
        self.page.set_input_files(".kg-evaluate input[type=file]", file)  # type: ignore[arg-type]
        expect(self.page.locator(".kg-eval-status .kg-good, .kg-failure")).to_be_visible()

    def run(self, set_name: str) -> None:
        """Choose questions and press Run."""
        self.page.locator(".kg-eval-set", has_text=set_name).locator("input").check()
        self.page.locator(".kg-evaluate .kg-main").first.press("Enter")

    def finished(self, count: int) -> None:
        """Wait until so many runs have ended well."""
        expect(self.page.locator(".kg-eval-is-finished")).to_have_count(count)


@pytest.fixture(scope="module")
def url(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page over a library."""
    folder = tmp_path_factory.mktemp("evaluated") / "library"
    shutil.copytree(filled, folder)
    with pytest.MonkeyPatch.context() as patch, open_library(folder) as opened:
        stand_in(patch)
        with page_over(opened) as address:
            yield address


@pytest.fixture
def open_view(browser: Browser, url: str) -> Iterator[Open]:
    """Open the view, as ``open_view(width=390, language="ru")``; afterwards no run is left."""
    opened: list[Evaluate] = []

    def open_(*, width: int = 1400, language: str = "en") -> Evaluate:
        page = browser.new_page(viewport={"width": width, "height": 900})
        path = "/ru/#evaluate" if language == "ru" else "/#evaluate"
        opened.append(Evaluate(page, url + path))
        return opened[-1]

    yield open_
    for view in opened:
        assert view.wrong == []
        view.page.evaluate(
            """async () => {
              const path = "/api/libraries/main/evaluation";
              for (const what of ["runs", "sets"]) {
                for (const { id } of await (await fetch(`${path}/${what}`)).json()) {
                  await fetch(`${path}/${what}/${id}`, { method: "DELETE" });
                }
              }
            }"""
        )
        view.page.close()


def test_it_says_what_it_is_for_and_how_to_begin(open_view: Open) -> None:
    page = open_view().page
    expect(page.locator(".kg-eval-empty")).to_contain_text("whose answers you know")
    expect(page.locator(".kg-eval-empty")).to_contain_text("press Run")
    expect(page.locator(".kg-evaluate .kg-main").first).to_be_disabled()


def test_drafted_questions_are_corrected_and_dropped(open_view: Open) -> None:
    page = open_view().page
    page.get_by_role("button", name="draft from my documents").click()
    rows = page.locator(".kg-eval-questions > li")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text(SENTENCE)
    rows.first.get_by_label("Question", exact=True).fill("Where was Euler born?")
    rows.first.get_by_label("Expected answers").fill("Basel | Bâle")
    rows.nth(1).get_by_role("button", name="Drop the question").click()
    page.get_by_label("Name of the questions").fill("Checked")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".kg-eval-set")).to_contain_text("Checked1 question, drafted")
    page.get_by_role("button", name="See and correct “Checked”").click()
    expect(rows).to_have_count(1)
    expect(rows.first.get_by_label("Question", exact=True)).to_have_value("Where was Euler born?")
    expect(rows.first.get_by_label("Expected answers")).to_have_value("Basel | Bâle")


def test_lines_that_were_left_out_and_files_that_hold_nothing_are_told(open_view: Open) -> None:
    view = open_view()
    view.upload("mine.jsonl", "Who?", more="rubbish\n")
    page = view.page
    page.locator(".kg-eval-skipped summary").click()
    expect(page.locator(".kg-eval-skipped li")).to_have_text("line 2: is no JSON: “rubbish”")
    view.upload("nothing.jsonl", more="rubbish\n")
    expect(page.locator(".kg-eval-status .kg-failure")).to_contain_text("holds nothing to ask")
    expect(page.locator(".kg-eval-set")).to_have_count(1)
    page.get_by_role("button", name="Delete “mine”").click()
    page.locator(".kg-dangerous").click()
    expect(page.locator(".kg-eval-set")).to_have_count(0)


def test_a_run_is_watched_across_a_reload_stopped_and_resumed(open_view: Open) -> None:
    view = open_view()
    view.upload("mine.jsonl", "A right one?", "Not this?", "Please wait?", "Another right one?")
    view.run("mine")
    page = view.page
    card = page.locator(".kg-eval-run")
    for _ in range(2):
        expect(card).to_contain_text("Please wait?")
        expect(card).to_contain_text("2 of 4")
        expect(card.locator(".kg-eval-tally")).to_have_text("1 right1 wrong")
        expect(page.locator(".kg-evaluate .kg-main").first).to_be_disabled()
        page.reload()
    card.get_by_role("button", name="Stop").click()
    expect(card).to_contain_text("Stopped after 2 of 4")
    card.get_by_role("button", name="Resume").click()
    view.finished(1)
    expect(card.locator(".kg-eval-figure").first).to_contain_text("Expected answer given")
    expect(card.locator(".kg-eval-figure strong").first).to_have_text("50%")
    expect(card.locator(".kg-eval-bar").first).to_be_visible()


def test_a_report_is_read_within_the_page_and_two_runs_are_compared(open_view: Open) -> None:
    view = open_view()
    view.upload("mine.jsonl", *(f"Question {number}?" for number in range(9)))
    view.run("mine")
    view.finished(1)
    page = view.page
    page.get_by_role("button", name="Open the report").click()
    frame = page.locator(".kg-eval-frame iframe")
    assert "allow-same-origin" not in (frame.get_attribute("sandbox") or "")
    expect(page.frame_locator(".kg-eval-frame iframe").locator("body")).to_contain_text(SENTENCE)
    link = page.get_by_role("link", name="Open in a new tab")
    assert link.get_attribute("href") == frame.get_attribute("src")
    page.get_by_role("button", name="‹ Runs").click()
    page.get_by_role("button", name="See and correct “mine”").click()
    for number in range(9):
        page.get_by_label("Question", exact=True).nth(number).fill(f"Is {number} right?")
    page.get_by_role("button", name="Save").click()
    view.run("mine")
    view.finished(2)
    for tick in page.locator(".kg-eval-run-head input").all():
        tick.check()
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".kg-eval-sum")).to_have_text("Run B is better in 4 measures.")
    expect(page.locator(".kg-eval-table .kg-eval-better")).to_have_count(4)
    expect(page.locator(".kg-eval-changed > li")).to_have_count(9)
    expect(page.locator(".kg-eval-changed > li").first).to_contain_text("Question 0?")


def test_runs_of_different_questions_cannot_be_compared(open_view: Open) -> None:
    view = open_view()
    for count, name in enumerate(("one", "two"), 1):
        view.upload(f"{name}.jsonl", "Who?")
        expect(view.page.locator(".kg-eval-set")).to_have_count(count)
        view.run(name)
        view.finished(count)
    for tick in view.page.locator(".kg-eval-run-head input").all():
        tick.check()
    expect(view.page.locator(".kg-eval-compare")).to_contain_text("measured different things")
    expect(view.page.get_by_role("button", name="Compare")).to_be_disabled()


def test_it_speaks_russian_and_fits_a_phone(open_view: Open) -> None:
    view = open_view(width=390, language="ru")
    view.upload("мои вопросы.jsonl", "Кто? right")
    view.run("мои вопросы")
    view.finished(1)
    page = view.page
    expect(page.locator(".kg-eval-run")).to_contain_text("Дан ожидаемый ответ")
    page.get_by_role("button", name="Открыть отчёт").click()
    expect(page.locator(".kg-eval-frame iframe")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_hostile_questions_and_names_do_nothing(open_view: Open) -> None:
    view = open_view()
    lines = [payload for payload in PAYLOADS if payload.isprintable()]
    view.upload(f"{PAYLOADS[2]}.jsonl", *(f"{line} right" for line in lines), more=PAYLOADS[2])
    page = view.page
    page.locator(".kg-eval-skipped summary").click()
    page.get_by_role("button", name="See and correct").click()
    expect(page.locator(".kg-eval-questions > li")).to_have_count(len(lines))
    page.get_by_role("button", name="‹ Runs").click()
    for count in (1, 2):
        view.run("onerror")
        view.finished(count)
    for tick in page.locator(".kg-eval-run-head input").all():
        tick.check()
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".kg-eval-sum")).to_be_visible()
    assert page.locator(STRANGE).count() == 0
