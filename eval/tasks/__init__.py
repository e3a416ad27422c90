"""The tasks that ``kgrag-eval run`` knows: each returns one JSON object of measured numbers."""

from collections.abc import Callable
from typing import Any

from eval.tasks import (
    answers,
    examples,
    explorer,
    extraction,
    load,
    paragraph,
    peers,
    retrieval,
    scale,
    speed,
)

TASKS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "answers": answers.run,
    "examples": examples.run,
    "explorer": explorer.run,
    "extraction": extraction.run,
    "load": load.run,
    "paragraph": paragraph.run,
    "peers": peers.run,
    "retrieval": retrieval.run,
    "scale": scale.run,
    "speed": speed.run,
}
