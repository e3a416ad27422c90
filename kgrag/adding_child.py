"""The process that adds documents for another one: see ``kgrag.adding``.

It reads one line, the job, from standard input, and writes JSON lines: ``progress``, and last
``report`` or ``error``. When standard input ends, whoever gave the job is gone, and so is this
process: without clearing up, as if it were killed, which a library stands at any moment.
"""

import json
import logging
import os
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from indexes.errors import KgragError

NICE = 10
"""Half a core for those who ask, where both cores are busy; adding takes twice as long then."""

_log = logging.getLogger(__name__)


def main() -> None:
    """Do the one job, and report."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    # Whatever a library prints must not get between the messages.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    job = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    try:
        _send(answers, "report", _add(job, answers))
    except KgragError as error:
        _send(answers, "error", {"kind": type(error).__name__, "message": str(error)})
    except Exception:  # The boundary of the process: it is logged here, and said there in words.
        _log.exception("adding broke down")
        message = (
            "Adding broke down inside kgrag; what was stored before is kept. The terminal that "
            "runs kgrag shows the details."
        )
        _send(answers, "error", {"kind": "", "message": message})


def _add(job: dict[str, Any], answers: IO[str]) -> dict[str, Any]:
    from kgrag.files import SourceFile
    from kgrag.knowledge_base import KnowledgeBase

    files = [
        SourceFile(Path(path), source, name, modified=modified)
        for path, source, name, modified in job["files"]
    ]
    with KnowledgeBase.open(Path(job["library"]), _settings(job["settings"]), create=False) as kb:
        report = kb.ingest(files, lambda step: _send(answers, "progress", asdict(step)))
    return asdict(report)


def _settings(sections: dict[str, dict[str, Any]]) -> Any:  # noqa: ANN401  imported late
    from kgrag.settings import Settings

    kinds = {name: type(getattr(Settings(), name)) for name in sections}
    return Settings(**{name: kinds[name](**values) for name, values in sections.items()})


def _send(answers: IO[str], kind: str, value: dict[str, Any]) -> None:
    answers.write(json.dumps({kind: value}) + "\n")
    answers.flush()


def _end_with_the_parent() -> None:
    """End once nobody holds the other end of standard input any more."""
    # Not through sys.stdin: a thread that holds its lock would break the end of this process.
    while os.read(0, 1024):
        pass
    os._exit(1)
