"""How much one user may keep and ask for, so that no user takes the service from the others.

A user is counted, not an address or a browser. The counts are kept in memory, one for each user;
what is kept on the disk (documents, their bytes, libraries) is counted by whoever adds to it, and
told to ``check_adding`` and ``check_libraries`` before.
"""

import math
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from indexes.errors import KgragError
from ui.accounts import LOCAL, User


@dataclass(frozen=True)
class Quotas:
    """What one user may have; None is no limit.

    Parameters
    ----------
    kept_bytes, documents, libraries:
        Originals, in bytes and in number, over all libraries; and the libraries themselves.
    upload_bytes:
        Everything that is sent at once, however many files that is.
    answers_at_once:
        Questions that are being answered; more are refused until one has ended.
    requests_a_minute:
        Requests of every kind but the page's own files; as many may come at once.
    """

    kept_bytes: int | None = 2 << 30
    documents: int | None = 10_000
    libraries: int | None = 50
    upload_bytes: int = 200 << 20
    answers_at_once: int = 4
    requests_a_minute: int | None = 600


LOCAL_QUOTAS = Quotas(
    kept_bytes=None,
    documents=None,
    libraries=None,
    upload_bytes=2 << 30,
    answers_at_once=100,
    requests_a_minute=None,
)
"""Of whoever works on this machine: the disk is theirs. Forty PDFs may come in one upload."""


class LimitError(KgragError):
    """A user has reached a limit; ``status`` and ``code`` are for a response."""

    status, code = 429, "limit_reached"

    def __init__(self, message: str, *, wait_s: int | None = None) -> None:
        super().__init__(message)
        self.wait_s = wait_s
        self.headers = {} if wait_s is None else {"Retry-After": str(wait_s)}


class TooManyError(LimitError):
    """Too many requests or answers at once; it helps to wait."""

    status, code = 429, "too_many_requests"


class TooLargeError(LimitError):
    """It is too large, or would be too much to keep."""

    status, code = 413, "too_large"


class Limits:
    """What users have asked for lately; safe to share between threads."""

    def __init__(
        self,
        quotas: Quotas | None = None,
        *,
        local: Quotas = LOCAL_QUOTAS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._quotas = quotas or Quotas()
        self._local = local
        self._clock = clock
        self._lock = threading.Lock()
        self._answers: dict[str, int] = defaultdict(int)
        self._left: dict[str, tuple[float, float]] = {}

    def of(self, user: User) -> Quotas:
        """Return what a user may have."""
        return self._local if user == LOCAL else self._quotas

    @contextmanager
    def admit(self, user: User) -> Iterator[None]:
        """Count an answer as being given while the block runs; it need not end where it began.

        Raises
        ------
        TooManyError
            The user waits for as many as allowed already.
        """
        most = self.of(user).answers_at_once
        with self._lock:
            if self._answers[user.id] >= most:
                raise TooManyError(
                    f"{most} of your questions are being answered already. Wait until one of them "
                    "is, or stop it.",
                    wait_s=5,
                )
            self._answers[user.id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._answers[user.id] -= 1
                if not self._answers[user.id]:
                    del self._answers[user.id]

    def count_request(self, user: User) -> None:
        """Count a request; TooManyError where there were too many in the last minute."""
        most = self.of(user).requests_a_minute
        if most is None:
            return
        now, a_second = self._clock(), most / 60
        with self._lock:
            left, at = self._left.get(user.id, (float(most), now))
            left = min(float(most), left + (now - at) * a_second)
            self._left[user.id] = (max(left - 1.0, 0.0) if left >= 1.0 else left, now)
        if left < 1.0:
            wait_s = math.ceil((1.0 - left) / a_second)
            raise TooManyError(
                f"More than {most} requests in a minute. Try again in {wait_s} s.", wait_s=wait_s
            )

    def check_upload(self, user: User, size: int) -> None:
        """Raise TooLargeError where as many bytes may not be sent at once."""
        most = self.of(user).upload_bytes
        if size > most:
            raise TooLargeError(
                f"This upload is larger than {_size(most)}, which is the most at once. Send fewer "
                "files at a time."
            )

    def check_adding(
        self, user: User, *, documents: int, kept_bytes: int, new: int, new_bytes: int
    ) -> None:
        """Raise TooLargeError where a user who has ``documents`` may not add ``new`` ones."""
        quotas = self.of(user)
        if quotas.documents is not None and documents + new > quotas.documents:
            raise TooLargeError(
                f"You have {documents:,} documents, and {quotas.documents:,} is the most. Remove "
                "some, then add these."
            )
        if quotas.kept_bytes is not None and kept_bytes + new_bytes > quotas.kept_bytes:
            raise TooLargeError(
                f"Your documents take {_size(kept_bytes)}, and {_size(quotas.kept_bytes)} is the "
                f"most; these have {_size(new_bytes)}. Remove some, then add these."
            )

    def check_libraries(self, user: User, count: int) -> None:
        """Raise TooLargeError where a user who has ``count`` libraries may not make another."""
        most = self.of(user).libraries
        if most is not None and count >= most:
            raise TooLargeError(
                f"You have {count} libraries, and {most} is the most. Delete one of them first."
            )


def _size(count: int) -> str:
    """Return a number of bytes as people say it: ``200 MiB``, ``1.9 GiB``."""
    for unit, power in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if count >= 1 << power:
            return f"{count / (1 << power):.1f}".removesuffix(".0") + f" {unit}"
    return f"{count} bytes"
