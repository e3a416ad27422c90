"""The options of ``kgrag-eval run``: what is measured, and on what."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexes.errors import ConfigError
from kgrag.model_settings import check_endpoint

Record = dict[str, Any]


@dataclass(frozen=True)
class Options:
    """The options of ``kgrag-eval run``, as they are kept in run.json.

    Parameters
    ----------
    sets:
        Names of known sets or paths of files; empty for the task's usual ones.
    library:
        The user's library that is asked, instead of documents that a set brings.
    endpoint, model:
        The server of a language model, and which of its models.
    data:
        The folder of corpora (qa/, ie/, el/, faith/).
    work:
        Keeps libraries between runs.
    settings:
        The kgrag.toml that the user's library goes with.
    limit:
        How many cases of a set at most.
    """

    sets: tuple[str, ...] = ()
    library: Path | None = None
    endpoint: str | None = None
    model: str | None = None
    data: Path | None = None
    work: Path | None = None
    settings: Path | None = None
    limit: int | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        if self.endpoint is not None:
            try:
                check_endpoint(self.endpoint, "--endpoint")
            except ValueError as error:
                raise ConfigError(f"{error} (--endpoint)") from error

    def as_data(self) -> Record:
        """Return them as JSON; paths are absolute, so that a run resumes from anywhere."""
        return {
            "sets": [_absolute(name) for name in self.sets],
            "library": _text(self.library),
            "endpoint": self.endpoint,
            "model": self.model,
            "data": _text(self.data),
            "work": _text(self.work),
            "settings": _text(self.settings),
            "limit": self.limit,
            "seed": self.seed,
        }

    @classmethod
    def from_data(cls, data: Record) -> "Options":
        """Return what ``as_data`` wrote."""
        paths = {name: Path(data[name]) if data[name] else None for name in _PATHS}
        return cls(**{**data, **paths, "sets": tuple(data["sets"])})


def command_of(task: str, options: Options) -> str:
    """Return the command line that repeats a run."""
    words = ["kgrag-eval", "run", task]
    for name in options.sets:
        words += ["--set", name]
    for option, value in (
        ("--library", options.library),
        ("--endpoint", options.endpoint),
        ("--model", options.model),
        ("--limit", options.limit),
    ):
        words += [option, str(value)] if value is not None else []
    return " ".join(words + (["--seed", str(options.seed)] if options.seed != 1 else []))


_PATHS = ("library", "data", "work", "settings")


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path.expanduser().absolute())


def _absolute(name: str) -> str:
    return str(Path(name).absolute()) if Path(name).is_file() else name
