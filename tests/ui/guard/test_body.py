"""How much a request may carry, and how many there may be."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.ui.guarded import LIBRARIES, Behind, client_of, log_in
from ui.accounts import Accounts
from ui.guard import MOST_BYTES, WRAPPING_BYTES, Guard
from ui.limits import Limits, Quotas

UPLOAD_BYTES = MOST_BYTES + 1000


@pytest.fixture
def small(behind: Behind) -> Iterator[TestClient]:
    quotas = Quotas(upload_bytes=UPLOAD_BYTES, requests_a_minute=None)
    with client_of(Guard(behind.app, limits=Limits(local=quotas))) as client:
        yield client


def chunks(size: int) -> Iterator[bytes]:
    while size > 0:
        yield b"x" * min(size, 65_536)
        size -= 65_536


@pytest.mark.parametrize(
    ("path", "most"),
    [("/api/libraries/main/ask", MOST_BYTES),
     ("/api/libraries/main/documents", UPLOAD_BYTES + WRAPPING_BYTES),
     ("/api/libraries/x/documents/y", MOST_BYTES), ("/v1/chat/completions", MOST_BYTES)],
)  # fmt: skip
@pytest.mark.parametrize("is_streamed", [False, True])
def test_a_body_may_be_so_long_and_no_longer(
    small: TestClient, behind: Behind, path: str, most: int, is_streamed: bool
) -> None:
    def send(size: int) -> int:
        content = chunks(size) if is_streamed else b"x" * size
        return small.post(path, content=content).status_code

    assert send(most) == 200
    assert len(behind.bodies[-1]) == most
    assert send(most + 1) == 413
    assert len(behind.bodies) == 1


@pytest.mark.parametrize("length", ["-1", "1e3", "", "9" * 30])
def test_a_length_that_is_none_is_refused(small: TestClient, behind: Behind, length: str) -> None:
    answer = small.post(LIBRARIES, content=b"x", headers={"content-length": length})
    assert answer.status_code == 413
    assert behind.reached == []


def test_too_many_requests_are_refused_and_the_page_s_files_are_not_counted(
    behind: Behind, accounts: Accounts
) -> None:
    limits = Limits(Quotas(requests_a_minute=3), clock=lambda: 0.0)
    guard = Guard(behind.app, accounts=accounts, limits=limits)
    with client_of(guard) as client:
        log_in(client, "anna")
        assert all(client.get("/assets/x.js").status_code == 200 for _ in range(9))
        codes = [client.get(LIBRARIES).status_code for _ in range(4)]
        assert codes == [200, 200, 200, 429]
        answer = client.get(LIBRARIES)
        assert answer.headers["retry-after"] == "20"
        assert answer.json()["error"]["code"] == "too_many_requests"
        log_in(client, "Борис")
        assert client.get(LIBRARIES).status_code == 200
