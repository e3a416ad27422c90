"""What a file may cost, and the only place where a file is opened."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from indexes.errors import ParseError


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """Limits of one file.

    Parameters
    ----------
    timeout_s:
        Wall-clock seconds until the child that reads the file is killed.
    memory_mb:
        Address space of a child, in MiB; Python and the format libraries take some 150 of them.
    max_file_mb:
        Size of the file, in MiB.
    max_text_chars:
        Code points of text that a file may yield.
    """

    timeout_s: float = 25.0
    memory_mb: int = 1024
    max_file_mb: int = 64
    max_text_chars: int = 20_000_000

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be above 0, not {getattr(self, name)}")


def check_size(name: str, size: int, limits: ParseLimits) -> None:
    """Raise ``ParseError`` (too_large) where a file of ``size`` bytes is over the limit."""
    if size > limits.max_file_mb << 20:
        raise ParseError(
            "too_large",
            f"{name} was not read: it has {size / (1 << 20):.1f} MiB, "
            f"more than the limit of {limits.max_file_mb}.",
        )


def read_file(path: Path, limits: ParseLimits) -> bytes:
    """Return the bytes of a regular file; a pipe, device or folder is refused, never waited for.

    Raises
    ------
    ParseError
        ``unreadable`` where the file cannot be opened or is no file, ``too_large`` above
        ``limits.max_file_mb``.
    """
    name = printable(path.name)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ParseError("unreadable", f"{name} could not be read: it is not a regular file.")
        # Not blocking: the name may have become a pipe since it was looked at.
        with os.fdopen(
            os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY), "rb"
        ) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise ParseError(
                    "unreadable", f"{name} could not be read: it is not a regular file."
                )
            check_size(name, status.st_size, limits)
            content = file.read((limits.max_file_mb << 20) + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL inside the path
        cause = (getattr(error, "strerror", None) or "its name is not valid").lower()
        raise ParseError("unreadable", f"{name} could not be read: {cause}.") from error
    check_size(name, len(content), limits)
    return content


_BINARY = getattr(os, "O_BINARY", 0)


def printable(name: str) -> str:
    """Return a file name that can stand in a message: no control characters, no line breaks."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in name)
