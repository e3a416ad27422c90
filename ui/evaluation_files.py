"""The ids, descriptions and folders of question sets and runs in a library's folder.

Ids are made here and are hexadecimal; what somebody calls a set is text in a small JSON file, and
never becomes a path.
"""

import json
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Record = dict[str, Any]

_ID = re.compile(r"[0-9a-f]{12}\Z")


def new_id() -> str:
    """Return an id that nobody can guess."""
    return secrets.token_hex(6)


def is_id(text: str) -> bool:
    """Return whether it is an id as ``new_id`` makes them."""
    return _ID.match(text) is not None


def now() -> str:
    """Return the time, UTC in ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def read_json(path: Path) -> Record:
    """Return what a JSON file holds; nothing where there is none yet."""
    try:
        held = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return held if isinstance(held, dict) else {}


def descriptions(folder: Path) -> dict[str, Record]:
    """Return what the descriptions in a folder say, by id; one that cannot be read is left out."""
    found = sorted(folder.glob("*.json")) if folder.is_dir() else []
    told = {path.stem: read_json(path) for path in found if is_id(path.stem)}
    return {id_: about for id_, about in told.items() if about}
