"""How fast text becomes linked triplets: run as a process of its own by the extraction task.

``python -m eval.extraction_speed DATA`` prints one JSON object: seconds until both models have
read their first sentence, sentences a second (resolved and linked), and peak memory.
"""

import gzip
import json
import resource
import sys
import time
from itertools import zip_longest
from pathlib import Path

CORPORA = ("ie/nerel/test.jsonl.gz", "ie/redocred/test.jsonl.gz")
TEXTS = 150
"""Of each corpus; enough for seconds of work."""

REPEATS = 3


def main() -> None:
    """Measure on the test texts of NEREL and Re-DocRED, mixed."""
    began = time.perf_counter()
    from kgrag.extract.bundled import BundledExtractor
    from kgrag.link import open_linker
    from kgrag.resolve import resolve

    extractor, linker = BundledExtractor(), open_linker()
    for text in ("Euler was born in Basel.", "Эйлер родился в Базеле."):
        resolve(text, extractor.extract([text])[0], linker=linker, document_id="first")
    start_s = time.perf_counter() - began
    from indexes.text import sentences

    texts = _texts(Path(sys.argv[1]))
    count = sum(len(sentences(text)) for text in texts)
    seconds = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        extractions = extractor.extract(texts)
        triplets = 0
        for number, (text, extraction) in enumerate(zip(texts, extractions, strict=True)):
            resolution = resolve(text, extraction, linker=linker, document_id=str(number))
            triplets += len(resolution.relations)
        seconds.append(time.perf_counter() - began)
    sys.stdout.write(
        json.dumps(
            {
                "start_s": round(start_s, 2),
                "texts": len(texts),
                "sentences": count,
                "triplets": triplets,
                "first_per_s": round(count / seconds[0]),
                "sentences_per_s": round(count / min(seconds)),
                "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
            }
        )
    )


def _texts(data: Path) -> list[str]:
    """Return texts of both languages in turn."""
    columns = []
    for path in CORPORA:
        with gzip.open(data / path, "rt", encoding="utf-8") as lines:
            columns.append(
                [json.loads(line)["text"] for line, _ in zip(lines, range(TEXTS), strict=False)]
            )
    return [text for pair in zip_longest(*columns) for text in pair if text]


if __name__ == "__main__":
    main()
