"""Files that were dropped on the page: out of gradio's cache, and into the library."""

import queue
import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ui import render

if TYPE_CHECKING:
    from kgrag import KnowledgeBase


def take(files: Sequence[str], folder: Path) -> list[Path]:
    """Move uploads out of gradio's cache, which would keep and serve them; two may share a name."""
    paths = []
    for index, file in enumerate(files):
        path = folder / str(index) / Path(file).name
        path.parent.mkdir()
        paths.append(Path(shutil.move(file, path)))
    return paths


def upload(knowledge_base: "KnowledgeBase", paths: Sequence[Path]) -> Iterator[str]:
    """Run ``KnowledgeBase.upload`` beside this generator, and yield its progress and report."""
    updates: queue.SimpleQueue[str | Exception | None] = queue.SimpleQueue()

    def work() -> None:
        try:
            report = knowledge_base.upload(
                paths,
                progress=lambda step: updates.put(
                    render.progress(step.done, step.total, step.name)
                ),
            )
            updates.put(render.outcomes(report.files))
        except Exception as error:
            updates.put(error)
        updates.put(None)

    worker = threading.Thread(target=work, name="kgrag-add")
    worker.start()
    while (update := updates.get()) is not None:
        if isinstance(update, Exception):
            raise update
        yield update
    worker.join()
