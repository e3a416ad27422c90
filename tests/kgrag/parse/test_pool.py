import json
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from indexes.errors import ParseError
from kgrag.parse import ParseLimits, ParserPool, read_file
from kgrag.parse.worker import _warn_of_missing

_ROOT = Path(__file__).resolve().parents[3]

SLOW = "слово,word\n".encode() * 1_000_000
"""A table that takes some ten seconds and little memory."""


def child_of(pool: ParserPool) -> int:
    """Return the process id of the child of a pool with one worker."""
    process = pool._workers[0]._process
    assert process is not None
    return process.pid


def test_importing_the_package_loads_no_format_library() -> None:
    heavy = [
        "lxml",
        "pypdfium2",
        "openpyxl",
        "markdown_it",
        "charset_normalizer",
        "numpy",
        "striprtf",
    ]
    code = "import sys, kgrag.parse; print([name for name in sys.argv[1:] if name in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", code, *heavy], cwd=_ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


def test_files_from_many_threads_get_their_own_texts() -> None:
    with ParserPool(2) as pool, ThreadPoolExecutor(8) as threads:
        texts = threads.map(lambda n: pool.parse(f"{n}.txt", f"text {n}".encode()).text, range(200))
        assert list(texts) == [f"text {n}" for n in range(200)]


def test_one_child_reads_many_small_files_quickly() -> None:
    with ParserPool(1) as pool:
        pool.parse("first.txt", b"text")
        child = child_of(pool)
        start = time.perf_counter()
        for number in range(500):
            pool.parse(f"{number}.txt", b"A short text.")
        assert time.perf_counter() - start < 5.0  # 0.15 on an idle machine
        assert child_of(pool) == child


def test_a_slow_file_is_given_up_and_the_next_is_read() -> None:
    with ParserPool(1, ParseLimits(timeout_s=0.4)) as pool:
        start = time.perf_counter()
        with pytest.raises(ParseError, match=r"^slow\.csv was given up: .* 0\.4 s\.$") as caught:
            pool.parse("slow.csv", SLOW)
        assert caught.value.reason == "timeout"
        assert time.perf_counter() - start < 4
        assert pool.parse("next.txt", b"fine").text == "fine"


def test_a_child_that_is_killed_fails_its_file_only() -> None:
    with ParserPool(1) as pool:
        pool.parse("first.txt", b"fine")
        threading.Timer(0.2, lambda pid: os.kill(pid, 9), [child_of(pool)]).start()
        with pytest.raises(ParseError, match=r"^slow\.csv could not be read: ") as caught:
            pool.parse("slow.csv", SLOW)
        assert caught.value.reason == "crashed"
        assert pool.parse("next.txt", b"fine").text == "fine"


def test_a_child_that_died_while_idle_is_replaced() -> None:
    with ParserPool(1) as pool:
        pool.parse("first.txt", b"fine")
        os.kill(child_of(pool), 9)
        time.sleep(0.1)
        assert pool.parse("next.txt", b"fine").text == "fine"


def test_a_file_that_takes_too_much_memory_fails_as_that() -> None:
    with ParserPool(1, ParseLimits(memory_mb=120)) as pool:
        with pytest.raises(ParseError, match=r"big\.txt could not .* 120 MiB of memory") as caught:
            pool.parse("big.txt", "слово ".encode() * 4_000_000)
        assert caught.value.reason == "memory"
        assert pool.parse("next.txt", b"fine").text == "fine"


def test_limits_of_size_hold_for_file_and_text() -> None:
    with ParserPool(1, ParseLimits(max_file_mb=1, max_text_chars=1000)) as pool:
        for name, content in {"f.txt": b"a" * (1 << 20) + b"b", "t.txt": b"a" * 1001}.items():
            with pytest.raises(ParseError, match=name) as caught:
                pool.parse(name, content)
            assert caught.value.reason == "too_large"
        assert pool.parse("e.txt", b"a" * 1000).text == "a" * 1000


def test_a_closed_pool_leaves_no_process_and_takes_no_file() -> None:
    with ParserPool(1) as pool:
        pool.parse("a.txt", b"fine")
        child = child_of(pool)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    with pytest.raises(ValueError, match="closed"):
        pool.parse("a.txt", b"fine")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_child_ends_with_its_parent() -> None:
    code = (
        "import os, sys; from kgrag.parse import ParserPool; pool = ParserPool(1);"
        "pool.parse('a.txt', b'fine'); print(pool._workers[0]._process.pid, flush=True);"
        "os.kill(os.getpid(), 9)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True)
    process = Path("/proc", run.stdout.strip())
    for _ in range(50):
        if not process.exists() or "\nState:\tZ" in (process / "status").read_text():
            return
        time.sleep(0.1)
    raise AssertionError("the child lives on")


@pytest.mark.parametrize(
    "answer",
    [
        {"media_type": "text/plain", "title": None, "pages": [[1, 0, 99]], "headings": []},
        {"media_type": "text/plain", "title": None, "pages": [[0, 0, 1]], "headings": []},
        {"media_type": "text/plain", "title": 7, "pages": [], "headings": []},
        {"media_type": "text/plain", "title": None, "pages": 5, "headings": []},
        {"reason": "because", "cause": "x"},
        {"reason": ["memory"], "cause": "x"},
        {},
        {"size": -1},
        {"size": 1 << 40},
        [],
    ],
)
def test_a_child_that_was_taken_over_can_only_fail(
    monkeypatch: pytest.MonkeyPatch, answer: object
) -> None:
    child = (
        "import sys; from json import dumps; out = sys.stdout.buffer\n"
        "def send(value, body=b''):\n"
        "    if isinstance(value, dict): value.setdefault('size', len(body))\n"
        "    data = dumps(value).encode()\n"
        "    out.write(len(data).to_bytes(4, 'big') + data + body); out.flush()\n"
        "send({'guards': []}); sys.stdin.buffer.read(10)\n"
        f"send({answer!r}, b'text'); sys.stdin.read()"
    )
    monkeypatch.setattr("kgrag.parse.pool._CHILD", child)
    with ParserPool(1) as pool, pytest.raises(ParseError) as caught:
        pool.parse("a.txt", b"fine")
    assert caught.value.reason == "crashed"


def test_missing_guards_are_warned_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _warn_of_missing.cache_clear()
    header = json.dumps({"guards": ["limits", "audit"], "size": 0}).encode()
    message = len(header).to_bytes(4, "big") + header
    child = f"import sys; sys.stdout.buffer.write({message!r})"
    monkeypatch.setattr("kgrag.parse.pool._CHILD", child)
    with ParserPool(1) as pool, pytest.raises(ParseError):
        pool.parse("a.txt", b"fine")
    assert "without these guards on this machine: no_network" in caplog.text


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "folder.txt").mkdir()
    (tmp_path / "broken.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "good.txt").write_bytes(b"fine")
    limits = ParseLimits(max_file_mb=1)
    assert read_file(tmp_path / "good.txt", limits) == b"fine"
    for path in [
        *map(tmp_path.joinpath, ["pipe.txt", "folder.txt", "broken.txt", "no.txt"]),
        Path("/dev/zero"),
    ]:
        with pytest.raises(ParseError, match=path.name) as caught:
            read_file(path, limits)
        assert caught.value.reason == "unreadable"


def test_a_file_above_the_limit_is_not_even_read(tmp_path: Path) -> None:
    big = tmp_path / "big.bin"
    with big.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(ParseError, match=r"^big\.bin was not read") as caught:
        read_file(big, ParseLimits())
    assert caught.value.reason == "too_large"


def test_limits_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="timeout_s"):
        ParseLimits(timeout_s=0)
    with pytest.raises(ValueError, match="workers"):
        ParserPool(0)
