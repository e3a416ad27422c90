"""The page in a real browser: what a user sees and can click, and what hostile text cannot do."""

import re
from pathlib import Path

import pytest

from kgrag import KnowledgeBase
from tests.ui.browsing import IN_A_BROWSER, PATIENCE_MS, STRANGE, Browser, Watched, expect
from tests.ui.library import HANDLIST, PAYLOADS

pytestmark = IN_A_BROWSER


def test_a_citation_leads_to_its_sentence_and_its_fact(watched: Watched) -> None:
    watched.ask("Where did Daniel Bernoulli work?")
    page = watched.page
    chip = page.locator(".kg-answer button.kg-chip").first
    quote = page.locator(".kg-answer .kg-sentence").first.inner_text().rpartition(".")[0] + "."
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
    page.set_input_files("#kg-files", [new, broken])
    expect(page.locator(".kg-was-failed")).to_contain_text("broken.pdf")
    row = page.locator(".kg-row", has_text="новый документ.txt")
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
    for panel in ("#kg-left", "#kg-chat", "#kg-source", "#kg-graph .kg-canvas"):
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
    page.set_input_files("#kg-files", dropped)
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
    assert page.locator(STRANGE).count() == 0
