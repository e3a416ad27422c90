"""`kgrag ui` as a process: Ctrl-C ends it at once, whatever is open or being waited for."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.chat_server import hang, serving
from tests.ui.asking import PATIENCE_S, OpenPage
from ui.server import bind

START_S = 90.0

EXIT_S = 4.0
"""0.1 s are kgrag's own; the interpreter took 1.9 s to end with nine others on two cores. Whatever
waits for a model waits for 5 s at least."""


@contextmanager
def running(library: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run ``kgrag ui`` over a library; give the process and the address of its page."""
    with bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "kgrag.cli", "ui", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--library", str(library), *arguments], stderr=subprocess.PIPE, text=True
    )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + START_S
    try:
        while True:
            try:
                httpx.get(url)
                break
            except httpx.ConnectError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
        yield process, url
    finally:
        process.kill()
        process.wait()


def interrupt(process: subprocess.Popen[str]) -> str:
    """Interrupt a process; return what it said, once it has ended in good time."""
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=START_S)[1]
    assert time.monotonic() - started < EXIT_S
    assert process.returncode == 130
    return said


def test_ctrl_c_ends_it_while_a_page_waits_for_a_model_that_hangs(filled: Path) -> None:
    with serving() as (server, endpoint):
        server.usual = hang
        with running(filled, "--endpoint", endpoint) as (process, url), OpenPage(url) as page:
            messages = page.ask("Where was Leonhard Euler born?")
            while not server.requests:
                next(messages)
            said = interrupt(process)
            assert server.left.wait(PATIENCE_S), "the model was not given up"
    assert "Traceback" not in said
    assert said.splitlines()[-1] == "kgrag: stopped; what was acknowledged is kept"
