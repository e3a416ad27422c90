"""The network guard of the whole suite: a test that reaches beyond this machine fails (S7)."""

import signal
import sys
from collections.abc import Iterator

import pytest

from tests.network import Attempts, watch

_ATTEMPTS = Attempts()


def pytest_configure() -> None:
    sys.addaudithook(watch(_ATTEMPTS))
    # Started in the background of a script, this process and its children would ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """Fail the test during which something reached for an address outside loopback.

    The hook refuses the call; this makes sure that a caller which swallows the refusal is told on.
    """
    _ATTEMPTS.clear()
    yield
    assert not _ATTEMPTS, f"reached for the network: {_ATTEMPTS}"
