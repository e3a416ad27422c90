"""R13: a new embedder is built beside the old one and switched in one step; queries never mix."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexes.check import find_problems, state_hash
from indexes.errors import LibraryError, LibraryLockedError, LibraryMismatchError, ModelError
from indexes.new_vectors import Unembedded
from kgrag import KnowledgeBase
from kgrag import rebuild as rebuilding
from kgrag.events import Retrieved
from kgrag.ingest import AddProgress
from kgrag.rebuild import rebuild
from tests.fakes import ROOT, CapitalisedExtractor, HashEmbedder, write_files
from tests.promises.embedder_change import (
    GROUP,
    QUESTION,
    OtherEmbedder,
    Stop,
    is_new,
    left_over,
    made_by,
    open_with,
)

pytestmark = pytest.mark.usefixtures("small_groups")


# -- what the change does ------------------------------------------------------------------------


def test_a_library_that_changes_its_embedder_equals_one_that_was_made_by_it(
    folder: Path, switched: str
) -> None:
    with open_with(folder, OtherEmbedder, chroma=True) as kb:
        before = int(kb.library.version)
        assert rebuild(kb) == 5
        assert state_hash(kb.library) == switched
        assert is_new(kb.library)
        assert int(kb.library.version) > before
        assert kb.library.chroma_is_usable()
        assert find_problems(kb.library) == []
        assert left_over(kb.library) == 0
        assert kb.search(QUESTION).passages[0].document_name == "a.txt"
        assert {f.outcome for f in kb.add(folder.parent / "nothing").files} == {"failed"}
    with open_with(folder, OtherEmbedder, chroma=True) as kb:
        assert kb.library.chroma_is_usable()


def test_an_embedder_of_another_dimension_can_be_changed_to_and_back(folder: Path) -> None:
    with open_with(folder, HashEmbedder) as kb:
        before = state_hash(kb.library)
    with open_with(folder, lambda: OtherEmbedder(24), chroma=True) as kb:
        rebuild(kb)
        assert made_by(kb.library, OtherEmbedder(24))
        assert kb.ask(QUESTION).citations[0].quote.startswith("Leonhard Euler met")
    with open_with(folder, HashEmbedder, chroma=True) as kb:
        rebuild(kb)
        assert state_hash(kb.library) == before


def test_nothing_is_read_or_extracted_again(folder: Path) -> None:
    with open_with(folder, OtherEmbedder) as kb:
        kb.library.db.execute("DELETE FROM originals")
        graph = kb.library.db.execute("SELECT * FROM evidence").fetchall()
        kb.extractor.extract = None  # type: ignore[method-assign, assignment]
        rebuild(kb)
        assert is_new(kb.library)
        assert kb.library.db.execute("SELECT * FROM evidence").fetchall() == graph


def test_another_extractor_too_builds_everything_from_the_originals(
    folder: Path, switched: str
) -> None:
    class NewExtractor(CapitalisedExtractor):
        fingerprint = "capitalised-2"

    with open_with(folder, OtherEmbedder) as kb:
        kb.parts._make_extractor = NewExtractor
        rows = kb.library.db.execute("SELECT row FROM passages").fetchall()
        kb.library.new_vectors.add("left over", rebuilding._embed(_all(kb), OtherEmbedder()))
        rebuild(kb)
        assert is_new(kb.library)
        assert kb.library.manifest()["extractor"] == "capitalised-2"
        assert left_over(kb.library) == 0 and rows


def _all(kb: KnowledgeBase) -> list[Unembedded]:
    return kb.library.new_vectors.missing(after=0, limit=100)


def test_progress_counts_passages(folder: Path) -> None:
    told: list[AddProgress] = []
    with open_with(folder, OtherEmbedder) as kb:
        rebuild(kb, progress=told.append)
    assert [(item.done, item.total, item.stage) for item in told] == [
        (0, 6, "embedding"),
        (3, 6, "embedding"),
        (6, 6, "done"),
    ]


def test_passages_that_were_stored_before_sentences_were_get_them(folder: Path) -> None:
    with open_with(folder, OtherEmbedder) as kb:
        kept = kb.library.sentences.load(range(1, 7))
        kb.library.db.execute("DELETE FROM passage_sentences WHERE passage IN (1, 4)")
        rebuild(kb)
        assert is_new(kb.library)
        for row, table in kb.library.sentences.load(range(1, 7)).items():
            for name in ("starts", "ends", "stems"):
                assert np.array_equal(getattr(table, name), getattr(kept[row], name))


def test_an_empty_library_just_takes_the_new_embedder(tmp_path: Path) -> None:
    with open_with(tmp_path / "library", HashEmbedder) as kb:
        kb.add([])
    with open_with(tmp_path / "library", OtherEmbedder) as kb:
        assert rebuild(kb) == 0
        assert kb.library.manifest()["embedder"] == OtherEmbedder().fingerprint


# -- until the switch ----------------------------------------------------------------------------


def test_until_the_switch_the_old_one_answers_and_the_new_one_is_refused(folder: Path) -> None:
    seen: list[bool] = []
    with (
        open_with(folder, HashEmbedder) as reader,
        open_with(folder, OtherEmbedder) as early,
        open_with(folder, OtherEmbedder) as kb,
    ):
        answer = reader.ask(QUESTION).text

        def look(progress: AddProgress) -> None:
            new = progress.stage == "done"
            seen.append(is_new(reader.library))
            right, wrong = (early, reader) if new else (reader, early)
            assert right.search(QUESTION).passages
            assert right.ask(QUESTION).text == answer or new
            for refused in (lambda: wrong.search(QUESTION), lambda: wrong.ask(QUESTION)):
                with pytest.raises(LibraryMismatchError, match=r"kgrag rebuild.*\[embed\]"):
                    refused()

        rebuild(kb, progress=look)
    assert seen == [False, False, True]


def test_nobody_else_writes_meanwhile(folder: Path) -> None:
    troubles: list[Exception] = []
    code = (
        "import sys; from pathlib import Path; from tests.fakes import HashEmbedder;"
        "from tests.promises.test_new_embedder import open_with\n"
        "with open_with(Path(sys.argv[1]), HashEmbedder) as kb: kb.remove('e.txt')"
    )
    with open_with(folder, OtherEmbedder) as kb:

        def write(progress: AddProgress) -> None:
            done = subprocess.run(
                [sys.executable, "-c", code, str(folder)], cwd=ROOT, capture_output=True, text=True
            )
            if progress.stage == "embedding" and progress.done == 0:
                assert (
                    LibraryLockedError.__name__ in done.stderr and str(os.getpid()) in done.stderr
                )
                troubles.append(LibraryLockedError())

        rebuild(kb, progress=write)
    assert len(troubles) == 1


def interrupt(folder: Path, after: int) -> None:
    """Start the change and stop once so many passages are embedded."""

    def stop(progress: AddProgress) -> None:
        if progress.done >= after:
            raise Stop

    with open_with(folder, OtherEmbedder) as kb, pytest.raises(Stop):
        rebuild(kb, progress=stop)


class CountingEmbedder(OtherEmbedder):
    """Remembers what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        return super().embed(texts)


def test_what_was_embedded_is_not_embedded_again(folder: Path) -> None:
    interrupt(folder, GROUP)
    embedder = CountingEmbedder()
    with open_with(folder, lambda: embedder) as kb:
        assert left_over(kb.library) == GROUP
        texts = [
            text for (text,) in kb.library.db.execute("SELECT text FROM passages ORDER BY row")
        ]
        rebuild(kb)
        assert is_new(kb.library)
    assert set(texts[GROUP:]) <= set(embedder.texts)
    assert not set(texts[:GROUP]) & set(embedder.texts)


def test_what_yet_another_embedder_left_is_thrown_away(folder: Path) -> None:
    interrupt(folder, GROUP)
    with open_with(folder, lambda: OtherEmbedder(24)) as kb:
        rebuild(kb)
        assert made_by(kb.library, OtherEmbedder(24))


def test_documents_that_come_and_go_while_the_change_is_cut_off_are_not_missed(
    folder: Path, old: Path, tmp_path: Path
) -> None:
    interrupt(folder, GROUP)
    changed = {"a.txt": "Euler left for Berlin in 1741. He came back.", "f.txt": "Goldbach died."}
    write_files(tmp_path / "documents", dict(changed))
    with open_with(folder, HashEmbedder) as kb:
        held = left_over(kb.library)
        kb.remove("copy.txt")
        assert left_over(kb.library) < held
        kb.add(tmp_path / "documents")
        kb.remove("e.txt")
        assert not is_new(kb.library)
        assert find_problems(kb.library) == []
    with open_with(folder, OtherEmbedder) as kb:
        rebuild(kb)
        assert is_new(kb.library)
        survivors = sorted(document.name for document in kb.documents())
        assert survivors == ["a.txt", "b.md", "d.md", "empty.txt", "f.txt"]
        state = state_hash(kb.library)
    with open_with(tmp_path / "fresh", OtherEmbedder) as fresh:
        fresh.add([old / "documents" / name for name in ("b.md", "d.md", "empty.txt")])
        fresh.add(tmp_path / "documents")
        assert state == state_hash(fresh.library)


def test_an_embedder_that_fails_leaves_the_old_library(folder: Path) -> None:
    class Failing(CountingEmbedder):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            if self.texts:
                raise ModelError("the server is down")
            return super().embed(texts)

    with open_with(folder, Failing) as kb:
        before = state_hash(kb.library)
        with pytest.raises(ModelError, match="the server is down"):
            rebuild(kb)
        assert state_hash(kb.library) == before
        assert left_over(kb.library) == GROUP
    with open_with(folder, HashEmbedder) as kb:
        assert kb.search(QUESTION).passages[0].document_name == "a.txt"


def test_no_switch_without_every_passage(folder: Path) -> None:
    interrupt(folder, GROUP)
    with open_with(folder, HashEmbedder) as kb:
        before = state_hash(kb.library)
        for fingerprint in (OtherEmbedder().fingerprint, "never seen"):
            with pytest.raises(LibraryError, match="have no vectors by.*kgrag rebuild"):
                kb.library.switch_embedder(fingerprint)
        assert state_hash(kb.library) == before
        assert left_over(kb.library) == GROUP


def test_removing_a_document_leaves_no_byte_of_it_among_the_new_vectors(folder: Path) -> None:
    interrupt(folder, GROUP)
    with open_with(folder, HashEmbedder) as kb:
        row = kb.library.documents.row_of(kb.document("b.md").id)
        assert row is not None
        passages = kb.library.documents.passage_rows(row)
        marks = ",".join(map(str, passages))
        query = f"SELECT vector, sentence_vectors FROM new_vectors WHERE passage IN ({marks})"
        blobs = [blob for found in kb.library.db.execute(query) for blob in found]
        assert len(blobs) == 2 * len(passages) > 2
        kb.remove("b.md")
        kb.library.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = b"".join(path.read_bytes() for path in folder.glob("library.sqlite*"))
    assert not any(blob in content for blob in blobs)


# -- a query that runs while the switch comes ----------------------------------------------------


class SwitchingEmbedder(HashEmbedder):
    """Embeds a question, and before anything is looked up by it, the library is switched."""

    def __init__(self, switch: Callable[[], None]) -> None:
        super().__init__()
        self._switch = switch

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = super().embed(texts)
        self._switch()
        return rows


@pytest.mark.parametrize("dimension", [64, 24])
@pytest.mark.parametrize("way", ["search", "ask"])
def test_a_query_in_whose_midst_the_switch_comes_is_refused_and_not_mixed(
    folder: Path, dimension: int, way: str
) -> None:
    def switch() -> None:
        with open_with(folder, lambda: OtherEmbedder(dimension)) as kb:
            if kb.library.manifest()["embedder"] == HashEmbedder().fingerprint:
                rebuild(kb)

    def in_a_thread() -> None:
        thread = threading.Thread(target=switch)  # its own connections
        thread.start()
        thread.join()

    with open_with(folder, lambda: SwitchingEmbedder(in_a_thread)) as kb:
        with pytest.raises(LibraryMismatchError, match="other-1"):
            getattr(kb, way)(QUESTION)
        assert made_by(kb.library, OtherEmbedder(dimension))


def test_an_answer_that_the_switch_overtakes_is_broken_off(folder: Path) -> None:
    with open_with(folder, HashEmbedder) as kb:
        stream = kb.stream(QUESTION)
        assert isinstance(next(stream), Retrieved)
        with open_with(folder, OtherEmbedder) as other:
            rebuild(other)
        with pytest.raises(LibraryMismatchError, match=r"kgrag rebuild"):
            list(stream)
