"""Documents are sent, listed, read, given back and removed; their names never become paths."""

import shutil
import tempfile
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from kgrag import KnowledgeBase, Settings
from kgrag.parse import ParseLimits
from tests.ui.library import HANDLIST, open_library
from tests.ui.rest.serving import (
    MAIN,
    PATIENCE_S,
    client_of,
    document_of,
    error_of,
    events_in,
    service_over,
    wait_until,
)
from ui.limits import Limits, Quotas
from ui.rest import rest
from ui.rest.names import MAX_NAME_CHARS, apart, attachment, shown_name
from ui.rest.uploads import Incoming
from ui.shelf import Shelf

ASTRID = "Astrid Lund was born in Bergen. Astrid Lund married Nils Dahl.\n"


def files_of(*named: tuple[str, bytes]) -> list[tuple[str, tuple[str, bytes]]]:
    return [("files", item) for item in named]


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where uploads are written to, which must be empty again afterwards."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_files_are_added_and_each_is_told_what_became_of_it(
    client: TestClient, temporary: Path
) -> None:
    sent = files_of(
        ("astrid.txt", ASTRID.encode()), ("broken.pdf", b"%PDF-1.7 broken"), ("empty.txt", b"")
    )
    report = client.post(f"{MAIN}/documents", files=sent).json()
    became = {file["path"]: file["outcome"] for file in report["files"]}
    assert became == {"astrid.txt": "indexed", "broken.pdf": "failed", "empty.txt": "empty"}
    assert str(temporary) not in str(report)
    names = {line["name"] for line in client.get(f"{MAIN}/documents").json()}
    assert names >= {"astrid.txt", "handlist.txt", "заметки.md"}
    assert list(temporary.iterdir()) == []


def test_a_file_of_the_same_name_replaces_the_earlier_one(client: TestClient) -> None:
    for text in (ASTRID, ASTRID.replace("Bergen", "Oslo")):
        client.post(f"{MAIN}/documents", files=files_of(("astrid.txt", text.encode())))
    shown = client.get(document_of(client, "astrid.txt")).json()
    assert "Oslo" in shown["text"]
    assert len(client.get(f"{MAIN}/documents", params={"query": "ASTRID"}).json()) == 1


def test_the_way_of_files_is_told_as_events_and_the_report_comes_last(client: TestClient) -> None:
    response = client.post(
        f"{MAIN}/documents",
        files=files_of(("astrid.txt", ASTRID.encode())),
        headers={"Accept": "text/event-stream"},
    )
    assert response.headers["content-type"].startswith("text/event-stream")
    told = events_in(response.text)
    assert {name for name, _ in told[:-1]} == {"progress"}
    assert {data["stage"] for _, data in told[:-1]} >= {"reading", "extracting", "storing", "done"}
    assert set(told[0][1]) == {"stage", "done", "total", "name"}
    assert told[-1][0] == "report"
    assert told[-1][1]["files"][0]["outcome"] == "indexed"


HOSTILE = {
    "../../escaped.txt": "escaped.txt",
    "..\\..\\windows.txt": "windows.txt",
    "/etc/cron.d/absolute.txt": "absolute.txt",
    "C:\\Users\\anna\\drive.txt": "drive.txt",
    "nul\x00byte.txt": "nulbyte.txt",
    "invoice\u202etxt.exe": "invoicetxt.exe",
    "CON": "CON",
    "..": "file",
    "folder/": "file",
    "long" * 100 + ".txt": ("long" * 100)[: MAX_NAME_CHARS - 4] + ".txt",
    "~root.txt": "~root.txt",
    ".hidden.txt": ".hidden.txt",
    "заметки о поездке.txt": "заметки о поездке.txt",
}


@pytest.mark.parametrize("sent", HOSTILE)
def test_a_name_is_only_shown(client: TestClient, temporary: Path, sent: str) -> None:
    boundary = "----kg"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="'.encode()
    escaped = sent.replace("\\", "\\\\").encode()
    body = head + escaped + b'"\r\n\r\n' + ASTRID.encode() + f"\r\n--{boundary}--\r\n".encode()
    before = {path for path in temporary.parent.rglob("*") if path.suffix == ".txt"}
    report = client.post(
        f"{MAIN}/documents",
        content=body,
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
    ).json()
    assert [file["path"] for file in report["files"]] == [HOSTILE[sent]]
    assert {path for path in temporary.parent.rglob("*") if path.suffix == ".txt"} == before
    assert list(temporary.iterdir()) == []


def test_two_files_of_one_name_are_both_kept(client: TestClient) -> None:
    sent = files_of(("a/notes.txt", ASTRID.encode()), ("b/Notes.txt", b"Something else entirely."))
    report = client.post(f"{MAIN}/documents", files=sent).json()
    assert [file["path"] for file in report["files"]] == ["notes.txt", "Notes (2).txt"]
    assert {"notes.txt", "Notes (2).txt"} <= {
        line["name"] for line in client.get(f"{MAIN}/documents").json()
    }


def test_names_are_told_apart_even_from_those_that_look_so() -> None:
    assert apart(["a.txt", "a (2).txt", "A.txt", "a.txt"]) == [
        "a.txt", "a (2).txt", "A (3).txt", "a (4).txt",
    ]  # fmt: skip


def test_a_file_that_is_too_large_does_not_stop_the_others(filled: Path, tmp_path: Path) -> None:
    shutil.copytree(filled, tmp_path / "library")
    settings = Settings(parse=ParseLimits(max_file_mb=1))
    with (
        open_library(tmp_path / "library", settings) as opened,
        client_of(rest(Shelf.around(opened))) as client,
    ):
        sent = files_of(("big.txt", b"large " * 500_000), ("astrid.txt", ASTRID.encode()))
        big, small = client.post(f"{MAIN}/documents", files=sent).json()["files"]
    assert (big["outcome"], small["outcome"]) == ("failed", "indexed")
    assert "2.9 MiB" in big["reason"]


def test_an_upload_beyond_the_limit_is_refused_while_it_comes(
    knowledge_base: KnowledgeBase, temporary: Path
) -> None:
    limits = Limits(local=Quotas(upload_bytes=100_000))
    with client_of(rest(Shelf.around(knowledge_base), limits)) as client:
        sent = files_of(*((f"{n}.txt", b"x" * 40_000) for n in range(4)))
        assert error_of(client.post(f"{MAIN}/documents", files=sent))[:2] == (413, "too_large")
    assert list(temporary.iterdir()) == []
    assert len(knowledge_base.documents()) == 2


def test_nobody_keeps_more_than_allowed(knowledge_base: KnowledgeBase, temporary: Path) -> None:
    limits = Limits(local=Quotas(documents=3))
    with client_of(rest(Shelf.around(knowledge_base), limits)) as client:
        two = files_of(("a.txt", b"One thing."), ("b.txt", b"Another thing."))
        assert error_of(client.post(f"{MAIN}/documents", files=two))[0] == 413
        assert client.post(f"{MAIN}/documents", files=two[:1]).status_code == 200
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/json", 415),
        (b"", "multipart/form-data", 415),
        (b"rubbish", "multipart/form-data; boundary=x", 400),
        (b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nhalf',
         "multipart/form-data; boundary=x", 400),
        (b'--x\r\nContent-Disposition: form-data; name="other"\r\n\r\nv\r\n--x--\r\n',
         "multipart/form-data; boundary=x", 422),
    ],
)  # fmt: skip
def test_what_is_no_upload_is_refused_in_words(
    client: TestClient, temporary: Path, body: bytes, kind: str, status: int
) -> None:
    refused = client.post(f"{MAIN}/documents", content=body, headers={"Content-Type": kind})
    assert error_of(refused)[0] == status
    assert list(temporary.iterdir()) == []


def test_an_original_is_given_back_as_a_file_that_no_browser_shows(client: TestClient) -> None:
    response = client.get(f"{document_of(client, 'handlist.txt')}/original")
    assert response.text == HANDLIST
    headers = response.headers
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-disposition"] == (
        "attachment; filename=\"handlist.txt\"; filename*=UTF-8''handlist.txt"
    )
    assert "nosniff" in headers["x-content-type-options"]
    assert "sandbox" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ('a"; filename=evil.html; x="', "evil.html"),
        ("a\r\nSet-Cookie: x=1.txt", "Set-Cookie"),
        ("../../etc/passwd", "passwd"),
        ("CON.txt", "_CON.txt"),
        ("письмо.txt", "%D0%BF"),
    ],
)
def test_no_name_breaks_out_of_a_header(name: str, told: str) -> None:
    value = attachment(name)["Content-Disposition"]
    value.encode("ascii")
    assert value.count('"') == 2
    assert "\r" not in value and "\n" not in value and "/" not in value
    assert value.count(";") == 2 + value.split('"')[1].count(";")
    assert told in value


def test_a_document_is_known_by_its_whole_id_only(client: TestClient) -> None:
    whole = document_of(client, "handlist.txt")
    assert client.get(whole).status_code == 200
    for part in (
        whole[:-1],
        whole[: len(f"{MAIN}/documents/") + 12],
        f"{MAIN}/documents/handlist.txt",
    ):
        for call in (client.get(part), client.delete(part), client.get(f"{part}/original")):
            assert error_of(call)[:2] == (404, "not_found")


def test_a_removed_document_is_gone(client: TestClient) -> None:
    path = document_of(client, "handlist.txt")
    assert client.delete(path).status_code == 204
    assert error_of(client.get(path))[0] == 404
    assert [line["name"] for line in client.get(f"{MAIN}/documents").json()] == ["заметки.md"]


def test_a_document_is_read_with_what_is_mentioned_and_stated(client: TestClient) -> None:
    path = document_of(client, "handlist.txt")
    told = client.get(f"{path}/reading", params={"lang": "ru"}).json()
    assert told["text"] == client.get(path).json()["text"][told["start"] : told["end"]]
    for mention in told["mentions"]:
        assert told["text"][mention["start"] : mention["end"]]
    euler = next(item for item in told["mentions"] if item["name"] == "Leonhard Euler")
    assert euler["type_label"] == "человек"
    assert euler["is_name"]
    born = next(item for item in told["facts"] if item["relation"]["id"] == "P19")
    assert born["relation"]["label"] == "место рождения"
    assert told["text"][born["start"] : born["end"]] == "Leonhard Euler was born in Basel."


def test_of_a_long_document_a_window_is_read(client: TestClient) -> None:
    text = "".join(f"Line {number} of many.\n" for number in range(6_000))
    client.post(f"{MAIN}/documents", files=files_of(("long.txt", text.encode())))
    path = document_of(client, "long.txt")
    at = text.index("Line 3000 ")
    told = client.get(f"{path}/reading", params={"start": at, "end": at + 20}).json()
    assert told["start"] < at < told["end"] < told["document"]["characters"]
    assert len(told["text"]) <= 30_000
    past = client.get(f"{path}/reading", params={"start": 10**9, "end": 10**9}).json()
    assert past["end"] == past["document"]["characters"]


@pytest.mark.parametrize("sent", ["", ".", "...", "\x00", "/", "\u200b"])
def test_no_name_is_a_name_still(sent: str) -> None:
    assert shown_name(sent) == "file"


def test_an_application_that_is_closed_takes_no_more(app: FastAPI) -> None:
    from ui.rest import close

    with client_of(app) as client:
        close(app)
        assert error_of(client.get(f"{MAIN}/documents"))[:2] == (503, "closing")


def test_adding_goes_on_when_the_client_has_left(knowledge_base: KnowledgeBase) -> None:
    with service_over(knowledge_base) as url:
        with httpx.stream(
            "POST",
            f"{url}{MAIN}/documents",
            files=files_of(*((f"{n}.txt", f"Note {n} is here.".encode()) for n in range(30))),
            headers={"Accept": "text/event-stream"},
            timeout=PATIENCE_S,
        ) as response:
            lines = response.iter_lines()
            assert next(lines) == "event: progress"
        wait_until(lambda: len(knowledge_base.documents()) == 32)


def test_what_comes_is_on_the_disk_before_the_next_piece_comes(tmp_path: Path) -> None:
    incoming = Incoming(
        "multipart/form-data; boundary=x", tmp_path, max_file_bytes=1 << 30, check=lambda _: None
    )
    incoming.feed(b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n')
    for number in range(1, 9):
        incoming.feed(b"a" * (1 << 20))
        assert (tmp_path / "0").stat().st_size >= (number << 20) - (1 << 16)
    incoming.feed(b"\r\n--x--\r\n")
    (file,) = incoming.files()
    assert (file.path, file.path.stat().st_size) == (tmp_path / "0", 8 << 20)
