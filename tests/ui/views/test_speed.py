"""How long the explorer takes over as much as it ever draws: 2,000 nodes and 6,000 edges."""

from collections.abc import Callable

import pytest

from tests.ui.browsing import IN_A_BROWSER
from tests.ui.views.browsing import GRAPH, Views
from tests.ui.views.library import large

pytestmark = [*IN_A_BROWSER, pytest.mark.alone]

DRAW_MS = 3000
CLICK_MS = 200

Open = Callable[..., Views]

_DRAWN = f"""() => new Promise((done) => {{
  const start = performance.now();
  kgShow("explore");
  const wait = () => {{
    const cy = {GRAPH}();
    if (!cy || cy.nodes().length < 300) return requestAnimationFrame(wait);
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
  }};
  wait();
}})"""

_CHOSEN = f"""() => new Promise((done) => {{
  const select = document.querySelector("#kg-explore .kg-filters select");
  select.value = "2000";
  const start = performance.now();
  select.dispatchEvent(new Event("change"));
  const wait = () => {{
    if ({GRAPH}().nodes().length < 2000) return requestAnimationFrame(wait);
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
  }};
  wait();
}})"""

_WATCHED = """() => {
  window.kgAnswered = new Promise((done) => {
    let released = 0;
    const release = () => { released = performance.now(); };
    window.addEventListener("mouseup", release, { capture: true, once: true });
    new MutationObserver((_, watcher) => {
      if (!released) return;
      watcher.disconnect();
      requestAnimationFrame(() => setTimeout(() => done(performance.now() - released)));
    }).observe(document.querySelector(".kg-panel"), { childList: true });
  });
}"""
"""From the release of the button until the panel about what was clicked has been painted."""


def test_two_thousand_nodes_are_drawn_and_a_click_is_answered_at_once(open_views: Open) -> None:
    views = open_views(large())
    views.page.evaluate(_DRAWN)
    drawn = views.page.evaluate(_CHOSEN)
    assert views.graph("[cy.nodes().length, cy.edges().length > 5500]") == [2000, True]
    clicks = sorted(_click(views, f"e:{number}") for number in (3, 40, 300, 700, 1500))
    print(f"drawn in {drawn:.0f} ms, clicks {[round(click) for click in clicks]} ms")  # noqa: T201
    assert drawn < DRAW_MS
    # The least disturbed one: what else runs on the machine is not what this is about.
    assert clicks[0] < CLICK_MS


def _click(views: Views, id_: str) -> float:
    canvas = views.page.locator("#kg-explore .kg-canvas").bounding_box()
    assert canvas is not None
    views.graph("void cy.zoom(1)")
    views.graph(f"void cy.center(cy.getElementById({id_!r}))")
    views.page.evaluate("() => new Promise((done) => requestIdleCallback(() => done()))")
    views.page.evaluate(_WATCHED)
    x, y = views.graph(f"(at => [at.x, at.y])(cy.getElementById({id_!r}).renderedPosition())")
    views.page.mouse.click(canvas["x"] + x, canvas["y"] + y)
    answered = views.page.evaluate("window.kgAnswered")
    assert isinstance(answered, float | int)
    return float(answered)
