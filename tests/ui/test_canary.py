"""S2, S3: hostile text through every view, and a server that must hear nothing of it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kgrag import KnowledgeBase
from tests.chat_server import say, serving
from tests.ui.asking import page_over, with_model
from tests.ui.browsing import IN_A_BROWSER, STRANGE, Browser, Watched, expect
from tests.ui.library import open_library

pytestmark = IN_A_BROWSER

LURES = (
    "<img src={url}/img>",
    "<img src=x onerror=fetch('{url}/onerror')>",
    "<script src={url}/script.js></script>",
    "<script>fetch('{url}/inline')</script>",
    "<link rel=stylesheet href={url}/style.css>",
    "<style>@import '{url}/import.css'</style>",
    '<div style="background:url({url}/background)">x</div>',
    "<svg><image href={url}/svg /></svg>",
    "<iframe src={url}/frame></iframe>",
    "<object data={url}/object></object>",
    "<video src={url}/video autoplay></video>",
    "<meta http-equiv=refresh content='0;url={url}/refresh'>",
    "<base href={url}/>",
    "<form action={url}/form><input autofocus onfocus=this.form.submit()></form>",
    "![leak]({url}/markdown.png)",
    "![leak][lure]\n\n[lure]: {url}/reference.png",
    "[click]({url}/link)",
    "{url}/bare",
)
"""Ways in which a text can make a page ask somebody else for something."""


class Canary(ThreadingHTTPServer):
    """Writes down whatever it is asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hear)
        self.heard: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Hear(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Canary)
        self.server.heard.append(self.path)
        self.send_response(200)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()

    do_POST = do_HEAD = do_OPTIONS = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


@contextmanager
def listening() -> Iterator[Canary]:
    with Canary() as canary:
        thread = threading.Thread(target=canary.serve_forever, daemon=True)
        thread.start()
        yield canary
        canary.shutdown()
        thread.join()


@pytest.fixture
def canary() -> Iterator[Canary]:
    with listening() as found:
        yield found


def test_no_text_makes_any_view_of_the_page_ask_anybody_for_anything(
    browser: Browser, canary: Canary, tmp_path: Path
) -> None:
    lures = [lure.format(url=canary.url) for lure in LURES]
    document = tmp_path / "<img src=x onerror=alert(1)> lures.md"
    facts = [f"«{lure.splitlines()[0]}» married «Mallory {n}»." for n, lure in enumerate(lures)]
    document.write_text("Everything about Mallory.\n\n" + "\n\n".join([*facts, *lures]), "utf-8")
    with open_library(tmp_path / "library") as library, serving() as (server, endpoint):
        library.upload([document])
        library.corrections.rename(library.facts()[0].object.id, lures[0])
        server.usual = say(f"Mallory was married. [1] {' [1] '.join(lures)} [1]")
        with with_model(library, endpoint) as asked, page_over(asked) as url:
            context = browser.new_context()
            watched = Watched(context.new_page(), url)
            _look_at_everything(watched, asked, lures)
            assert watched.wrong == []
            assert watched.page.locator(STRANGE).count() == 0
            assert canary.heard == []
            # It does hear a browser that asks.
            watched.page.goto(f"{canary.url}/control")
            assert "/control" in canary.heard
            context.close()


def _look_at_everything(watched: Watched, library: KnowledgeBase, lures: list[str]) -> None:
    page = watched.page
    for question in ("Whom did Mallory 3 marry?", lures[0]):
        watched.ask(question)
    for card in page.locator(".kg-card").all()[:4]:
        card.click()
    page.locator("#kg-documents .kg-open").first.click()
    expect(page.locator("#kg-source")).to_contain_text("onerror=fetch")
    for kind in ("nodes", "edges"):
        for index in range(min(4, len(watched.labels(kind)))):
            watched.tap(kind, index)
    page.locator('[data-side="conversations"]').click()
    page.locator("#kg-documents .kg-side:not([hidden]) .kg-open").first.click()
    page.locator("button.kg-read").click()
    expect(page.locator("#kg-view-read")).to_contain_text("onerror=fetch")
    page.locator('button[data-view="explore"]').click()
    entity = library.facts()[0].subject.id
    page.evaluate(
        "entity => window.dispatchEvent(new CustomEvent('kgrag:explore', {detail: {entity}}))",
        entity,
    )
    expect(page.locator(".kg-panel h3")).to_be_visible()
    page.locator('button[data-view="facts"]').click()
    expect(page.locator("#kg-view-facts")).to_contain_text("Mallory")
    page.locator('button[data-view="settings"]').click()
    expect(page.locator("#kg-view-settings")).to_contain_text("Renamed")
    for name in ("md", "html"):
        _open_export(watched, name)
    page.wait_for_timeout(500)


def _open_export(watched: Watched, name: str) -> None:
    """Save the conversation, and open what was saved as a person would."""
    page = watched.page
    page.locator('button[data-view="chat"]').click()
    with page.expect_download() as saving:
        page.locator(f'#kg-tools [data-format="{name}"]').click()
    saved = saving.value.path()
    beside = saved.with_suffix(f".{name}")
    beside.write_bytes(saved.read_bytes())
    other = page.context.new_page()
    other.goto(beside.as_uri())
    other.wait_for_timeout(300)
    other.close()
