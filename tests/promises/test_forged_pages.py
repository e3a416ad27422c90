"""S10 in a real browser: pages elsewhere try all that a page can send, with a user logged in.

One of them is served by another port of this very machine: to a browser that is the same site, and
the cookie goes with whatever it sends.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from playwright.sync_api import Browser, Page, sync_playwright
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from indexes import passwords
from tests.ui.browsing import CHROMIUM, IN_A_BROWSER, PATIENCE_MS
from tests.ui.guarded import PASSWORD, Behind, accounts_of, serving
from ui.guard import Guard

pytestmark = IN_A_BROWSER

TARGET = "/api/libraries/main/corrections"

ATTACKS = """
async (target) => {
  const body = '{"kind": "retract"}', text = new Blob([body], {type: "text/plain"});
  const tried = [];
  for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
    for (const mode of ["no-cors", "cors"])
      for (const referrerPolicy of ["no-referrer", "unsafe-url"])
        for (const headers of [{}, {authorization: "Bearer x"}, {"content-type": "application/json"}])
          tried.push(fetch(target, {method, mode, referrerPolicy, headers, credentials: "include",
            body: method === "GET" ? undefined : body}));
  const load = (name, attributes) => new Promise((done) => {
    const element = document.createElement(name);
    element.onload = element.onerror = done;
    Object.assign(element, attributes);
    document.body.append(element);
  });
  tried.push(load("img", {src: target}), load("script", {src: target}),
    load("link", {rel: "stylesheet", href: target}), load("iframe", {src: target}),
    load("iframe", {srcdoc: `<script>fetch("${target}", {method: "POST", mode: "no-cors"})<\\/script>`,
      sandbox: "allow-scripts"}));
  navigator.sendBeacon(target, text);
  tried.push(new Promise((done) => { new EventSource(target, {withCredentials: true}).onerror = done; }));
  tried.push(new Promise((done) => {
    const socket = new WebSocket(target.replace("http", "ws"));
    socket.onerror = socket.onopen = done;
  }));
  for (const method of ["get", "post"]) {
    const frame = Object.assign(document.createElement("iframe"), {name: "into-" + method});
    document.body.append(frame);
    const form = Object.assign(document.createElement("form"),
      {action: target, method, target: frame.name, enctype: "text/plain"});
    document.body.append(form);
    tried.push(new Promise((done) => { frame.onload = done; setTimeout(done, 3000); }));
    form.submit();
  }
  return (await Promise.allSettled(tried)).length;
}
"""  # noqa: E501


def acted(behind: Behind) -> list[str]:
    """Return what was done to the target; a browser asks for the page's icon when it likes."""
    return [method for method, path in behind.reached if path == TARGET]


ATTACKERS = ["http://evil.example:{port}/", "http://127.0.0.1:{port}/", "http://localhost:{port}/"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        opened = driver.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--host-resolver-rules=MAP evil.example 127.0.0.1"],
        )
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def behind() -> Behind:
    return Behind()


@pytest.fixture(scope="module")
def guarded(behind: Behind, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with accounts."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "_LOG_N", 8)
        accounts = accounts_of(tmp_path_factory.mktemp("home"), "anna")
        with serving(Guard(behind.app, accounts=accounts)) as port:
            yield f"http://127.0.0.1:{port}"
        accounts.close()


@pytest.fixture(scope="module")
def attacker() -> Iterator[int]:
    """The port of somebody else's server."""
    page = HTMLResponse("<!doctype html><title>prizes</title><body>")
    with serving(Starlette(routes=[Route("/", lambda _: page)])) as port:
        yield port


@pytest.fixture
def victim(page: Page, guarded: str, behind: Behind) -> Page:
    """A browser in which a user is logged in, by the form."""
    page.goto(f"{guarded}/docs")
    page.fill("input[name=name]", "anna")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{guarded}/docs")
    (cookie,) = page.context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == (
        "kgrag_session",
        True,
        "Strict",
    )
    behind.reached.clear()
    return page


@pytest.mark.parametrize("address", ATTACKERS)
def test_nothing_that_another_page_sends_gets_through(
    victim: Page, guarded: str, attacker: int, behind: Behind, address: str
) -> None:
    victim.goto(address.format(port=attacker))
    assert victim.evaluate(ATTACKS, guarded + TARGET) > 80
    assert acted(behind) == []


@pytest.mark.parametrize("address", ATTACKERS)
def test_a_form_that_leads_here_gets_nothing_through(
    victim: Page, guarded: str, attacker: int, behind: Behind, address: str
) -> None:
    victim.goto(address.format(port=attacker))
    victim.evaluate(
        """(target) => { const form = Object.assign(document.createElement("form"),
          {action: target, method: "post"}); document.body.append(form); form.submit(); }""",
        guarded + TARGET,
    )
    victim.wait_for_url(guarded + TARGET)
    assert acted(behind) == []


def test_without_accounts_nothing_gets_through_either(page: Page, attacker: int) -> None:
    behind = Behind()
    with serving(Guard(behind.app)) as port:
        for address in ATTACKERS:
            page.goto(address.format(port=attacker))
            page.evaluate(ATTACKS, f"http://127.0.0.1:{port}{TARGET}")
    assert acted(behind) == []


def test_the_attacks_are_real(page: Page, attacker: int) -> None:
    """The same ones reach a server without a guard."""
    behind = Behind()
    with serving(behind.app) as port:
        page.goto(ATTACKERS[0].format(port=attacker))
        page.evaluate(ATTACKS, f"http://127.0.0.1:{port}{TARGET}")
    assert set(acted(behind)) >= {"GET", "POST"}
    assert len(acted(behind)) > 20


def test_the_own_page_does_what_others_cannot(victim: Page, guarded: str, behind: Behind) -> None:
    for method in ("POST", "DELETE", "GET"):
        victim.evaluate(
            "([target, method]) => fetch(target, {method}).then((answer) => answer.json())",
            [TARGET, method],
        )
    assert acted(behind) == ["POST", "DELETE", "GET"]


def test_a_name_that_was_made_to_lead_here_shows_nothing(
    victim: Page, guarded: str, behind: Behind
) -> None:
    answer = victim.goto(guarded.replace("127.0.0.1", "evil.example"))
    assert answer is not None
    assert answer.status == 403
    assert acted(behind) == []


@pytest.mark.parametrize("address", ATTACKERS)
def test_a_link_from_elsewhere_leads_a_logged_in_user_to_the_page(
    victim: Page, guarded: str, attacker: int, address: str
) -> None:
    victim.goto(address.format(port=attacker))
    victim.evaluate(
        """(target) => { const link = Object.assign(document.createElement("a"),
          {href: target, textContent: "x"}); document.body.append(link); link.click(); }""",
        f"{guarded}/docs",
    )
    victim.wait_for_url(f"{guarded}/docs")
    assert '"user":"anna"' in victim.content()


def test_logging_out_by_the_button_ends_the_session(victim: Page, guarded: str) -> None:
    victim.goto(f"{guarded}/account")
    victim.get_by_role("button", name="Log out").click()
    victim.wait_for_url(f"{guarded}/login?lang=en")
    assert not [c for c in victim.context.cookies() if c["name"] == "kgrag_session"]
    victim.goto(f"{guarded}/docs")
    assert "/login" in victim.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/login", "/login?lang=ru", "/account", "/account?lang=ru"])
def test_the_login_and_the_account_fit_on_a_phone(
    browser: Browser, guarded: str, tmp_path: Path, scheme: str, path: str
) -> None:
    context = browser.new_context(
        viewport={"width": 360, "height": 740},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda line: wrong.append(line.text))
    page.on("requestfailed", lambda request: wrong.append(request.url))
    page.goto(f"{guarded}/login")
    if path.startswith("/account"):
        page.fill("input[name=name]", "anna")
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(f"{guarded}/")
    page.goto(f"{guarded}{path}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for name in page.locator("input:visible, button:visible").all():
        box = name.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 20, 26)"
    assert dark == (scheme == "dark")
    assert wrong == []
    context.close()
