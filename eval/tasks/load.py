"""What 75 who ask at once get to feel, what adding documents does to them, and how fast it starts.

A stub of a language model writes 50 tokens a second to each (``eval.load.stub``), ``kgrag ui`` runs
as a child over examples/ and 200 notes, and one process of few instructions asks: 25 pages that
speak gradio's protocol and 50 streams of the REST interface. All of it shares the machine's cores.
While documents are added the stub writes at once, so that the time to the first sentence is
kgrag's own.

Data: sentences, see ``eval.load.documents``. One question: "In which town was Euler born?"
"""

import asyncio
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from eval.load.abandoning import abandoned
from eval.load.asking import Page, Timing, ask_page, ask_rest, ask_stub, together
from eval.load.children import PageServer, kgrag, page_server, stub
from eval.load.documents import EXAMPLES, Notes, questions
from eval.load.http import post
from eval.load.upload import upload

PAGES, STREAMS = 25, 50
NOTES = 200
"""In the library beside examples/; as many are added while questions are asked."""

IDLE_QUESTIONS = 60
"""Of each kind."""

WAIT_S = 240.0
"""More than all parts together take; after it the task gives up."""

Json = dict[str, Any]


def run(arguments: Namespace) -> Json:
    """Measure each part; the page's process is started once."""
    notes = Notes(arguments.data, arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        held = notes.write(Path(folder) / "held", NOTES)
        batch = notes.write(Path(folder) / "batch", NOTES)
        library = Path(folder) / "library"
        documents = [str(EXAMPLES / "documents"), *map(str, held)]
        command = kgrag("add", *documents, "--library", str(library))
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        measured = asyncio.run(_measure(library, batch, questions()))
    return {"notes": notes.source, "cores": os.cpu_count(), **measured}


async def _measure(library: Path, batch: Sequence[Path], asked: Sequence[str]) -> Json:
    async with asyncio.timeout(WAIT_S):
        with stub() as endpoint:
            alone = summary(*await together(*(ask_stub(endpoint) for _ in range(PAGES + STREAMS))))
            started = time.perf_counter()
            with page_server(library, ["--endpoint", endpoint]) as server:
                start = {
                    "page_s": round(await server.ready("/", started), 2),
                    "config_s": round(await server.ready("/config", started), 2),
                }
                measured: Json = {"start": start, "stub_alone": alone}
                for name, part in (
                    ("one", _one_by_one(server, asked)),
                    ("crowd", _crowd(server, asked, alone["total_s"])),
                    ("abandoned", abandoned(server.url, endpoint, asked)),
                    ("adding", _adding(server, endpoint, batch, asked)),
                ):
                    measured[name] = await part
                    sys.stderr.write(json.dumps({name: measured[name]}) + "\n")
                return measured


async def _one_by_one(server: PageServer, asked: Sequence[str]) -> Json:
    """Measure pages and streams with nobody else there; the first of each has to load models."""
    measured = {}
    for kind, ask in (("page", ask_page), ("rest", ask_rest)):
        await ask(server.url, asked[0])
        done = [await together(ask(server.url, question)) for question in asked[:5]]
        measured[kind] = summary(*(sum(part, []) for part in zip(*done, strict=True)))
    return measured


async def _crowd(server: PageServer, asked: Sequence[str], alone_s: float) -> Json:
    """Measure all at once; ``ratio`` is the time until the last is done, by that of the stub."""
    each = list(islice(cycle(asked), PAGES + STREAMS))
    async with AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(Page.open(server.url)) for _ in range(PAGES)]
        before = server.cpu_s(), time.process_time()
        page, rest = await asyncio.gather(
            together(*(page.ask(question) for page, question in zip(pages, each, strict=False))),
            together(*(ask_rest(server.url, question) for question in each[PAGES:])),
        )
        after = server.cpu_s(), time.process_time()
    measured: Json = {"page": summary(*page), "rest": summary(*rest)}
    for part in measured.values():
        part["ratio"] = round(part["total_s"] / alone_s, 2)
    for who, first, then in zip(("server", "client"), before, after, strict=True):
        spent = None if first is None or then is None else round(then - first, 2)
        measured[f"{who}_cpu_s"] = spent
    return measured


async def _ask_in_turn(
    url: str, asked: Iterable[str], *, until: "asyncio.Future[Any] | None" = None
) -> dict[str, Json]:
    """Ask one after the other, of a page and by REST in turn, to the end or until that is done."""
    done: dict[str, tuple[list[Timing], list[str]]] = {"page": ([], []), "rest": ([], [])}
    for question in asked:
        for kind, ask in (("page", ask_page), ("rest", ask_rest)):
            if until is not None and until.done():
                return {kind: summary(*found) for kind, found in done.items()}
            timings, failures = await together(ask(url, question))
            done[kind][0].extend(timings)
            done[kind][1].extend(failures)
    return {kind: summary(*found) for kind, found in done.items()}


async def _adding(
    server: PageServer, endpoint: str, batch: Sequence[Path], asked: Sequence[str]
) -> Json:
    """Measure the first sentence while nothing else goes on, and while documents are added."""
    await post(endpoint.replace("/v1", "/pace"), {"tokens_per_s": 0})
    idle = await _ask_in_turn(server.url, list(islice(cycle(asked), IDLE_QUESTIONS)))
    adding = asyncio.ensure_future(upload(server.url, batch))
    busy = await _ask_in_turn(server.url, cycle(asked), until=adding)
    report = await adding
    outcomes = [file["outcome"] for file in report["files"]]
    return {
        "documents": outcomes.count("indexed"),
        "seconds": report["seconds"],
        "idle": idle,
        "busy": busy,
        "ratio": {
            kind: round(busy[kind]["first_p95_s"] / idle[kind]["first_p95_s"], 2) for kind in idle
        },
    }


def summary(timings: Sequence[Timing], failures: Sequence[str]) -> Json:
    """Return percentiles in seconds, by nearest rank; ``total_s``: until the last was done."""
    firsts, wholes = (sorted(getattr(item, name) for item in timings) for name in _TIMES)
    measured: Json = {"n": len(timings), "errors": len(failures)}
    if failures:
        measured["failures"] = sorted(set(failures))[:5]
    if timings:
        measured |= {
            "first_p50_s": _rank(firsts, 0.5),
            "first_p95_s": _rank(firsts, 0.95),
            "whole_p50_s": _rank(wholes, 0.5),
            "whole_p95_s": _rank(wholes, 0.95),
            "total_s": round(wholes[-1], 3),
        }
    return measured


_TIMES = ("first_s", "whole_s")


def _rank(ordered: Sequence[float], share: float) -> float:
    return round(ordered[max(math.ceil(share * len(ordered)) - 1, 0)], 3)
