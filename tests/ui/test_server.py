import socket

import pytest

from indexes.errors import ConfigError
from ui.serve_options import require_loopback
from ui.server import bind


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.5", "example.org", "", "127.0.0.1.nip.io"]
)
def test_an_address_that_others_can_reach_is_refused_with_the_reason(host: str) -> None:
    with pytest.raises(ConfigError, match="password"):
        bind(host, 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_an_address_of_this_machine_only_is_accepted(host: str) -> None:
    require_loopback(host)


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(ConfigError, match=str(port)):
            bind("127.0.0.1", port)


def test_a_port_that_does_not_exist_is_named() -> None:
    with pytest.raises(ConfigError, match="99999"):
        bind("127.0.0.1", 99999)
