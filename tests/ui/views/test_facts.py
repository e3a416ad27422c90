"""The view of facts: table, time line, contradictions; and the settings."""

from collections.abc import Callable

from tests.ui.browsing import IN_A_BROWSER, expect
from tests.ui.views.answers import Data
from tests.ui.views.browsing import Views
from tests.ui.views.library import large, small

pytestmark = IN_A_BROWSER

Open = Callable[..., Views]


def test_headings_sort_and_say_how(open_views: Open) -> None:
    views = open_views()
    views.show("facts")
    page = views.page
    expect(page.locator(".kg-fact-row")).to_have_count(3)
    page.locator("th button", has_text="Object").click()
    expect(page.locator(".kg-fact-row").first).to_contain_text("Basel")
    expect(page.locator("th.kg-column-object")).to_have_attribute("aria-sort", "ascending")
    page.locator("th button", has_text="Object").click()
    expect(page.locator(".kg-fact-row").first).to_contain_text("University of Basel")


def test_filters_narrow_the_table_and_the_exports(open_views: Open) -> None:
    views = open_views()
    views.show("facts")
    page = views.page
    page.get_by_label("Relation", exact=True).first.click()
    page.locator(".kg-suggestion", has_text="educated at").click()
    expect(page.locator(".kg-fact-row")).to_have_count(1)
    link = page.locator(".kg-downloads a", has_text="CSV")
    expect(link).to_have_attribute(
        "href", "/api/libraries/main/facts/export?format=csv&relation=P69&lang=en"
    )
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".kg-fact-row")).to_have_count(3)
    page.get_by_label("Search in facts").fill("nobody")
    expect(page.locator(".kg-table")).to_contain_text("No facts match.")


def test_a_row_opens_to_sentences_that_open_in_read_and_can_be_retracted(open_views: Open) -> None:
    views = open_views()
    views.show("facts")
    page = views.page
    page.locator(".kg-opener").first.click()
    expect(page.locator(".kg-opened .kg-card")).to_contain_text("Leonhard Euler was born in Basel.")
    page.get_by_role("button", name="Retract").click()
    page.locator(".kg-dangerous").click()
    expect(page.locator(".kg-fact-row")).to_have_count(2)
    page.locator("#kg-facts .kg-toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".kg-fact-row")).to_have_count(3)
    page.locator(".kg-opener").first.click()
    page.locator(".kg-opened .kg-card").click()
    expect(page.locator("mark.kg-sought")).to_have_text("Leonhard Euler was born in Basel.")


def test_a_long_table_comes_in_pages(open_views: Open) -> None:
    views = open_views(large(200, 130))
    views.show("facts")
    page = views.page
    expect(page.locator(".kg-table-foot")).to_contain_text("1–50 of 12")
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".kg-table-foot")).to_contain_text("51–100")
    assert views.asked("offset=50")


def test_the_time_line_is_drawn_and_goes_to_a_period(open_views: Open) -> None:
    views = open_views()
    views.show("facts")
    page = views.page
    page.get_by_role("tab", name="Timeline").click()
    expect(page.locator(".kg-year h4")).to_have_text(["1707", "1727", "1783"])
    expect(page.locator(".kg-event time").first).to_have_text("15 Apr")
    page.get_by_role("button", name="Longer periods").click()
    page.get_by_role("button", name="Longer periods").click()
    page.locator('.kg-axis-bar[data-year="1700"]').press("Enter")
    expect(page.locator(".kg-year")).to_have_count(3)
    page.get_by_role("button", name="Shorter periods").click()
    page.locator('.kg-axis-bar[data-year="1780"]').press("Enter")
    expect(page.locator(".kg-year h4")).to_have_text(["1783"])


def test_contradictions_stand_side_by_side(open_views: Open) -> None:
    views = open_views()
    views.show("facts")
    views.page.get_by_role("tab", name="Contradictions").click()
    expect(views.page.locator(".kg-claim header")).to_have_text(["Basel", "Saint Petersburg"])
    expect(views.page.locator(".kg-claim .kg-card")).to_have_count(2)


def test_an_empty_library_has_words_for_each_tab(open_views: Open) -> None:
    views = open_views(Data())
    views.show("facts")
    page = views.page
    expect(page.locator(".kg-table")).to_contain_text("No facts yet.")
    page.get_by_role("tab", name="Timeline").click()
    expect(page.locator(".kg-time-list")).to_contain_text("No facts with a date yet.")
    page.get_by_role("tab", name="Contradictions").click()
    expect(page.locator(".kg-contradictions")).to_contain_text("Nothing contradicts")


def test_a_model_is_tested_and_saved(open_views: Open) -> None:
    views = open_views()
    views.show("settings")
    page = views.page
    page.get_by_label("Address of the server").fill("http://127.0.0.1:9/v1")
    page.get_by_role("button", name="Test").click()
    expect(page.locator(".kg-good")).to_have_text(
        "It works: Qwen3-8B answers, with 8,192 tokens of context."
    )
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".kg-good")).to_contain_text("Saved.")
    assert views.asked('PUT /api/settings/model {"endpoint": "http://127.0.0.1:9/v1"}')


def test_a_model_that_does_not_answer_is_told_in_plain_words(open_views: Open) -> None:
    data = small()
    data.failing["/settings/test"] = "Nothing answers at http://127.0.0.1:9/v1."
    views = open_views(data)
    views.show("settings")
    views.page.get_by_role("button", name="Test").click()
    expect(views.page.locator(".kg-bad")).to_have_text("Nothing answers at http://127.0.0.1:9/v1.")


def test_who_may_not_change_the_model_has_no_button_for_it(open_views: Open) -> None:
    data = small()
    data.settings["can_change"] = False
    views = open_views(data)
    views.show("settings")
    expect(views.page.locator(".kg-model-form")).to_contain_text("Only whoever runs kgrag")
    expect(views.page.locator(".kg-model-form button")).to_have_count(0)


def test_the_theme_is_kept(open_views: Open) -> None:
    views = open_views()
    views.show("settings")
    views.page.get_by_label("Dark").check()
    expect(views.page.locator("body")).to_have_class("dark")
    assert views.page.evaluate("localStorage.getItem('kgrag-theme')") == "dark"
    views.page.get_by_label("Light").check()
    expect(views.page.locator("body")).not_to_have_class("dark")


def test_settings_speak_russian_and_link_to_english(open_views: Open) -> None:
    views = open_views(language="ru")
    views.show("settings")
    expect(views.page.locator("#kg-settings")).to_contain_text("Языковая модель")
    expect(views.page.locator('#kg-settings a[lang="en"]')).to_have_attribute("href", "/")
