"""The write path: files in, a cited graph out.

    find files -> read -> parse -> passages -> extract -> resolve -> embed -> store

Ingestion is idempotent: a document's id is derived from its bytes, so what is there is not read
again, and a run that was cut off goes on where it stopped. Files are stored in groups, one
transaction each; a file counts as acknowledged when its outcome is reported. One bad file never
stops the others.
"""

import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Literal

from indexes.additions import Addition, Analysis, StoredOutcome
from indexes.errors import ModelError
from indexes.library import Library
from indexes.records import Document, Extraction, Resolution
from indexes.text import language_of
from kgrag.clusters import Linker
from kgrag.embed import Embedder, embed_once
from kgrag.extract import Extractor
from kgrag.extract.checked import Extracted, extract_checked
from kgrag.files import SourceFile, storable
from kgrag.parse import ParserPool
from kgrag.passages import split_passages
from kgrag.reading import ReadFile, read_ahead, settle
from kgrag.resolve import resolve

GROUP_DOCUMENTS = 64
GROUP_CHARS = 200_000
"""A group is stored when it reaches either: one commit for many small files, little lost work."""

GROUP_BYTES = 32 << 20
Outcome = StoredOutcome | Literal["unchanged", "failed"]


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one file; ``reason`` says why where it is not plainly indexed."""

    path: str
    outcome: Outcome
    reason: str | None = None
    document_id: str | None = None
    passages: int = 0
    mentions: int = 0
    triplets: int = 0


@dataclass(frozen=True, slots=True)
class AddReport:
    """What became of each file, in the order in which they were found."""

    files: tuple[FileOutcome, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class AddProgress:
    """``done`` of ``total`` files are finished; ``name`` is the file now at ``stage``.

    While a library changes its embedder, passages are counted instead, at stage "embedding".
    """

    done: int
    total: int
    name: str
    stage: Literal["reading", "extracting", "storing", "embedding", "done"]


Report = Callable[[AddProgress], None]


@dataclass(frozen=True, slots=True)
class Stages:
    """What turns bytes into an analysis: each is replaceable."""

    parsers: ParserPool
    extractor: Extractor
    embedder: Embedder
    linker: Linker


def ingest(
    library: Library, files: Sequence[SourceFile], stages: Stages, *, report: Report | None = None
) -> AddReport:
    """Add files to a library; return what became of each.

    Raises
    ------
    LibraryLockedError, StorageFullError, LibraryDamagedError
        The library cannot be written to. All files whose outcome was reported are in.
    """
    started = time.perf_counter()
    tell = report or (lambda _: None)
    outcomes: dict[int, FileOutcome] = {}
    with library.writing(), ThreadPoolExecutor(1, thread_name_prefix="extract") as ahead:
        group: list[ReadFile] = []
        waiting: _Group | None = None
        for item in read_ahead(library, files, stages.parsers):
            tell(AddProgress(len(outcomes), len(files), item.file.name, "reading"))
            if item.failure is not None:
                outcomes[item.order] = _failed(item)
                continue
            group.append(item)
            if _is_full(group):
                # The next group is extracted while this thread stores the one before.
                begun = _begin(group, stages, ahead, tell, len(outcomes), len(files))
                outcomes |= _finish(library, waiting, stages, tell, len(outcomes), len(files))
                group, waiting = [], begun
        last = _begin(group, stages, ahead, tell, len(outcomes), len(files))
        for begun in (waiting, last):
            outcomes |= _finish(library, begun, stages, tell, len(outcomes), len(files))
    tell(AddProgress(len(files), len(files), "", "done"))
    ordered = tuple(outcomes[order] for order in range(len(files)))
    return AddReport(ordered, time.perf_counter() - started)


def _is_full(group: Sequence[ReadFile]) -> bool:
    return (
        len(group) >= GROUP_DOCUMENTS
        or sum(len(item.content) for item in group) >= GROUP_BYTES
        or sum(len(item.parsed.text) for item in group if item.parsed) >= GROUP_CHARS
    )


@dataclass(frozen=True, slots=True)
class _Group:
    """Files whose texts are being extracted: ``ids`` are those of the texts, in order."""

    files: list[ReadFile]
    ids: list[str]
    extracted: Future[Extracted]

    @property
    def name(self) -> str:
        """What to call it."""
        first, last = self.files[0].file.name, self.files[-1].file.name
        return first if len(self.files) == 1 else f"{first} … {last}"


def _begin(
    files: list[ReadFile],
    stages: Stages,
    ahead: ThreadPoolExecutor,
    tell: Report,
    done: int,
    total: int,
) -> _Group | None:
    """Have the texts of a group extracted in the other thread; None for no files."""
    if not files:
        return None
    texts = {item.id: item.parsed.text for item in files if item.parsed is not None}
    extracted = ahead.submit(extract_checked, list(texts.values()), stages.extractor)
    group = _Group(files, list(texts), extracted)
    tell(AddProgress(done, total, group.name, "extracting"))
    return group


def _finish(
    library: Library, group: _Group | None, stages: Stages, tell: Report, done: int, total: int
) -> dict[int, FileOutcome]:
    """Analyse a group and store it in one transaction."""
    if group is None:
        return {}
    # The group before this one may have brought a document of this one, or removed it.
    files = [settle(item, library, stages.parsers) for item in group.files]
    analyses, unread = _analyse(files, group, stages)
    sys.audit("kgrag.analysed", group.name)
    tell(AddProgress(done, total, group.name, "storing"))
    additions = [
        Addition(
            item.file.source, item.file.name, analyses.get(item.id, item.id), item.file.modified
        )
        for item in files
        if item.failure is None
        and item.id not in unread
        and (
            item.id in analyses
            or not library.documents.comes_from(item.id, item.file.source, item.file.modified)
        )
    ]
    if additions:
        library.add(additions)
    outcomes: dict[int, FileOutcome] = {}
    for item in files:
        analysis = analyses.pop(item.id, None)
        if item.failure is not None:
            outcomes[item.order] = _failed(item)
        elif item.id in unread:
            reason = f"model: {item.file.name}: {unread[item.id]}"
            outcomes[item.order] = FileOutcome(_shown(item), "failed", reason)
        elif analysis is None:
            outcomes[item.order] = _unchanged(item, library)
        else:
            outcomes[item.order] = _stored(item, analysis)
    return outcomes


def _analyse(
    files: Sequence[ReadFile], group: _Group, stages: Stages
) -> tuple[dict[str, Analysis], dict[str, ModelError]]:
    """Return the analysis of each document of the group that the library does not hold yet.

    Those that a served model could not read have none: beside it stands why.
    """
    found = dict(zip(group.ids, group.extracted.result(), strict=True))
    new = {item.id: item for item in files if item.parsed is not None}
    late = {id_: item.parsed.text for id_, item in new.items() if item.parsed and id_ not in found}
    found |= dict(zip(late, extract_checked(list(late.values()), stages.extractor), strict=True))
    unread = {id_: item for id_ in new if isinstance(item := found[id_], ModelError)}
    analyses = {
        id_: _analysis(new[id_], *item, stages)
        for id_ in new
        if not isinstance(item := found[id_], ModelError)
    }
    return _embedded(analyses, stages.embedder), unread


def _analysis(
    item: ReadFile, extraction: Extraction, trouble: str | None, stages: Stages
) -> Analysis:
    assert item.parsed is not None
    parsed = item.parsed
    document = Document(
        id=item.id,
        name=item.file.name,
        media_type=parsed.media_type,
        text=parsed.text,
        pages=parsed.pages,
        headings=parsed.headings,
    )
    passages = split_passages(document.text, document.headings)
    if not passages:
        extraction, trouble = Extraction(), "the file holds no text (a scan, or empty)"
    return Analysis(
        document=document,
        language=language_of(document.text),
        title=parsed.title,
        original=item.content,
        passages=passages,
        vectors=stages.embedder.embed([]),
        sentence_vectors=stages.embedder.embed([]),
        resolution=resolve(document.text, extraction, linker=stages.linker, document_id=item.id)
        if extraction.mentions
        else Resolution(),
        extractor=stages.extractor.name,
        outcome="empty" if not passages else "indexed_partial" if trouble else "indexed",
        reason=trouble,
    )


def _embedded(analyses: dict[str, Analysis], embedder: Embedder) -> dict[str, Analysis]:
    """Return the analyses with the vectors of passages and sentences, embedded in one batch."""
    texts: list[str] = []
    for analysis in analyses.values():
        text, passages = analysis.document.text, analysis.passages
        texts += [text[passage.start : passage.end] for passage in passages]
        texts += [text[start:end] for passage in passages for start, end in passage.sentences]
    vectors = embed_once(embedder, texts)
    embedded, first = {}, 0
    for id_, analysis in analyses.items():
        middle = first + len(analysis.passages)
        last = middle + sum(len(passage.sentences) for passage in analysis.passages)
        embedded[id_] = replace(
            analysis, vectors=vectors[first:middle], sentence_vectors=vectors[middle:last]
        )
        first = last
    return embedded


def _stored(item: ReadFile, analysis: Analysis) -> FileOutcome:
    facts = {
        (
            analysis.resolution.mentions[relation.subject].identity,
            relation.relation,
            analysis.resolution.mentions[relation.object].identity,
        )
        for relation in analysis.resolution.relations
    }
    return FileOutcome(
        path=_shown(item),
        outcome=analysis.outcome,
        reason=f"{item.file.name}: {analysis.reason}" if analysis.reason else None,
        document_id=item.id,
        passages=len(analysis.passages),
        mentions=len(analysis.resolution.mentions),
        triplets=len(facts),
    )


def _unchanged(item: ReadFile, library: Library) -> FileOutcome:
    sources = library.documents.sources(item.id)
    others = [name for path, name, _ in sources if path != item.file.source]
    reason = f"{item.file.name} has the same content as {others[0]}" if others else None
    return FileOutcome(_shown(item), "unchanged", reason, item.id)


def _failed(item: ReadFile) -> FileOutcome:
    assert item.failure is not None
    reason = f"{item.failure.reason}: {item.failure}"
    return FileOutcome(_shown(item), "failed", reason)


def _shown(item: ReadFile) -> str:
    return storable(str(item.file.path))
