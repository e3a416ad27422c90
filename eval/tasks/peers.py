"""kgrag beside other GraphRAG systems on one machine: 2,000 files added, then 50 questions.

Data: the first passages of HippoRAG's 2WikiMultiHopQA corpus (MIT; --data or KGRAG_DATA), each as a
file: title, line break, text. The peers run by the scripts of --peers, each in a virtual
environment below --homes, with a language model and embedder that cost nothing: what they take is
their own overhead. kgrag runs as it is, its real extractor and embedder included. One question:
"What is known about Teutberga?". The first question of each system is timed too, as the peers' is.
"""

import gzip
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from pathlib import Path
from typing import Any

from kgrag import KnowledgeBase

CORPUS = "qa/hipporag-2wiki-corpus/corpus.jsonl.gz"
QUESTIONS = 50
LIMIT_S = 1500
SCRIPTS = {
    "llamaindex": ("bench_llamaindex.py", "--extractor", "simple"),
    "nano": ("bench_nano.py",),
    "lightrag": ("bench_lightrag.py", "--joined"),
    "hippo": ("bench_hipporag.py",),
    "fastg": ("bench_fastgraphrag.py",),
    "msg": ("bench_graphrag.py",),
}


def run(arguments: Namespace) -> dict[str, Any]:
    """Write the files, run kgrag in a process of its own, then each peer that is installed."""
    if arguments.data is None or arguments.peers is None or arguments.homes is None:
        raise SystemExit("give --data DIR, --peers DIR (the scripts) and --homes DIR")
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "files"
        _write(arguments.data / CORPUS, files, arguments.files)
        rows = [_kgrag(files, Path(folder) / "library")]
        sys.stderr.write(json.dumps(rows[0]) + "\n")
        for name, command in SCRIPTS.items():
            rows += _peer(name, command, files, arguments)
    return {"cores": os.cpu_count(), "files": arguments.files, "rows": rows}


def _write(corpus: Path, folder: Path, count: int) -> None:
    folder.mkdir()
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        for number, line in zip(range(count), lines, strict=False):
            record = json.loads(line)
            text = f"{record['title']}\n{record['text']}\n"
            (folder / f"{number:05d}.txt").write_text(text, encoding="utf-8")


def _kgrag(files: Path, library: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "eval.tasks.peers", str(files), str(library)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    row: dict[str, Any] = json.loads(done.stdout)
    return row


def _peer(
    name: str, command: tuple[str, ...], files: Path, arguments: Namespace
) -> list[dict[str, Any]]:
    python = arguments.homes / name / "bin" / "python"
    if not python.is_file():
        return [{"system": name, "failed": "not installed"}]
    script, *options = command
    line = [str(python), script, str(files), *options, "--queries", str(QUESTIONS)]
    surroundings = os.environ | {"PEERS_HOME": str(arguments.homes)}
    try:
        done = subprocess.run(
            line, cwd=arguments.peers, env=surroundings, capture_output=True, timeout=LIMIT_S,
            check=True, text=True,
        )  # fmt: skip
    except subprocess.SubprocessError as error:
        row: dict[str, Any] = {"system": name, "failed": type(error).__name__}
    else:
        row = json.loads(done.stdout.strip().splitlines()[-1])
    sys.stderr.write(json.dumps(row) + "\n")
    return [row]


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
