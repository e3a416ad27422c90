"""How long adding, searching and starting take, and how much memory they need.

Data: the first passages of HippoRAG's 2WikiMultiHopQA corpus (MIT; --data or KGRAG_DATA), each as a
file of its own; without it, as many files of sentences drawn from examples/. One real passage:
{"id": "h0", "title": "Teutberga", "text": "Teutberga( died 11 November 875) was a queen of ..."}.
Every command runs in a process of its own, as a user would start it.
"""

import gzip
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from indexes.text import sentences
from kgrag import KnowledgeBase

CORPUS = "qa/hipporag-2wiki-corpus/corpus.jsonl.gz"
QUESTIONS = "qa/2wikimultihopqa-200/questions.jsonl.gz"
SIZES = (500, 1000, 2000)
EXAMPLES = Path(__file__).parents[2] / "examples"
SAMPLE_S = 0.05


def run(arguments: Namespace) -> dict[str, Any]:
    """Measure each size, then searches and starts on the largest."""
    sizes = [size for size in SIZES if size <= arguments.files] or [arguments.files]
    corpus, texts = _texts(arguments.data, max(sizes), arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        added = [_add(Path(folder), texts[:size]) for size in sizes]
        library = Path(folder) / f"library-{sizes[-1]}"
        searches = _search(library, _questions(arguments.data, texts))
        starts = {
            "help_s": _start(["--help"]),
            "list_s": _start(["list", "--library", str(library)]),
        }
    per_file = [item["seconds"] / item["files"] for item in added]
    return {
        "corpus": corpus,
        "cores": os.cpu_count(),
        "add": added,
        "seconds_per_file_growth": round(per_file[-1] / per_file[0], 3),
        "search": searches,
        "start": starts,
    }


def _texts(data: Path | None, count: int, seed: int) -> tuple[str, list[str]]:
    if data is not None and (data / CORPUS).is_file():
        with gzip.open(data / CORPUS, "rt", encoding="utf-8") as lines:
            records = [json.loads(line) for line, _ in zip(lines, range(count), strict=False)]
        return "HippoRAG 2WikiMultiHopQA", [f"{r['title']}\n\n{r['text']}" for r in records]
    draw = random.Random(seed)
    pool = []
    for path in sorted((EXAMPLES / "documents").glob("*.[tm][xd]*")):
        text = path.read_text(encoding="utf-8")
        pool += [text[start:end] for start, end in sentences(text)]
    return "sentences of examples/", [
        f"Note {number}.\n\n{' '.join(draw.sample(pool, 4))}" for number in range(count)
    ]


def _questions(data: Path | None, texts: Sequence[str]) -> list[str]:
    if data is not None and (data / QUESTIONS).is_file():
        with gzip.open(data / QUESTIONS, "rt", encoding="utf-8") as lines:
            return [json.loads(line)["question"] for line in lines]
    return [f"Who or what was {text.split(maxsplit=4)[-1][:60]}?" for text in texts[:150]]


def _add(folder: Path, texts: Sequence[str]) -> dict[str, Any]:
    files = folder / f"files-{len(texts)}"
    files.mkdir()
    for number, text in enumerate(texts):
        (files / f"{number:06}.txt").write_text(text, encoding="utf-8")
    library = folder / f"library-{len(texts)}"
    command = ["add", str(files), "--json", "--library", str(library)]
    started = time.perf_counter()
    process = subprocess.Popen(_kgrag(command), stdout=subprocess.PIPE)
    peaks: list[int] = []
    watcher = threading.Thread(target=_watch, args=(process, peaks), daemon=True)
    watcher.start()
    output, _ = process.communicate()
    seconds = time.perf_counter() - started
    outcomes = json.loads(output)["files"]
    return {
        "files": len(texts),
        "indexed": sum(file["outcome"] == "indexed" for file in outcomes),
        "seconds": round(seconds, 2),
        "triplets": sum(file["triplets"] for file in outcomes),
        "peak_memory_mb": max(peaks, default=0) >> 10,
    }


def _watch(process: subprocess.Popen[bytes], peaks: list[int]) -> None:
    """Sample the resident memory, in KiB, of a process and its children until it ends."""
    while process.poll() is None:
        peaks.append(sum(_resident_kb(pid) for pid in _tree(process.pid)))
        time.sleep(SAMPLE_S)


def _tree(pid: int) -> list[int]:
    found = [pid]
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [
                member for child in children.read_text().split() for member in _tree(int(child))
            ]
        except OSError:
            continue
    return found


def _resident_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def _search(library: Path, questions: Sequence[str]) -> dict[str, Any]:
    """Time searches in a running process; the first question is asked once before."""
    with KnowledgeBase.open(library, create=False) as kb:
        kb.search(questions[0])
        times = []
        for question in questions:
            started = time.perf_counter()
            kb.search(question)
            times.append(1000 * (time.perf_counter() - started))
    cuts = statistics.quantiles(times, n=20)
    return {
        "n": len(times),
        "p50_ms": round(statistics.median(times), 1),
        "p95_ms": round(cuts[-1], 1),
    }


def _start(command: Sequence[str], repeats: int = 5) -> float:
    """Return the median seconds that a command takes from start to exit."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        subprocess.run(_kgrag(command), stdout=subprocess.DEVNULL, check=True)
        times.append(time.perf_counter() - started)
    return round(statistics.median(times), 3)


def _kgrag(command: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "kgrag.cli", *command]
