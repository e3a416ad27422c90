"""What a run was asked for, and what its task has opened for it."""

import hashlib
import os
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from eval.answering import WatchedModel
from eval.options import Options
from eval.sets.questions import QuestionSet
from indexes.errors import ConfigError, LibraryEmptyError
from kgrag.extract import Extractor
from kgrag.ingest import AddProgress
from kgrag.knowledge_base import KnowledgeBase
from kgrag.model_settings import ModelSettings
from kgrag.settings import SearchSettings, Settings

Record = dict[str, Any]


KEY_VARIABLE = "KGRAG_EVAL_KEY"
"""The environment variable that holds the endpoint's key, if it wants one."""


@dataclass
class Asked:
    """The options of a run, and the resources that its task opened; a context manager.

    ``sets_read`` and ``models`` fill while the task lists its cases, for run.json.
    """

    options: Options
    sets_read: list[Record] = field(default_factory=list)
    models: Record = field(default_factory=dict)
    model_record: Record | None = None
    library_record: Record | None = None

    def __post_init__(self) -> None:
        self.closing = ExitStack()
        self._version: tuple[KnowledgeBase, str] | None = None
        self._libraries: dict[str, KnowledgeBase] = {}
        self._ids: dict[str, str] = {}
        self.say: Callable[[str], None] = lambda _: None
        """Tells whoever watches what is being made ready."""

    def __enter__(self) -> "Asked":
        return self

    def __exit__(self, *raised: object) -> None:
        self.closing.close()

    @property
    def data(self) -> Path:
        """The folder of corpora.

        Raises
        ------
        ConfigError
            It was not given.
        """
        if self.options.data is None:
            raise ConfigError(
                "this needs kgrag's corpora: give the folder that holds qa/, ie/, el/ and faith/ "
                "with --data DIR or KGRAG_DATA (its SOURCES.md names each origin and licence), or "
                "measure what ships: --set examples"
            )
        return self.options.data

    @cached_property
    def work(self) -> Path:
        """Where libraries are kept between runs."""
        from platformdirs import user_cache_path

        return self.options.work or user_cache_path("kgrag") / "evaluation"

    def note(self, questions: QuestionSet) -> QuestionSet:
        """Note a set that was read, and return what the limit leaves of it.

        Raises
        ------
        LibraryError
            The user's library cannot be opened: better told before anything is measured.
        """
        kept = questions.first(self.options.limit)
        if self.options.library is not None:
            self.library(kept)
        self.note_set(kept.name, kept.licence, kept.checksum, len(kept.questions), kept.skipped)
        return kept

    def note_set(
        self, name: str, licence: str, checksum: str, n: int, skipped: tuple[str, ...] = ()
    ) -> None:
        """Note a set that was read, for run.json."""
        self.sets_read.append(
            {
                "name": name,
                "licence": licence,
                "checksum": checksum,
                "n": n,
                "skipped": list(skipped),
            }
        )

    def language_model(self) -> WatchedModel | None:
        """Return the language model of the options, asked once whether it is there; None for none.

        Raises
        ------
        ModelError
            It cannot be reached.
        """
        if self.options.endpoint is None:
            return None
        model = WatchedModel(
            ModelSettings(
                endpoint=self.options.endpoint,
                model=self.options.model or "",
                key_env=KEY_VARIABLE if os.environ.get(KEY_VARIABLE) else "",
            )
        )
        self.closing.callback(model.close)
        self.model_record = {"endpoint": self.options.endpoint, "model": model.served().model}
        return model

    def library(self, questions: QuestionSet) -> KnowledgeBase:
        """Return ``open_library`` of a set, opened once; a user's library is that of every set."""
        name = questions.name if self.options.library is None else ""
        if name not in self._libraries:
            self._libraries[name] = self.open_library(questions)
        return self._libraries[name]

    def open_library(
        self, questions: QuestionSet, *, extractor: Extractor | None = None
    ) -> KnowledgeBase:
        """Open what a set is asked of: the user's library, or one of the set's own documents.

        Parameters
        ----------
        questions:
            The set.
        extractor:
            Another than the one that ships; never with the user's library.

        Raises
        ------
        ConfigError
            The set brings no documents, and no library was given.
        """
        if self.options.library is not None and extractor is None:
            kb = self._users_library(self.options.library)
            self._version = kb, kb.library.version
            self.library_record = {
                "folder": str(kb.library.folder),
                "version": kb.library.version,
                "documents": len(kb.documents()),
            }
        else:
            settings = Settings(search=SearchSettings(chroma=False))
            kb = self._own_library(questions, settings, extractor)
        self.models |= {
            "extractor": kb.extractor.fingerprint,
            "embedder": kb.embedder.fingerprint,
            "linker": kb.linker.fingerprint,
        }
        return kb

    def document_ids(self, kb: KnowledgeBase, names: Iterable[str]) -> tuple[str, ...]:
        """Return the ids of the documents of a user's library that have these names."""
        if self.options.library is None:
            return ()
        if not self._ids:
            self._ids = {document.name: document.id for document in kb.documents()}
        return tuple(dict.fromkeys(self._ids[name] for name in names if name in self._ids))

    def check_library(self) -> None:
        """Refuse to go on with a library that has changed since the run began.

        Raises
        ------
        ConfigError
            It has: what was measured before and after would not belong together.
        """
        if self._version is not None:
            kb, version = self._version
            if kb.library.version != version:
                raise ConfigError(
                    f"the library {kb.library.folder} was changed while it was being measured: "
                    "begin a new run"
                )

    def _users_library(self, folder: Path) -> KnowledgeBase:
        path = self.options.settings
        kb = KnowledgeBase.open(folder, Settings.load(path) if path else None, create=False)
        self.closing.enter_context(kb)
        if kb.library.documents.is_empty():
            raise LibraryEmptyError(
                f"The library {folder} holds no documents yet. Add some: kgrag add PATH"
            )
        kb.library.pin(embedder=kb.embedder.fingerprint)
        return kb

    def _own_library(
        self, questions: QuestionSet, settings: Settings, extractor: Extractor | None
    ) -> KnowledgeBase:
        if not questions.brings_documents:
            raise ConfigError(
                f"{questions.name} brings no documents: say which library its questions are asked "
                "of with --library DIR"
            )
        make = None if extractor is None else lambda: extractor
        probe = KnowledgeBase.open(self.work / "empty", settings, extractor=make)
        with probe:
            prints = [probe.extractor.fingerprint, probe.embedder.fingerprint]
            prints.append(probe.linker.fingerprint)
        digest = hashlib.sha256("\n".join([questions.checksum, *prints]).encode()).hexdigest()[:16]
        name = f"{_slug(questions.name)}-{digest}"
        files = questions.files or _written(questions, self.work / "files" / name)
        kb = KnowledgeBase.open(self.work / "libraries" / name, settings, extractor=make)
        self.closing.enter_context(kb)
        report = kb.add(files, progress=lambda now: self._told(questions.name, now))
        failed = [Path(file.path).name for file in report.files if file.outcome == "failed"]
        if failed:
            raise ConfigError(f"{questions.name}: documents that cannot be read: {failed[:3]}")
        return kb

    def _told(self, name: str, now: AddProgress) -> None:
        self.say(f"Reading the documents of {name}: {now.done:,} of {now.total:,}")


def _written(questions: QuestionSet, folder: Path) -> Path:
    """Write the documents of a set into a folder, once, and return it."""
    if not folder.is_dir():
        beside = folder.with_name(f"{folder.name}.part")
        beside.mkdir(parents=True, exist_ok=True)
        for name, text in questions.texts.items():
            (beside / name).write_text(text, encoding="utf-8")
        beside.rename(folder)
    return folder


def _slug(name: str) -> str:
    return "".join(char if char.isalnum() else "-" for char in name.lower()).strip("-")[:40]
