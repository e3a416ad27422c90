"""Which addresses are answered, with which headers, and what a proxy is believed."""

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from tests.ui.guarded import BASE, LIBRARIES, Behind, client_of
from ui.accounts import Accounts
from ui.guard import Guard
from ui.serve_options import ServeOptions

REFUSED_ROUTES = [
    "/gradio_api/file=/etc/passwd",
    "/gradio_api/file/etc/passwd",
    "/file=/etc/passwd",
    "//gradio_api/file=/etc/passwd",
    "/gradio_api//file=/etc/passwd",
    "/gradio_api/../gradio_api/file=/etc/passwd",
    "/GRADIO_API/file=/etc/passwd",
    "/gradio_api/upload",
    "/gradio_api/upload_progress",
    "/gradio_api/proxy=http://example.org/",
    "/gradio_api/run/predict",
    "/gradio_api/api/predict",
    "/gradio_api/call/predict",
    "/gradio_api/call/v2/predict",
    "/gradio_api/cancel",
    "/gradio_api/reset",
    "/gradio_api/component_server",
    "/gradio_api/queue/status",
    "/gradio_api/queue/join/",
    "/gradio_api/queue/data/",
    "/gradio_api/info",
    "/gradio_api/openapi.json",
    "/gradio_api/runs",
    "/gradio_api/deep_link",
    "/gradio_api/stream/a/1/2/playlist-file",
    "/gradio_api/process_recording",
    "/gradio_api/vibe-edit",
    "/gradio_api/heartbeat/a/b",
    "/gradio_api/heartbeat/",
    "/gradio_api/token",
    "/gradio_api/dev/reload",
    "/monitoring",
    "/monitoring/summary",
    "/svelte/x.js",
    "/custom_component/x",
    "/gradio_api/custom_component/x",
    "/user",
    "/pwa_icon",
    "/?deep_link=x",
    "/config?deep_link=x",
    "/?a=1&deep%5Flink=x",
]

OWN_ROUTES = ["/", "/ru", "/ru/", "/api/libraries/main/facts", "/v1/models", "/healthz", "/readyz",
              "/metrics", "/docs", "/openapi.json", "/kgrag/style.css"]  # fmt: skip

NEEDED_ROUTES = [
    "/config",
    "/theme.css",
    "/assets/index-1.js",
    "/static/fonts/x.woff2",
    "/favicon.ico",
    "/gradio_api/startup-events",
    "/gradio_api/heartbeat/czacsrex0xg",
    "/gradio_api/queue/data?session_hash=czacsrex0xg",
]


@pytest.mark.parametrize("path", ["/", LIBRARIES, "/gradio_api/file=/etc/passwd"])
def test_the_browser_may_load_from_this_server_only(local: TestClient, path: str) -> None:
    answer = local.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "*" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


def test_no_answer_lets_another_page_read_it(local: TestClient) -> None:
    for origin in ({}, {"origin": BASE}, {"origin": "http://evil.example"}):
        answer = local.get("/", headers=origin)
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_with_accounts_no_answer_is_kept_but_the_files_of_the_page(anna: TestClient) -> None:
    assert anna.get("/").headers["cache-control"] == "no-store"
    assert anna.get(LIBRARIES).headers["cache-control"] == "no-store"
    assert "cache-control" not in anna.get("/assets/x.js").headers


@pytest.mark.parametrize("prefix", ["", "/ru"])
def test_what_the_page_does_not_need_of_gradio_is_not_there(
    local: TestClient, anna: TestClient, behind: Behind, prefix: str
) -> None:
    answers = {
        (route, method): [
            c.request(method, BASE + prefix + route).status_code for c in (local, anna)
        ]
        for route in REFUSED_ROUTES
        for method in ("GET", "POST")
    }
    assert {asked for asked, codes in answers.items() if codes != [404, 404]} == set()
    assert behind.reached == []


@pytest.mark.parametrize(
    "routes", [NEEDED_ROUTES, [f"/ru{route}" for route in NEEDED_ROUTES], OWN_ROUTES]
)
def test_what_the_page_needs_and_what_is_kgrag_s_own_is_there(
    local: TestClient, anna: TestClient, routes: list[str]
) -> None:
    answers = {route: [c.get(route).status_code for c in (local, anna)] for route in routes}
    assert {route for route, codes in answers.items() if codes != [200, 200]} == set()


def test_without_accounts_everybody_is_the_local_user(local: TestClient) -> None:
    assert local.get("/").json()["id"] == "local"
    assert local.get("/login").status_code == 404


def proxied(behind: Behind, accounts: Accounts, *, trusted: bool, address: str) -> Any:  # noqa: ANN401
    options = ServeOptions(accounts=Path("x"), names=("kgrag.example",), behind_proxy=trusted)
    headers = {
        "host": "kgrag.example",
        "origin": "https://kgrag.example",
        "x-forwarded-proto": "https",
        "x-forwarded-for": "203.0.113.9, 198.51.100.3",
        "x-forwarded-host": "evil.example",
    }
    with client_of(Guard(behind.app, options, accounts=accounts), address=address) as client:
        token = accounts.store.make_token(accounts.store.get("anna"))
        return client.post(LIBRARIES, headers={**headers, "authorization": f"Bearer {token}"})


def test_a_proxy_on_this_machine_says_scheme_and_client(behind: Behind, accounts: Accounts) -> None:
    answer = proxied(behind, accounts, trusted=True, address="127.0.0.1")
    assert answer.status_code == 200
    said = answer.json()
    assert (said["scheme"], said["client"]) == ("https", "198.51.100.3")
    assert said["forwarded"] is None


@pytest.mark.parametrize(("trusted", "address"), [(False, "127.0.0.1"), (True, "192.0.2.1")])
def test_nobody_else_is_believed(
    behind: Behind, accounts: Accounts, trusted: bool, address: str
) -> None:
    answer = proxied(behind, accounts, trusted=trusted, address=address)
    assert answer.status_code == 403
    assert behind.reached == []


def test_a_websocket_needs_a_user_like_everything_else(
    guard: Guard, behind: Behind, accounts: Accounts
) -> None:
    address = BASE.replace("http", "ws")
    token = accounts.store.make_token(accounts.store.get("anna"))
    as_anna = {"authorization": f"Bearer {token}"}
    with client_of(guard) as client:
        for path, headers in (("/api/x", {}), ("/login", {}), ("/gradio_api/x", as_anna)):
            with (
                pytest.raises(WebSocketDisconnect),
                client.websocket_connect(address + path, headers=headers),
            ):
                pass
        assert behind.reached == []
        with client.websocket_connect(f"{address}/api/x", headers=as_anna) as socket:
            assert socket.receive_text() == "anna"
