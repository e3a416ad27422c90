"""Each guard is tried from inside a process that entered the sandbox, as the parsers do."""

import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[3]
_ENTER = (
    f"import ctypes, os, socket, subprocess, sys\nsys.path.append({str(_ROOT)!r})\n"
    "from kgrag.parse.sandbox import enter\n"
)


def inside(code: str, memory_mb: int = 512) -> str:
    """Run code in the sandbox and return what it printed last: its own words or its exception."""
    # BaseException: whatever a guard raises is the answer, and its name is all that is told.
    program = (
        f"{_ENTER}guards = enter({memory_mb})\ntry:\n    print({code})\n"
        "except BaseException as error:\n    print(type(error).__name__)"
    )
    # In an empty folder: where a guard fails, nothing of value is at hand.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "kept").write_text("kept")
        run = subprocess.run(
            [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, timeout=60
        )
    return run.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize(
    "code",
    [
        "socket.socket()",
        "socket.create_connection(('127.0.0.1', 9))",
        "socket.getaddrinfo('localhost', 80)",
        "subprocess.run(['true'])",
        "os.system('true')",
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "open('written', 'w')",
        "os.remove('kept')",
        "os.mkdir('made')",
        "os.kill(1, 0)",
    ],
)
def test_python_refuses_what_no_parser_needs(code: str) -> None:
    assert inside(code) == "PermissionError"


@pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are Linux's")
def test_c_code_cannot_reach_even_the_loopback_network() -> None:
    # What no audit hook sees: connect() called straight from the C library.
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        call = (
            "(lambda c: c.connect(c.socket(2, 1, 0), "
            f"bytes([2, 0, {port >> 8}, {port & 255}, 127, 0, 0, 1] + [0] * 8), 16))"
            "(ctypes.CDLL(None))"
        )
        outside = subprocess.run(
            [sys.executable, "-c", f"import ctypes; print({call})"], capture_output=True, text=True
        )
        assert outside.stdout.strip() == "0"
        if "no_network" not in inside("guards"):
            pytest.skip("network namespaces are not permitted here")
        assert inside(call) == "-1"


@pytest.mark.skipif(sys.platform != "linux", reason="macOS and Windows do not limit address space")
def test_memory_is_limited() -> None:
    assert inside("len(bytearray(100 << 20))") == str(100 << 20)
    assert inside("len(bytearray(600 << 20))") == "MemoryError"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
def test_no_file_can_grow_and_few_can_be_open() -> None:
    assert inside("[os.dup(0) for _ in range(100)]") == "OSError"


def test_what_parsers_need_still_works() -> None:
    assert inside("__import__('lxml.etree') and open('kept').read()") == "kept"
