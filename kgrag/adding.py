"""Add documents in a process of its own, so that whoever asks meanwhile hardly waits for it.

Extraction holds Python's interpreter lock for most of its time. In a thread beside the answers it
made the slowest first sentences of pages (95th percentile) 2.6 times as slow, in a process of
lower priority 1.3 times (``kgrag-eval run load``, 200 documents).
That process opens the library anew, writes to it as ``kgrag add`` would, and ends: what it has
stored, this process finds by the library's version. It goes down with this one, and may go down
alone: the library is whole at any moment.
"""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from indexes import errors
from indexes.errors import KgragError, LibraryError
from kgrag.files import SourceFile
from kgrag.ingest import AddProgress, AddReport, FileOutcome
from kgrag.language_model import never

if TYPE_CHECKING:
    from kgrag.knowledge_base import KnowledgeBase

POLL_S = 0.2
END_S = 10.0
"""How long the child may take to end once it has reported."""

_ROOT = str(Path(__file__).resolve().parents[1])
_CHILD = "import sys; sys.path.append(sys.argv[1]); from kgrag.adding_child import main; main()"

Message = dict[str, Any]


def add_in_child(
    knowledge_base: "KnowledgeBase",
    files: Sequence[SourceFile],
    progress: Callable[[AddProgress], None] | None = None,
    *,
    stopped: Callable[[], bool] = never,
) -> AddReport:
    """Add files as ``KnowledgeBase.ingest`` does; return what became of each.

    The models are made from the settings, in the other process: one that was opened with an
    extractor, embedder or linker of the caller's own must use ``ingest``.

    Parameters
    ----------
    knowledge_base, files:
        Where to, and what; ``content`` of a file must be None, for it stays in this process.
    progress:
        Called in this thread for each step.
    stopped:
        Asked again and again; once it returns True, adding ends, and what was stored stays.

    Raises
    ------
    LibraryLockedError, StorageFullError, LibraryDamagedError, LibraryMismatchError
        The library cannot be written to; files whose outcome was reported are in.
    LibraryError
        The other process was killed, broke down, or was stopped; likewise.
    """
    if any(file.content is not None for file in files):
        raise ValueError("a file whose content is made in this process cannot be added in another")
    done = 0
    with _child(_job(knowledge_base, files)) as (process, messages):
        for message in messages(stopped):
            if "report" in message:
                return _report(message["report"])
            if "error" in message:
                raise _error(message["error"])
            step = AddProgress(**message["progress"])
            done = step.done
            if progress is not None:
                progress(step)
        if has_stopped := stopped():
            process.kill()
        code = process.wait()
    how = "was stopped" if has_stopped else _how_it_ended(code)
    raise LibraryError(
        f"Adding {how}. At least {done} of {len(files)} files were done; what was stored is kept. "
        "Add the files again for the rest."
    )


def _job(knowledge_base: "KnowledgeBase", files: Sequence[SourceFile]) -> Message:
    return {
        "library": str(knowledge_base.library.folder.absolute()),
        "settings": asdict(knowledge_base.settings),
        "files": [
            [str(file.path.absolute()), file.source, file.name, file.modified] for file in files
        ],
    }


Messages = Callable[[Callable[[], bool]], Iterator[Message]]


@contextmanager
def _child(job: Message) -> Iterator[tuple["subprocess.Popen[bytes]", Messages]]:
    """Run the child on a job; give it with what it says. After the block it is gone."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _CHILD, _ROOT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # One thread for sums: more would only take cores away from those who ask.
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        # Ctrl-C in a terminal is for this process, which then says what becomes of the child.
        start_new_session=True,
    )
    assert process.stdin is not None and process.stdout is not None
    said: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
    listener = threading.Thread(target=_listen, args=(process.stdout, said.put), daemon=True)
    listener.start()
    try:
        _tell(process.stdin, job)
        yield process, lambda stopped: _received(said, stopped)
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        pass
    finally:
        process.kill()
        process.wait()
        listener.join()
        process.stdin.close()
        process.stdout.close()


def _tell(stdin: IO[bytes], job: Message) -> None:
    """Send the job; the pipe stays open, by whose end the child learns that this process ended."""
    try:
        stdin.write(json.dumps(job).encode() + b"\n")
        stdin.flush()
    except BrokenPipeError:
        return  # It has ended already, which its silence tells.


def _listen(stdout: IO[bytes], put: Callable[[Message | None], None]) -> None:
    for line in stdout:
        if line.endswith(b"\n"):  # A line that is cut off is the last of a killed child.
            put(json.loads(line))
    put(None)


def _received(
    said: "queue.SimpleQueue[Message | None]", stopped: Callable[[], bool]
) -> Iterator[Message]:
    """Yield what the child says until it ends or is stopped."""
    while not stopped():
        try:
            message = said.get(timeout=POLL_S)
        except queue.Empty:
            continue
        if message is None:
            return
        yield message


def _report(told: Message) -> AddReport:
    files = tuple(FileOutcome(**file) for file in told["files"])
    return AddReport(files, float(told["seconds"]))


def _error(told: Message) -> KgragError:
    """Return the child's error as what it was there; what has no such name broke it down."""
    kind = getattr(errors, told["kind"], None)
    if isinstance(kind, type) and issubclass(kind, KgragError) and kind is not errors.ParseError:
        return kind(told["message"])
    return LibraryError(told["message"])


def _how_it_ended(code: int) -> str:
    if code == -9:
        return "broke off: its process was killed, most likely for want of memory"
    return f"broke off: its process ended unexpectedly (status {code})"
