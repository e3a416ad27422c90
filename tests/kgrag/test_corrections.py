from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from indexes.check import find_problems, state_hash
from indexes.errors import CorrectionError, DocumentNotFoundError
from indexes.records import Evidence
from kgrag import KnowledgeBase
from kgrag.export import FORMATS
from kgrag.rebuild import rebuild
from tests.fakes import open_knowledge_base, write_files

FILES = {
    "a.txt": "Leonhard Euler met Christian Goldbach in 1727. It rained in the town.",
    "b.txt": "Ludovicus wrote to Anna Ivanova. She liked the letter very much.",
    "c.txt": "Anna Ivanova met Daniel Bernoulli in Basel. They talked about water.",
}


PLAIN = (Evidence("sha256:0", "x.txt", None, 0, 1, "x", "hand", 0.5),)


@pytest.fixture
def kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    write_files(tmp_path / "documents", dict(FILES))
    with open_knowledge_base(tmp_path / "library", chroma=False) as opened:
        opened.add(tmp_path / "documents")
        yield opened
        assert find_problems(opened.library) == []


def id_of(kb: KnowledgeBase, name: str, *, at: int = 0) -> str:
    """Return the id of the entity that is called so."""
    ids = [entity for (entity,) in kb.library.db.execute("SELECT DISTINCT entity FROM identities")]
    found = kb.library.graph.entities(ids).values()
    return sorted(entity.id for entity in found if entity.name == name)[at]


def lines(kb: KnowledgeBase) -> list[str]:
    return sorted(
        f"{fact.subject.name} - {fact.object.name}"
        for fact in kb.facts()
        if not fact.object.name.isdigit()
    )


def test_every_kind_is_told_in_one_plain_line_newest_first(kb: KnowledgeBase) -> None:
    basel, euler = id_of(kb, "Basel"), id_of(kb, "Leonhard Euler")
    kb.corrections.merge(euler, id_of(kb, "Ludovicus"))
    kb.corrections.rename(euler, " The \n Cyclops ")
    kb.corrections.retract(id_of(kb, "Daniel Bernoulli"), "P3342", basel)
    kb.corrections.split(id_of(kb, "Anna Ivanova"), documents=["c.txt"])
    kb.corrections.split(id_of(kb, "The Cyclops"), names=["Ludovicus"])
    made = kb.corrections.list()
    assert [(item.kind, item.what) for item in made] == [
        ("split", "Split “Ludovicus” off “The Cyclops”"),
        ("split", "Split what 1 document mentions off “Anna Ivanova”"),
        ("retract", "Retracted “Daniel Bernoulli” – significant person – “Basel”"),
        ("rename", "Renamed “Leonhard Euler” to “The Cyclops”"),
        ("merge", "Merged “Ludovicus” into “Leonhard Euler”"),
    ]
    assert [item.id for item in made] == sorted((item.id for item in made), reverse=True)


def test_facts_of_merged_entities_are_of_one_and_a_question_finds_both(kb: KnowledgeBase) -> None:
    kb.corrections.merge(id_of(kb, "Leonhard Euler"), id_of(kb, "Ludovicus"))
    assert lines(kb) == [
        "Anna Ivanova - Daniel Bernoulli",
        "Daniel Bernoulli - Basel",
        "Leonhard Euler - Anna Ivanova",
        "Leonhard Euler - Christian Goldbach",
    ]
    assert {fact.object.name for fact in kb.facts("Ludovicus")} >= {
        "Anna Ivanova",
        "Christian Goldbach",
    }


def test_a_question_that_uses_a_given_name_is_answered(kb: KnowledgeBase) -> None:
    question = "Whom did Cyclopius meet in 1727?"
    assert kb.ask(question).abstained
    kb.corrections.rename(id_of(kb, "Leonhard Euler"), "Cyclopius")
    answer = kb.ask(question)
    assert not answer.abstained
    assert "Christian Goldbach" in answer.text
    assert {fact.subject.name for fact in kb.facts("Cyclopius")} == {"Cyclopius"}
    assert {fact.subject.name for fact in kb.facts("Leonhard Euler")} == {"Cyclopius"}


def test_a_retracted_fact_is_in_no_answer_list_count_or_export(kb: KnowledgeBase) -> None:
    """The sentence that states it may still be quoted: it stands in the document."""
    question = "Whom did Daniel Bernoulli meet in Basel?"
    count = {item.name: item.triplets for item in kb.documents()}
    exports = {name: make(kb.facts()) for name, make in FORMATS.items()}
    bernoulli, basel = id_of(kb, "Daniel Bernoulli"), id_of(kb, "Basel")
    made = kb.corrections.retract(bernoulli, "P3342", basel)
    assert "Daniel Bernoulli - Basel" not in lines(kb)
    assert {item.name: item.triplets for item in kb.documents()} == count | {"c.txt": 1}
    result = kb.search(question)
    stated = [*result.facts, *(f for c in kb.ask(question).citations for f in c.facts)]
    assert stated
    assert all(fact.object.name != "Basel" for fact in stated)
    assert any("in Basel" in passage.text for passage in result.passages)
    for make in FORMATS.values():
        # In quotations of other facts the name still stands.
        without_quotations = make([replace(fact, evidence=PLAIN) for fact in kb.facts()])
        assert "Bernoulli" in without_quotations
        assert "Basel" not in without_quotations
    kb.corrections.undo(made.id)
    assert {name: make(kb.facts()) for name, make in FORMATS.items()} == exports


def test_a_changed_version_of_a_file_keeps_its_corrections(kb: KnowledgeBase) -> None:
    documents = kb.library.folder.parent / "documents"
    kb.corrections.split(id_of(kb, "Anna Ivanova"), documents=["c.txt"])
    kb.corrections.retract(id_of(kb, "Daniel Bernoulli"), "P3342", id_of(kb, "Basel"))
    write_files(documents, {"c.txt": FILES["c.txt"] + " Anna Ivanova left."})
    kb.add(documents)
    assert len({id_of(kb, "Anna Ivanova", at=at) for at in (0, 1)}) == 2
    assert "Daniel Bernoulli - Basel" not in lines(kb)


def test_a_rebuild_keeps_corrections_and_conversations(kb: KnowledgeBase) -> None:
    kb.corrections.merge(id_of(kb, "Leonhard Euler"), id_of(kb, "Ludovicus"))
    kb.corrections.split(id_of(kb, "Anna Ivanova"), documents=["c.txt"])
    kb.corrections.retract(id_of(kb, "Daniel Bernoulli"), "P3342", id_of(kb, "Basel"))
    kb.corrections.undo(kb.corrections.rename(id_of(kb, "Basel"), "Bâle").id)
    kb.corrections.rename(id_of(kb, "Leonhard Euler"), "The Cyclops")
    conversation = kb.library.conversations.begin("Who?")
    cited = [kb.document("a.txt").id]
    kb.library.conversations.append(conversation, "Who?", "{}", cited)
    before, made = state_hash(kb.library), kb.corrections.list()
    talks = kb.library.conversations.list()
    assert rebuild(kb) == 3
    assert state_hash(kb.library) == before
    assert kb.corrections.list() == made
    assert kb.library.conversations.list() == talks
    for item in made:
        kb.corrections.undo(item.id)
    assert "Ludovicus - Anna Ivanova" in lines(kb)


def test_what_cannot_be_corrected_is_told_and_changes_nothing(kb: KnowledgeBase) -> None:
    corrections = kb.corrections
    euler, anna = id_of(kb, "Leonhard Euler"), id_of(kb, "Anna Ivanova")
    before, version = state_hash(kb.library), kb.library.version
    for call, words in (
        (lambda: corrections.merge(euler, euler), "“Leonhard Euler” cannot be merged with itself"),
        (lambda: corrections.merge(euler, "Q1"), "There is no entity “Q1”"),
        (lambda: corrections.merge("\ud800", euler), "There is no entity"),
        (lambda: corrections.rename(euler, " \n"), "A name cannot be empty"),
        (lambda: corrections.rename(euler, "x" * 201), "can have 200 characters.* has 201"),
        (lambda: corrections.rename(euler, "a\ud800"), "characters that cannot be shown"),
        (lambda: corrections.rename(euler, "a\0b"), "characters that cannot be shown"),
        (lambda: corrections.rename(euler, "Leonhard Euler"), "called “Leonhard Euler” already"),
        (lambda: corrections.rename("e:0", "Nobody"), "There is no entity “e:0”"),
        (lambda: corrections.split(euler), "Choose names or documents"),
        (lambda: corrections.split(euler, names=["Leonhard Euler"]), "nothing would be left"),
        (lambda: corrections.split(euler, names=["Gauss"]), "No document calls it “Gauss”"),
        (lambda: corrections.split(euler, documents=["c.txt"]), "None of the chosen documents"),
        (lambda: corrections.retract(euler, "P19", anna), "No document states this fact"),
        (lambda: corrections.retract(euler, "P3342", "Q1"), "There is no entity “Q1”"),
        (lambda: corrections.undo(7), "There is no correction 7"),
    ):
        with pytest.raises(CorrectionError, match=words):
            call()
    with pytest.raises(DocumentNotFoundError):
        corrections.split(anna, documents=["nowhere.txt"])
    assert (state_hash(kb.library), kb.library.version) == (before, version)


def test_two_names_of_one_normal_form_can_only_be_split_by_documents(tmp_path: Path) -> None:
    with open_knowledge_base(tmp_path / "library", chroma=False) as kb:
        write_files(
            tmp_path / "d", {"a.txt": "Anna Ivanova met Bob.", "b.txt": "ANNA IVANOVA left."}
        )
        kb.add(tmp_path / "d")
        anna = id_of(kb, "ANNA IVANOVA")
        with pytest.raises(CorrectionError, match="Choose some of the documents"):
            kb.corrections.split(anna, names=["Anna Ivanova"])
        kb.corrections.split(anna, names=["ANNA IVANOVA"], documents=["b.txt"])
        assert kb.corrections.list()[0].what == (
            "Split “ANNA IVANOVA” in 1 document off “ANNA IVANOVA”"
        )
        assert id_of(kb, "ANNA IVANOVA") != id_of(kb, "Anna Ivanova")
