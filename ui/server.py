"""Serves the page: on the loopback interface without accounts, wherever it is told with them.

Who may ask, and what, is the guard's (``ui.guard``); here is what it stands before, and the socket.
"""

import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

import uvicorn

from indexes.errors import ConfigError
from ui.serve_options import ServeOptions, require_loopback

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def bind(host: str, port: int, *, has_accounts: bool = False) -> socket.socket:
    """Return a socket that listens; port 0 takes a free one.

    Raises
    ------
    ConfigError
        The host is not loopback and nobody is asked for a password, or the port is taken or not
        allowed.
    """
    if not has_accounts:
        require_loopback(host)
    if not 0 <= port <= 65535:
        raise ConfigError(f"There is no port {port}: choose one from 1024 to 65535.")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        both = host == "::" and socket.has_dualstack_ipv6()
        return socket.create_server((host, port), family=family, dualstack_ipv6=both)
    except OSError as error:
        raise ConfigError(
            f"Port {port} on {host} cannot be used ({error}). Close the program that holds it, or "
            "choose another port."
        ) from error


def run(
    app: "ASGIApp",
    listener: socket.socket,
    *,
    before_shutdown: Callable[[], None],
    options: ServeOptions | None = None,
) -> None:
    """Serve until the process is interrupted; ``before_shutdown`` ends what is going on."""
    options = options or ServeOptions()
    config = uvicorn.Config(
        app,
        log_level="warning",
        # uvicorn would believe whoever is on this machine; the guard believes a proxy if told to.
        proxy_headers=False,
        ssl_certfile=options.certificate,
        ssl_keyfile=options.key,
    )
    Server(config, before_shutdown).run(sockets=[listener])


class Server(uvicorn.Server):
    """Waits for nobody once it is interrupted.

    An open page holds two connections for as long as it is open, and uvicorn would wait for them.
    """

    def __init__(self, config: uvicorn.Config, before_shutdown: Callable[[], None]) -> None:
        super().__init__(config)
        self._before_shutdown = before_shutdown

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what is going on, hang up, and stop."""
        self._before_shutdown()
        for connection in list(self.server_state.connections):
            connection.transport.close()
        await super().shutdown(sockets)
