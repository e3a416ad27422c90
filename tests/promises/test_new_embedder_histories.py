"""R13: whatever comes, goes and is cut off, a changed library equals one made anew."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from indexes.check import find_problems, state_hash
from indexes.library import Library
from kgrag import KnowledgeBase, Settings
from kgrag import rebuild as rebuilding
from kgrag.embed import Embedder
from kgrag.ingest import AddProgress
from kgrag.parts import Parts
from kgrag.rebuild import rebuild
from tests.fakes import CapitalisedExtractor, HashEmbedder, NoLinker
from tests.promises.embedder_change import (
    OtherEmbedder,
    Stop,
    made_by,
)
from tests.promises.test_histories import NAMES, TEXTS, add, open_plain


class Changes(RuleBasedStateMachine):
    """Documents come and go, embedders are changed to and fro, and some changes are cut off."""

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.embedder: Embedder = HashEmbedder(8)
        self.survivors: dict[str, str] = {}
        self.library = open_plain(self.folder / "library")
        self._add(self.library, {"a.txt": TEXTS[0]})
        self.survivors = {"a.txt": TEXTS[0]}

    def _add(self, library: Library, files: dict[str, str]) -> None:
        library.pin(
            embedder=self.embedder.fingerprint,
            extractor=CapitalisedExtractor.fingerprint,
            linker=NoLinker.fingerprint,
        )
        add(library, files, self.embedder)

    @rule(files=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(TEXTS), min_size=1))
    def add_or_update(self, files: dict[str, str]) -> None:
        self._add(self.library, files)
        self.survivors |= files

    @rule(name=st.sampled_from(NAMES))
    def remove(self, name: str) -> None:
        if name in self.survivors:
            id_ = self.library.documents.find(f"/{name}")
            gone = {other for _, other, _ in self.library.documents.sources(id_)}
            self.library.remove(id_)
            self.survivors = {k: v for k, v in self.survivors.items() if k not in gone}

    @rule(
        embedder=st.sampled_from([HashEmbedder(8), OtherEmbedder(8), OtherEmbedder(5)]),
        cut_off=st.sampled_from([0, 1, 2, 99]),
        group=st.sampled_from([1, 2]),
    )
    def change(self, embedder: Embedder, cut_off: int, group: int) -> None:
        if embedder.fingerprint == self.embedder.fingerprint:
            return

        def stop(progress: AddProgress) -> None:
            if progress.stage == "embedding" and progress.done >= cut_off:
                raise Stop

        parts = Parts(
            Settings(),
            extractor=CapitalisedExtractor,
            embedder=lambda: embedder,
            linker=NoLinker,
            model=lambda: None,
        )
        kb = KnowledgeBase(self.library, parts, owns_parts=False)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rebuilding, "GROUP_PASSAGES", group)
            try:
                rebuild(kb, progress=stop)
                self.embedder = embedder
            except Stop:
                assert cut_off < self.library.documents.passage_count()

    @invariant()
    def equals_a_fresh_library_of_the_survivors(self) -> None:
        fresh = open_plain(Path(tempfile.mkdtemp(dir=self.folder)))
        self._add(fresh, self.survivors)
        assert state_hash(self.library) == state_hash(fresh)
        assert made_by(self.library, self.embedder)
        assert find_problems(self.library) == []
        fresh.close()

    def teardown(self) -> None:
        self.library.close()
        shutil.rmtree(self.folder)


TestChanges = Changes.TestCase
TestChanges.settings = hypothesis_settings(max_examples=15, stateful_step_count=8, deadline=None)
