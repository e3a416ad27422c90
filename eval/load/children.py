"""What is measured under load, as child processes: the stub of a language model, and the page.

Both end with the block that started them. The page's output goes to a file, whose end is shown
where it does not come up.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from eval.load.http import LoadError, get

READY_S = 60.0
END_S = 10.0
_TICK_S = 0.01


@contextmanager
def stub() -> Iterator[str]:
    """Run the stub; give its base URL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "eval.load.stub"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"


class PageServer:
    """A running ``kgrag ui``: where it is, and how long it took to come up."""

    def __init__(self, process: subprocess.Popen[bytes], url: str) -> None:
        self.url = url
        self._process = process

    async def ready(self, path: str, started: float) -> float:
        """Return the seconds from ``started`` until a path was answered.

        Raises
        ------
        LoadError
            The process has ended, or it takes longer than ``READY_S``.
        """
        while time.perf_counter() - started < READY_S and self._process.poll() is None:
            try:
                await get(f"{self.url}{path}")
            except OSError:
                await asyncio.sleep(_TICK_S)
            else:
                return time.perf_counter() - started
        raise LoadError(f"kgrag ui does not answer (exit status {self._process.poll()})")

    def cpu_s(self) -> float | None:
        """Return the processor time that it has used; None where the system tells none."""
        try:
            told = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def page_server(library: Path, options: Sequence[str]) -> Iterator[PageServer]:
    """Run ``kgrag ui`` over a library on a free port; it may not be ready yet."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            kgrag("ui", "--library", str(library), "--port", str(port), *options),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            yield PageServer(process, f"http://127.0.0.1:{port}")
        except LoadError:
            log.seek(0)
            sys.stderr.write(log.read().decode(errors="replace")[-4000:])
            raise
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def kgrag(*arguments: str) -> list[str]:
    """Return the command line of kgrag as it is installed here."""
    return [sys.executable, "-m", "kgrag.cli", *arguments]
