"""Whether the service can serve: the library, and the language model, asked in the background."""

import asyncio
import time
from typing import TYPE_CHECKING

from indexes.errors import KgragError
from kgrag.model_settings import ModelSettings

if TYPE_CHECKING:
    from ui.shelf import Shelf

FRESH_S = 5.0
"""How long what the model's server said is taken for still true."""

WAIT_S = 0.8
"""The longest that anybody waits for it: a probe must not hang where a server does."""

NONE, READY, UNREACHABLE, UNKNOWN = "none", "ready", "unreachable", "unknown"


class Health:
    """The state of the model behind the libraries, as last heard; used within one event loop."""

    def __init__(self, shelf: "Shelf") -> None:
        self._shelf = shelf
        self._heard: tuple[ModelSettings, str, float] | None = None
        self._asking: asyncio.Task[None] | None = None

    async def model(self) -> str:
        """Return "none" (kgrag quotes), "ready", "unreachable", or "unknown" as yet."""
        settings = self._shelf.settings.model
        if not settings.endpoint:
            return NONE
        if not self._is_fresh(settings):
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._ask(settings))
            await asyncio.wait((self._asking,), timeout=WAIT_S)
        if self._heard is None or self._heard[0] != settings:
            return UNKNOWN
        return self._heard[1]

    def _is_fresh(self, settings: ModelSettings) -> bool:
        return (
            self._heard is not None
            and self._heard[0] == settings
            and time.monotonic() - self._heard[2] < FRESH_S
        )

    async def _ask(self, settings: ModelSettings) -> None:
        import httpx

        from kgrag.bounded_http import connect
        from kgrag.served import ASK_S, ask_served

        try:
            async with connect(connect_s=settings.connect_s, read_s=ASK_S) as client:
                await ask_served(client, settings)
            state = READY
        except (KgragError, OSError, ValueError, httpx.HTTPError, httpx.StreamError):
            state = UNREACHABLE
        self._heard = settings, state, time.monotonic()
