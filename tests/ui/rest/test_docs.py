"""The description of the service opens in Chromium, and asks nobody else for anything."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from kgrag import KnowledgeBase
from tests.ui.browsing import IN_A_BROWSER, expect
from tests.ui.rest.serving import error_of, service_over

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def test_the_page_names_its_own_files_only(client: TestClient) -> None:
    page = client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "http" not in page.text.replace("https://", "http").lower().replace("http-equiv", "")
    for name, kind in (
        ("swagger-ui.css", "text/css"),
        ("swagger-ui-bundle.js", "text/javascript"),
        ("start.js", "text/javascript"),
    ):
        part = client.get(f"/docs/{name}")
        assert part.status_code == 200
        assert part.headers["content-type"].startswith(kind)
    for wrong in ("redoc.standalone.js", "..", "%2e%2e", "core.py", "swagger-ui.css.map"):
        assert error_of(client.get(f"/docs/{wrong}"))[0] == 404


@pytest.mark.parametrize("_", [pytest.param(None, marks=IN_A_BROWSER)])
def test_it_opens_in_a_browser_with_no_foreign_request(
    browser: "Browser", knowledge_base: KnowledgeBase, _: None
) -> None:
    wrong: list[str] = []
    with service_over(knowledge_base) as url:
        page = browser.new_page()
        own = urlsplit(url).netloc

        def check(asked: str) -> None:
            parts = urlsplit(asked)
            if parts.scheme not in ("data", "blob") and parts.netloc != own:
                wrong.append(asked)

        page.on("request", lambda request: check(request.url))
        page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(f"{url}/docs")
        _asks(page)
        page.close()
    assert wrong == []


def _asks(page: "Page") -> None:
    """Open a route, try it out, and see what it answers."""
    expect(page.locator("#operations-tag-questions")).to_be_visible()
    route = page.locator("#operations-service-alive_healthz_get")
    route.locator(".opblock-summary-control").click()
    route.locator(".try-out__btn").click()
    route.locator(".execute").click()
    expect(route.locator(".live-responses-table .microlight").first).to_contain_text("alive")
