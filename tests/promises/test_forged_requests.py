"""S10: what another page makes a browser send reaches nothing, whatever it leaves out.

The matrix says what is let through by what a browser or a program can send, and not by how the
guard decides: see the table in ``may_pass``.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from starlette.websockets import WebSocketDisconnect

from indexes import passwords
from tests.ui.guarded import BASE, METHODS, Behind, accounts_of, client_of, log_in
from ui.accounts import Accounts
from ui.guard import Guard

OWN, FOREIGN, NULL = BASE, "http://evil.example", "null"
ORIGINS = [None, OWN, FOREIGN, NULL, "http://127.0.0.1:1", "https://127.0.0.1:7860",
           "http://localhost:7860", f"{BASE}.evil.example", f"{BASE}/", ""]  # fmt: skip
SITES = [None, "same-origin", "none", "same-site", "cross-site", "", "same-origin, cross-site"]


class Sent(NamedTuple):
    method: str
    origin: str | None
    site: str | None
    has_cookie: bool
    has_token: bool

    @property
    def headers(self) -> dict[str, str]:
        given = {"origin": self.origin, "sec-fetch-site": self.site}
        return {name: value for name, value in given.items() if value is not None}


MATRIX = [
    Sent(*row) for row in itertools.product(METHODS, ORIGINS, SITES, (False, True), (False, True))
]


def may_pass(sent: Sent) -> bool:
    """Whether no other page can have caused it.

    origin    site                cookie  token   who sends such a thing
    own       same-origin         any     any     this page
    none      same-origin, none   any     any     this page's GETs; an address that was typed
    own       none or left out    any     any     this page in another browser
    left out  left out            no      any     a program
    left out  left out            yes     yes     a program with a cookie jar: judged by the token
    left out  left out            yes     no      an old browser: only what changes nothing
    """
    if sent.origin not in (None, OWN):
        return False
    if sent.site is not None:
        return sent.site in ("same-origin", "none")
    changes_nothing = sent.method in ("GET", "HEAD", "OPTIONS")
    return sent.origin == OWN or changes_nothing or not sent.has_cookie or sent.has_token


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Accounts]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "_LOG_N", 8)
        opened = accounts_of(tmp_path_factory.mktemp("home"), "anna")
        yield opened
        opened.close()


def test_the_matrix_holds_what_is_to_be_told_apart() -> None:
    passed = [sent for sent in MATRIX if may_pass(sent)]
    assert len(MATRIX) == 7 * 10 * 7 * 4
    assert 0 < len(passed) < len(MATRIX) / 4


@pytest.mark.parametrize("method", METHODS)
def test_with_accounts_no_other_page_acts_for_a_user(accounts: Accounts, method: str) -> None:
    behind = Behind()
    token = accounts.store.make_token(accounts.store.get("anna"))
    with client_of(Guard(behind.app, accounts=accounts)) as client:
        secret = log_in(client, "anna").cookies["kgrag_session"]
        client.cookies.clear()
        for sent in (sent for sent in MATRIX if sent.method == method):
            headers = sent.headers
            if sent.has_cookie:
                headers["cookie"] = f"kgrag_session={secret}"
            if sent.has_token:
                headers["authorization"] = f"Bearer {token}"
            behind.reached.clear()
            answer = client.request(method, "/api/libraries", headers=headers)
            is_known = sent.has_cookie or sent.has_token
            assert bool(behind.reached) == (may_pass(sent) and is_known), sent
            assert answer.status_code == (
                403 if not may_pass(sent) else 200 if is_known else 401
            ), sent
    accounts.store.remove_token(accounts.store.get("anna"), token[:14])


@pytest.mark.parametrize("method", METHODS)
def test_without_accounts_no_other_page_acts_at_all(method: str) -> None:
    behind = Behind()
    with client_of(Guard(behind.app)) as client:
        for sent in (sent for sent in MATRIX if sent.method == method and not sent.has_token):
            headers = {**sent.headers, **({"cookie": "other=1"} if sent.has_cookie else {})}
            behind.reached.clear()
            client.request(method, "/api/libraries", headers=headers)
            assert bool(behind.reached) == may_pass(sent), sent


@pytest.mark.parametrize("path", ["/login", "/logout", "/account"])
@pytest.mark.parametrize(
    "headers",
    [{"origin": FOREIGN}, {"origin": NULL}, {"sec-fetch-site": "cross-site"},
     {"sec-fetch-site": "same-site", "origin": OWN}, {"cookie": "kgrag_session=x"}],
)  # fmt: skip
def test_no_other_page_logs_anybody_in_or_out(
    accounts: Accounts, path: str, headers: dict[str, str]
) -> None:
    with client_of(Guard(Behind().app, accounts=accounts)) as client:
        answer = client.post(
            path, data={"name": "anna", "password": "four words apart"}, headers=headers
        )
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("origin", [None, OWN, FOREIGN])
@pytest.mark.parametrize("path", ["/api/libraries", "/", "/healthz", "/login", "/v1/models"])
def test_no_preflight_is_granted(accounts: Accounts, origin: str | None, path: str) -> None:
    asked = {"access-control-request-method": "DELETE",
             "access-control-request-headers": "authorization",
             "access-control-request-private-network": "true"}  # fmt: skip
    headers = {**asked, **({"origin": origin} if origin else {})}
    for guard in (Guard(Behind().app), Guard(Behind().app, accounts=accounts)):
        with client_of(guard) as client:
            answer = client.options(path, headers=headers)
            assert answer.status_code == 403
            assert not [name for name in answer.headers if name.startswith("access-control")]


LINK = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


def test_a_link_from_another_page_may_be_followed_and_nothing_more() -> None:
    with client_of(Guard(Behind().app)) as client:
        assert client.get("/", headers=LINK).status_code == 200
        assert client.post("/", headers=LINK).status_code == 403
        for more in (
            {"sec-fetch-dest": "iframe"},
            {"sec-fetch-dest": "image", "sec-fetch-mode": "no-cors"},
            {"sec-fetch-mode": "cors", "sec-fetch-dest": "empty"},
            {"origin": FOREIGN},
        ):
            assert client.get("/", headers={**LINK, **more}).status_code == 403


@pytest.mark.parametrize(
    "twice", ["host", "origin", "sec-fetch-site", "authorization", "content-length"]
)
def test_a_header_that_is_there_twice_is_not_chosen_from(twice: str) -> None:
    behind = Behind()
    values = {"host": "127.0.0.1:7860", "origin": OWN, "sec-fetch-site": "same-origin",
              "authorization": "Bearer x", "content-length": "0"}  # fmt: skip
    with client_of(Guard(behind.app)) as client:
        headers = [(twice, values[twice]), (twice, values[twice])]
        assert client.request("GET", "/", headers=headers).status_code == 400
    assert behind.reached == []


def test_the_secrets_are_random_and_long(accounts: Accounts, tmp_path: Path) -> None:
    user = accounts.store.get("anna")
    tokens = {accounts.store.make_token(user) for _ in range(20)}
    sessions = {accounts.log_in("anna", "four words apart", "192.0.2.1") for _ in range(20)}
    assert len(tokens) == len(sessions) == 20
    assert all(len(secret) >= 43 for secret in tokens | sessions)


def test_a_socket_of_another_page_is_not_opened() -> None:
    behind = Behind()
    client = client_of(Guard(behind.app))
    for headers in ({"origin": FOREIGN}, {"cookie": "a=1"}, {"host": "evil.example"}, LINK):
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect("ws://127.0.0.1:7860/api/x", headers=headers),
        ):
            pass
    assert behind.reached == []
    with client.websocket_connect("ws://127.0.0.1:7860/api/x", headers={"origin": OWN}) as socket:
        assert socket.receive_text() == ""
    assert behind.reached == [("SOCKET", "/api/x")]
