"""The sets that are known by name: what they are, where they come from, whether they are here."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from indexes.errors import ConfigError

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
ORIGINS = Path(__file__).parents[1] / "data" / "origins.json"

SetKind = Literal["questions", "annotated"]

OF_EXAMPLES = "written for kgrag, in examples/ of its repository"


@dataclass(frozen=True, slots=True)
class KnownSet:
    """A set with a name of its own.

    Parameters
    ----------
    name, title:
        What it is called on the command line, and in tables.
    licence, origin:
        Of its texts, and the public repository with the commit that it was made of.
    published:
        Where its published files are, which can be read as they are; may be empty.
    """

    name: str
    title: str
    kind: SetKind
    licence: str
    origin: str
    published: str = ""


@lru_cache(maxsize=1)
def _known() -> tuple[KnownSet, ...]:
    own = [
        KnownSet("examples", "examples", kind, "Apache-2.0", OF_EXAMPLES)
        for kind in ("questions", "annotated")
    ]
    origins = json.loads(ORIGINS.read_text(encoding="utf-8"))
    others = [
        KnownSet(name, kind=kind, **record)
        for kind in ("questions", "annotated")
        for name, record in origins[kind].items()
    ]
    return (*own, *others)


def known_set(name: str, kind: SetKind) -> KnownSet | None:
    """Return the set that is called so, by its name or its title; None where none is."""
    wanted = name.strip().casefold()
    return next(
        (
            known
            for known in _known()
            if known.kind == kind and wanted in (known.name, known.title.casefold())
        ),
        None,
    )


def unknown(name: str, kind: SetKind, accepted: str) -> ConfigError:
    """Return the error of a name that is neither a known set nor a file."""
    names = ", ".join(known.name for known in _known() if known.kind == kind)
    return ConfigError(
        f"There is no set called “{name}”, and no file there. Known sets: {names}. A file can be "
        f"{accepted}."
    )


def need_files(known: KnownSet, data: Path | None, paths: Iterable[str]) -> Path:
    """Return the data folder, which holds these files of a set.

    Raises
    ------
    ConfigError
        Some are not there; it says where they come from.
    """
    missing = [path for path in paths if data is None or not (data / path).is_file()]
    if data is not None and not missing:
        return data
    where = "no folder of data sets is named" if data is None else f"they are not in {data}"
    instead = (
        f" Or give a published file by its path instead of the name: {known.published} has them."
        if known.published
        else ""
    )
    raise ConfigError(
        f"{known.title} needs {' and '.join(missing)}, and {where}: name the folder that holds "
        f"them with --data DIR or KGRAG_DATA. They were made of {known.origin}; licence: "
        f"{known.licence}.{instead}"
    )


def known_sets(data: Path | None = None) -> list[tuple[str, str, SetKind, str, bool, str]]:
    """Return (short name, title, kind, licence, whether it is here, origin) of each known set.

    ``data`` is the folder that --data names, if any.
    """
    return [
        (
            known.name,
            known.title,
            known.kind,
            known.licence,
            _is_here(known, data),
            known.origin,
        )
        for known in _known()
    ]


def _is_here(known: KnownSet, data: Path | None) -> bool:
    from eval.sets.annotated import annotated_files
    from eval.sets.shared import question_files

    if known.name == "examples":
        name = "questions.jsonl" if known.kind == "questions" else "annotations.jsonl"
        return (EXAMPLES / name).is_file()
    files = question_files(known) if known.kind == "questions" else annotated_files(known)
    return data is not None and all((data / path).is_file() for path in files)
