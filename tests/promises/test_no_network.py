"""S7: nothing is reached but the configured language model; here there is none.

``tests/conftest.py`` refuses the network to the whole suite; a child process shows that a plain run
does not even try.
"""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes import ROOT, write_files
from tests.network import Attempts, is_local, watch

_RUN = """
import json, sys
from tests.network import watch
attempts = []
sys.addaudithook(watch(attempts))
from kgrag import KnowledgeBase, knowledge_base
from tests.fakes import CapitalisedExtractor
knowledge_base.make_extractor = lambda *_: CapitalisedExtractor()
with KnowledgeBase.open(sys.argv[1]) as kb:
    report = kb.add(sys.argv[2])
    answer = kb.ask("Whom did Leonhard Euler meet?")
    usable = kb.library.chroma_is_usable()
print(json.dumps([attempts, [f.outcome for f in report.files], answer.text, usable]))
"""


def test_adding_and_asking_reach_for_nothing(tmp_path: Path) -> None:
    write_files(tmp_path, {"documents/a.md": "Leonhard Euler met Anna Ivanova in 1727."})
    done = subprocess.run(
        [sys.executable, "-c", _RUN, str(tmp_path / "library"), str(tmp_path / "documents")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    attempts, outcomes, answer, usable = json.loads(done.stdout)
    assert attempts == []
    assert outcomes == ["indexed"]
    assert "Anna Ivanova" in answer
    assert usable


@pytest.mark.parametrize("host", ["example.org", "93.184.216.34", "2606:2800::1", b"example.org"])
def test_the_guard_refuses_and_records_what_is_not_loopback(host: str | bytes) -> None:
    attempts: Attempts = []
    hook = watch(attempts)
    with pytest.raises(OSError, match="without a network"):
        hook("socket.getaddrinfo", (host, 443, 0, 0, 0))
    if isinstance(host, str):
        with pytest.raises(OSError, match="without a network"):
            hook("socket.connect", (None, (host, 443)))
    assert len(attempts) == 1 + isinstance(host, str)


def test_the_guard_lets_this_machine_through() -> None:
    attempts: Attempts = []
    hook = watch(attempts)
    hook("socket.connect", (None, ("127.0.0.1", 1)))
    hook("socket.connect", (None, "/tmp/a unix socket"))
    hook("socket.getaddrinfo", (None, 0, 0, 0, 0))
    hook("open", ("example.org", "r", 0))
    assert attempts == []
    assert is_local("::1")
    assert not is_local("localhost.example.org")


def test_the_guard_is_installed_in_this_suite() -> None:
    from tests import conftest

    with pytest.raises(OSError, match="without a network"):
        socket.getaddrinfo("example.org", 80)
    assert len(conftest._ATTEMPTS) == 1
    conftest._ATTEMPTS.clear()
