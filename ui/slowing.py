"""Slows down those who guess: each failure doubles the time until the next try is looked at.

A try is counted before the password is compared, so that a hundred at once are a hundred. Nobody
waits in here: a try that comes too early is refused at once with the seconds to wait. What is
remembered is bounded, and forgotten after an hour of quiet.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

FORGET_S = 3600.0
MOST_KEYS = 20_000


@dataclass(frozen=True, slots=True)
class Pace:
    """How a kind of key is slowed: ``free`` failures, then 1, 2, 4 ... ``longest_s`` seconds."""

    free: int
    longest_s: float


@dataclass(slots=True)
class _Tries:
    failures: int
    at: float


class Slowing:
    """Failures of one kind of key; safe to share between threads."""

    def __init__(self, pace: Pace, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._pace = pace
        self._clock = clock
        self._lock = threading.Lock()
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def begin(self, key: str) -> float:
        """Count a try as failed until told otherwise, and return 0; else the seconds to wait."""
        now = self._clock()
        with self._lock:
            tries = self._tries.get(key)
            if tries is None or now - tries.at > FORGET_S:
                tries = _Tries(0, now)
            elif (wait := tries.at + self._pause(tries.failures) - now) > 0:
                return wait
            self._tries[key] = _Tries(tries.failures + 1, now)
            self._tries.move_to_end(key)
            if len(self._tries) > MOST_KEYS:
                self._tries.popitem(last=False)
        return 0.0

    def succeed(self, key: str) -> None:
        """Forget a key's failures."""
        with self._lock:
            self._tries.pop(key, None)

    def _pause(self, failures: int) -> float:
        over = failures - self._pace.free
        return min(2.0 ** min(over, 30), self._pace.longest_s) if over >= 0 else 0.0
