"""Who a request comes from, by cookie or token, and what strangers get."""

import pytest
from starlette.testclient import TestClient

from indexes.account_schema import AccountsUnavailableError
from tests.ui.guarded import JOIN, LIBRARIES, Behind, log_in
from ui.accounts import Accounts


@pytest.mark.parametrize(
    ("path", "where"),
    [("/", "/"), ("/ru", "/ru"), ("/docs", "/docs"),
     ("/ru/?a=1&b=%D1%8F", "/ru/%3Fa%3D1%26b%3D%25D1%258F")],
)  # fmt: skip
def test_a_stranger_who_opens_a_page_is_led_to_the_login(
    stranger: TestClient, behind: Behind, path: str, where: str
) -> None:
    answer = stranger.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/login?next={where}"
    assert behind.reached == []


PROTECTED = [LIBRARIES, "/v1/models", "/metrics", "/readyz", "/config", "/openapi.json", JOIN,
             "/kgrag/style.css", "/assets/x.js", "/gradio_api/file=/etc/passwd",
             "/nowhere"]  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_stranger_s_program_is_told_what_it_lacks(
    stranger: TestClient, behind: Behind, method: str
) -> None:
    for path in PROTECTED:
        answer = stranger.request(method, path)
        assert answer.status_code == 401, path
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["error"]["code"] == "not_logged_in"
    assert behind.reached == []


def test_only_whether_it_is_alive_is_told_to_everybody(
    stranger: TestClient, behind: Behind
) -> None:
    assert stranger.get("/healthz").json()["user"] is None
    assert behind.reached == [("GET", "/healthz")]


def test_the_user_is_known_to_what_stands_behind(
    anna: TestClient, boris: TestClient, accounts: Accounts
) -> None:
    assert anna.get(LIBRARIES).json()["user"] == "anna"
    assert boris.get(LIBRARIES).json()["id"] == accounts.store.get("Борис").id


def test_a_token_is_judged_by_itself_whatever_cookie_comes_with_it(
    anna: TestClient, accounts: Accounts
) -> None:
    token = accounts.store.make_token(accounts.store.get("Борис"))
    as_boris = anna.get(LIBRARIES, headers={"authorization": f"Bearer {token}"})
    assert as_boris.json()["user"] == "Борис"
    for wrong in ("kgrag_x", "", token[:-1]):
        assert anna.get(LIBRARIES, headers={"authorization": f"Bearer {wrong}"}).status_code == 401


def test_logging_out_ends_the_session_for_good(anna: TestClient) -> None:
    secret = anna.cookies["kgrag_session"]
    answer = anna.post("/logout")
    assert answer.status_code == 303
    assert 'kgrag_session=""' in answer.headers["set-cookie"]
    anna.cookies.set("kgrag_session", secret)
    assert anna.get(LIBRARIES).status_code == 401


def test_nobody_is_logged_out_by_a_link(anna: TestClient) -> None:
    assert anna.get("/logout").status_code == 405
    assert anna.get(LIBRARIES).status_code == 200


def test_a_session_that_somebody_else_chose_is_nobody_s(stranger: TestClient) -> None:
    stranger.cookies.set("kgrag_session", "chosen-by-the-attacker")
    answer = log_in(stranger, "anna")
    assert answer.cookies["kgrag_session"] != "chosen-by-the-attacker"
    stranger.cookies.clear()
    stranger.cookies.set("kgrag_session", "chosen-by-the-attacker")
    assert stranger.get(LIBRARIES).status_code == 401


def test_an_attacker_s_own_session_ends_when_the_victim_logs_in_with_it(
    stranger: TestClient, boris: TestClient
) -> None:
    planted = boris.cookies["kgrag_session"]
    stranger.cookies.set("kgrag_session", planted)
    fresh = log_in(stranger, "anna").cookies["kgrag_session"]
    assert fresh != planted
    assert boris.get(LIBRARIES).status_code == 401


def test_two_sessions_at_once_are_none(anna: TestClient, boris: TestClient) -> None:
    both = f"kgrag_session={anna.cookies['kgrag_session']}"
    planted = f"kgrag_session={boris.cookies['kgrag_session']}"
    anna.cookies.clear()
    assert anna.get(LIBRARIES, headers={"cookie": f"a=1; {both}; b=2"}).json()["user"] == "anna"
    for cookies in (f"{both}; {planted}", f"{planted};{both}"):
        assert anna.get(LIBRARIES, headers={"cookie": cookies}).status_code == 401
    split = [("cookie", both), ("cookie", planted)]
    assert anna.get(LIBRARIES, headers=split).status_code == 401


def test_when_the_accounts_cannot_be_read_nobody_is_let_in(
    anna: TestClient, behind: Behind, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AccountsUnavailableError("/secret/place is broken")

    monkeypatch.setattr(accounts.store, "session_user", fail)
    answer = anna.get(LIBRARIES)
    assert answer.status_code == 503
    assert "secret" not in answer.text
    assert behind.reached == []
