import asyncio
import json
from collections.abc import AsyncIterator, Sequence

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgrag import gathered
from kgrag.gathered import GatheredStream


class Chunks(httpx.AsyncByteStream):
    """Bytes as a server sends them; ``breaks``: then the connection does."""

    def __init__(self, chunks: Sequence[bytes], *, breaks: bool = False) -> None:
        self._chunks, self._breaks = chunks, breaks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk
        if self._breaks:
            raise httpx.ReadError("gone")


def event(content: str | None = None, **more: object) -> bytes:
    choice = {"index": 0, "delta": {} if content is None else {"content": content}, **more}
    return b"data: " + json.dumps({"id": "1", "choices": [choice]}).encode() + b"\n\n"


async def _read(stream: GatheredStream, found: list[bytes]) -> None:
    async for chunk in stream:
        found.append(chunk)


def read(chunks: Sequence[bytes], *, breaks: bool = False) -> list[str]:
    """Return the events that come out."""
    found: list[bytes] = []
    try:
        asyncio.run(_read(GatheredStream(Chunks(chunks, breaks=breaks)), found))
    except httpx.ReadError:
        assert breaks
    return [item for item in b"".join(found).decode().split("\n\n") if item]


def texts(events: Sequence[str]) -> list[str]:
    told = [json.loads(item.removeprefix("data:")) for item in events if "choices" in item]
    return [item["choices"][0]["delta"].get("content") or "" for item in told]


END = event(finish_reason="stop") + b"data: [DONE]\n\n"


@given(
    tokens=st.lists(st.text(min_size=1, max_size=6), max_size=30),
    cuts=st.lists(st.integers(0, 4000), max_size=12),
)
def test_no_letter_is_lost_or_moved_however_the_bytes_are_cut(
    tokens: list[str], cuts: list[int]
) -> None:
    whole = b": hello\n\n" + b"".join(event(token) for token in tokens) + END
    places = sorted({0, *(cut for cut in cuts if cut < len(whole)), len(whole)})
    chunks = [whole[start:end] for start, end in zip(places, places[1:], strict=False)]
    events = read(chunks)
    assert "".join(texts(events)) == "".join(tokens)
    assert events[0] == ": hello"
    assert events[-2] == END.decode().split("\n\n")[0]
    assert events[-1] == "data: [DONE]"
    assert len(events) <= len(tokens) + 3


def test_the_first_word_comes_at_once_and_a_sentence_when_it_is_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gathered, "HELD_S", 60)
    tokens = ["Euler", " was", " born", " there", ".", " [", "1", "]", " He"]
    events = read([event(token) for token in tokens] + [END])
    assert texts(events) == ["Euler", " was born there.", " [1]", " He", ""]


def test_tokens_that_come_late_are_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathered, "HELD_S", 0.0)
    assert texts(read([event("a"), event("b"), event("c")])) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "other",
    [
        event("x", finish_reason="length"),
        event("x", logprobs={"content": []}) + b"data: {}\n\n",
        b'data: {"choices": [], "usage": {"total_tokens": 3}}\n\n',
        b'data: {"choices": [{"delta": {"content": "a", "tool_calls": [1]}}]}\n\n',
        b'data: {"error": {"message": "no"}}\n\n',
        b"data: {not json\n\n",
        b"event: ping\ndata: 1\n\n",
    ],
)
def test_what_is_no_mere_token_passes_as_it_is_and_in_its_place(other: bytes) -> None:
    events = read([event("a"), event("b"), other, event("c"), END])
    passed = [item for item in other.decode().split("\n\n") if item]
    first = events.index(passed[0])
    assert events[first : first + len(passed)] == passed
    assert "".join(texts(events[:first])) == "ab"


def test_what_came_before_the_connection_broke_is_passed_on() -> None:
    assert "".join(texts(read([event("a"), event("b")], breaks=True))) == "ab"


def test_an_event_without_its_end_is_passed_as_it_is() -> None:
    assert read([event("a"), b"data: half"])[-1] == "data: half"
