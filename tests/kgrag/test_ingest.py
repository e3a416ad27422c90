from pathlib import Path

import pytest

from indexes.check import find_problems, state_hash
from kgrag import KnowledgeBase, ingest
from kgrag.files import document_id, find_files
from kgrag.ingest import AddProgress
from tests.fakes import BrokenExtractor, CapitalisedExtractor, open_knowledge_base, write_files

EULER = "Leonhard Euler met Christian Goldbach in 1727."


def outcomes(kb: KnowledgeBase, *paths: Path) -> dict[str, str]:
    return {Path(file.path).name: file.outcome for file in kb.add(paths).files}


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    write_files(tmp_path / "documents", {"a.txt": EULER, "sub/b.md": "# Anna\n\nAnna left."})
    return tmp_path / "documents"


def test_folders_are_searched_in_a_fixed_order_and_nothing_is_taken_twice(documents: Path) -> None:
    write_files(documents, {".hidden": "x", ".git/config": "x", "c.txt": "x"})
    (documents / "loop").symlink_to(documents)
    files = find_files([documents, documents / "a.txt", documents / ".hidden"])
    assert [file.name for file in files] == ["a.txt", "c.txt", "sub/b.md", ".hidden"]
    assert files[0].source == (documents / "a.txt").as_posix()


def test_home_is_understood_and_a_name_that_only_looks_like_it_is_a_name(
    monkeypatch: pytest.MonkeyPatch, documents: Path
) -> None:
    monkeypatch.setenv("HOME", str(documents))
    assert [file.path for file in find_files([Path("~/a.txt")])] == [documents / "a.txt"]
    assert [file.name for file in find_files([Path("~$draft.docx")])] == ["~$draft.docx"]


def test_an_id_says_what_the_bytes_are_and_how_they_are_read() -> None:
    assert document_id("a/x.TXT", b"1") == document_id("y.txt", b"1")
    assert document_id("x.txt", b"1") != document_id("x.md", b"1")
    assert document_id("x.txt", b"1") != document_id("x.txt", b"2")


def test_adding_again_changes_nothing(documents: Path, tmp_path: Path) -> None:
    with open_knowledge_base(tmp_path / "library", chroma=False) as kb:
        assert outcomes(kb, documents) == {"a.txt": "indexed", "b.md": "indexed"}
        before, version = state_hash(kb.library), kb.library.version
        assert outcomes(kb, documents) == {"a.txt": "unchanged", "b.md": "unchanged"}
        assert (state_hash(kb.library), kb.library.version) == (before, version)


def test_a_changed_file_replaces_its_old_version(documents: Path, tmp_path: Path) -> None:
    with open_knowledge_base(tmp_path / "library", chroma=False) as kb:
        kb.add(documents)
        (documents / "a.txt").write_text("Daniel Bernoulli left in 1733.")
        assert outcomes(kb, documents) == {"a.txt": "indexed", "b.md": "unchanged"}
        assert {document.name for document in kb.documents()} == {"a.txt", "sub/b.md"}
        assert kb.facts(about="Leonhard Euler") == []
        assert not any("Euler" in passage.text for passage in kb.search("Euler").passages)
        assert find_problems(kb.library) == []


@pytest.mark.parametrize("group", [1, 64])
def test_files_that_change_places_are_all_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: int
) -> None:
    """One gets new words, the next what was in it, the third what was in the second."""
    monkeypatch.setattr(ingest, "GROUP_DOCUMENTS", group)
    documents = tmp_path / "documents"
    write_files(documents, {"a.txt": EULER, "b.txt": "Anna left."})
    with open_knowledge_base(tmp_path / "library", chroma=False) as kb:
        kb.add(documents)
        write_files(documents, {"a.txt": "New.", "b.txt": EULER, "c.txt": "Anna left."})
        assert "failed" not in outcomes(kb, documents).values()
        texts = {document.name: kb.document(document.id).text for document in kb.documents()}
        assert texts == {"a.txt": "New.", "b.txt": EULER, "c.txt": "Anna left."}
        assert find_problems(kb.library) == []


@pytest.mark.parametrize("group", [1, 64])
def test_one_content_under_two_names_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: int
) -> None:
    monkeypatch.setattr(ingest, "GROUP_DOCUMENTS", group)
    paths = write_files(tmp_path, {"a.txt": EULER, "b.txt": EULER})
    with open_knowledge_base(tmp_path / "library", chroma=False) as kb:
        first, second = kb.add(paths).files
        assert (first.outcome, second.outcome) == ("indexed", "unchanged")
        assert second.reason == "b.txt has the same content as a.txt"
        assert len(kb.documents()) == 1
        assert first.document_id == second.document_id


def test_the_report_counts_and_keeps_the_order(tmp_path: Path) -> None:
    paths = write_files(tmp_path, {"b.txt": EULER, "a.bin": b"\0\1\2", "c.txt": ""})
    with open_knowledge_base(tmp_path / "library", chroma=False) as kb:
        report = kb.add(paths)
    assert [Path(file.path).name for file in report.files] == ["b.txt", "a.bin", "c.txt"]
    euler = report.files[0]
    assert (euler.passages, euler.mentions, euler.triplets) == (1, 3, 2)
    assert [file.document_id is None for file in report.files] == [False, True, False]
    assert report.seconds > 0


def test_progress_counts_up_to_the_end_and_never_tells_of_what_is_not_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "GROUP_DOCUMENTS", 2)
    paths = write_files(tmp_path, {f"{n}.txt": f"Anna wrote letter {n}." for n in range(5)})
    seen: list[AddProgress] = []
    with open_knowledge_base(tmp_path / "library", chroma=False) as kb:

        def tell(progress: AddProgress) -> None:
            seen.append(progress)
            assert len(kb.documents()) >= progress.done

        kb.add(paths, progress=tell)
    assert [progress.done for progress in seen] == sorted(progress.done for progress in seen)
    assert (seen[-1].done, seen[-1].total, seen[-1].stage) == (5, 5, "done")
    assert {progress.stage for progress in seen} == {"reading", "extracting", "storing", "done"}


def test_a_group_with_one_text_that_breaks_the_extractor_loses_only_that(tmp_path: Path) -> None:
    texts = {"a.txt": EULER, "b.txt": "Cursed Anna.", "c.txt": "Anna Ivanova left in 1730."}
    paths = write_files(tmp_path, dict(texts))
    with open_knowledge_base(
        tmp_path / "library", chroma=False, extractor=lambda: BrokenExtractor("Cursed")
    ) as kb:
        assert [file.triplets for file in kb.add(paths).files] == [2, 0, 1]
        assert [document.outcome for document in kb.documents()] == [
            "indexed",
            "indexed_partial",
            "indexed",
        ]


def test_uploads_are_known_by_their_name_alone(tmp_path: Path) -> None:
    (first,) = write_files(tmp_path / "one", {"a.txt": EULER})
    (second,) = write_files(tmp_path / "two", {"a.txt": "Anna left."})
    with open_knowledge_base(tmp_path / "library", chroma=False) as kb:
        kb.upload(first)
        assert kb.upload(second).files[0].outcome == "indexed"
        assert [kb.document(d.id).text for d in kb.documents()] == ["Anna left."]


def test_extraction_sees_whole_documents_and_every_text_once(tmp_path: Path) -> None:
    seen: list[str] = []

    class Listening(CapitalisedExtractor):
        def extract(self, texts):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            seen.extend(texts)
            return super().extract(texts)

    paths = write_files(tmp_path, {"a.txt": EULER, "b.txt": "Anna left.", "empty.txt": ""})
    with open_knowledge_base(tmp_path / "library", chroma=False, extractor=Listening) as kb:
        kb.add(paths)
        kb.add(paths)
    assert sorted(text for text in seen if text) == sorted([EULER, "Anna left."])
