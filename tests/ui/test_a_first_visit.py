"""What a person does on a first visit, from dropping files to removing one; the real models."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kgrag import KnowledgeBase
from tests.fakes import ROOT
from tests.ui.asking import page_over
from tests.ui.browsing import IN_A_BROWSER, Browser, Watched, expect

pytestmark = IN_A_BROWSER

EXAMPLES = ROOT / "examples" / "documents"
FILES = ("euler-lecture-notes.pdf", "club-bulletin.md", "catherine-the-great.md")


@pytest.fixture
def visit(browser: Browser, tmp_path: Path) -> Iterator[Watched]:
    """A page over an empty library."""
    with KnowledgeBase.open(tmp_path / "library") as empty, page_over(empty) as url:
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        yield Watched(page, url)
        page.close()


def test_a_first_visit_from_dropping_files_to_removing_one(visit: Watched) -> None:
    page = visit.page

    expect(page.locator(".kg-welcome")).to_contain_text("Add a few files")
    page.set_input_files("#kg-files", [EXAMPLES / name for name in FILES])
    expect(page.locator(".kg-was-indexed")).to_have_count(3)
    expect(page.locator("#kg-documents .kg-count")).to_contain_text("3 documents")
    expect(page.locator(".kg-example").first).to_be_visible()

    visit.ask("Where was Leonhard Euler born?")
    expect(page.locator(".kg-highlight").first).to_have_text("Basel")
    page.locator(".kg-answer button.kg-chip").first.click()
    expect(page.locator("#kg-source mark")).to_contain_text("Leonhard Euler was born in Basel")
    expect(page.locator("#kg-source mark").first).to_be_in_viewport()

    edges = visit.labels("edges")
    assert "place of birth" in edges
    born = page.evaluate(
        "document.querySelector('#kg-graph [id^=html-]').kgGraph.edges()"
        ".map(e => e.data('label')).indexOf('place of birth')"
    )
    visit.tap("edges", born)
    expect(page.locator("#kg-graph .kg-detail .kg-quote").first).to_contain_text("Basel")

    page.locator("button.kg-read").click()
    expect(page.locator("#kg-view-read mark").first).to_contain_text("Euler")
    expect(page.locator("#kg-view-read img")).to_be_visible()

    page.locator('[data-view="explore"]').click()
    search = page.get_by_role("combobox", name="Find an entity")
    search.fill("Leonhard Euler")
    page.locator(".kg-suggestion", has_text="Leonhard Euler").first.click()
    panel = page.locator(".kg-panel")
    expect(panel.locator("h3")).to_have_text("Leonhard Euler")
    panel.get_by_role("button", name="Merge").click()
    other = panel.get_by_role("combobox")
    other.fill("Diderot")
    page.locator(".kg-panel .kg-suggestion", has_text="Diderot").first.click()
    page.locator(".kg-panel .kg-confirmation").get_by_role("button", name="Merge").click()
    expect(page.locator("#kg-view-explore .kg-notices")).to_contain_text("Undo")
    expect(panel).to_contain_text("Diderot")
    page.locator("#kg-view-explore .kg-notices").get_by_role("button", name="Undo").click()

    page.locator('[data-view="facts"]').click()
    expect(page.locator("#kg-view-facts")).to_contain_text("Basel")
    page.locator('[data-view="chat"]').click()
    for name in FILES[:2]:
        row = page.locator("#kg-documents .kg-row", has_text=name)
        row.locator(".kg-ask-remove").click()
        row.locator(".kg-yes").click()
        expect(row).to_have_count(0)
    page.locator('[data-view="facts"]').click()
    expect(page.locator("#kg-view-facts")).to_contain_text("Catherine")
    expect(page.locator("#kg-view-facts")).not_to_contain_text("Basel")
    assert visit.wrong == []
