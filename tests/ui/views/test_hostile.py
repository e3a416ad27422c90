"""S2 and S3 for the views: hostile text in every field that they show does nothing."""

from collections.abc import Callable

from tests.ui.browsing import IN_A_BROWSER, expect
from tests.ui.library import PAYLOADS
from tests.ui.views.browsing import Views
from tests.ui.views.library import DOCUMENT, hostile

pytestmark = IN_A_BROWSER

STRANGE = (
    ".kg-client :is(iframe, script, style, link, meta, object, textarea, [onload], [onerror], "
    "[onmouseover], img:not(.kg-page-image))"
)

Open = Callable[..., Views]


def test_hostile_text_does_nothing_in_the_explorer(open_views: Open) -> None:
    views = open_views(hostile())
    views.explore()
    page = views.page
    for id_ in views.graph("cy.nodes().map(n => n.id())")[:12]:
        views.choose(id_)
    expect(page.locator(".kg-panel .kg-relation-group").first).to_be_attached()
    for id_ in views.graph("cy.edges().map(e => e.id())")[:8]:
        views.choose(id_)
    expect(page.locator(".kg-panel .kg-card")).to_be_visible()
    page.get_by_role("button", name="Retract").click()
    page.locator(".kg-confirmation .kg-dangerous").click()
    expect(page.locator(".kg-toast")).to_be_visible()
    page.locator("#kg-explore .kg-search-place input").click()
    expect(page.locator(".kg-suggestion").nth(5)).to_be_visible()
    page.select_option("#kg-explore .kg-colour select", "type")
    for summary in page.locator("#kg-explore .kg-checklist summary").all():
        summary.click()
    _nothing(views)


def test_only_a_wikidata_number_becomes_an_address(open_views: Open) -> None:
    views = open_views(hostile())
    views.explore()
    for id_ in views.graph("cy.nodes().map(n => n.id())")[:5]:
        views.choose(id_)
        expect(views.page.locator(".kg-panel .kg-tools")).to_be_visible()
        assert views.page.locator(".kg-panel a").count() == 0
    _nothing(views)


def test_hostile_text_does_nothing_in_read(open_views: Open) -> None:
    views = open_views(hostile())
    views.read(DOCUMENT)
    page = views.page
    for mention in page.locator(".kg-mention:not([data-continued])").all()[:10]:
        mention.focus()
        expect(page.locator(".kg-card-over")).to_be_visible()
    page.locator(".kg-read-main .kg-legend-button").first.click()
    shown = page.locator(".kg-window").evaluate("one => one.textContent")
    assert PAYLOADS[2] in shown
    _nothing(views)


def test_hostile_text_does_nothing_among_facts(open_views: Open) -> None:
    views = open_views(hostile())
    views.show("facts")
    page = views.page
    for opener in page.locator(".kg-opener").all()[:6]:
        opener.click()
    for picker in page.locator("#kg-facts .kg-combobox input").all():
        picker.click()
        expect(page.locator(".kg-suggestion:visible").first).to_be_visible()
        picker.press("Escape")
    page.get_by_role("tab", name="Timeline").click()
    for event in page.locator(".kg-event summary").all()[:5]:
        event.click()
    page.get_by_role("tab", name="Contradictions").click()
    expect(page.locator(".kg-claim").first).to_be_visible()
    _nothing(views)


def test_hostile_text_does_nothing_in_the_settings(open_views: Open) -> None:
    data = hostile()
    data.failing["/settings/test"] = PAYLOADS[2]
    views = open_views(data)
    views.show("settings")
    expect(views.page.locator(".kg-corrections li")).to_have_count(len(PAYLOADS))
    views.page.get_by_role("button", name="Test").click()
    expect(views.page.locator(".kg-bad")).to_have_text(PAYLOADS[2])
    _nothing(views)


def test_hostile_failures_are_words(open_views: Open) -> None:
    data = hostile()
    for place in ("/graph", "/facts", "/documents", "/timeline", "/graph/facets"):
        data.failing[place] = PAYLOADS[2]
    views = open_views(data)
    for view in ("explore", "read", "facts"):
        views.show(view)
        expect(views.page.locator(f"#kg-{view} .kg-failure").first).to_contain_text(PAYLOADS[2])
    _nothing(views)


def _nothing(views: Views) -> None:
    views.page.evaluate("() => new Promise(requestAnimationFrame)")
    assert views.page.locator(STRANGE).count() == 0
    assert views.wrong == []
