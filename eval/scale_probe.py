"""Measures one library as a running process meets it: ``python -m eval.scale_probe FOLDER SEED``.

Prints one JSON object: seconds until the first question is answered, milliseconds of each further
one, seconds to add and to remove one document, and the peak of memory.
"""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from eval.synthetic import Synthetic
from kgrag import KnowledgeBase

QUESTIONS = 200
CHANGES = 3
"""One document is added and removed so often; the median counts."""


def main(folder: Path, seed: int) -> None:
    """Open, ask, add, remove; print what each took."""
    drawn = Synthetic(seed)
    questions = [drawn.question() for _ in range(QUESTIONS + 1)]
    started = time.perf_counter()
    with KnowledgeBase.open(folder, create=False) as kb:
        kb.search(questions[0])
        opened = time.perf_counter() - started
        times = []
        for question in questions[1:]:
            started = time.perf_counter()
            kb.search(question)
            times.append(1000 * (time.perf_counter() - started))
        searched_mb = _peak_mb()
        kb.extractor.extract([drawn.text()])  # what a running process has loaded already
        added, removed = zip(*(_change(kb, drawn.text()) for _ in range(CHANGES)), strict=True)
    measured = {
        "open_s": round(opened, 2),
        "search_p50_ms": round(float(np.median(times)), 1),
        "search_p95_ms": round(float(np.quantile(times, 0.95)), 1),
        "add_s": round(float(np.median(added)), 3),
        "remove_s": round(float(np.median(removed)), 3),
        "search_memory_mb": searched_mb,
        "peak_memory_mb": _peak_mb(),
    }
    sys.stdout.write(json.dumps(measured) + "\n")


def _change(kb: KnowledgeBase, text: str) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.txt"
        path.write_text(text, encoding="utf-8")
        started = time.perf_counter()
        (outcome,) = kb.add(path).files
        added = time.perf_counter()
        assert outcome.outcome == "indexed" and outcome.document_id
        kb.remove(outcome.document_id)
        return added - started, time.perf_counter() - added


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
