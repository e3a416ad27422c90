"""Measures kgrag as the peers are measured: ``python -m eval.peers_probe FILES LIBRARY``.

Prints one JSON object with the keys of the peers' own benchmarks.
"""

import json
import resource
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from kgrag import KnowledgeBase

QUESTIONS = 50


def measure(files: Path, library: Path) -> dict[str, Any]:
    """Add the files and ask about titles spread evenly over them, as the peers are asked."""
    started = time.perf_counter()
    with KnowledgeBase.open(library) as kb:
        report = kb.add(files)
        added = time.perf_counter() - started
        texts = [path.read_text(encoding="utf-8") for path in sorted(files.iterdir())]
        step = max(1, len(texts) // QUESTIONS)
        times = []
        for text in texts[::step][:QUESTIONS]:
            asked = time.perf_counter()
            kb.search(f"What is known about {text.splitlines()[0]}?")
            times.append(1000 * (time.perf_counter() - asked))
    ordered = sorted(times)
    return {
        "system": "kgrag",
        "n_docs": len(texts),
        "index_seconds": round(added, 2),
        "query_p50_ms": round(statistics.median(ordered), 2),
        "query_p95_ms": round(ordered[max(0, int(len(ordered) * 0.95) - 1)], 2),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "edges": sum(file.triplets for file in report.files),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(Path(sys.argv[1]), Path(sys.argv[2]))) + "\n")
