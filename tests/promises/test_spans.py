"""R3: every stored span equals its quotation, over all documents, after restart and update."""

import shutil
from pathlib import Path

import pytest

from indexes.check import find_problems
from kgrag import KnowledgeBase
from tests.fakes import EXAMPLES, open_knowledge_base


def count_checked_spans(kb: KnowledgeBase) -> int:
    """Compare every span with its text; return how many there were."""
    checked = 0
    for summary in kb.documents():
        document = kb.document(summary.id)
        row = kb.library.documents.row_of(summary.id)
        assert row is not None
        passages = kb.library.documents.passages(kb.library.documents.passage_rows(row))
        for passage in passages:
            assert document.text[passage.start : passage.end] == passage.text
            assert passage.page == document.page_at(passage.start)
        for mention, entity in kb.mentions(summary.id):
            assert document.text[mention.start : mention.end] == mention.text
            assert entity.name
        facts = kb.facts(document_id=summary.id)
        for fact in facts:
            for item in fact.evidence:
                assert item.document_id == summary.id
                assert document.text[item.start : item.end] == item.quote
        in_passages = kb.library.graph.mentioned_in([passage.row for passage in passages])
        for passage in passages:
            for mention, _ in in_passages.get(passage.row, ()):
                assert document.text[mention.start : mention.end] == mention.text
        assert (len(passages), len(kb.mentions(summary.id))) == (summary.passages, summary.mentions)
        checked += len(passages) + len(kb.mentions(summary.id)) + len(facts)
    return checked


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder of example documents and the closed library that holds them."""
    folder = tmp_path_factory.mktemp("spans")
    shutil.copytree(EXAMPLES, folder / "documents")
    with open_knowledge_base(folder / "library", chroma=False) as kb:
        report = kb.add(folder / "documents")
        assert {file.outcome for file in report.files} == {"indexed"}
        assert count_checked_spans(kb) > 500
    return folder / "documents", folder / "library"


def test_every_span_equals_its_quotation_after_a_restart(examples: tuple[Path, Path]) -> None:
    with open_knowledge_base(examples[1], chroma=False) as kb:
        assert len(kb.documents()) == len(list(EXAMPLES.iterdir()))
        assert count_checked_spans(kb) > 500


def test_every_span_equals_its_quotation_after_an_update(examples: tuple[Path, Path]) -> None:
    documents, library = examples
    changed = documents / "goldbach.txt"
    changed.write_text("Вступление 🜍 о Гольдбахе.\n\n" + changed.read_text("utf-8"), "utf-8")
    with open_knowledge_base(library, chroma=False) as kb:
        before = {document.id for document in kb.documents()}
        report = kb.add(documents)
        outcomes = {Path(file.path).name: file.outcome for file in report.files}
        assert [name for name, outcome in outcomes.items() if outcome != "unchanged"] == [
            "goldbach.txt"
        ]
        assert len(before - {document.id for document in kb.documents()}) == 1
        assert count_checked_spans(kb) > 500
        assert find_problems(kb.library) == []
