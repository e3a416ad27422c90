"""Names that a library does not know: no answer about another thing stands in for theirs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kgrag import KnowledgeBase
from tests.fakes import CapitalisedExtractor

TEXTS = {
    "bridge.txt": "The Harwick Bridge was opened to traffic in 1932. It has four lanes.",
    "tower.txt": "The Melford Tower was built in 1890. Its architect was John Carlsbad.",
    "euler.txt": "Леонард Эйлер родился в Базеле в 1707 году и умер в Петербурге.",
}


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder: Path = tmp_path_factory.mktemp("strangers")
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    with KnowledgeBase.open(folder / "library", extractor=CapitalisedExtractor) as opened:
        opened.add([folder / name for name in TEXTS])
        yield opened


@pytest.mark.parametrize(
    ("question", "stranger"),
    [
        ("When was the Fendale Bridge opened to traffic?", "Fendale"),
        ("Когда родился Даниил Бернулли?", "Бернулли"),
    ],
)
def test_a_name_that_occurs_nowhere_is_told_instead_of_an_answer_about_another(
    kb: KnowledgeBase, question: str, stranger: str
) -> None:
    answer = kb.ask(question)
    assert answer.abstained and answer.text == ""
    assert answer.why is not None and stranger in answer.why
    assert answer.nearest


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("When was the Harwick Bridge opened?", "1932"),
        ("When was the Harrwick Bridge opened?", "1932"),
        ("Когда родился Эйлер?", "1707"),
        ("When was Euler born?", "1707"),
    ],
)
def test_a_name_that_is_inflected_misspelled_or_in_another_script_is_known(
    kb: KnowledgeBase, question: str, answer: str
) -> None:
    assert answer in kb.ask(question).text
