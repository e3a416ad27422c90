"""The settings of the server as a file, for commands that open its libraries.

A library goes with the embedder and the catalogue that it was built with: an evaluation has to use
the same. No secret stands in it, for settings hold none.
"""

import json
from dataclasses import asdict
from pathlib import Path

from indexes.evaluations import FOLDER, replace
from kgrag.settings import Settings

_NAME = "settings.toml"


def write_settings(library: Path, settings: Settings) -> list[str]:
    """Return the option that names the settings, from the library's folder; none for defaults."""
    own = _as_toml(settings)
    if not own:
        return []
    path = library / FOLDER / _NAME
    path.parent.mkdir(exist_ok=True)
    replace(path, own)
    return ["--settings", f"{FOLDER}/{_NAME}"]


def _as_toml(settings: Settings) -> str:
    """Return the sections that are not as they are by default."""
    usual, lines = asdict(Settings()), []
    for section, values in asdict(settings).items():
        if values != usual[section]:
            # What JSON writes as a text, number or truth, TOML reads as one.
            lines += [f"[{section}]", *(f"{key} = {json.dumps(v)}" for key, v in values.items())]
    return "".join(f"{line}\n" for line in lines)
