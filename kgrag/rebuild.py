"""Build a library anew beside itself, from the originals that it holds, and switch in one step.

That is how a library changes its extractor, embedder or parser: until the switch the old one
answers, and a document that could not be read again stops the switch, so that nothing is lost.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from indexes.errors import LibraryError
from indexes.library import Library
from kgrag.files import SourceFile
from kgrag.ingest import AddProgress
from kgrag.knowledge_base import KnowledgeBase

_BESIDE = "rebuilding"


def rebuild(kb: KnowledgeBase, *, progress: Callable[[AddProgress], None] | None = None) -> int:
    """Rebuild everything from the originals; return how many documents there are.

    Raises
    ------
    LibraryError
        An original could not be read any more; the library is as it was.
    """
    library = kb.library
    beside = library.folder / _BESIDE
    shutil.rmtree(beside, ignore_errors=True)
    with library.writing(), kb.beside(beside) as new:
        report = new.ingest(_originals(library), progress)
        bad = [file for file in report.files if file.outcome == "failed"]
        if bad:
            raise LibraryError(
                f"{len(bad)} documents could not be read again, so the library is left as it was. "
                f"The first: {bad[0].reason}"
            )
        library.replace_with(new.library)
    shutil.rmtree(beside, ignore_errors=True)
    return len(library.documents.ids())


def _originals(library: Library) -> list[SourceFile]:
    def original(id_: str) -> Callable[[], bytes]:
        return lambda: library.documents.original(id_)

    return [
        SourceFile(Path(path), source=path, name=name, content=original(id_), modified=modified)
        for id_ in sorted(library.documents.ids())
        for path, name, modified in library.documents.sources(id_)
    ]
