"""A page in Debian's Chromium, and everything on it that must not happen."""

import shutil
from urllib.parse import urlsplit

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from playwright.sync_api import Browser, Dialog, Page, expect  # noqa: E402

__all__ = [
    "CHROMIUM",
    "GRAPH",
    "IN_A_BROWSER",
    "PATIENCE_MS",
    "STRANGE",
    "Browser",
    "Watched",
    "expect",
]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

IN_A_BROWSER = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
]

GRAPH = "document.querySelector('#kg-graph [id^=html-]').kgGraph"

STRANGE = (
    ".kg-view :is(iframe, script, style, link, meta, object, [onload], [onerror], "
    'img[src]:not([src^="/api/"]))'
)
"""What no text may bring about."""

PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)


class Watched:
    """A page, and everything on it that must not happen."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.wrong: list[str] = []
        own = urlsplit(url).netloc
        page.on("dialog", self._dismiss)
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("request", lambda request: self._check(request.url, own))
        page.on("console", lambda line: self._listen(line.text))
        page.goto(url)
        self.wait()

    def wait(self) -> None:
        """Wait until the page can be used."""
        expect(self.page.locator("#kg-chat .kg-welcome")).to_be_visible(timeout=PATIENCE_MS)

    def ask(self, question: str) -> None:
        turns = self.page.locator(".kg-turn:not([aria-busy])")
        before = turns.count()
        self.page.fill("#kg-ask textarea", question)
        self.page.press("#kg-ask textarea", "Enter")
        expect(turns).to_have_count(before + 1)

    def labels(self, kind: str) -> list[str]:
        found = self.page.evaluate(f"{GRAPH}.{kind}().map(item => item.data('label'))")
        assert isinstance(found, list)
        return sorted(found)

    def tap(self, kind: str, index: int) -> None:
        # void: what emit returns is the whole graph, which would be sent back for a minute.
        self.page.evaluate(f"void {GRAPH}.{kind}()[{index}].emit('tap')")

    def _dismiss(self, dialog: Dialog) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _check(self, url: str, own: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc != own:
            self.wrong.append(f"request: {url}")

    def _listen(self, line: str) -> None:
        if "Content Security Policy" in line or "Error executing" in line:
            self.wrong.append(f"console: {line}")
