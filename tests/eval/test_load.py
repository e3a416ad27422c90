"""The load measurement measures: its stub keeps pace, its clients ask as real ones do."""

import asyncio
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.load.abandoning import abandoned
from eval.load.asking import EVIDENCE, Timing, ask_page, ask_rest, ask_stub, together
from eval.load.children import PageServer, kgrag, page_server, stub
from eval.load.documents import Notes
from eval.load.http import LoadError, get, opened, post
from eval.load.stub import TOKENS, answer, pieces
from eval.load.upload import upload
from eval.tasks.load import summary

QUESTION = "Where was Leonhard Euler born?"
TEXT = "Leonhard Euler was born in Basel. He wrote letters to Christian Goldbach."


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with stub() as endpoint:
        asyncio.run(post(endpoint.replace("/v1", "/pace"), {"tokens_per_s": 0}))
        yield endpoint


@pytest.fixture(scope="module")
def server(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageServer]:
    """Run the page over one document, with the stub as its language model."""
    folder = tmp_path_factory.mktemp("load")
    (folder / "euler.txt").write_text(TEXT, encoding="utf-8")
    library = str(folder / "library")
    add = kgrag("add", str(folder / "euler.txt"), "--library", library)
    subprocess.run(add, stdout=subprocess.DEVNULL, check=True)
    started = time.perf_counter()
    with page_server(Path(library), ["--endpoint", endpoint]) as server:
        assert asyncio.run(server.ready("/", started)) > 0.1
        yield server


def test_the_stub_writes_what_was_retrieved_with_its_numbers_in_a_hundred_tokens() -> None:
    written = answer(EVIDENCE)
    assert re.findall(r"\[(\d+)\]", written) == ["1", "2", "3", "4"]
    assert len(pieces(written)) == TOKENS
    assert "".join(pieces(written)) == written
    assert answer("no evidence") == "The documents do not say."


def test_the_stub_writes_to_many_as_fast_as_to_one(endpoint: str) -> None:
    async def measure() -> tuple[float, float]:
        base = endpoint.removesuffix("/v1")
        await post(f"{base}/pace", {"tokens_per_s": 100})
        one = await ask_stub(endpoint)
        many, failures = await together(*(ask_stub(endpoint) for _ in range(75)))
        await post(f"{base}/pace", {"tokens_per_s": 0})
        assert len(many) == 75 and not failures
        return one.whole_s, max(item.whole_s for item in many)

    one_s, many_s = asyncio.run(measure())
    assert one_s >= TOKENS / 100
    assert many_s < 2 * one_s


def test_a_page_and_a_stream_are_asked_and_answered(server: PageServer) -> None:
    async def ask() -> list[Timing]:
        asking = (ask_page(server.url, QUESTION), ask_rest(server.url, QUESTION))
        timings, failures = await together(*asking)
        assert failures == []
        return timings

    for timing in asyncio.run(ask()):
        assert 0 < timing.first_s <= timing.whole_s


def test_those_who_leave_are_missed_by_the_stub(server: PageServer, endpoint: str) -> None:
    left = asyncio.run(abandoned(server.url, endpoint, [QUESTION] * 5))
    asyncio.run(post(endpoint.replace("/v1", "/pace"), {"tokens_per_s": 0}))
    for kind in ("page", "rest"):
        assert left[kind]["closed"] == left[kind]["n"]
        assert 0 <= left[kind]["max_s"] < 10


def test_files_are_sent_and_reported(server: PageServer, tmp_path: Path) -> None:
    paths = [tmp_path / "one.txt", tmp_path / "two.txt"]
    for path in paths:
        path.write_text(f"Goldbach wrote {path.stem} letters to Euler.", encoding="utf-8")
    report = asyncio.run(upload(server.url, paths))
    assert [file["outcome"] for file in report["files"]] == ["indexed", "indexed"]


def test_what_is_refused_or_not_there_is_an_error_and_no_number(server: PageServer) -> None:
    async def ask() -> tuple[list[Timing], list[str]]:
        return await together(ask_rest(server.url, " "), ask_page("http://127.0.0.1:9", QUESTION))

    timings, failures = asyncio.run(ask())
    measured = summary(timings, failures)
    assert (measured["n"], measured["errors"]) == (0, 2)
    assert "LoadError: POST /api/libraries/main/ask: http/1.1 422" in " ".join(failures)
    assert "first_p50_s" not in measured


def test_an_answer_that_breaks_off_is_an_error() -> None:
    async def ask() -> None:
        async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")
            writer.close()

        broken = await asyncio.start_server(break_off, "127.0.0.1", 0)
        port = broken.sockets[0].getsockname()[1]
        async with broken:
            await get(f"http://127.0.0.1:{port}/")

    with pytest.raises(LoadError, match="broke off"):
        asyncio.run(ask())


def test_lines_that_come_in_pieces_are_put_together() -> None:
    async def ask() -> list[bytes]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for piece in (b"one\ntw", b"o", b"\n\nend"):
                writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                await writer.drain()
            writer.write(b"0\r\n\r\n")
            await writer.drain()
            writer.close()

        serving = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = serving.sockets[0].getsockname()[1]
        async with serving, opened(f"http://127.0.0.1:{port}/") as lines:
            return [line async for line in lines]

    assert asyncio.run(ask()) == [b"one\n", b"two\n", b"\n", b"end"]


def test_percentiles_are_those_of_the_nearest_rank() -> None:
    timings = [Timing(number / 100, number / 10) for number in range(1, 21)]
    measured = summary(list(reversed(timings)), ["LoadError: x"])
    assert (measured["first_p50_s"], measured["first_p95_s"]) == (0.1, 0.19)
    assert (measured["whole_p95_s"], measured["total_s"]) == (1.9, 2.0)
    assert measured["failures"] == ["LoadError: x"]


def test_notes_are_the_same_for_a_seed_and_differ_from_one_another(tmp_path: Path) -> None:
    first, again, other = (
        [path.read_text(encoding="utf-8") for path in Notes(None, seed).write(tmp_path / name, 3)]
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert [text.partition("\n")[2] for text in first] == [t.partition("\n")[2] for t in again]
    assert len(set(first)) == 3 and set(first).isdisjoint(other)
