"""The reading view: text, mentions, windows, pages."""

from collections.abc import Callable

import pytest

from tests.ui.browsing import IN_A_BROWSER, expect
from tests.ui.views.answers import Data
from tests.ui.views.browsing import Views
from tests.ui.views.library import DOCUMENT, TEXT, small, summary

pytestmark = IN_A_BROWSER

Open = Callable[..., Views]


def test_mentions_stand_where_they_are_behind_characters_of_two_units(open_views: Open) -> None:
    views = open_views()
    views.read(DOCUMENT)
    texts = views.page.locator(".kg-mention").evaluate_all("all => all.map(one => one.textContent)")
    assert texts == ["Leonhard Euler", "Basel", "University of Basel", "Basel"]
    inner = views.page.locator(".kg-mention .kg-mention")
    assert inner.evaluate_all("all => all.map(one => one.textContent)") == ["Basel"]
    assert views.page.locator(".kg-window").evaluate("one => one.textContent") == TEXT


def test_headings_and_wrapped_lines_are_shown_as_such(open_views: Open) -> None:
    data = small()
    line = "A line of a column that is as long as the column is wide, and goes on\nin the next one."
    data.texts[DOCUMENT] = f"{TEXT}\n\n{line}\n\nA verse\nof two lines"
    data.headings[DOCUMENT] = [{"level": 1, "start": 0, "end": TEXT.index("\n")}]
    views = open_views(data)
    views.read(DOCUMENT)
    expect(views.page.locator(".kg-heading.kg-level-1")).to_have_text("📜 The 🎓 handlist")
    shown = views.page.locator(".kg-window").evaluate("one => one.textContent")
    assert shown == f"{TEXT}\n\n{line}\n\nA verse\nof two lines".replace("goes on\n", "goes on ")


def test_crossing_mentions_are_cut_and_the_text_stays_whole(open_views: Open) -> None:
    data = small()
    start = TEXT.index("Leonhard Euler was")
    first = data.mentions[DOCUMENT][0]
    data.mentions[DOCUMENT] = [
        first | {"start": start, "end": start + 18}, first | {"start": start + 9, "end": start + 26}
    ]  # fmt: skip
    views = open_views(data)
    views.read(DOCUMENT)
    assert views.page.locator(".kg-window").evaluate("one => one.textContent") == TEXT
    parts = views.page.locator(".kg-mention").evaluate_all("all => all.map(one => one.textContent)")
    assert parts == ["Leonhard Euler was", "Euler was", " born in"]


def test_a_sought_sentence_is_marked_and_in_view(open_views: Open) -> None:
    views = open_views(_long(), width=900)
    place = views.data.texts["long"].index("Line 4000.")
    views.read("long", place, place + 10)
    mark = views.page.locator("mark.kg-sought")
    expect(mark).to_have_text("Line 4000.")
    expect(mark).to_be_in_viewport()


def test_a_mention_shows_its_card_and_where_the_fact_leads(open_views: Open) -> None:
    views = open_views()
    views.read(DOCUMENT)
    views.page.locator(".kg-mention").first.hover()
    card = views.page.locator(".kg-card-over")
    expect(card).to_contain_text("place of birth")
    expect(card.locator("a.kg-link")).to_have_attribute("rel", "noopener noreferrer")
    expect(views.page.locator(".kg-mention.kg-joined").first).to_have_text("Basel")
    expect(views.page.locator(".kg-arrow-label").first).to_contain_text("place of birth")


def test_a_click_on_a_mention_shows_it_in_the_explorer(open_views: Open) -> None:
    views = open_views()
    views.read(DOCUMENT)
    views.page.locator(".kg-mention").first.click()
    expect(views.page.locator(".kg-panel h3")).to_have_text("Leonhard Euler")


def test_keys_go_from_mention_to_mention(open_views: Open) -> None:
    views = open_views()
    views.read(DOCUMENT)
    first = views.page.locator('.kg-mention[tabindex="0"]')
    first.focus()
    views.page.keyboard.press("ArrowRight")
    expect(views.page.locator(".kg-mention:focus")).to_have_text("Basel")
    expect(views.page.locator(".kg-card-over")).to_contain_text("Basel")
    views.page.keyboard.press("Enter")
    expect(views.page.locator(".kg-panel h3")).to_have_text("Basel")


def test_a_type_can_be_switched_off_and_on(open_views: Open) -> None:
    views = open_views()
    views.read(DOCUMENT)
    chip = views.page.locator(".kg-read-main .kg-legend-button", has_text="person")
    chip.click()
    expect(views.page.locator(".kg-mention.kg-off")).to_have_text(["Leonhard Euler"])
    expect(chip).to_have_attribute("aria-pressed", "false")
    chip.click()
    expect(views.page.locator(".kg-mention.kg-off")).to_have_count(0)


@pytest.mark.parametrize("down", [True, False])
def test_scrolling_brings_the_text_on_without_a_gap(open_views: Open, down: bool) -> None:
    data = _long()
    text = data.texts["long"]
    views = open_views(data)
    place = 0 if down else len(text) - 20
    views.read("long", place, place + 5)
    scroll = views.page.locator(".kg-read-scroll")
    for _ in range(4):
        windows = _windows(views)
        scroll.evaluate(f"one => {{ one.scrollTop = {'one.scrollHeight' if down else '0'} }}")
        views.page.wait_for_function(f"() => ({_EDGES}) !== {windows!r}")
    shown = views.page.locator(".kg-window").evaluate_all(
        "all => all.map(one => one.textContent).join('')"
    )
    assert len(shown) > 60_000
    assert shown in text
    assert views.page.locator(".kg-window").count() <= 6


def test_what_is_read_stays_in_place_when_text_comes_above_it(open_views: Open) -> None:
    data = _long()
    views = open_views(data)
    place = data.texts["long"].index("Line 4000.")
    views.read("long", place, place + 10)
    mark = views.page.locator("mark.kg-sought")
    views.page.wait_for_function(f"() => ({_EDGES}).length > 0")
    scroll = views.page.locator(".kg-read-scroll")
    before = _windows(views)
    scroll.evaluate("one => { one.scrollTop = 1500 }")
    top = mark.evaluate("one => one.getBoundingClientRect().top")
    views.page.wait_for_function(f"() => ({_EDGES}) !== {before!r}")
    assert abs(mark.evaluate("one => one.getBoundingClientRect().top") - top) < 2


def test_the_page_of_a_pdf_stands_beside_its_text(open_views: Open) -> None:
    data = small()
    data.documents[0]["media_type"] = "application/pdf"
    half = TEXT.index("Ekaterina")
    data.pages[DOCUMENT] = [
        {"number": 1, "start": 0, "end": half}, {"number": 2, "start": half, "end": len(TEXT)}
    ]  # fmt: skip
    views = open_views(data)
    views.read(DOCUMENT, half, half + 9)
    image = views.page.locator(".kg-page-image")
    expect(image).to_be_attached()
    views.page.wait_for_function(
        "() => document.querySelector('.kg-page-image').src.includes('/pages/')"
    )
    expect(views.page.locator(".kg-pagebreak")).to_have_count(2)
    expect(views.page.locator(".kg-page-side")).to_contain_text("This page could not be drawn.")
    assert views.asked("/pages/1.png") or views.asked("/pages/2.png")
    assert any("start=" in line for line in views.asked("/pages/2.png")) or views.asked(
        "/pages/1.png"
    )


def test_a_document_that_is_gone_is_told(open_views: Open) -> None:
    views = open_views()
    views.send("read", document="sha256:gone", start=0, end=0)
    notice = views.page.locator("#kg-read .kg-failure")
    expect(notice).to_contain_text("There is no document 'sha256:gone' in the library.")


_EDGES = (
    "[...document.querySelectorAll('.kg-window')].map(one => one.textContent.slice(0, 20)).join()"
)


def _windows(views: Views) -> str:
    found = views.page.evaluate(_EDGES)
    assert isinstance(found, str)
    return found


def _long() -> Data:
    data = small()
    data.texts["long"] = "\n".join(f"Line {number}." for number in range(16_000))
    data.documents.append(summary("long", "long.txt", data.texts["long"]))
    return data
