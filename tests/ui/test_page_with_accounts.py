"""The whole page behind the guard with accounts, in a browser: nothing that it needs is refused."""

import asyncio
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from indexes import passwords
from kgrag import Settings
from kgrag.parts import Parts
from tests.fakes import NoLinker
from tests.ui.browsing import IN_A_BROWSER, PATIENCE_MS, expect
from tests.ui.guarded import PASSWORD, accounts_of, serving
from tests.ui.library import PatternExtractor
from ui.serve_options import ServeOptions
from ui.service import Site
from ui.shelf import Shelf

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response

pytestmark = IN_A_BROWSER

VIEWS = ("explore", "read", "facts", "evaluate", "settings", "chat")


@pytest.fixture
def url(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a page for two users, the first of whom has documents."""
    monkeypatch.setattr(passwords, "_LOG_N", 8)
    accounts = accounts_of(tmp_path, "anna", "boris")
    shutil.copytree(filled, tmp_path / "users" / accounts.store.get("anna").id / "main")
    parts = Parts(Settings(), extractor=PatternExtractor, linker=NoLinker)
    shelf = Shelf(parts, tmp_path)
    site = Site(shelf, accounts=accounts, options=ServeOptions(accounts=tmp_path))

    async def built() -> Any:  # noqa: ANN401  an ASGI application
        return site.application()

    # Outside a running loop gradio makes loops, and never closes them.
    with ThreadPoolExecutor(1) as pool:
        app = pool.submit(asyncio.run, built()).result()
    with serving(app) as port:
        yield f"http://127.0.0.1:{port}"
        site.close()
    shelf.close()
    parts.close()
    accounts.close()


class Refusals:
    """What was answered with an error while a page was used."""

    def __init__(self, page: "Page") -> None:
        self.found: list[str] = []
        page.on("response", self._look)
        page.on("pageerror", lambda error: self.found.append(str(error)))

    def _look(self, response: "Response") -> None:
        if response.status >= 400:
            self.found.append(f"{response.status} {urlsplit(response.url).path}")


def opened(browser: "Browser", url: str, path: str, name: str) -> tuple["Page", Refusals]:
    page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    refusals = Refusals(page)
    page.goto(url + path)
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    expect(page.locator("#kg-chat .kg-welcome")).to_be_visible()
    return page, refusals


@pytest.mark.parametrize("path", ["/", "/ru/"])
def test_everything_on_the_page_works_for_a_user(browser: "Browser", url: str, path: str) -> None:
    page, refusals = opened(browser, url, path, "anna")
    page.fill("#kg-ask textarea", "Where was Leonhard Euler born?")
    page.press("#kg-ask textarea", "Enter")
    expect(page.locator(".kg-turn:not([aria-busy])")).to_contain_text("Basel")
    for view in VIEWS:
        page.locator(f'[role=tab][data-view="{view}"]').click()
        expect(page.locator(f"#kg-view-{view}")).to_be_visible()
        page.wait_for_load_state("load")
    page.reload()
    expect(page.locator("#kg-chat")).to_be_visible()
    assert refusals.found == []
    page.context.close()


def test_another_user_sees_nothing_of_it(browser: "Browser", url: str) -> None:
    page, refusals = opened(browser, url, "/", "boris")
    page.fill("#kg-ask textarea", "Where was Leonhard Euler born?")
    page.press("#kg-ask textarea", "Enter")
    expect(page.locator(".kg-turn:not([aria-busy])")).to_have_count(1)
    assert "Basel" not in page.locator("body").inner_text()
    assert "handlist" not in page.content()
    assert refusals.found == []
    page.context.close()
