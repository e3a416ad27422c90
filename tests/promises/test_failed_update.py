"""R6: an update that fails leaves the old version answering."""

from pathlib import Path

import pytest

from indexes.check import find_problems, state_hash
from tests.fakes import BrokenExtractor, open_knowledge_base, write_files
from tests.kgrag.parse.samples import word_of

_BODY = "<w:document xmlns:w='w'><w:body><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:body></w:document>"
_OLD = "Leonhard Euler met Anna Ivanova in 1727."


@pytest.mark.parametrize(
    "broken", [b"PK\x03\x04 nothing", b"", b"\x00\x01\x02" * 99], ids=["corrupt", "empty", "binary"]
)
def test_a_file_that_can_no_longer_be_read_keeps_its_old_version(
    tmp_path: Path, broken: bytes
) -> None:
    (path,) = write_files(tmp_path, {"letter.docx": word_of(_BODY.format(_OLD))})
    with open_knowledge_base(tmp_path / "library", chroma=False) as kb:
        assert kb.add(path).files[0].outcome == "indexed"
        before = state_hash(kb.library)
        path.write_bytes(broken)
        outcome = kb.add(path).files[0].outcome
        if outcome == "failed":
            assert state_hash(kb.library) == before
            assert kb.search("Whom did Euler meet?").passages[0].text == _OLD
            assert kb.facts(about="Leonhard Euler")[0].evidence[0].quote == _OLD
        else:
            assert (outcome, broken) == ("empty", b"")
        assert find_problems(kb.library) == []


def test_an_extractor_that_breaks_down_leaves_the_document_searchable(tmp_path: Path) -> None:
    paths = write_files(
        tmp_path,
        {"a.txt": _OLD, "b.txt": "The Cursed page met Daniel Bernoulli.", "c.txt": "Anna."},
    )
    with open_knowledge_base(
        tmp_path / "library", chroma=False, extractor=lambda: BrokenExtractor("Cursed")
    ) as kb:
        report = kb.add(paths)
        assert [file.outcome for file in report.files] == ["indexed", "indexed_partial", "indexed"]
        assert report.files[1].reason == "b.txt: no facts could be extracted: cannot stand Cursed"
        assert report.files[0].triplets > report.files[1].triplets == 0
        assert "Cursed" in kb.search("cursed page").passages[0].text
        assert find_problems(kb.library) == []


def test_an_extractor_whose_spans_are_wrong_adds_no_edge(tmp_path: Path) -> None:
    from collections.abc import Sequence

    from indexes.records import Extraction, Mention

    class OffByOne(BrokenExtractor):
        def extract(self, texts: Sequence[str]) -> list[Extraction]:
            return [Extraction((Mention(1, 9, "Leonhard", "person", 0.9),)) for _ in texts]

    (path,) = write_files(tmp_path, {"a.txt": _OLD})
    with open_knowledge_base(
        tmp_path / "library", chroma=False, extractor=lambda: OffByOne("")
    ) as kb:
        (file,) = kb.add(path).files
        assert (file.outcome, file.mentions) == ("indexed_partial", 0)
        assert "is not what the text holds there" in (file.reason or "")
        assert kb.search("Euler").passages[0].text == _OLD
