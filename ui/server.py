"""Serves the page on the loopback interface, and to nobody else.

Three guards that gradio does not have: the Host header must be a loopback name (no DNS rebinding),
a request that states an Origin must come from this page (no cross-site upload), and a content
security policy lets the browser load from this server only, so that nothing on the page can reach
out even if a text should ever get past ``ui.render.escape``.
"""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from indexes.errors import ConfigError
from kgrag.loopback import is_loopback

if TYPE_CHECKING:
    import gradio as gr
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

STATIC = Path(__file__).parent / "static"

_POLICY = "; ".join(
    (
        "default-src 'none'",
        # gradio compiles its templates in the page: inline and eval are needed, foreign hosts not.
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self' blob:",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    b"content-security-policy": _POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
}


def require_loopback(host: str) -> None:
    """Raise ConfigError unless ``host`` is reachable from this machine only."""
    if not is_loopback(host):
        raise ConfigError(
            f"The page cannot be served on {host!r}: it has no password yet, so anyone who reaches "
            "that address could read your documents. Use 127.0.0.1."
        )


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens on a loopback address; port 0 takes a free one.

    Raises
    ------
    ConfigError
        The host is not loopback, or the port is taken or not allowed.
    """
    require_loopback(host)
    if not 0 <= port <= 65535:
        raise ConfigError(f"There is no port {port}: choose one from 1024 to 65535.")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise ConfigError(
            f"Port {port} on {host} cannot be used ({error}). Close the program that holds it, or "
            "choose another port."
        ) from error


def application(blocks: "gr.Blocks") -> "ASGIApp":
    """Return the page behind its guards, with the files that it loads."""
    import gradio as gr
    from fastapi import FastAPI
    from fastapi.staticfiles import StaticFiles

    app = FastAPI(openapi_url=None)
    app.mount("/kgrag", StaticFiles(directory=STATIC))
    fonts = ("ui-sans-serif", "system-ui", "Segoe UI", "Roboto", "Noto Sans", "sans-serif")
    gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        theme=gr.themes.Base(
            primary_hue="indigo", neutral_hue="slate", font=fonts, font_mono=("ui-monospace",)
        ),
        css_paths=STATIC / "style.css",
        footer_links=[],
        run_history=False,
        show_error=False,
        enable_monitoring=False,
        ssr_mode=False,
    )
    return Guard(app)


def run(app: "ASGIApp", listener: socket.socket, *, before_shutdown: Callable[[], None]) -> None:
    """Serve until the process is interrupted; ``before_shutdown`` ends what is going on."""
    config = uvicorn.Config(app, log_level="warning")
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


class Guard:
    """Refuses what does not come from this machine's own page, and adds ``HEADERS``."""

    def __init__(self, app: "ASGIApp") -> None:
        self.app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, or answer it with 403."""
        if scope["type"] == "http" and not _is_own(scope):
            from starlette.responses import PlainTextResponse

            await PlainTextResponse("Refused: not a request of this page.", 403)(
                scope, receive, send
            )
            return

        async def send_guarded(message: "Message") -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS.items()]
            await send(message)

        await self.app(scope, receive, send_guarded)


def _is_own(scope: "Scope") -> bool:
    headers = dict(scope["headers"])
    host = headers.get(b"host", b"").decode("latin-1")
    origin = headers.get(b"origin")
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    if not is_loopback(name.strip("[]")):
        return False
    return origin is None or origin.decode("latin-1") == f"{scope['scheme']}://{host}"
