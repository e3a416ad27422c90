"""Each question holds while its correction is in force, and fails before it and after undoing."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.drafts.regression import questions_of_corrections
from eval.sets.questions import Question
from kgrag import KnowledgeBase
from kgrag.names import normal_name
from tests.eval.stated import told
from tests.fakes import EXAMPLES


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples") / "library"
    with KnowledgeBase.open(folder) as kb:
        kb.add(EXAMPLES)
    return folder


@pytest.fixture
def kb(whole: Path, tmp_path: Path) -> Iterator[KnowledgeBase]:
    shutil.copytree(whole, tmp_path / "library")
    with KnowledgeBase.open(tmp_path / "library") as opened:
        yield opened


def id_of(kb: KnowledgeBase, name: str) -> str:
    """Return the id of the entity that facts call so, first of all."""
    ends = [end for fact in kb.facts() for end in (fact.subject, fact.object)]
    return next(end.id for end in ends if end.name == name)


def only(kb: KnowledgeBase) -> Question:
    (question,) = questions_of_corrections(kb)
    return question


def known_of(kb: KnowledgeBase, name: str) -> set[str]:
    """Return all that the facts about a name call their two ends."""
    ends = [end for fact in kb.facts(name) for end in (fact.subject, fact.object)]
    return {normal_name(text) for end in ends for text in (end.name, *end.aliases)}


def is_found(kb: KnowledgeBase, question: Question) -> bool:
    """Return whether the answer cites each piece of expected evidence."""
    answer = kb.ask(question.text)
    return not answer.abstained and all(
        any(
            citation.document_name == piece.document
            and " ".join(citation.quote.split()) in piece.quote
            for citation in answer.citations
        )
        for piece in question.evidence
    )


def test_a_new_name_is_asked_by_and_found_only_while_it_is_given(kb: KnowledgeBase) -> None:
    assert questions_of_corrections(kb) == ()
    made = kb.corrections.rename(id_of(kb, "Peter Grimm"), "Captain Fireproof")
    question = only(kb)
    assert question.id == f"correction-{made.id}"
    assert question.text == "What was Captain Fireproof's profession?"
    assert question.answers == ("craftsman",)
    assert question.kind == "rename"
    assert question.evidence[0].page == 3
    assert is_found(kb, question)
    kb.corrections.undo(made.id)
    assert not is_found(kb, question)
    assert questions_of_corrections(kb) == ()


def test_what_was_taken_back_is_wrong_and_what_is_stated_still_is_right(kb: KnowledgeBase) -> None:
    about = {fact.object.name for fact in kb.facts("Leonhard Euler") if fact.relation == "P570"}
    assert {"26 August 1735", "18 September 1783"} <= about
    made = kb.corrections.retract(id_of(kb, "Leonhard Euler"), "P570", id_of(kb, "26 August 1735"))
    question = only(kb)
    assert question.text == "When did Leonhard Euler die?"
    assert question.wrong == ("26 August 1735",)
    assert "18 September 1783" in question.answers
    assert question.answerable
    wrong = normal_name(question.wrong[0])
    assert wrong not in known_of(kb, "Leonhard Euler")
    assert not any(answer in question.wrong for answer in question.answers)
    kb.corrections.undo(made.id)
    assert wrong in known_of(kb, "Leonhard Euler")


def test_what_nothing_states_any_more_is_to_be_declined(tmp_path: Path) -> None:
    documents = {"a.txt": "Anna Petrova was born in Kolding. It is a town."}
    types = {"Anna Petrova": "person", "Kolding": "city"}
    with told(tmp_path, documents, types, [("Anna Petrova", "P19", "Kolding", 0.9)]) as library:
        library.corrections.retract(
            id_of(library, "Anna Petrova"), "P19", id_of(library, "Kolding")
        )
        question = only(library)
    assert (question.text, question.answerable) == ("Where was Anna Petrova born?", False)
    assert (question.answers, question.wrong) == ((), ("Kolding",))


TYPES = {
    "Anna Petrova": "person", "Countess Vera": "person", "Kolding": "city", "1850": "date",
    "Carl Maier": "person",
}  # fmt: skip
DOCUMENTS = {
    "a.txt": "Anna Petrova was born in Kolding. She liked the town.",
    "b.txt": "Countess Vera died in 1850. It rained.",
    "c.txt": "Carl Maier wrote nothing.",
}
FACTS = [("Anna Petrova", "P19", "Kolding", 0.9), ("Countess Vera", "P570", "1850", 0.9)]


def test_what_was_merged_is_asked_by_one_name_and_found_under_the_other(tmp_path: Path) -> None:
    with told(tmp_path, DOCUMENTS, TYPES, FACTS) as library:
        anna, vera = id_of(library, "Anna Petrova"), id_of(library, "Countess Vera")
        assert "1850" not in known_of(library, "Anna Petrova")
        made = library.corrections.merge(anna, vera)
        question = only(library)
        assert question.text == "When did Anna Petrova die?"
        assert question.answers == ("1850",)
        (piece,) = question.evidence
        assert (piece.document, piece.quote) == ("b.txt", "Countess Vera died in 1850.")
        assert "1850" in known_of(library, "Anna Petrova")
        library.corrections.undo(made.id)
        assert "1850" not in known_of(library, "Anna Petrova")


def test_what_was_split_is_asked_by_one_name_and_must_not_get_the_others(tmp_path: Path) -> None:
    documents = DOCUMENTS | {"d.txt": "Anna Petrova, also known as Countess Vera, wrote."}
    facts = [*FACTS, ("Anna Petrova", "P4970", "Countess Vera", 0.95)]
    with told(tmp_path, documents, TYPES, facts) as library:
        assert "kolding" in known_of(library, "Countess Vera")  # documents say that they are one
        made = library.corrections.split(id_of(library, "Countess Vera"), names=["Anna Petrova"])
        question = only(library)
        assert (question.id, question.kind) == (f"correction-{made.id}", "split")
        assert question.text == "Where was Countess Vera born?"
        assert (question.wrong, question.answerable) == (("Kolding",), False)
        assert "kolding" not in known_of(library, "Countess Vera")
        library.corrections.undo(made.id)
        assert "kolding" in known_of(library, "Countess Vera")
        assert questions_of_corrections(library) == ()


def test_of_a_merge_and_the_split_that_takes_it_apart_only_the_split_is_asked(
    tmp_path: Path,
) -> None:
    with told(tmp_path, DOCUMENTS, TYPES, FACTS) as library:
        anna, vera = id_of(library, "Anna Petrova"), id_of(library, "Countess Vera")
        library.corrections.merge(anna, vera)
        library.corrections.split(anna, names=["Countess Vera"])
        assert [question.kind for question in questions_of_corrections(library)] == ["split"]


def test_ids_stay_when_other_corrections_come_and_go(tmp_path: Path) -> None:
    with told(tmp_path, DOCUMENTS, TYPES, FACTS) as library:
        first = library.corrections.rename(id_of(library, "Anna Petrova"), "Anna the Elder")
        second = library.corrections.rename(id_of(library, "Countess Vera"), "Vera the Younger")
        both = questions_of_corrections(library)
        assert [item.id for item in both] == [f"correction-{first.id}", f"correction-{second.id}"]
        library.corrections.undo(first.id)
        assert questions_of_corrections(library) == both[1:]


def test_a_correction_of_which_nothing_can_be_asked_gives_no_question(tmp_path: Path) -> None:
    with told(tmp_path, DOCUMENTS, TYPES, FACTS) as library:
        library.corrections.rename(id_of(library, "Countess Vera"), "Vera the Younger")
        library.remove("b.txt")
        assert questions_of_corrections(library) == ()


def test_corrections_become_questions_in_russian_too(kb: KnowledgeBase) -> None:
    kb.corrections.rename(id_of(kb, "Иоганн Мюллер"), "Иоганн из Кёнигсберга")
    kb.corrections.retract(id_of(kb, "Вольтер"), "P19", id_of(kb, "Paris"))
    renamed, retracted = questions_of_corrections(kb)
    assert renamed.text == "Кто по профессии или должности Иоганн из Кёнигсберга?"
    assert renamed.answers == ("астроном",)
    assert retracted.language == "ru"
    assert "Париже" in retracted.wrong
