"""One process writes to a library at a time: a lock on its folder, with the holder's process id.

Conversations have a lock of their own, held for a moment: they go on while documents are added.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from indexes.errors import LibraryLockedError, StorageFullError


@contextmanager
def held_alone(folder: Path) -> Iterator[None]:
    """Hold a library's folder for writing while the block runs; within it, it may be held again.

    Raises
    ------
    LibraryLockedError
        Another process holds it; the message names its process id.
    StorageFullError
        The disk is full, or cannot be written to.
    """
    holder = folder / "lock.pid"
    with _disk_errors(folder):
        lock = FileLock(folder / "lock", timeout=0, is_singleton=True)
        try:
            lock.acquire()
        except Timeout:
            pid = holder.read_text(encoding="utf-8") if holder.is_file() else "unknown"
            raise LibraryLockedError(
                f"The library {folder} is being written to by another process "
                f"({pid}). Wait until it ends, then try again."
            ) from None
        try:
            holder.write_text(str(os.getpid()), encoding="utf-8")
            yield
        finally:
            lock.release()


CONVERSATIONS_WAIT_S = 30.0
"""The change to a rebuilt library holds them longest: 0.9 s for 200 MB, on two busy cores."""


@contextmanager
def conversations_held(folder: Path) -> Iterator[None]:
    """Keep others from writing to a library's conversations while the block runs.

    Raises
    ------
    LibraryLockedError
        Another has held them for too long.
    StorageFullError
        The disk is full, or cannot be written to.
    """
    with _disk_errors(folder):
        lock = FileLock(folder / "conversations.lock", timeout=CONVERSATIONS_WAIT_S)
        try:
            lock.acquire(poll_interval=0.01)
        except Timeout:
            raise LibraryLockedError(
                f"The conversations of {folder} have been kept busy for "
                f"{CONVERSATIONS_WAIT_S:.0f} s. Try again."
            ) from None
        try:
            yield
        finally:
            lock.release()


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES):
            raise
        raise StorageFullError(
            f"The library folder {folder} could not be written to ({error}). Nothing that was "
            "added before is lost; make room and run the same command again."
        ) from error
