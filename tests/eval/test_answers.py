"""The parts of the task ``answers``, given a product that works and one that does not."""

from pathlib import Path

import pytest

from eval import counterfactual
from eval.random_weights import RecordedModel, Recorder, conforms, example_questions
from indexes.text import language_of
from kgrag.knowledge_base import KnowledgeBase
from kgrag.language_model import Request
from kgrag.model_settings import ModelSettings
from tests.chat_server import say, serving
from tests.fakes import CapitalisedExtractor

PROMPT = Request(
    [("system", "rules"), ("user", "[1] One.\n[2] Two.\n\nQUESTION\n\nWho?")], max_tokens=10
)


@pytest.mark.parametrize(
    ("text", "is_cut", "is_good"),
    [
        ("It is so. [1]", False, True),
        ("It is so. [1] And th", True, True),
        ("The documents do not say.", False, True),
        ("It is so. [3]", False, False),
        ("It is so.", False, False),
        ("It is so. [1] And so.", False, False),
        ("", False, False),
        ("It is", True, False),
    ],
)
def test_only_sentences_that_cite_what_was_offered_conform(
    text: str, is_cut: bool, is_good: bool
) -> None:
    assert conforms(PROMPT, text, is_cut) == is_good


def test_what_a_model_writes_is_kept_as_it_comes() -> None:
    with serving() as (server, endpoint):
        server.usual = say("Half", finish="length")
        recorder = Recorder()
        model = RecordedModel(ModelSettings(endpoint=endpoint), recorder)
        assert [piece.text for piece in model.stream(PROMPT)] == ["Half", ""]
        model.close()
    assert recorder.written == [(PROMPT, "Half", True)]


def test_cases_are_drawn_alike_from_a_seed_and_their_numbers_differ() -> None:
    drawn = counterfactual.cases(1)
    assert drawn == counterfactual.cases(1) != counterfactual.cases(2)
    assert len({case.question for case in drawn}) == len(drawn) == 50
    for case in drawn:
        assert case.before in case.text and case.after in case.changed
        assert case.after not in case.text and case.before not in case.changed


def test_an_answer_that_does_not_follow_the_documents_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, other = counterfactual.cases(1)[:2]
    for item in (case, other):
        (tmp_path / item.name).write_text(item.text, encoding="utf-8")
    with KnowledgeBase.open(tmp_path / "library", extractor=CapitalisedExtractor) as kb:
        kb.add([tmp_path / case.name, tmp_path / other.name])
        good = {"answered": True, "changed": True, "declined": True}
        assert counterfactual.follow(kb, tmp_path, case) == good
        remembered = list(kb.stream(case.question))
        monkeypatch.setattr(kb, "stream", lambda *_, **__: iter(remembered))
        found = counterfactual.follow(kb, tmp_path, case)
    assert found == {"answered": True, "changed": False, "declined": False}


def test_questions_are_asked_in_both_languages() -> None:
    asked = example_questions(["Euler"], 6)
    assert all("Euler" in question for question in asked)
    assert {language_of(question.replace("Euler", "")) for question in asked} == {"en", "ru"}
