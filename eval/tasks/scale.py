"""How search, opening, adding and removing grow, from ten thousand triplets to a million.

Data: drawn by ``eval.synthetic``, five facts a passage, names and words by Zipf's law. One drawn
sentence: "Bacodu Lameni works for Gihaja Tiwo cladu feba ...". The library grows from size to size,
and at each is measured by a process of its own, Chroma and all.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from itertools import islice
from pathlib import Path
from typing import Any

from eval.synthetic import FACTS, Synthetic
from indexes.library import Library
from kgrag.embed import StaticEmbedder

SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
GROUP = 500
"""Documents of one transaction."""


def run(arguments: Namespace) -> dict[str, Any]:
    """Grow one library, and measure it at each size."""
    drawn, embedder = Synthetic(arguments.seed), StaticEmbedder()
    sizes = [size for size in SIZES if size <= arguments.triplets]
    rows = []
    with tempfile.TemporaryDirectory(dir=arguments.work) as folder:
        library = Library.open(Path(folder) / "library")
        library.pin(embedder=embedder.fingerprint)
        held = 0
        for size in sizes:
            started = time.perf_counter()
            with library.writing():
                waiting = drawn.additions(size // FACTS - held, embedder, held)
                while group := list(islice(waiting, GROUP)):
                    library.add(group)
            held = size // FACTS
            built = time.perf_counter() - started
            library.close()
            measured = _probe(Path(folder) / "library", arguments.seed)
            row = {"triplets": size, "passages": held, "build_s": round(built, 1), **measured}
            row["disk_mb"] = (
                sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file()) >> 20
            )
            rows.append(row)
            sys.stderr.write(json.dumps(row) + "\n")
    return {"cores": os.cpu_count(), "sizes": rows}


def _probe(folder: Path, seed: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "eval.scale_probe", str(folder), str(seed + 1)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured
