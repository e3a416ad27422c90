"""Facts as evidence: how they are ranked, reached, counted and contradicted."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexes.records import Triplet
from indexes.scope import Filter
from indexes.view import view
from kgrag.events import RankedFact
from kgrag.evidence import independent_documents, rank_facts, rivals
from kgrag.knowledge_base import KnowledgeBase
from tests.fakes import open_knowledge_base, write_files
from tests.indexes.samples import add, plain_library, said

BORN = "P19"


@pytest.fixture
def kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    with open_knowledge_base(tmp_path / "library", chroma=False) as opened:
        opened.add(
            write_files(
                tmp_path,
                {
                    "film.txt": "Forbidden Ground was directed by Pavel Gabor.",
                    "gabor.txt": "Pavel Gabor was born in Old Town.",
                    "copy.txt": "Pavel Gabor was born in Old Town. Nothing else is known.",
                    "other.txt": "The town chronicle says that Pavel Gabor left Old Town.",
                },
            )
        )
        yield opened


def found(kb: KnowledgeBase, question: str, subject: str, object_: str) -> RankedFact:
    result = kb.search(question)
    return next(
        item
        for item in result.ranked_facts
        if (item.fact.subject.name, item.fact.object.name) == (subject, object_)
    )


def test_a_fact_about_what_is_asked_comes_first(kb: KnowledgeBase) -> None:
    best = kb.search("Who directed Forbidden Ground?").facts[0]
    assert (best.subject.name, best.object.name) == ("Forbidden Ground", "Pavel Gabor")


def test_a_fact_one_hop_on_says_how_it_was_reached(kb: KnowledgeBase) -> None:
    item = found(kb, "Where was the director of Forbidden Ground born?", "Pavel Gabor", "Old Town")
    (step,) = item.path
    assert (step.start, step.end, step.is_forward) == ("Forbidden Ground", "Pavel Gabor", True)
    assert step.relation and step.document is None


def test_copies_of_a_sentence_are_one_witness(kb: KnowledgeBase) -> None:
    item = found(kb, "Where was Pavel Gabor born?", "Pavel Gabor", "Old Town")
    assert {e.document_name for e in item.fact.evidence} == {"gabor.txt", "copy.txt", "other.txt"}
    assert item.documents == independent_documents(item.fact) == 2


def test_evidence_outside_the_filter_is_not_counted(kb: KnowledgeBase) -> None:
    result = kb.search("Where was Pavel Gabor born?", where=Filter(documents=("gabor.txt",)))
    assert {e.document_name for f in result.facts for e in f.evidence} == {"gabor.txt"}


def test_a_fact_with_much_evidence_leaves_the_others_theirs(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = "Where was Pavel Gabor, director of Forbidden Ground, born?"
    everything = {(fact.subject.name, fact.object.name) for fact in kb.search(question).facts}
    assert len(everything) > 1
    monkeypatch.setattr("indexes.facts._MAX_EVIDENCE", 0)
    found = kb.search(question).facts
    assert {(fact.subject.name, fact.object.name) for fact in found} == everything
    assert all(fact.evidence for fact in found)


def _fact(tmp_path: Path, *objects: tuple[str, str]) -> tuple[Triplet, ...]:
    """Return what contradicts that A was born in the first of these."""
    library = plain_library(tmp_path / "library")
    for number, (name, key) in enumerate(objects):
        text = f"Anna came from {name}."
        names = [("Anna", "person|anna"), (name, key)]
        add(
            library,
            f"{number}.txt",
            said(text, names, facts=[(0, BORN, 1)], score=0.9 - number / 9),
        )
    with view(library) as seen:
        first = library.graph.triplets()[0]
        assert first.object.name == objects[0][0]
        (against,) = rivals(seen, [first]).values() or [()]
        return against


def test_two_objects_of_a_relation_that_admits_one_contradict_each_other(tmp_path: Path) -> None:
    (rival,) = _fact(tmp_path, ("Basel", "person|basel"), ("Bern", "person|bern"))
    assert rival.object.name == "Bern"


def test_the_same_said_twice_is_no_contradiction(tmp_path: Path) -> None:
    assert _fact(tmp_path, ("Basel", "person|basel"), ("Basel", "person|basel")) == ()


def test_nothing_found_gives_no_facts(tmp_path: Path) -> None:
    with view(plain_library(tmp_path / "library")) as seen:
        assert rank_facts(seen, (), (), {}, "en") == ()
