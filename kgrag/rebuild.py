"""Build a library anew beside itself, and switch in one step.

That is how a library changes its extractor, embedder or parser: until the switch the old one
answers. Where nothing but the embedder is another, the passages that the library holds are embedded
anew, and a run that was cut off goes on where it stopped. Otherwise everything is built from the
originals, and a document that could not be read again stops the switch, so that nothing is lost.
Corrections hold for what is built anew, and conversations are kept.
"""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from indexes.errors import LibraryError
from indexes.library import Library
from indexes.new_vectors import Embedded, Unembedded
from kgrag.embed import Embedder, embed_once
from kgrag.files import SourceFile
from kgrag.ingest import AddProgress
from kgrag.knowledge_base import KnowledgeBase

GROUP_PASSAGES = 256
"""Passages that are embedded at once and stored in one transaction: what a kill can cost."""

_BESIDE = "rebuilding"

Progress = Callable[[AddProgress], None]


def rebuild(kb: KnowledgeBase, *, progress: Progress | None = None) -> int:
    """Rebuild what the models of ``kb`` would make otherwise; return how many documents there are.

    Raises
    ------
    LibraryError
        An original could not be read any more; the library is as it was.
    ModelError
        The embedder failed; the library is as it was, and the next run goes on from there.
    """
    library = kb.library
    with library.writing():
        if _differs_in_embedder_only(kb):
            _change_embedder(library, kb.embedder, progress or (lambda _: None))
        else:
            _build_from_originals(kb, progress)
    return len(library.documents.ids())


def _differs_in_embedder_only(kb: KnowledgeBase) -> bool:
    held = kb.library.manifest()
    return (
        held.get("embedder") != kb.embedder.fingerprint
        and held.get("extractor") == kb.extractor.fingerprint
        and held.get("linker") == kb.linker.fingerprint
    )


def _change_embedder(library: Library, embedder: Embedder, progress: Progress) -> None:
    """Embed every passage and sentence beside the old vectors, group by group, then switch."""
    fingerprint, new = embedder.fingerprint, library.new_vectors
    new.forget_others(fingerprint)
    done, total, last = new.count(), library.documents.passage_count(), 0
    while group := new.missing(after=last, limit=GROUP_PASSAGES):
        progress(AddProgress(done, total, "", "embedding"))
        new.add(fingerprint, _embed(group, embedder))
        done, last = done + len(group), group[-1].row
    library.switch_embedder(fingerprint)
    progress(AddProgress(total, total, "", "done"))


def _embed(passages: Sequence[Unembedded], embedder: Embedder) -> list[Embedded]:
    texts = [text for passage in passages for text in (passage.text, *passage.sentence_texts)]
    vectors = embed_once(embedder, texts)
    embedded, first = [], 0
    for passage in passages:
        last = first + 1 + len(passage.sentences)
        embedded.append(Embedded(passage, vectors[first], vectors[first + 1 : last]))
        first = last
    return embedded


def _build_from_originals(kb: KnowledgeBase, progress: Progress | None) -> None:
    library = kb.library
    beside = library.folder / _BESIDE
    shutil.rmtree(beside, ignore_errors=True)
    with kb.sibling(beside, use_chroma=False) as new:
        with new.library.correcting() as corrections:
            corrections.carry_over(library.corrections)
        report = new.ingest(_originals(library), progress)
        bad = [file for file in report.files if file.outcome == "failed"]
        if bad:
            raise LibraryError(
                f"{len(bad)} documents could not be read again, so the library is left as it was. "
                f"The first: {bad[0].reason}"
            )
        library.replace_with(new.library)
    shutil.rmtree(beside, ignore_errors=True)


def _originals(library: Library) -> list[SourceFile]:
    def original(id_: str) -> Callable[[], bytes]:
        return lambda: library.documents.original(id_)

    return [
        SourceFile(Path(path), source=path, name=name, content=original(id_), modified=modified)
        for id_ in sorted(library.documents.ids())
        for path, name, modified in library.documents.sources(id_)
    ]
