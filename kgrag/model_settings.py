"""Which language model answers, and how long it may take: the settings' section ``[model]``.

    [model]
    endpoint = "http://127.0.0.1:8000/v1"
    model = "Qwen/Qwen3-8B"

The environment names an endpoint too (``KGRAG_ENDPOINT``, ``KGRAG_MODEL``), and so does the command
line (``--endpoint``, ``--model``). Secrets stand in no file: ``key_env`` names the variable that
holds one.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args
from urllib.parse import urlsplit

from indexes.errors import ConfigError

_KEY = re.compile(r"[!-~]+")
"""Anything else cannot stand in a header, and would come back in an error's message."""

Constraint = Literal["auto", "on", "off"]


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """The served language model; without an endpoint there is none, and kgrag quotes.

    Parameters
    ----------
    endpoint:
        Base URL of an OpenAI-compatible server: "http://127.0.0.1:8000/v1".
    model:
        The name under which the model is served; empty takes the only one, or the first.
    key_env:
        The environment variable that holds the endpoint's key; empty sends none.
    context_tokens:
        What prompt and answer may have together; 0 asks the server, and takes 4,096 where it does
        not say.
    answer_tokens:
        What an answer may have.
    temperature:
        0 always takes the likeliest word.
    constraint:
        Structured outputs: "auto" where the server is vLLM, "on", or "off". Where they are off,
        citations are checked once they are written.
    thinking:
        Let a model that can think first do so; answers take longer.
    connect_s, first_token_s, gap_s, total_s:
        Seconds to wait for a connection, for the first token, for each further one, and in all.
    """

    endpoint: str = ""
    model: str = ""
    key_env: str = ""
    context_tokens: int = 0
    answer_tokens: int = 600
    temperature: float = 0.0
    constraint: Constraint = "auto"
    thinking: bool = False
    connect_s: float = 3.0
    first_token_s: float = 60.0
    gap_s: float = 20.0
    total_s: float = 240.0

    def __post_init__(self) -> None:
        if self.constraint not in get_args(Constraint):
            kinds = ", ".join(get_args(Constraint))
            raise ValueError(f"constraint is {self.constraint!r}, and must be one of: {kinds}")
        for name in ("answer_tokens", "connect_s", "first_token_s", "gap_s", "total_s"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be above 0, not {getattr(self, name)}")
        for name in ("context_tokens", "temperature"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must be 0 or more, not {getattr(self, name)}")
        if self.endpoint:
            check_endpoint(self.endpoint, "an endpoint")
        elif self.model or self.key_env:
            raise ValueError("model or key_env is set, but endpoint, which they belong to, is not")

    @property
    def name(self) -> str:
        """What to call the model to users."""
        return f"The language model at {self.endpoint}"

    def read_key(self) -> str:
        """Return the endpoint's key from the environment: see ``read_key``."""
        return read_key("model", self.key_env)

    def chosen(
        self,
        endpoint: str | None = None,
        model: str | None = None,
        environment: Mapping[str, str] = os.environ,
    ) -> "ModelSettings":
        """Return these with what the command line names, or else the environment.

        Raises
        ------
        ConfigError
            The endpoint is no base URL, or a model is named without one.
        """
        endpoint = endpoint or environment.get("KGRAG_ENDPOINT") or self.endpoint
        model = model or environment.get("KGRAG_MODEL") or self.model
        try:
            return replace(self, endpoint=endpoint, model=model)
        except ValueError as error:
            raise ConfigError(f"The language model: {error}.") from error


def read_key(section: str, key_env: str) -> str:
    """Return the key that a variable of the environment holds; empty where none is to be sent.

    Raises
    ------
    ConfigError
        The variable that ``key_env`` names is not set, or holds what is no key.
    """
    key = os.environ.get(key_env, "").strip() if key_env else ""
    if key_env and not _KEY.fullmatch(key):
        state = "does not hold a key" if key else "is not set"
        raise ConfigError(
            f"[{section}] key_env names the environment variable {key_env}, which {state}."
        )
    return key


def check_endpoint(endpoint: str, needed_by: str) -> None:
    """Raise ``ValueError`` for what is no base URL of a server, or holds a secret."""
    example = "as in http://127.0.0.1:8000/v1"
    if not endpoint:
        raise ValueError(f"endpoint is missing: {needed_by} needs a base URL, {example}")
    url = urlsplit(endpoint)
    if url.scheme not in ("http", "https") or not url.hostname or url.port == 0:
        raise ValueError(f"endpoint is {endpoint!r}, and must be a base URL, {example}")
    if url.username or url.password or url.query:
        raise ValueError(
            "endpoint holds a name, a password or a query; put the key into an environment "
            f"variable, name that in key_env, and write the URL {example}"
        )
