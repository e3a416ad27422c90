"""What a user may set: frozen dataclasses, filled from one TOML file.

    [parse]
    timeout_s = 25.0
    memory_mb = 1024

    [search]
    chroma = true

    [link]
    catalogue = "wikidata.sqlite"

A key that does not exist is an error that names it; nothing is read from the environment here.
"""

import math
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from indexes.errors import ConfigError
from kgrag.parse import ParseLimits


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """``chroma``: search vectors through Chroma; off means exact search with numpy."""

    chroma: bool = True


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """``catalogue``: the file of entities that names are linked to, as written by
    ``python -m kgrag.train.wikidata``; empty means the one that ships. A library is built with one
    catalogue: after a change, ``kgrag rebuild``.
    """

    catalogue: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set, in sections."""

    parse: ParseLimits = field(default_factory=ParseLimits)
    search: SearchSettings = field(default_factory=SearchSettings)
    link: LinkSettings = field(default_factory=LinkSettings)

    @classmethod
    def load(cls, path: str | Path) -> "Settings":
        """Read settings from a TOML file.

        Raises
        ------
        ConfigError
            The file cannot be read, or holds an unknown key or a value of the wrong type.
        """
        try:
            data = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigError(f"The settings {path} cannot be read: {error}") from error
        sections = {section.name: section.default_factory for section in fields(cls)}
        unknown = data.keys() - sections.keys()
        if unknown:
            raise ConfigError(_unknown(path, sorted(unknown)[0], sections))
        return cls(**{name: _section(path, name, values) for name, values in data.items()})


_SECTIONS: dict[str, type[Any]] = {
    "parse": ParseLimits,
    "search": SearchSettings,
    "link": LinkSettings,
}


def _section(path: str | Path, name: str, values: object) -> Any:  # noqa: ANN401  any section
    kind = _SECTIONS[name]
    known = {item.name: item.type for item in fields(kind)}
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: {name} is a section, written [{name}], not a value.")
    for key, value in values.items():
        if key not in known:
            raise ConfigError(_unknown(path, f"{name}.{key}", known))
        expected = type(getattr(kind(), key))
        if type(value) is not expected and not (expected is float and type(value) is int):
            raise ConfigError(
                f"{path}: {name}.{key} is {value!r}, and must be {expected.__name__}."
            )
        if isinstance(value, float) and not math.isfinite(value):
            raise ConfigError(f"{path}: {name}.{key} is {value}, and must be a finite number.")
    try:
        return kind(**values)
    except ValueError as error:
        raise ConfigError(f"{path}: [{name}] {error}") from error


def _unknown(path: str | Path, key: str, known: dict[str, Any]) -> str:
    return f"{path}: there is no setting {key!r}; there are: {', '.join(sorted(known))}."
