"""R2: any history of add, update, remove and crash equals a fresh ingest of the survivors."""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from indexes.check import find_problems, state_hash
from indexes.library import Library
from kgrag.embed import Embedder
from kgrag.files import SourceFile
from kgrag.ingest import Stages, ingest
from kgrag.parse import ParsedText, ParserPool
from kgrag.parse.limits import ParseLimits
from tests.fakes import CapitalisedExtractor, HashEmbedder, NoLinker

TEXTS = (
    "Leonhard Euler met Christian Goldbach in 1727.",
    "Leonhard Euler also known as Ludovicus. Euler stayed.",
    "Ludovicus wrote to Anna Ivanova. Anna Ivanova also known as Nyura.",
    "Nyura also known as Goldbach. Christian Goldbach left in 1742.",
    "Anna Petrova met Anna Ivanova. Anna went away with Euler.",
    "Леонард Эйлер написал Гольдбаху. Эйлера звали в Берлин.",
    "no names here",
    "",
)
NAMES = ("a.txt", "b.txt", "c.md")


class PlainParsers:
    """Reads everything as UTF-8 in this process."""

    limits = ParseLimits()

    def parse(self, name: str, content: bytes) -> ParsedText:
        return ParsedText(content.decode(), "text/plain", None, (), ())


class Crash(BaseException):
    """The process dies: nothing after this point runs."""


_crash_at: list[str] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if _crash_at and event == _crash_at[0]:
        _crash_at.clear()
        raise Crash


sys.addaudithook(_hook)

_names = st.sampled_from(NAMES)
_texts = st.sampled_from(TEXTS)


def open_plain(folder: Path) -> Library:
    library = Library.open(folder, use_chroma=False)
    library.db.execute("PRAGMA synchronous = OFF")  # crashes of the machine are not tested here
    return library


def add(library: Library, files: dict[str, str], embedder: Embedder | None = None) -> None:
    stages = Stages(
        cast(ParserPool, PlainParsers()),
        CapitalisedExtractor(),
        embedder or HashEmbedder(8),
        NoLinker(),
    )
    sources = [
        SourceFile(Path(name), f"/{name}", name, content=text.encode)
        for name, text in files.items()
    ]
    ingest(library, sources, stages)


class Histories(RuleBasedStateMachine):
    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.library = open_plain(self.folder / "library")
        self.survivors: dict[str, str] = {}

    @rule(files=st.dictionaries(_names, _texts, min_size=1))
    def add_or_update(self, files: dict[str, str]) -> None:
        add(self.library, files)
        self.survivors |= files

    @rule(name=_names)
    def remove(self, name: str) -> None:
        if name in self.survivors:
            id_ = self.library.documents.find(f"/{name}")
            gone = {other for _, other, _ in self.library.documents.sources(id_)}
            self.library.remove(id_)
            self.survivors = {k: v for k, v in self.survivors.items() if k not in gone}

    @rule(
        files=st.dictionaries(_names, _texts, min_size=1),
        event=st.sampled_from(["kgrag.analysed", "kgrag.stored", "kgrag.committed"]),
    )
    def crash(self, files: dict[str, str], event: str) -> None:
        _crash_at[:] = [event]
        try:
            add(self.library, files)
        except Crash:
            if event == "kgrag.committed":
                self.survivors |= files
        else:  # nothing was new, so nothing was stored
            assert event != "kgrag.analysed"
            self.survivors |= files
        _crash_at.clear()
        self.library.close()
        self.library = open_plain(self.folder / "library")

    @invariant()
    def equals_a_fresh_library_of_the_survivors(self) -> None:
        fresh = open_plain(Path(tempfile.mkdtemp(dir=self.folder)))
        if self.survivors:
            add(fresh, self.survivors)
        assert state_hash(self.library) == state_hash(fresh)
        assert find_problems(self.library) == []
        fresh.close()

    def teardown(self) -> None:
        self.library.close()
        shutil.rmtree(self.folder)


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=20, stateful_step_count=10, deadline=None)
