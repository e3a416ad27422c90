"""Takes the pictures of docs/: ``python -m tests.ui.screenshots FOLDER`` (``make screenshots``).

Over examples/, in Chromium, as a person would come to each view.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from kgrag import KnowledgeBase
from tests.fakes import ROOT
from tests.ui.asking import page_over
from tests.ui.browsing import CHROMIUM, Browser, Watched, expect

WIDE, PHONE = (1400, 900), (390, 844)
SETTLED_MS = 1500
"""Fonts, pictures and the motion of a graph."""

Step = Callable[[Watched], None]


def chat(watched: Watched) -> None:
    watched.ask("In which town and year was Euler born?")


def follow_up(watched: Watched) -> None:
    chat(watched)
    watched.ask("Whom did he marry?")


def chat_in_russian(watched: Watched) -> None:
    watched.ask("Где родился Леонард Эйлер?")


def explore(watched: Watched) -> None:
    _view(watched, "explore")
    search = watched.page.get_by_role("combobox", name="Find an entity")
    search.fill("Leonhard Euler")
    watched.page.locator(".kg-suggestion", has_text="Leonhard Euler").first.click()
    expect(watched.page.locator(".kg-panel h3")).to_have_text("Leonhard Euler")


def read(watched: Watched) -> None:
    watched.ask("In which town and year was Euler born?")
    watched.page.locator("button.kg-read").click()
    expect(watched.page.locator("#kg-view-read img")).to_be_visible()


def facts(watched: Watched) -> None:
    _view(watched, "facts")
    expect(watched.page.locator("#kg-view-facts")).to_contain_text("Euler")


def timeline(watched: Watched) -> None:
    facts(watched)
    watched.page.get_by_role("tab", name="Timeline").click()


def contradictions(watched: Watched) -> None:
    facts(watched)
    watched.page.get_by_role("tab", name="Contradictions").click()


def settings(watched: Watched) -> None:
    _view(watched, "settings")
    expect(watched.page.locator("#kg-view-settings")).to_contain_text("Language model")


def evaluate(watched: Watched) -> None:
    _view(watched, "evaluate")
    page = watched.page
    page.get_by_role("radio", name="Examples").check()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#kg-view-evaluate")).to_contain_text("finished", timeout=60_000)


def report(watched: Watched) -> None:
    """Open the report of the run that ``evaluate`` has left in the library."""
    _view(watched, "evaluate")
    watched.page.get_by_role("button", name="Open the report").first.click()
    expect(watched.page.locator("#kg-view-evaluate iframe")).to_be_visible()


VIEWS: dict[str, tuple[Step, str, str, tuple[int, int]]] = {
    "screenshot": (chat, "/", "light", WIDE),
    "chat-russian-dark": (chat_in_russian, "/ru/", "dark", WIDE),
    "chat-phone": (follow_up, "/", "light", PHONE),
    "explore": (explore, "/", "light", WIDE),
    "explore-dark": (explore, "/", "dark", WIDE),
    "read": (read, "/", "light", WIDE),
    "facts": (facts, "/", "light", WIDE),
    "timeline": (timeline, "/", "light", WIDE),
    "contradictions": (contradictions, "/", "light", WIDE),
    "evaluate": (evaluate, "/", "light", WIDE),
    "report": (report, "/", "light", WIDE),
    "settings": (settings, "/", "light", WIDE),
}


def _view(watched: Watched, name: str) -> None:
    watched.page.locator(f'[data-view="{name}"]').click()


def _take(browser: Browser, url: str, folder: Path) -> None:
    for name, (step, path, scheme, (width, height)) in VIEWS.items():
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        watched = Watched(context.new_page(), f"{url}{path}")
        step(watched)
        watched.page.wait_for_timeout(SETTLED_MS)
        watched.page.screenshot(path=folder / f"{name}.png")
        assert watched.wrong == [], watched.wrong
        context.close()


def main(folder: Path) -> None:
    """Fill a folder with pictures."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as beside,
        KnowledgeBase.open(Path(beside) / "library") as library,
        sync_playwright() as driver,
    ):
        library.upload(sorted((ROOT / "examples" / "documents").iterdir()))
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        with page_over(library) as url:
            _take(browser, url, folder)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
