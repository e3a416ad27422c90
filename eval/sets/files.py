"""Files of a question set as bytes, lines and checksums; faults in a user's words, by line.

A line ends at a line feed and nowhere else: a question may hold any other break of Unicode's.
"""

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexes.errors import ConfigError

Record = dict[str, Any]

MAX_TOLD = 5
_MAX_NAME_CHARS = 80
_UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')


@dataclass(frozen=True, slots=True)
class Line:
    """A record of a file, by the number of its line from 1; without one, ``wrong`` says why."""

    number: int
    record: Record | None
    wrong: str = ""


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes, unpacked where they are gzip.

    Raises
    ------
    ConfigError
        It cannot be read.
    """
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    except (OSError, EOFError, gzip.BadGzipFile) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error


def text_of(path: Path) -> str:
    """Return a file as text, whatever its encoding.

    Raises
    ------
    ConfigError
        It cannot be read, or is no text.
    """
    from kgrag.parse.encodings import decode

    text = decode(read_bytes(path))
    if text is None:
        raise ConfigError(
            f"{path.name} is no text: a question set is CSV, JSON or JSON Lines. "
            "A table of a spreadsheet can be saved as CSV."
        )
    return text


def checksum(paths: Iterable[Path]) -> str:
    """Return "sha256:..." over the files, one after the other; of one file, that of the file."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return f"sha256:{digest.hexdigest()}"


def json_lines(text: str) -> Iterator[Line]:
    """Yield the object on each line of JSON Lines; blank lines are nothing."""
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if line.strip():
            yield _json_line(number, line)


def _json_line(number: int, line: str) -> Line:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "not to be read"
        return Line(number, None, f"is no JSON ({reason}): {shown(line)}")
    if not isinstance(record, dict):
        return Line(number, None, f"is no JSON object in {{...}}: {shown(line)}")
    return Line(number, record)


def shown(value: object, limit: int = 40) -> str:
    """Return a value for a message: on one line, short, in quotation marks."""
    text = " ".join(str(value).split())
    return f"“{text if len(text) <= limit else text[: limit - 1] + '…'}”"


def nothing_left(name: str, skipped: Iterable[str]) -> ConfigError:
    """Return the error of a file of which nothing could be used, with the first reasons."""
    reasons = list(skipped)
    told = "; ".join(reasons[:MAX_TOLD]) or "it is empty"
    more = len(reasons) - MAX_TOLD
    others = f"; and {more} more" if more > 0 else ""
    return ConfigError(f"{name} holds nothing that can be used: {told}{others}")


class FileNames:
    """Gives documents file names by their titles: usable anywhere, and each only once."""

    def __init__(self, suffix: str) -> None:
        self._suffix = suffix
        self._taken: set[str] = set()

    def give(self, title: str) -> str:
        """Return a name for a document; of several with one title, the later are numbered."""
        stem = _UNSAFE.sub("_", " ".join(title.split())).strip(". ")[:_MAX_NAME_CHARS].strip(". ")
        stem, number = stem or "untitled", 1
        name = f"{stem}.{self._suffix}"
        while name.casefold() in self._taken:
            number += 1
            name = f"{stem}-{number}.{self._suffix}"
        self._taken.add(name.casefold())
        return name
