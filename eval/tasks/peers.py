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
import subprocess
import sys
import tempfile
from argparse import Namespace
from pathlib import Path
from typing import Any

from eval.peers_probe import QUESTIONS

CORPUS = "qa/hipporag-2wiki-corpus/corpus.jsonl.gz"
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
    command = [sys.executable, "-m", "eval.peers_probe", str(files), str(library)]
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
