"""The login and the account: where they lead, and what they never show."""

import pytest
from starlette.testclient import TestClient

from tests.ui.guarded import LIBRARIES, PASSWORD, client_of, log_in
from ui.accounts import Accounts
from ui.guard import Guard
from ui.login import own_path


def test_a_login_leads_on_to_what_was_asked_for(stranger: TestClient) -> None:
    page = stranger.get("/login?next=/ru/%3Fa%3D1")
    assert 'lang="ru"' in page.text
    assert 'name="next" value="/ru/?a=1"' in page.text
    done = stranger.post("/login", data={"name": "anna", "password": PASSWORD, "next": "/ru/?a=1"})
    assert (done.status_code, done.headers["location"]) == (303, "/ru/?a=1")
    again = stranger.get("/login?next=/docs")
    assert (again.status_code, again.headers["location"]) == (303, "/docs")


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "evil.example",
        "",
        "javascript:alert(1)",
        "/\t/evil.example",
        "\t//evil.example",
        "/a\r\nx: y",
        "/login",
        "/logout",
        "/login?next=/",
        "/\x00",
    ],  # fmt: skip
)
def test_a_login_leads_nowhere_else(stranger: TestClient, target: str) -> None:
    assert own_path(target) is None
    done = stranger.post("/login", data={"name": "anna", "password": PASSWORD, "next": target})
    assert (done.status_code, done.headers["location"]) == (303, "/")


def test_what_was_typed_is_shown_as_text_and_a_password_never(stranger: TestClient) -> None:
    hostile = '"><script>alert(1)</script>'
    answer = stranger.post(
        "/login", data={"name": hostile, "password": "wrong wrong", "next": f"/{hostile}"}
    )
    assert answer.status_code == 401
    assert "<script" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "wrong wrong" not in answer.text
    assert "script-src" not in answer.headers.get_list("content-security-policy")[0]


def test_a_guesser_is_told_when_to_come_back(stranger: TestClient) -> None:
    codes = [log_in(stranger, "anna", "wrong wrong").status_code for _ in range(6)]
    assert codes == [401] * 5 + [429]
    answer = log_in(stranger, "anna")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert "kgrag_session" not in answer.cookies


def test_whoever_follows_a_link_from_elsewhere_stays_logged_in(stranger: TestClient) -> None:
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate",
            "sec-fetch-dest": "document"}  # fmt: skip
    first = stranger.get("/ru/?a=1", headers=link)
    second = stranger.get(first.headers["location"], headers=link)
    assert 'http-equiv="refresh" content="0;url=/login?next=%2Fru%2F%3Fa%3D1"' in second.text
    assert "<form" not in second.text


@pytest.mark.parametrize(("language", "shown"), [("ru-RU,ru;q=0.9,en", "ru"), ("de", "en")])
def test_the_login_speaks_the_browser_s_language(
    stranger: TestClient, language: str, shown: str
) -> None:
    page = stranger.get("/login", headers={"accept-language": language})
    assert f'<html lang="{shown}">' in page.text
    assert '<html lang="en">' in stranger.get("/login?lang=en").text
    stranger.cookies.set("kgrag_language", "ru")
    assert '<html lang="ru">' in stranger.get("/login").text


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", "application/json", 415),
        (b"name=%FF", "application/x-www-form-urlencoded", 401),
        (b"\xff\xfe", "application/x-www-form-urlencoded", 400),
        (b"a=1&" * 50, "application/x-www-form-urlencoded", 400),
        (b"a" * 20_000, "application/x-www-form-urlencoded", 413),
    ],
)
def test_a_malformed_login_is_refused_and_not_an_error(
    stranger: TestClient, body: bytes, kind: str, status: int
) -> None:
    answer = stranger.post("/login", content=body, headers={"content-type": kind})
    assert answer.status_code == status


def test_a_user_changes_the_password_and_stays_logged_in_here_alone(
    guard: Guard, anna: TestClient
) -> None:
    with client_of(guard) as elsewhere:
        log_in(elsewhere, "anna")
        form = {"do": "password", "old": PASSWORD, "new": "five other words"}
        wrong = anna.post("/account", data={**form, "again": "five other"})
        assert (wrong.status_code, elsewhere.get(LIBRARIES).status_code) == (400, 200)
        unknown = anna.post("/account", data={**form, "old": "wrong wrong", "again": form["new"]})
        assert (unknown.status_code, elsewhere.get(LIBRARIES).status_code) == (400, 200)
        assert anna.post("/account", data={**form, "again": form["new"]}).status_code == 200
        assert anna.get(LIBRARIES).status_code == 200
        assert elsewhere.get(LIBRARIES).status_code == 401
        assert log_in(elsewhere, "anna", "five other words").status_code == 303


def test_a_user_makes_and_revokes_tokens_and_sees_each_once(
    anna: TestClient, stranger: TestClient, accounts: Accounts
) -> None:
    page = anna.post("/account", data={"do": "token"}).text
    token = page.partition('class="token">')[2].partition("<")[0]
    bearer = {"authorization": f"Bearer {token}"}
    assert stranger.get(LIBRARIES, headers=bearer).json()["user"] == "anna"
    assert token not in anna.get("/account").text
    (listed,) = accounts.store.tokens(accounts.store.get("anna"))
    assert anna.post("/account", data={"revoke": listed.prefix}).status_code == 200
    assert stranger.get(LIBRARIES, headers=bearer).status_code == 401
