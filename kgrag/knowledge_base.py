"""The Python API: a library together with what reads, extracts, embeds and answers."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from indexes.documents import DocumentSummary
from indexes.errors import LibraryEmptyError
from indexes.library import Library
from indexes.records import Document, Entity, Mention, Triplet
from indexes.scope import Filter
from kgrag.clusters import Linker
from kgrag.embed import Embedder
from kgrag.events import Answer, Answered, Event, SearchResult
from kgrag.extract import Extractor
from kgrag.files import SourceFile, find_files
from kgrag.ingest import AddProgress, AddReport, Stages, ingest
from kgrag.language_model import LanguageModel, never
from kgrag.parse import ParserPool
from kgrag.parts import Parts
from kgrag.settings import Settings

if TYPE_CHECKING:
    from kgrag.corrections import Corrections
    from kgrag.explore import Explorer

Paths = str | Path | Iterable[str | Path]


class KnowledgeBase:
    """Documents that can be asked. Use ``KnowledgeBase.open``; safe to share between threads."""

    def __init__(self, library: Library, parts: Parts, *, owns_parts: bool) -> None:
        self.library = library
        self.parts = parts
        self._owns_parts = owns_parts

    @classmethod
    def open(
        cls,
        folder: str | Path,
        settings: Settings | None = None,
        *,
        create: bool = True,
        extractor: Callable[[], Extractor] | None = None,
        embedder: Callable[[], Embedder] | None = None,
        linker: Callable[[], Linker] | None = None,
        model: Callable[[], LanguageModel | None] | None = None,
    ) -> Self:
        """Open the library in a folder, making it where there is none.

        Parameters
        ----------
        folder:
            The library's folder.
        settings:
            Defaults where None.
        create:
            Raise ``LibraryNotFoundError`` instead of making a library where this is off.
        extractor, embedder, linker, model:
            Make another extractor, embedder, linker or language model than the ones that ship or
            that the settings name; called when first needed.
        """
        parts = Parts(
            settings or Settings(),
            extractor=extractor,
            embedder=embedder,
            linker=linker,
            model=model,
        )
        return cls(_open_library(Path(folder), parts.settings, create), parts, owns_parts=True)

    def sibling(self, folder: Path, *, use_chroma: bool = True) -> "KnowledgeBase":
        """Return the one in another folder, with the same models; made where there is none."""
        return KnowledgeBase.sharing(self.parts, folder, use_chroma=use_chroma)

    @classmethod
    def sharing(cls, parts: Parts, folder: Path, *, use_chroma: bool = True) -> Self:
        """Open the library in a folder with models that others use too, and that outlive it."""
        uses_chroma = use_chroma and parts.settings.search.chroma
        return cls(Library.open(folder, use_chroma=uses_chroma), parts, owns_parts=False)

    def close(self) -> None:
        """Let go of every file and connection; an answer that is being written is given up."""
        if self._owns_parts:
            self.parts.close()
        self.library.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # -- documents -------------------------------------------------------------------------------

    def add(
        self, paths: Paths, *, progress: Callable[[AddProgress], None] | None = None
    ) -> AddReport:
        """Add files and folders; return what became of each file.

        A file that was added before is replaced where it changed and left alone where it did not.

        Raises
        ------
        LibraryLockedError, StorageFullError, LibraryDamagedError, LibraryMismatchError
            The library cannot be written to; files whose outcome was reported are in.
        """
        given = [paths] if isinstance(paths, str | Path) else list(paths)
        return self.ingest(find_files(Path(path) for path in given), progress)

    def upload(
        self, paths: Paths, *, progress: Callable[[AddProgress], None] | None = None
    ) -> AddReport:
        """Add files that were copied here only to be added: their name alone identifies them."""
        given = [paths] if isinstance(paths, str | Path) else list(paths)
        files = [
            SourceFile(file.path, f"upload:{file.name}", file.name, modified=file.modified)
            for file in find_files(Path(path) for path in given)
        ]
        return self.ingest(files, progress)

    def ingest(
        self, files: Sequence[SourceFile], progress: Callable[[AddProgress], None] | None = None
    ) -> AddReport:
        """Add files that were found already: see ``add`` and ``upload``."""
        prints = {
            "extractor": self.extractor.fingerprint,
            "embedder": self.embedder.fingerprint,
            "linker": self.linker.fingerprint,
        }
        with self.library.reading(), ParserPool(limits=self.settings.parse) as parsers:
            self.library.pin(**prints)
            stages = Stages(parsers, self.extractor, self.embedder, self.linker)
            return ingest(self.library, files, stages, report=progress)

    def documents(self) -> list[DocumentSummary]:
        """Return a line for each document, by name."""
        with self.library.reading():
            return self.library.documents.summaries()

    def document(self, document_id: str) -> Document:
        """Return a document by its id, the beginning of its id, or its name.

        Raises
        ------
        DocumentNotFoundError
            There is none, or more than one.
        """
        with self.library.reading():
            documents = self.library.documents
            return documents.get(documents.find(document_id))

    def mentions(self, document_id: str) -> list[tuple[Mention, Entity]]:
        """Return the mentions of a document, in text order, with what they stand for."""
        with self.library.reading():
            row = self.library.documents.row_of(self.document(document_id).id)
            assert row is not None
            found = self.library.graph.mentions(row)
            entities = self.library.graph.entities({entity for _, entity in found})
        return [(mention, entities[entity]) for mention, entity in found]

    def remove(self, document_id: str) -> None:
        """Remove a document (id, beginning of id, or name) and every trace of it."""
        with self.library.writing():
            self.library.remove(self.library.documents.find(document_id))

    # -- the graph -------------------------------------------------------------------------------

    @property
    def corrections(self) -> "Corrections":
        """Corrections of the graph: what users merged, split, renamed and retracted."""
        from kgrag.corrections import Corrections

        return Corrections(self.library)

    @cached_property
    def explorer(self) -> "Explorer":
        """The graph to look around in: neighbourhoods, paths, communities; keeps what it read."""
        from kgrag.explore import Explorer

        return Explorer(self.library)

    # -- questions -------------------------------------------------------------------------------

    def search(self, question: str, *, limit: int = 8, where: Filter | None = None) -> SearchResult:
        """Return the passages and facts that a question retrieves, best first.

        Parameters
        ----------
        question, limit:
            What is asked, and how many passages at most.
        where:
            Which documents may be consulted; None is all.
        """
        from kgrag.answer import retrieve

        with self._asking() as embedder:
            found = retrieve(self.library, embedder, question, limit=limit, wanted=where)
            self.library.pin(embedder=embedder.fingerprint)
        return found

    def facts(self, about: str | None = None, *, document_id: str | None = None) -> list[Triplet]:
        """Return facts: all, those about what a name means, or those that a document states."""
        from kgrag.answer import find_facts

        with self.library.reading():
            if document_id is not None:
                row = self.library.documents.row_of(self.document(document_id).id)
                return self.library.graph.triplets(document=row)
            if about is not None:
                return find_facts(self.library, about)
            return self.library.graph.triplets()

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Answer] = (),
        where: Filter | None = None,
        stopped: Callable[[], bool] = never,
    ) -> Iterator[Event]:
        """Answer a question as a stream of events; ``Answered`` is the last.

        Parameters
        ----------
        question, history:
            What is asked, and what was answered before in this conversation.
        where:
            Which documents may be consulted; None is all.
        stopped:
            Asked again and again while a language model writes: once it returns True the model is
            given up, and the stream ends without an ``Answered``.
        """
        from kgrag.answer import ask

        with self._asking() as embedder:
            for event in ask(
                self.library,
                embedder,
                question,
                history=history,
                wanted=where,
                model=self.model,
                stopped=stopped,
                turn=self.parts.turn,
            ):
                self.library.pin(embedder=embedder.fingerprint)
                yield event

    def ask(
        self, question: str, *, history: Sequence[Answer] = (), where: Filter | None = None
    ) -> Answer:
        """Answer a question, from the documents of ``where`` only."""
        for event in self.stream(question, history=history, where=where):
            if isinstance(event, Answered):
                return event.answer
        raise AssertionError("the stream of an answer ended without one")

    # -- parts -----------------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """What the user has set."""
        return self.parts.settings

    @property
    def extractor(self) -> Extractor:
        """What finds mentions and relations."""
        return self.parts.extractor

    @property
    def embedder(self) -> Embedder:
        """What turns text into vectors."""
        return self.parts.embedder

    @property
    def linker(self) -> Linker:
        """What links names to a catalogue of entities."""
        return self.parts.linker

    @property
    def model(self) -> LanguageModel | None:
        """The language model that answers; None where the settings name none, and kgrag quotes."""
        return self.parts.model

    @contextmanager
    def _asking(self) -> Iterator[Embedder]:
        """Give the embedder, if it is the one that the library was built with.

        Another process may change the library's while a question is being answered: whoever asks
        must check ``Library.pin`` again before anything that was found is shown.
        """
        with self.library.reading():
            if self.library.documents.is_empty():
                raise LibraryEmptyError(
                    f"The library {self.library.folder} holds no documents yet. "
                    "Add some: kgrag add PATH"
                )
            fingerprint = self.embedder.fingerprint
            self.library.pin(embedder=fingerprint)
            try:
                yield self.embedder
            except ValueError:
                # What numpy says where vectors of two lengths meet.
                self.library.pin(embedder=fingerprint)
                raise


def _open_library(folder: Path, settings: Settings, create: bool) -> Library:
    return Library.open(folder.expanduser(), create=create, use_chroma=settings.search.chroma)
