"""Searching: any text is a question, and whatever it is, the answer is a ranking or nothing."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexes.scope import Filter
from kgrag import KnowledgeBase
from tests.fakes import CapitalisedExtractor, NoLinker

TEXTS = {
    "levity.txt": "Levity is a 2003 drama film directed by Ed Solomon.",
    "solomon.txt": "Edward James Solomon (born September 15, 1960) is an American writer.",
    "rain.txt": "Out of the Rain is a 1991 film directed by Gary Winick.",
    "winick.txt": "Gary Winick was an American filmmaker who died in 2011.",
    "chess.txt": "The Sicilian Defence is a chess opening that begins with two moves.",
    "замок.txt": "У этого замка две башни. Его построил Иван Грозный.",
}
QUERIES = (
    "", " ", "?", "film", "a" * 10_000, "film director " * 1000,
    "Qu'est-ce que c'est ?", "映画の監督は誰ですか",
    '"', "film OR", "NEAR(film, 2)", "stems:film", "-film", "film*", "^film", "(film", "film)",
    "'; DROP TABLE passages; --", "\0film", "film\ud800", "%_", "{opening}: film", "\\", "\n\n\n",
    "1" * 400, "🎬🎬", "a b c d e f g h i j k l m n o p q r s t u v w x y z",
)  # fmt: skip


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("search")
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    with KnowledgeBase.open(
        folder / "library", extractor=CapitalisedExtractor, linker=NoLinker
    ) as opened:
        opened.add([folder / name for name in TEXTS])
        yield opened


def names(kb: KnowledgeBase, question: str) -> list[str]:
    return [passage.document_name for passage in kb.search(question).passages]


def test_the_second_hop_finds_who_is_named_otherwise(kb: KnowledgeBase) -> None:
    found = names(kb, "When was the director of Levity born?")
    assert found[:2] == ["levity.txt", "solomon.txt"]


def test_both_sides_of_a_comparison_and_their_bridges_are_found(kb: KnowledgeBase) -> None:
    found = names(kb, "Which film's director is older, Levity or Out of the Rain?")
    assert set(found[:4]) == {"levity.txt", "solomon.txt", "rain.txt", "winick.txt"}


def test_an_inflected_word_is_found_in_another_form(kb: KnowledgeBase) -> None:
    assert names(kb, "Кто построил замок?")[0] == "замок.txt"


@pytest.mark.parametrize("question", QUERIES)
def test_whatever_is_asked_is_ranked_or_empty(kb: KnowledgeBase, question: str) -> None:
    result = kb.search(question)
    scores = [passage.score for passage in result.passages]
    assert scores == sorted(scores, reverse=True)
    assert kb.ask(question).mode == "quote"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_a_question(kb: KnowledgeBase, question: str) -> None:
    kb.search(question)


def test_the_same_question_gets_the_same_answer(kb: KnowledgeBase) -> None:
    first, second = (kb.search("Who directed Levity?") for _ in range(2))
    assert (first.passages, first.ranked_facts) == (second.passages, second.ranked_facts)


def test_an_answer_consults_the_chosen_documents_only(kb: KnowledgeBase) -> None:
    where = Filter(documents=("rain.txt", "winick.txt"))
    question = "Who directed the 1991 film Out of the Rain?"
    answer = kb.ask(question, where=where)
    assert {citation.document_name for citation in answer.citations} == {"rain.txt"}
    assert kb.ask(question, where=Filter(documents=("chess.txt",))).abstained
