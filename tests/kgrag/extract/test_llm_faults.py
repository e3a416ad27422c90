"""Answers of a language model that cannot be used, and servers that fail while it extracts."""

import time
from collections.abc import Iterator

import pytest

from indexes.errors import ModelError
from indexes.records import Extraction
from kgrag.extract.llm import FAILURES_IN_A_ROW, LlmExtractor
from kgrag.extract.llm_answer import MAX_ANSWER_CHARS
from kgrag.extract.llm_errors import UnreadTextsError
from kgrag.extract_settings import ExtractSettings
from kgrag.language_model import Piece, Request
from kgrag.model_errors import BusyError, RefusedError
from tests.kgrag.extract.scripted import (
    BORN,
    EULER,
    NAMES,
    ScriptedModel,
    check,
    claims,
    extract,
)

FAULTS: dict[str, tuple[str | Piece, str]] = {
    "nothing": ("", "answered with nothing. If it is one that thinks, switch that off"),
    "white space": ("  \n", "answered with nothing. If it is one that thinks"),
    "thoughts": ("<think>Let me see.</think>", "answered with nothing but thoughts"),
    "thoughts without end": (Piece("<think>Let", is_cut=True), "nothing but thoughts"),
    "thoughts that the server keeps": (Piece("", is_cut=True), "nothing but thoughts"),
    "cut off": (Piece('{"mentions": [', is_cut=True), "was not done after 2500 tokens"),
    "no JSON": ("The names are: Euler.", "no JSON: “The names are: Euler.”"),
    "half of JSON": ('{"mentions": [', "no JSON: “{\"mentions\": [”"),
    "an empty object": ("{}", "JSON of another shape: “{}”"),
    "a list": ("[]", "JSON of another shape"),
    "no lists": ('{"mentions": {}, "triplets": {}}', "JSON of another shape"),
    "one list": ('{"mentions": []}', "JSON of another shape"),
    "deep nesting": ("[" * 20_000, "no JSON"),
    "far too much": ("x" * (MAX_ANSWER_CHARS + 1), "answered with 40,001 characters"),
    "nothing of the text": (claims(Gauss="person"), "named nothing that stands in the text"),
    "no type": (claims(Basel="thing"), "named nothing that stands in the text"),
    "no texts": ('{"mentions": [1, {"quote": 1, "type": null}], "triplets": [[]]}', "(entries: 3)"),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "told"), FAULTS.values(), ids=FAULTS)
def test_an_answer_that_cannot_be_used_is_asked_for_once_more_and_then_named(
    answer: str | Piece, told: str
) -> None:
    model = ScriptedModel(lambda _: answer)
    with pytest.raises(UnreadTextsError) as caught:
        LlmExtractor(model, ExtractSettings("llm")).extract(["It rained in Basel."])
    (error,) = caught.value.found
    assert "http://127.0.0.1:9/v1 (scripted)" in str(error)
    assert told in str(error)
    assert str(error).endswith(".")
    assert len(model.requests) == 2
    first, second = (request.messages[-1][1] for request in model.requests)
    assert "could not be used" not in first
    assert second.startswith("Your first answer could not be used: it ")


def test_a_second_answer_that_is_good_counts() -> None:
    assert extract(EULER, "{}", claims(BORN, **NAMES)).relations


@pytest.mark.parametrize("first", [Piece("{", is_cut=True), RefusedError("400: too long.")])
def test_a_window_that_was_too_much_is_read_in_halves(first: Piece | RefusedError) -> None:
    def answer(request: Request) -> str | Piece | Exception:
        shown = request.messages[-1][1]
        if "born" in shown and "moved" in shown:
            return first
        return claims(BORN, **NAMES) if "born" in shown else claims(Saint_Petersburg="city")

    model = ScriptedModel(answer)
    (found,) = LlmExtractor(model, ExtractSettings("llm")).extract([EULER])
    check(EULER, found)
    assert [m.text for m in found.mentions] == ["Leonhard Euler", "Basel", "Saint Petersburg"]
    assert len(model.requests) == 3


def test_one_text_that_cannot_be_read_leaves_the_others_and_keeps_their_order() -> None:
    texts = [f"Anna{n} was here. " * 120 if n == 2 else f"Anna{n} was here." for n in range(6)]

    def answer(request: Request) -> str:
        name = request.messages[-1][1].partition("Anna")[2][0]
        return "{}" if name == "2" else claims(**{f"Anna{name}": "person"})

    model = ScriptedModel(answer)
    with pytest.raises(UnreadTextsError, match="1 of 6 texts could not be read") as caught:
        LlmExtractor(model, ExtractSettings("llm", parallel=1)).extract(texts)
    for number, item in enumerate(caught.value.found):
        if number == 2:
            assert isinstance(item, ModelError)
        else:
            assert isinstance(item, Extraction)
            assert [m.text for m in item.mentions] == [f"Anna{number}"]
    # The further windows of a text that has failed are not asked about.
    assert len(model.requests) == 5 + 2


def test_a_server_that_is_down_is_not_asked_again_and_again() -> None:
    is_down = True

    def answer(_: Request) -> str | Exception:
        return ModelError("cannot be reached. Start it.") if is_down else claims()

    model = ScriptedModel(answer)
    extractor = LlmExtractor(model, ExtractSettings("llm", parallel=1))
    texts = [f"Anna wrote letter {n}." for n in range(50)]
    with pytest.raises(UnreadTextsError, match="50 of 50.*cannot be reached. Start it."):
        extractor.extract(texts)
    assert len(model.requests) == FAILURES_IN_A_ROW
    with pytest.raises(UnreadTextsError):
        extractor.extract(texts)
    assert len(model.requests) == FAILURES_IN_A_ROW + 1
    is_down = False
    assert extractor.extract(texts) == [Extraction()] * 50


def test_a_server_that_was_down_is_tried_with_one_window_alone() -> None:
    def answer(_: Request) -> Exception:
        time.sleep(0.05)
        return ModelError("cannot be reached.")

    model = ScriptedModel(answer)
    extractor = LlmExtractor(model, ExtractSettings("llm", parallel=4))
    texts = [f"Anna wrote letter {n}." for n in range(8)]
    with pytest.raises(UnreadTextsError):
        extractor.extract(texts)
    asked = len(model.requests)
    with pytest.raises(UnreadTextsError, match="8 of 8"):
        extractor.extract(texts)
    assert len(model.requests) == asked + 1


def test_failures_that_others_answers_come_between_do_not_count() -> None:
    def answer(request: Request) -> str | Exception:
        return ModelError("broke off") if "odd" in request.messages[-1][1] else claims()

    extractor = LlmExtractor(ScriptedModel(answer), ExtractSettings("llm", parallel=1))
    texts = ["An odd one.", "An even one."] * 10
    with pytest.raises(UnreadTextsError) as caught:
        extractor.extract(texts)
    assert [isinstance(item, ModelError) for item in caught.value.found] == [True, False] * 10


def test_a_server_that_breaks_off_once_is_asked_again() -> None:
    answers: Iterator[str | Exception] = iter([BusyError("broke off"), claims(BORN, **NAMES)])
    extractor = LlmExtractor(ScriptedModel(lambda _: next(answers)), ExtractSettings("llm"))
    assert extractor.extract([EULER])[0].relations
