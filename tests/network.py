"""Refuses and records every attempt of this process to reach beyond loopback."""

import ipaddress
from collections.abc import Callable

Attempts = list[str]

_WATCHED = frozenset(
    {"socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"}
)


def watch(attempts: Attempts) -> Callable[[str, tuple[object, ...]], None]:
    """Return an audit hook that records what it refuses."""

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event not in _WATCHED:
            return
        host = _host(event, arguments)
        if host is not None and not is_local(host):
            attempts.append(f"{event} {host}")
            raise OSError(f"the tests run without a network: {event} {host}")

    return hook


def is_local(host: str) -> bool:
    """Return whether a host is this machine."""
    if host in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback or host in ("0.0.0.0", "::")
    except ValueError:
        return False


def _host(event: str, arguments: tuple[object, ...]) -> str | None:
    """Return the host of a call; None for a Unix socket, which never leaves the machine."""
    address = arguments[0] if event.startswith("socket.get") else arguments[1]
    if isinstance(address, tuple):
        address = address[0]
    elif not event.startswith("socket.get"):
        return None
    return address.decode() if isinstance(address, bytes) else str(address or "")
