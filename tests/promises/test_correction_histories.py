"""R2 with corrections: any history equals a fresh library of the survivors and the same rules."""

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from indexes.check import find_problems, state_hash
from indexes.errors import CorrectionError
from indexes.library import Library
from indexes.records import Entity, Triplet
from kgrag.clusters import Cluster
from kgrag.corrections import Corrections
from kgrag.files import SourceFile
from kgrag.ingest import Stages, ingest
from kgrag.parse import ParserPool
from tests.fakes import CapitalisedExtractor, HashEmbedder
from tests.promises.test_histories import Crash, PlainParsers, open_plain

TEXTS = (
    "Leonhard Euler met Christian Goldbach in 1727.",
    "Leonhard Euler also known as Ludovicus. Euler stayed.",
    "Ludovicus wrote to Anna Ivanova. Anna Ivanova also known as Nyura.",
    "Nyura also known as Goldbach. Christian Goldbach left in 1742.",
    "Ludovicus also known as Nyura. Leonhard Euler met Anna Ivanova in 1727.",
    "Леонард Эйлер написал Гольдбаху. Эйлера звали в Берлин.",
    "no names here",
)
_files = st.dictionaries(
    st.sampled_from(("a.txt", "b.txt", "c.md", "d.md")), st.sampled_from(TEXTS), min_size=1
)
_draw = st.randoms(use_true_random=False)
QIDS = {"Leonhard Euler": "Q1", "Christian Goldbach": "Q2", "Ludovicus": "Q3"}

_crash_at: list[str] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if _crash_at and event == _crash_at[0]:
        _crash_at.clear()
        raise Crash


sys.addaudithook(_hook)


class SomeLinker:
    """Knows a few entities by their names."""

    fingerprint = "some-1"

    def link(self, clusters: Sequence[Cluster]) -> list[str | None]:
        return [QIDS.get(cluster.surfaces[0]) for cluster in clusters]


def add(library: Library, files: dict[str, str]) -> None:
    stages = Stages(
        cast(ParserPool, PlainParsers()), CapitalisedExtractor(), HashEmbedder(8), SomeLinker()
    )
    sources = [
        SourceFile(Path(name), f"/{name}", name, content=text.encode)
        for name, text in files.items()
    ]
    ingest(library, sources, stages)


def entities(library: Library) -> list[Entity]:
    ids = {entity for (entity,) in library.db.execute("SELECT entity FROM identities")}
    return [entity for _, entity in sorted(library.graph.entities(ids).items())]


def facts(library: Library) -> list[Triplet]:
    return sorted(library.graph.triplets(), key=lambda t: (t.subject.id, t.relation, t.object.id))


class CorrectionHistories(RuleBasedStateMachine):
    @initialize(files=_files)
    def start(self, files: dict[str, str]) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.library = open_plain(self.folder / "library")
        self.survivors: dict[str, str] = {}
        self.add_or_update(files)

    @property
    def corrections(self) -> Corrections:
        return Corrections(self.library)

    @rule(files=_files)
    def add_or_update(self, files: dict[str, str]) -> None:
        add(self.library, files)
        self.survivors |= files

    @rule(draw=_draw)
    @precondition(lambda self: self.survivors)
    def remove(self, draw: Random) -> None:
        id_ = self.library.documents.find(f"/{draw.choice(sorted(self.survivors))}")
        gone = {other for _, other, _ in self.library.documents.sources(id_)}
        self.library.remove(id_)
        self.survivors = {k: v for k, v in self.survivors.items() if k not in gone}

    @rule(
        kind=st.sampled_from(("merge", "split", "rename", "retract", "undo")),
        draw=_draw,
        crash=st.sampled_from((None, None, None, "kgrag.correcting", "kgrag.corrected")),
    )
    def correct(self, kind: str, draw: Random, crash: str | None) -> None:
        before = state_hash(self.library)
        _crash_at[:] = [crash] if crash else []
        try:
            self._correct(kind, draw)
        except CorrectionError:
            assert state_hash(self.library) == before
        except Crash:
            if crash == "kgrag.correcting":
                assert state_hash(self.library) == before
            self.library.close()
            self.library = open_plain(self.folder / "library")
        _crash_at.clear()

    def _correct(self, kind: str, draw: Random) -> None:
        there, stated = entities(self.library), facts(self.library)
        if kind == "undo" and (made := self.corrections.list()):
            self.corrections.undo(draw.choice(made).id)
        if kind == "retract" and stated:
            fact = draw.choice(stated)
            self.corrections.retract(fact.subject.id, fact.relation, fact.object.id)
        if kind == "rename" and there:
            self.corrections.rename(draw.choice(there).id, draw.choice(("Nick", "Euler", "Bob")))
        if kind == "merge" and len(there) > 1:
            keep, other = draw.sample(there, 2)
            self.corrections.merge(keep.id, other.id)
        if kind == "split" and there:
            entity = max(draw.sample(there, min(2, len(there))), key=lambda e: len(e.aliases))
            names = draw.sample((entity.name, *entity.aliases), draw.randint(0, 1))
            ids = sorted(self.library.documents.ids())
            documents = draw.sample(ids, 0 if names and draw.random() < 0.6 else 1)
            self.corrections.split(entity.id, names=names, documents=documents)

    @invariant()
    def equals_a_fresh_library_under_the_same_rules(self) -> None:
        fresh = open_plain(Path(tempfile.mkdtemp(dir=self.folder)))
        with fresh.correcting() as corrections:
            corrections.carry_over(self.library.corrections)
        if self.survivors:
            add(fresh, self.survivors)
        assert shown(self.library) == shown(fresh)
        assert state_hash(self.library) == state_hash(fresh)
        assert find_problems(self.library) == []
        fresh.close()

    def teardown(self) -> None:
        self.library.close()
        shutil.rmtree(self.folder)


def shown(library: Library) -> tuple[list[Entity], list[Triplet], object]:
    """Return what users see of a graph, for a difference that can be read."""
    return entities(library), facts(library), library.graph.named(["nick", "euler", "bob"])


TestCorrectionHistories = CorrectionHistories.TestCase
TestCorrectionHistories.settings = settings(max_examples=15, stateful_step_count=10, deadline=None)
