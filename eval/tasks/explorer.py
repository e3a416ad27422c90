"""How long a click takes in the explorer of a large library, just after a write and later.

Data: drawn by ``eval.synthetic``, five facts a passage, names by Zipf's law; the best known names
have thousands of facts. One drawn sentence: "Bacodu Lameni works for Gihaja Tiwo cladu feba ...".
Entities, pages and words are drawn anew for each click; ``first`` is a click for which everything
has to be read again.
"""

import os
import random
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, get_args

import numpy as np

from eval.synthetic import FACTS, RELATIONS, Synthetic
from indexes.library import Library
from kgrag.embed import StaticEmbedder
from kgrag.explore import Explorer
from kgrag.explorer.records import FactSort, GraphFilter
from kgrag.explorer.selection import FactQuery

SIZES = (100_000, 500_000)
CLICKS, FIRST_CLICKS = 50, 5
GROUP = 500
"""Documents of one transaction."""

Click = Callable[[Explorer], object]


def run(arguments: Namespace) -> dict[str, Any]:
    """Grow one library, and click about in it at each size."""
    drawn, embedder = Synthetic(arguments.seed), StaticEmbedder()
    sizes = [size for size in SIZES if size <= arguments.triplets] or [arguments.triplets]
    rows = []
    with tempfile.TemporaryDirectory(dir=arguments.work) as folder:
        library = Library.open(Path(folder), use_chroma=False)
        held = 0
        for size in sizes:
            waiting = drawn.additions(size // FACTS - held, embedder, held)
            while group := list(islice(waiting, GROUP)):
                library.add(group)
            held = size // FACTS
            rows.append({"evidence": size, **_measured(library, arguments.seed)})
            sys.stderr.write(f"{rows[-1]}\n")
        library.close()
    return {"cores": os.cpu_count(), "clicks": CLICKS, "sizes": rows}


def _measured(library: Library, seed: int) -> dict[str, Any]:
    before = _memory_mb()
    explorer = Explorer(library)
    whole = explorer.overview(limit=2_000)
    explorer.facts(sort="subject")
    explorer.find("a")
    memory = _memory_mb() - before
    clicks = _clicks(random.Random(seed), [node.entity.id for node in whole.nodes])
    return {
        "facts": whole.total_edges,
        "entities": whole.total_nodes,
        "memory_mb": memory,
        "first_ms": {
            name: _times(clicks[name], [Explorer(library) for _ in range(FIRST_CLICKS)])
            for name in ("facts", "neighbours", "overview_300")
        },
        "ms": {name: _times(click, [explorer] * CLICKS) for name, click in clicks.items()},
    }


def _clicks(draw: random.Random, known: list[str]) -> dict[str, Click]:
    """Return what is done, each time with something else; ``known`` begins with the hub."""
    relations, syllables = list(RELATIONS), ["ba", "cla", "xe yu", "hado", "zzz"]
    return {
        "overview_300": lambda e: e.overview(),
        "overview_2000": lambda e: e.overview(limit=2_000),
        "overview_of_relation": lambda e: e.overview(
            GraphFilter(relations=(draw.choice(relations),))
        ),
        "neighbours": lambda e: e.neighbours(draw.choice(known)),
        "neighbours_of_hub": lambda e: e.neighbours(known[0]),
        "path": lambda e: e.path(*draw.sample(known, 2)),
        "entity": lambda e: e.entity(draw.choice(known)),
        "find": lambda e: e.find(draw.choice(syllables)),
        "facts": lambda e: e.facts(
            sort=draw.choice(get_args(FactSort)),
            descending=draw.random() < 0.5,
            offset=draw.randrange(10_000),
        ),
        "facts_searched": lambda e: e.facts(FactQuery(query=draw.choice(syllables))),
        "facets": lambda e: e.facets(),
        "contradictions": lambda e: e.contradictions(),
    }


def _times(click: Click, explorers: Sequence[Explorer]) -> dict[str, float]:
    times = []
    for explorer in explorers:
        started = time.perf_counter()
        click(explorer)
        times.append(1000 * (time.perf_counter() - started))
    return {
        "n": len(times),
        "p50": round(float(np.median(times)), 1),
        "p95": round(float(np.quantile(times, 0.95)), 1),
    }


def _memory_mb() -> int:
    """Return what this process holds in memory; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20
