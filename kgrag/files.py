"""The files to add: found in folders, in a fixed order, each known by where it comes from."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kgrag.parse import PARSER_VERSION


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to add: ``source`` identifies it from run to run, ``name`` is shown.

    ``content`` gives the bytes of what is no file on disk (an original that a library holds).
    ``modified`` is when it was last changed, UTC in ISO 8601, or None.
    """

    path: Path
    source: str
    name: str
    content: Callable[[], bytes] | None = None
    modified: str | None = None


def find_files(paths: Iterable[Path]) -> list[SourceFile]:
    """Return the files at these paths, folders searched through, in a fixed order, none twice.

    Hidden files and folders inside a folder are left out; what is named itself is always taken.
    """
    found: dict[str, SourceFile] = {}
    for path in paths:
        # Path.expanduser raises for "~$draft.docx", which Word leaves next to an open document.
        root = Path(os.path.expanduser(path))  # noqa: PTH111
        inside = sorted(_walk(root)) if root.is_dir() else [root]
        for file in inside:
            name = file.relative_to(root).as_posix() if root.is_dir() else file.name
            source = storable(file.absolute().as_posix())
            name = storable(name) or source
            found.setdefault(source, SourceFile(file, source, name, modified=_modified(file)))
    return list(found.values())


def document_id(name: str, content: bytes) -> str:
    """Return the id of a file: its bytes, its extension, and the parser that reads it."""
    head = f"{PARSER_VERSION}\0{Path(name).suffix.lower()}\0".encode()
    return "sha256:" + hashlib.sha256(head + content).hexdigest()


def storable(path: str) -> str:
    """Return a path as valid UTF-8; bytes that are none are written as hexadecimal escapes."""
    return path.encode(errors="surrogateescape").decode(errors="backslashreplace")


def _modified(file: Path) -> str | None:
    try:
        changed = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except (OSError, ValueError, OverflowError):
        return None  # reading it will tell
    return changed.strftime("%Y-%m-%dT%H:%M:%SZ")


def _walk(folder: Path) -> Iterator[Path]:
    try:
        entries = list(folder.iterdir())
    except OSError:
        yield folder  # reading it fails, and says so in the report
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir() and not entry.is_symlink():
            yield from _walk(entry)
        elif not entry.is_dir():
            yield entry
