"""``kgrag vllm`` as a user runs it, over the tiny model: started, asked, stopped."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests.fakes import ROOT

START_S = 400
"""A start took 25 to 60 s on two cores, and more beside other work."""


@dataclass(frozen=True)
class Serving:
    """The command as a process; ``endpoint`` is the URL that it printed."""

    process: subprocess.Popen[str]
    endpoint: str


def ask(endpoint: str, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401
    """Return what a path below the endpoint answers; with a body it is posted."""
    host, _, rest = endpoint.removeprefix("http://").partition("/")
    connection = HTTPConnection(host, timeout=60)
    try:
        connection.request(
            "GET" if body is None else "POST",
            f"/{rest}{path}",
            None if body is None else json.dumps(body),
            {"Content-Type": "application/json"},
        )
        response = connection.getresponse()
        content = response.read()
        assert response.status == 200, content
        return json.loads(content)
    finally:
        connection.close()


@contextmanager
def serving(model: Path, log: Path) -> Iterator[Serving]:
    """Run the command until the block ends, then press Ctrl-C; nothing may stay behind."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "kgrag.cli", "vllm", str(model), "--port", str(port)]
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            [*command, "--verbose", "--extra", "--enforce-eager", "--dtype", "bfloat16"],
            cwd=ROOT,
            env={"VLLM_CPU_KVCACHE_SPACE": "1", **os.environ},  # GiB
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout
            endpoint = process.stdout.readline().strip()
            assert endpoint, log.read_text("utf-8")[-5000:]
            yield Serving(process, endpoint)
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
        finally:
            process.send_signal(signal.SIGTERM)  # also where a test failed, nothing stays


def processes_below(process: int) -> dict[int, str]:
    """Return the processes that a process started, and those that they started, with their names.

    Linux only: read from ``/proc``.
    """
    parents: dict[int, list[int]] = {}
    names = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text("utf-8")
        except (FileNotFoundError, ProcessLookupError):
            continue
        name, state, parent = re.search(r"\((.*)\) (\S) (\d+)", stat).groups()  # type: ignore[union-attr]
        if state != "Z":
            parents.setdefault(int(parent), []).append(int(folder.name))
            names[int(folder.name)] = name
    found: dict[int, str] = {}
    waiting = [process]
    while waiting:
        for child in parents.get(waiting.pop(), []):
            found[child] = names[child]
            waiting.append(child)
    return found


def listening_addresses(processes: set[int]) -> set[str]:
    """Return the addresses, as the kernel writes them, at which processes accept connections."""
    sockets = set()
    for process in processes:
        for link in Path(f"/proc/{process}/fd").glob("*"):
            try:
                sockets.add(str(link.readlink()))
            except OSError:
                continue
    rows = [
        line.split()
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        if Path(table).exists()
        for line in Path(table).read_text("utf-8").splitlines()[1:]
    ]
    accepts = "0A"
    return {
        row[1].partition(":")[0]
        for row in rows
        if row[3] == accepts and f"socket:[{row[9]}]" in sockets
    }
