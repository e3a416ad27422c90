"""Pages that are closed and streams that are dropped in the middle of an answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from eval.load.asking import abandon_page, abandon_rest
from eval.load.http import post

EACH = 5
SLOW_TOKENS_PER_S = 5.0
"""An answer then takes 20 s: it does not end by itself while it is watched."""

WAIT_S = 10.0
_POLL_S = 0.05

Leaving = Callable[[str, str, asyncio.Event], Awaitable[None]]


async def abandoned(url: str, endpoint: str, asked: Sequence[str]) -> dict[str, Any]:
    """Return the seconds until the stub had lost its client, for each kind of leaving."""
    base = endpoint.removesuffix("/v1")
    await post(f"{base}/pace", {"tokens_per_s": SLOW_TOKENS_PER_S})
    return {
        "page": await _left(url, base, asked, abandon_page),
        "rest": await _left(url, base, asked, abandon_rest),
    }


async def _left(url: str, base: str, asked: Sequence[str], leaving: Leaving) -> dict[str, Any]:
    before = await _seen(base)
    leave = asyncio.Event()
    clients = [asyncio.ensure_future(leaving(url, asked[i], leave)) for i in range(EACH)]
    await _until(base, "begun", len(before["begun"]) + EACH)
    at = time.monotonic()
    leave.set()
    await asyncio.gather(*clients)
    seen = await _until(base, "left", len(before["left"]) + EACH)
    times = [moment - at for moment in seen["left"][len(before["left"]) :]]
    return {"n": EACH, "closed": len(times), "max_s": round(max(times), 2) if times else None}


async def _until(base: str, what: str, count: int) -> dict[str, list[float]]:
    """Return what the stub has seen once it has seen so many, or after ``WAIT_S``."""
    deadline = time.monotonic() + WAIT_S
    while len((seen := await _seen(base))[what]) < count and time.monotonic() < deadline:
        await asyncio.sleep(_POLL_S)
    return seen


async def _seen(base: str) -> dict[str, list[float]]:
    seen: dict[str, list[float]] = await post(f"{base}/seen", {})
    return seen
