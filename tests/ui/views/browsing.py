"""The views in Debian's Chromium, and everything that must not happen there."""

from typing import TYPE_CHECKING, Any

from tests.ui.browsing import PATIENCE_MS, Watched, expect
from tests.ui.views.answers import Data
from ui.views import VIEWS

if TYPE_CHECKING:
    from playwright.sync_api import Page


class Views(Watched):
    """A page that shows the views alone, over a scripted service."""

    def __init__(self, page: "Page", url: str, data: Data) -> None:
        self.data = data
        page.set_default_timeout(PATIENCE_MS)
        super().__init__(page, url)

    def wait(self) -> None:
        """Wait until every view has its module."""
        self.page.wait_for_function(
            f"document.querySelectorAll('.kg-client').length === {len(VIEWS)}"
        )

    def show(self, view: str) -> None:
        """Show a view, as a click on its name does."""
        self.page.evaluate(f"kgShow('{view}')")

    def send(self, name: str, **detail: object) -> None:
        """Dispatch an event of the page."""
        self.page.evaluate(
            "([name, detail]) => window.dispatchEvent(new CustomEvent(name, {detail}))",
            [f"kgrag:{name}", detail],
        )

    def explore(self) -> None:
        """Show the explorer and wait until its graph is drawn."""
        self.show("explore")
        self.page.wait_for_function(f"{GRAPH}?.()?.nodes().length > 0")

    def graph(self, expression: str) -> Any:  # noqa: ANN401
        """Return what an expression about the drawn graph ``cy`` gives."""
        return self.page.evaluate(f"(() => {{ const cy = {GRAPH}(); return {expression}; }})()")

    def choose(self, id_: str) -> None:
        """Click a node or an edge of the graph."""
        self.page.evaluate(f"id => void {GRAPH}().getElementById(id).emit('tap')", id_)

    def read(self, document: str, start: int = 0, end: int = 0) -> None:
        """Open a document at a place and wait for its text."""
        self.send("read", document=document, start=start, end=end)
        expect(self.page.locator(".kg-window").first).to_be_visible()

    def asked(self, what: str) -> list[str]:
        """Return the requests that hold a text."""
        return [line for line in self.data.asked if what in line]


GRAPH = "document.querySelector('#kg-explore .kg-own').kgExplore"
