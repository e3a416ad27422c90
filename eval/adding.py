"""Adding files and starting commands in processes of their own, with time and peak memory."""

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

SAMPLE_S = 0.05


@dataclass(frozen=True, slots=True)
class Added:
    """What ``kgrag add`` did: files that were indexed, wall seconds, and the tree's memory, MiB."""

    files: int
    seconds: float
    triplets: int
    peak_memory_mb: float


def write_passages(texts: Mapping[str, str], count: int, folder: Path) -> Path:
    """Write the first passages, each as a file; return their folder."""
    for name, text in islice(texts.items(), count):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def add_files(files: Path | Callable[[Path], Path]) -> Added:
    """Add a folder of files, or what is written into one, to a new library."""
    with tempfile.TemporaryDirectory() as work:
        if not isinstance(files, Path):
            folder = Path(work) / "files"
            folder.mkdir()
            files = files(folder)
        library = str(Path(work) / "library")
        command = _kgrag(["add", str(files), "--json", "--library", library])
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        peaks: list[int] = []
        watcher = threading.Thread(target=_watch, args=(process, peaks), daemon=True)
        watcher.start()
        output, _ = process.communicate()
        seconds = time.perf_counter() - started
    outcomes = json.loads(output)["files"]
    return Added(
        files=sum(file["outcome"] == "indexed" for file in outcomes),
        seconds=round(seconds, 2),
        triplets=sum(file["triplets"] for file in outcomes),
        peak_memory_mb=max(peaks, default=0) >> 10,
    )


def start_command(command: Sequence[str]) -> float:
    """Return the seconds that a command takes from start to exit; its library is a new one."""
    with tempfile.TemporaryDirectory() as work:
        options = [] if command[-1] == "--help" else ["--library", work]
        if options:
            subprocess.run(_kgrag([*command, *options]), capture_output=True, check=False)
        started = time.perf_counter()
        subprocess.run(_kgrag([*command, *options]), capture_output=True, check=False)
        return round(time.perf_counter() - started, 3)


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


def _kgrag(command: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "kgrag.cli", *command]
