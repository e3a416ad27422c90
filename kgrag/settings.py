"""What a user may set: frozen dataclasses, filled from one TOML file.

    [parse]
    timeout_s = 25.0
    memory_mb = 1024

    [search]
    chroma = true

    [link]
    catalogue = "wikidata.sqlite"

    [embed]
    kind = "openai"
    model = "intfloat/multilingual-e5-small"
    endpoint = "http://127.0.0.1:8000/v1"
    query_prefix = "query: "
    passage_prefix = "passage: "

    [extract]
    kind = "llm"

    [model]
    endpoint = "http://127.0.0.1:8000/v1"

A key that does not exist is an error that names it. Secrets do not stand here: the settings name
the environment variable that holds one.
"""

import math
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from indexes.errors import ConfigError
from kgrag.extract_settings import ExtractSettings
from kgrag.model_settings import ModelSettings, check_endpoint, read_key
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


EmbedderKind = Literal["bundled", "sentence-transformers", "openai"]


@dataclass(frozen=True, slots=True)
class EmbedSettings:
    """What turns texts into vectors; after a change, ``kgrag rebuild`` embeds a library anew.

    Parameters
    ----------
    kind:
        "bundled"; "sentence-transformers": a model that runs here (extra ``models``); "openai": a
        server that speaks OpenAI's protocol for embeddings, as vLLM does.
    model:
        The model's folder or its name on the hub; for "openai" the name under which it is served.
    endpoint:
        For "openai", the base URL: "http://127.0.0.1:8000/v1".
    key_env:
        The environment variable that holds the endpoint's key; empty sends none.
    query_prefix, passage_prefix:
        What the model wants before a question and before a passage: E5 "query: " and "passage: ".
    batch_size:
        Texts that go through the model, or in one request, at once.
    timeout_s:
        Seconds that one request may take.
    """

    kind: EmbedderKind = "bundled"
    model: str = ""
    endpoint: str = ""
    key_env: str = ""
    query_prefix: str = ""
    passage_prefix: str = ""
    batch_size: int = 32
    timeout_s: float = 30.0

    def __post_init__(self) -> None:
        if self.kind not in get_args(EmbedderKind):
            kinds = ", ".join(get_args(EmbedderKind))
            raise ValueError(f"kind is {self.kind!r}, and must be one of: {kinds}")
        for name in ("batch_size", "timeout_s"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be above 0, not {getattr(self, name)}")
        for name in ("model", "endpoint", "key_env", "query_prefix", "passage_prefix"):
            if self.kind == "bundled" and getattr(self, name):
                raise ValueError(
                    f"{name} is set, but kind is 'bundled', which has none; kind may be one of: "
                    + ", ".join(get_args(EmbedderKind)[1:])
                )
        if self.kind != "bundled" and not self.model:
            raise ValueError(f"model is missing: kind {self.kind!r} needs a model's name")
        if self.kind == "openai":
            check_endpoint(self.endpoint, "kind 'openai'")

    def read_key(self) -> str:
        """Return the endpoint's key from the environment: see ``model_settings.read_key``."""
        return read_key("embed", self.key_env)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set, in sections."""

    parse: ParseLimits = field(default_factory=ParseLimits)
    search: SearchSettings = field(default_factory=SearchSettings)
    link: LinkSettings = field(default_factory=LinkSettings)
    embed: EmbedSettings = field(default_factory=EmbedSettings)
    extract: ExtractSettings = field(default_factory=ExtractSettings)
    model: ModelSettings = field(default_factory=ModelSettings)

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
    "embed": EmbedSettings,
    "extract": ExtractSettings,
    "model": ModelSettings,
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
