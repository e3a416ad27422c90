import sqlite3
import threading
from pathlib import Path

import pytest

import kgrag
from indexes.errors import (
    DocumentNotFoundError,
    LibraryDamagedError,
    LibraryEmptyError,
    LibraryMismatchError,
    LibraryNotFoundError,
)
from kgrag import Answered, KnowledgeBase, Retrieved
from kgrag.extract import Extractor
from kgrag.settings import LinkSettings, Settings
from kgrag.train.catalogue_file import EntityRow, writing
from tests.fakes import CapitalisedExtractor, HashEmbedder, open_knowledge_base, write_files

FILES: dict[str, str | bytes] = {
    "a.txt": "Leonhard Euler met Christian Goldbach in 1727.",
    "b.txt": "Anna Ivanova wrote to Leonhard Euler.",
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    write_files(folder / "documents", FILES)
    with open_knowledge_base(folder / "library", chroma=False) as kb:
        kb.add(folder / "documents")
    return folder / "library"


def test_what_the_package_offers_is_sorted_and_there() -> None:
    assert kgrag.__all__ == sorted(kgrag.__all__)
    assert all(getattr(kgrag, name) for name in kgrag.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        kgrag.Nonsense  # noqa: B018


def test_listing_and_showing_load_no_model(filled: Path) -> None:
    def no_extractor() -> Extractor:
        raise AssertionError("an extractor was loaded")

    with KnowledgeBase.open(filled, extractor=no_extractor) as kb:
        (first, second) = kb.documents()
        assert (first.name, second.name) == ("a.txt", "b.txt")
        assert kb.document("a.txt").text == FILES["a.txt"]
        assert kb.document(first.id[7:17]).id == first.id
        assert [entity.name for _, entity in kb.mentions("a.txt")] == [
            "Leonhard Euler",
            "Christian Goldbach",
            "1727",
        ]
        assert len(kb.facts()) == 3
        assert len(kb.facts(document_id="b.txt")) == 1


def test_facts_about_a_name_come_from_every_document(filled: Path) -> None:
    with open_knowledge_base(filled, chroma=False) as kb:
        facts = kb.facts(about="Leonhard Euler")
        assert {item.document_name for f in facts for item in f.evidence} == {"a.txt", "b.txt"}
        assert kb.facts(about="Nobody At All") == []


def test_asking_streams_what_was_retrieved_first_and_the_answer_last(filled: Path) -> None:
    with open_knowledge_base(filled, chroma=False) as kb:
        events = list(kb.stream("Whom did Leonhard Euler meet?"))
        assert isinstance(events[0], Retrieved)
        assert isinstance(events[-1], Answered)
        assert kb.ask("Whom did Leonhard Euler meet?").text == events[-1].answer.text
        assert events[0].result.passages[0].document_name == "a.txt"
        assert len(kb.search("Euler", limit=1).passages) == 1


def test_a_removed_document_is_gone_from_every_answer(tmp_path: Path) -> None:
    write_files(tmp_path / "documents", FILES)
    with open_knowledge_base(tmp_path / "library") as kb:
        kb.add([str(tmp_path / "documents")])
        kb.remove("a.txt")
        assert [document.name for document in kb.documents()] == ["b.txt"]
        assert not kb.facts(about="Christian Goldbach")
        assert {p.document_name for p in kb.search("Euler Goldbach 1727").passages} == {"b.txt"}
        with pytest.raises(DocumentNotFoundError):
            kb.remove("a.txt")
        kb.remove("b.txt")
        with pytest.raises(LibraryEmptyError, match="kgrag add PATH"):
            kb.search("Euler")


def test_another_embedder_is_refused_before_it_answers(filled: Path) -> None:
    with (
        KnowledgeBase.open(filled, embedder=lambda: HashEmbedder(32)) as kb,
        pytest.raises(LibraryMismatchError, match="embedder"),
    ):
        kb.search("Euler")


def test_another_catalogue_is_used_from_the_start_and_refused_later(
    filled: Path, tmp_path: Path
) -> None:
    with writing(tmp_path / "own.sqlite") as file:
        euler = EntityRow(7604, "Leonhard Euler", None, "", "person", "person", 100.0)
        file.add(euler, [("leonhard euler", 100.0)])
    settings = Settings(link=LinkSettings(catalogue=str(tmp_path / "own.sqlite")))
    write_files(tmp_path / "documents", FILES)

    def opened(folder: Path) -> KnowledgeBase:
        return KnowledgeBase.open(
            folder, settings, extractor=CapitalisedExtractor, embedder=HashEmbedder
        )

    with opened(tmp_path / "new") as kb:
        kb.add(tmp_path / "documents")
        known = {fact.subject.wikidata for fact in kb.facts()}
        assert known == {None, "Q7604"}
    with opened(filled) as kb, pytest.raises(LibraryMismatchError, match="linker.*kgrag rebuild"):
        kb.add(tmp_path / "documents")


def test_a_library_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(LibraryNotFoundError):
        KnowledgeBase.open(tmp_path / "none", create=False)


def test_damage_is_told_as_damage_by_every_way_of_reading(tmp_path: Path) -> None:
    write_files(tmp_path / "documents", FILES)
    with open_knowledge_base(tmp_path / "library", chroma=False) as kb:
        kb.add(tmp_path / "documents")
    db = sqlite3.connect(tmp_path / "library" / "library.sqlite")
    db.executescript("DROP TABLE sources; DROP TABLE surfaces;")
    db.close()
    with open_knowledge_base(tmp_path / "library", chroma=False) as kb:
        for read in (
            kb.documents,
            kb.facts,
            lambda: kb.document("a.txt"),
            lambda: kb.mentions("a.txt"),
            lambda: kb.facts(about="Leonhard Euler"),
            lambda: kb.search("Euler"),
            lambda: kb.ask("Euler?"),
            lambda: kb.add(tmp_path / "documents"),
        ):
            with pytest.raises(LibraryDamagedError, match="kgrag check"):
                read()


def test_threads_ask_while_another_adds(tmp_path: Path) -> None:
    first, second = write_files(tmp_path, FILES)
    troubles: list[BaseException] = []
    done = threading.Event()
    with open_knowledge_base(tmp_path / "library") as kb:
        kb.add(first)

        def ask() -> None:
            try:
                while not done.is_set():
                    assert kb.search("Whom did Leonhard Euler meet?").passages
            except BaseException as trouble:  # Whatever ends a thread fails the test.
                troubles.append(trouble)

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        for number in range(3):
            second.write_text(f"Anna Ivanova wrote letter {number} to Leonhard Euler.")
            kb.add(second)
        done.set()
        for thread in threads:
            thread.join()
        assert troubles == []
        assert kb.library.chroma_is_usable()


def test_models_are_made_once(tmp_path: Path) -> None:
    made = []

    def make() -> Extractor:
        made.append(1)
        return CapitalisedExtractor()

    with KnowledgeBase.open(tmp_path, extractor=make, embedder=HashEmbedder) as kb:
        assert made == []
        assert kb.extractor is kb.extractor
        assert kb.embedder is kb.embedder
    assert made == [1]
