"""Pages as images over HTTP: marked, kept for a while, and gone with their document."""

import io
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from PIL import Image
from starlette.testclient import TestClient

from kgrag import KnowledgeBase
from tests.fakes import EXAMPLES
from tests.ui.rest.serving import MAIN, document_of, error_of
from ui.rest.pictures import PictureCache, PictureKey

NAME = "euler-lecture-notes.pdf"


@pytest.fixture
def path(client: TestClient) -> str:
    sent = [("files", (NAME, (EXAMPLES / NAME).read_bytes()))]
    client.post(f"{MAIN}/documents", files=sent).raise_for_status()
    return document_of(client, NAME)


def test_a_page_is_seen_with_a_passage_marked(client: TestClient, path: str) -> None:
    plain = client.get(f"{path}/pages/2.png", params={"width": 500})
    assert plain.headers["content-type"] == "image/png"
    assert plain.headers["cache-control"] == "no-store"
    assert Image.open(io.BytesIO(plain.content)).width == 500
    text = client.get(path).json()["text"]
    start = text.index("He also summed")
    place = {"start": start, "end": start + 100, "width": 500}
    assert client.get(f"{path}/pages/2.png", params=place).content != plain.content
    # What stands on another page leaves this one as it is.
    assert client.get(f"{path}/pages/1.png", params=place).content == (
        client.get(f"{path}/pages/1.png", params={"width": 500}).content
    )


@pytest.mark.parametrize("place", [(-5, -1), (10**12, 10**13), (50, 10), (0, 10**9)])
def test_any_place_is_moved_into_the_page(
    client: TestClient, path: str, place: tuple[int, int]
) -> None:
    params = {"start": place[0], "end": place[1], "width": 400}
    assert client.get(f"{path}/pages/1.png", params=params).status_code == 200


def test_what_has_no_such_page_says_so(client: TestClient, path: str) -> None:
    for number in (0, 9, -1):
        status, _, message = error_of(client.get(f"{path}/pages/{number}.png"))
        assert status == 404
        assert f"no page {number}" in message
    text = document_of(client, "handlist.txt")
    status, _, message = error_of(client.get(f"{text}/pages/1.png"))
    assert (status, message) == (404, "handlist.txt is no PDF, so it has no pages to be seen.")
    assert error_of(client.get(f"{path}/pages/1.png", params={"width": 399}))[0] == 422
    assert error_of(client.get(f"{path}/pages/x.png"))[0] == 422


def test_a_page_is_drawn_once_and_never_again_after_its_document_is_gone(
    client: TestClient, path: str, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, drawn = app.state.service, []
    draw = service.pictures.draw

    def counted(name: str, content: bytes, number: int, **rest: Any) -> bytes:  # noqa: ANN401
        drawn.append(number)
        return bytes(draw(name, content, number, **rest))

    monkeypatch.setattr(service.pictures, "draw", counted)
    first = client.get(f"{path}/pages/1.png").content
    assert client.get(f"{path}/pages/1.png").content == first
    assert drawn == [1]
    assert service.picture_cache.held_bytes == len(first)
    client.delete(path)
    assert service.picture_cache.held_bytes == 0
    assert error_of(client.get(f"{path}/pages/1.png"))[0] == 404


def test_what_another_part_of_kgrag_removes_goes_too(
    client: TestClient, path: str, app: FastAPI, knowledge_base: KnowledgeBase
) -> None:
    cache = app.state.service.picture_cache
    client.get(f"{path}/pages/1.png")
    knowledge_base.remove(
        document_of(client, "handlist.txt").rpartition("/")[2].replace("%3A", ":")
    )
    held = cache.held_bytes
    client.get(f"{path}/pages/2.png")
    assert 0 < cache.held_bytes < 2 * held


def key(page: int, version: str = "1", folder: str = "a") -> PictureKey:
    return PictureKey(Path(folder), version, "d", page, 0, 0, 400)


def test_what_was_used_least_lately_makes_room() -> None:
    cache = PictureCache(max_bytes=30)
    for page in (1, 2, 3):
        cache.put(key(page), b"x" * 10)
    assert cache.get(key(1))
    cache.put(key(4), b"x" * 10)
    assert cache.get(key(2)) is None
    assert cache.get(key(1)) and cache.get(key(3)) and cache.get(key(4))
    cache.put(key(5), b"x" * 31)
    assert cache.get(key(5)) is None
    assert cache.held_bytes == 30


def test_an_earlier_state_of_a_library_is_forgotten_and_another_library_is_not() -> None:
    cache = PictureCache()
    cache.put(key(1), b"old")
    cache.put(key(1, folder="b"), b"other")
    assert cache.get(key(1, version="2")) is None
    assert cache.held_bytes == len(b"other")
