"""Where runs go: runs/ for everyone, and results/ for what the README is made of."""

import argparse
import json
import platform
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eval.options import Options, command_of
from eval.provenance import ROOT, revision
from eval.run_folder import RunFolder

RESULTS = ROOT / "results"

Record = dict[str, Any]


def new_folder(name: str) -> Path:
    """Return the folder of a new run below runs/ of the current folder: it is not there yet."""
    stamp = datetime.now(UTC).strftime("%Y-%m-%d-%H%M%S")
    return Path("runs") / f"{stamp}-{name}"


def keep(run: RunFolder) -> Path:
    """Copy the summary of a run into results/; of paths of this machine only the names."""
    summary = run.summary()
    options = {name: _named(value) for name, value in summary["options"].items()}
    options |= {"data": None, "work": None, "settings": None}
    record = {**summary, "options": options}
    record["command"] = command_of(summary["task"], Options.from_data(options))
    if record.get("library"):
        record["library"] = {**record["library"], "folder": _named(record["library"]["folder"])}
    return _write(run.header["task"], record)


def _named(value: Any) -> Any:  # noqa: ANN401  JSON
    """Return a path's name for an absolute path, in lists too, and anything else as it is."""
    if isinstance(value, list):
        return [_named(item) for item in value]
    is_path = isinstance(value, str) and Path(value).is_absolute()
    return Path(value).name if is_path else value


def keep_benchmark(arguments: argparse.Namespace) -> Record:
    """Run a benchmark, write what it measured into results/ or --out, and return it."""
    from eval.tasks import BENCHMARKS

    started = time.perf_counter()
    record = {
        "task": arguments.name,
        "command": f"kgrag-eval run {arguments.name}",
        "seed": arguments.seed,
        "date": datetime.now(UTC).date().isoformat(),
        **revision(),
        "python": platform.python_version(),
        "result": BENCHMARKS[arguments.name](arguments),
    }
    record["seconds"] = round(time.perf_counter() - started, 1)
    _write(arguments.name, record, arguments.out)
    return record


def _write(name: str, record: Record, folder: Path | None = None) -> Path:
    folder = folder or RESULTS
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path
