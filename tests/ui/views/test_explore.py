"""The explorer: what one does with the graph of a library."""

import json
from collections.abc import Callable

import pytest

from tests.ui.browsing import IN_A_BROWSER, expect
from tests.ui.views.answers import Data
from tests.ui.views.browsing import Views
from tests.ui.views.library import small

pytestmark = IN_A_BROWSER

Open = Callable[..., Views]

BORN = json.dumps(["Q7604", "P19", "Q78"])


def test_a_node_tells_names_documents_facts_and_wikidata(open_views: Open) -> None:
    views = open_views()
    views.explore()
    views.choose("Q7604")
    panel = views.page.locator(".kg-panel")
    expect(panel.locator("h3")).to_have_text("Leonhard Euler")
    expect(panel).to_contain_text("handlist.txt")
    expect(panel.locator(".kg-relation-group").first).to_contain_text("Basel")
    link = panel.locator("a.kg-link")
    expect(link).to_have_attribute("href", "https://www.wikidata.org/wiki/Q7604")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(link).to_have_attribute("target", "_blank")


def test_an_edge_shows_its_sentence_which_opens_in_its_document(open_views: Open) -> None:
    views = open_views()
    views.explore()
    views.choose(BORN)
    views.page.locator(".kg-panel .kg-card").click()
    expect(views.page.locator("mark.kg-sought")).to_have_text("Leonhard Euler was born in Basel.")


def test_retracting_is_asked_done_and_undone(open_views: Open) -> None:
    views = open_views()
    views.explore()
    views.choose(BORN)
    page = views.page
    page.get_by_role("button", name="Retract").click()
    expect(page.locator(".kg-confirmation")).to_contain_text(
        "Leonhard Euler – place of birth – Basel"
    )
    assert views.asked('"retract"') == []
    page.locator(".kg-confirmation button").first.click()
    expect(page.locator(".kg-toast")).to_contain_text("Retracted")
    page.wait_for_function(f"() => {_count('edges')} === 2")
    page.locator(".kg-toast").get_by_role("button", name="Undo").click()
    page.wait_for_function(f"() => {_count('edges')} === 3")


def test_merging_says_which_counts_as_which(open_views: Open) -> None:
    views = open_views()
    views.explore()
    views.choose("Q78")
    page = views.page
    page.get_by_role("button", name="Merge with").click()
    page.keyboard.type("petersburg")
    page.locator(".kg-suggestion", has_text="Saint Petersburg").click()
    expect(page.locator(".kg-confirmation")).to_contain_text(
        "All mentions and facts of “Saint Petersburg” will count as those of “Basel”"
    )
    page.locator(".kg-confirmation").get_by_role("button", name="Merge").click()
    expect(page.locator(".kg-toast")).to_be_visible()
    assert json.loads(views.asked('"merge"')[0]) == {
        "kind": "merge",
        "keep": "Q78",
        "other": "e:town",
    }


def test_splitting_wants_a_part_and_leaves_one(open_views: Open) -> None:
    views = open_views()
    views.explore()
    views.choose("Q7604")
    form = views.page.locator(".kg-form")
    views.page.get_by_role("button", name="Split").click()
    form.get_by_role("button", name="Continue").or_(form.get_by_role("button", name="Next")).click()
    expect(form).to_contain_text("Choose names or documents.")
    form.get_by_label("Euler×1").check()
    form.get_by_role("button", name="Next").click()
    form.get_by_role("button", name="Split").click()
    expect(views.page.locator(".kg-toast")).to_be_visible()
    assert json.loads(views.asked('"split"')[0])["names"] == ["Euler"]


def test_expanding_moves_nothing_and_puts_what_is_new_around(open_views: Open) -> None:
    data = small()
    views = open_views(data)
    views.explore()
    before = views.graph("cy.nodes().map(n => [n.id(), n.position('x'), n.position('y')])")
    _add_friends(views.data, 30)
    views.page.locator("#kg-explore .kg-canvas").focus()
    views.choose("Q7604")
    views.page.keyboard.press("Enter")
    views.page.wait_for_function(f"() => {_count('nodes')} === 34")
    after = {
        id_: (x, y)
        for id_, x, y in views.graph(
            "cy.nodes().map(n => [n.id(), n.position('x'), n.position('y')])"
        )
    }
    assert all(after[id_] == (x, y) for id_, x, y in before)
    spots = list(after.values())
    nearest = min(
        (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 for i, a in enumerate(spots) for b in spots[:i]
    )
    assert nearest > 30**2


def test_filters_are_asked_of_the_service_and_cleared(open_views: Open) -> None:
    views = open_views()
    views.explore()
    page = views.page
    page.locator(".kg-checklist summary", has_text="Types").click()
    page.locator(".kg-check", has_text="person").check()
    page.wait_for_function(f"() => {_count('nodes')} === 1")
    assert views.asked("types=person")
    page.get_by_role("button", name="Clear the filters").click()
    page.wait_for_function(f"() => {_count('nodes')} === 4")


def test_keys_go_from_node_to_node_and_close(open_views: Open) -> None:
    views = open_views()
    views.explore()
    canvas = views.page.locator("#kg-explore .kg-canvas")
    canvas.press("ArrowDown")
    first = views.page.locator(".kg-panel h3").inner_text()
    canvas.press("ArrowDown")
    expect(views.page.locator(".kg-panel h3")).not_to_have_text(first)
    canvas.press("Escape")
    expect(views.page.locator(".kg-panel")).to_be_hidden()


def test_a_path_is_found_and_told(open_views: Open) -> None:
    views = open_views()
    views.explore()
    views.choose("Q78")
    views.page.get_by_role("button", name="Path to").click()
    views.page.keyboard.type("university")
    views.page.locator(".kg-form .kg-suggestion", has_text="University").click()
    expect(views.page.locator(".kg-steps li")).to_have_count(2)


def test_an_empty_library_says_what_to_do(open_views: Open) -> None:
    views = open_views(Data())
    views.show("explore")
    expect(views.page.locator(".kg-explore-empty")).to_contain_text("Add documents in Chat")


def test_a_failure_says_the_services_words_and_tries_again(open_views: Open) -> None:
    data = small()
    data.failing["/graph"] = "The library is being rebuilt <b>now</b>."
    views = open_views(data)
    views.show("explore")
    notice = views.page.locator("#kg-explore .kg-failure")
    expect(notice).to_contain_text("The library is being rebuilt <b>now</b>.")
    views.data.failing.clear()
    notice.get_by_role("button").click()
    views.page.wait_for_function(f"() => {_count('nodes')} === 4")
    expect(notice).to_have_count(0)


def test_what_was_asked_of_another_library_is_dropped(open_views: Open) -> None:
    data = small()
    data.slow["/graph"] = 1.0
    views = open_views(data)
    views.show("explore")
    views.page.wait_for_function("() => document.querySelector('#kg-explore .kg-busy') !== null")
    views.data.__dict__.update(Data().__dict__)
    views.page.evaluate("document.body.dataset.library = 'other'")
    views.send("library", library="other")
    expect(views.page.locator(".kg-explore-empty")).to_be_visible()
    views.page.wait_for_timeout(1200)
    assert views.graph("cy.nodes().length") == 0
    assert views.asked("/libraries/other/graph?")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_nothing_is_cut_off_on_a_phone(open_views: Open, language: str) -> None:
    views = open_views(width=390, language=language)
    for view in ("explore", "read", "facts", "settings"):
        views.show(view)
        assert views.page.evaluate("document.documentElement.scrollWidth") <= 390
        box = views.page.locator(f"#kg-{view} .kg-client").bounding_box()
        assert box is not None
        assert box["height"] > 300


def _count(kind: str) -> str:
    return f"document.querySelector('#kg-explore .kg-own').kgExplore()?.{kind}().length"


def _add_friends(data: Data, count: int) -> None:
    from tests.ui.views.library import node, state

    euler = data.entities["Q7604"]
    for number in range(count):
        friend = node(data, f"e:friend{number}", f"Friend {number}", "person")
        state(data, euler, f"P{number}", "friend", friend, "They met.", 0.5, mark=False)
