"""Names of files: what a client sends becomes a name to show, and never a path."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath
from urllib.parse import quote

MAX_NAME_CHARS = 200
MAX_SUFFIX_CHARS = 16

_NO_NAME = "file"
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_UNFIT = re.compile(r'[<>:"|?*%]')


def shown_name(sent: str) -> str:
    """Return the last part of a file name that was sent, fit to be shown.

    No folder, nothing invisible, and never longer than ``MAX_NAME_CHARS``; the extension, which
    tells text formats apart, stays.
    """
    last = re.split(r"[/\\]", sent)[-1]
    seen = "".join(char for char in last if unicodedata.category(char)[0] != "C")
    name = " ".join(seen.split())
    if not name.strip(". "):
        return _NO_NAME
    if len(name) <= MAX_NAME_CHARS:
        return name
    suffix = PurePosixPath(name).suffix
    suffix = suffix if len(suffix) <= MAX_SUFFIX_CHARS else ""
    return name[: MAX_NAME_CHARS - len(suffix)] + suffix


def apart(names: Iterable[str]) -> list[str]:
    """Return the names, later ones of the same name as ``notes (2).txt``."""
    taken: set[str] = set()
    told = []
    for name in names:
        path, number, other = PurePosixPath(name), 2, name
        while other.casefold() in taken:
            other, number = f"{path.stem} ({number}){path.suffix}", number + 1
        taken.add(other.casefold())
        told.append(other)
    return told


def attachment(name: str) -> dict[str, str]:
    """Return headers with which a browser saves a file, and never shows it as a page of ours."""
    name = _UNFIT.sub("_", shown_name(name)).strip(". ") or _NO_NAME
    if _DEVICE.match(name):
        name = f"_{name}"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    told = f"filename=\"{plain.strip() or _NO_NAME}\"; filename*=UTF-8''{quote(name, safe='')}"
    return {
        "Content-Disposition": f"attachment; {told}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox",
    }
