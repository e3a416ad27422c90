"""What of a model with random weights reaches an answer: nothing but numbers that were retrieved.

The model is the worst there can be: it knows no language. What it writes is recorded as it comes
from the server, with the constraint and without it, streamed and not, and compared with the numbers
that its prompt offered; what kgrag makes of it is compared with the documents.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from eval.asked import Asked
from eval.items import Case, Item
from eval.sets.questions import QuestionSet
from eval.sets.reading import read_questions
from indexes.text import language_of
from kgrag import KnowledgeBase
from kgrag.cited import CitedText
from kgrag.events import Answer
from kgrag.language_model import LanguageModel, Piece, Request, never
from kgrag.model_settings import Constraint as Constraint
from kgrag.model_settings import ModelSettings
from kgrag.prompt import NOTHING

AT_ONCE = 8
ANSWER_TOKENS = 500
QUESTIONS = 104
"""Asked in each language; a few of them are declined before the model is asked."""

Counts = dict[str, tuple[float, ...]]
_OFFERED = re.compile(r"^\[(\d+)\] ", re.MULTILINE)


@dataclass(slots=True)
class Recorder:
    """What a model was asked, and what it wrote: a list of (request, text, whether it was cut)."""

    written: list[tuple[Request, str, bool]] = field(default_factory=list)


class RecordedModel(LanguageModel):
    """A model whose every answer is kept as it came."""

    def __init__(self, settings: ModelSettings, recorder: Recorder) -> None:
        super().__init__(settings)
        self._recorder = recorder

    def stream(self, request: Request, *, stopped: Callable[[], bool] = never) -> Iterator[Piece]:
        """Yield the pieces, and keep them."""
        pieces = []
        for piece in super().stream(request, stopped=stopped):
            pieces.append(piece)
            yield piece
        text = "".join(piece.text for piece in pieces)
        self._recorder.written.append((request, text, any(piece.is_cut for piece in pieces)))


def random_cases(asked: Asked) -> list[Case]:
    """Return questions of XQuAD, a few at a time, with the constraint and without it."""
    found = []
    constraints: tuple[Constraint, ...] = ("on", "off")
    each = min(asked.options.limit or QUESTIONS, QUESTIONS)
    for name in ("xquad-en", "xquad-ru"):
        questions = read_questions(name, data=asked.options.data)
        texts = [question.text for question in questions.questions[:each]]
        for constraint in constraints:
            found += [
                Case(
                    f"random weights, {questions.name}, constraint {constraint}, from {start + 1}",
                    partial(
                        _ask, asked, questions, texts[start : start + AT_ONCE], start, constraint
                    ),
                )
                for start in range(0, len(texts), AT_ONCE)
            ]
    return found


def _ask(
    asked: Asked, questions: QuestionSet, texts: Sequence[str], start: int, constraint: Constraint
) -> list[Item]:
    """Ask questions at once; what is declined before the model is asked counts for nothing."""
    assert asked.options.endpoint is not None
    settings = patient(asked.options.endpoint, constraint, asked.options.model or "")
    found = ask_at_once(asked.library(questions), texts, settings)
    way = "with the constraint" if constraint == "on" else "without it"
    return [
        Item(
            case=f"{questions.name} {start + number}",
            group=f"random weights, {way}",
            counts=counts,
            shown={"question": text},
        )
        for number, (text, counts) in enumerate(zip(texts, found, strict=True))
    ]


def patient(endpoint: str, constraint: Constraint, model: str = "") -> ModelSettings:
    """Return the settings of a model that writes at random, as long as it likes."""
    return ModelSettings(
        endpoint=endpoint,
        model=model,
        constraint=constraint,
        answer_tokens=ANSWER_TOKENS,
        temperature=1.0,
        first_token_s=120.0,
        gap_s=120.0,
        total_s=600.0,
    )


def ask_at_once(kb: KnowledgeBase, texts: Sequence[str], settings: ModelSettings) -> list[Counts]:
    """Return what is counted of each answer; nothing where the model was not asked."""

    def ask(question: str) -> Counts:
        recorder = Recorder()
        model = RecordedModel(settings, recorder)
        with KnowledgeBase.open(
            kb.library.folder, create=False, embedder=lambda: kb.embedder, model=lambda: model
        ) as beside:
            answer = beside.ask(question)
            return _checked(answer, beside, model, recorder) if recorder.written else {}

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(ask, texts))


def _checked(answer: Answer, kb: KnowledgeBase, model: LanguageModel, recorder: Recorder) -> Counts:
    request = recorder.written[0][0]
    is_real = _numbers_have_citations(answer) and _quotations_equal(answer, kb)
    return {
        "written_conforms": (float(all(conforms(*item) for item in recorder.written)),),
        "whole_conforms": (float(conforms(*_unstreamed(model, request))),),
        "real_citations": (float(is_real),),
    }


def conforms(request: Request, text: str, is_cut: bool) -> bool:
    """Return whether all that was written are sentences that end with offered numbers."""
    offered = {int(number) for number in _OFFERED.findall(request.messages[1][1])}
    reader = CitedText(offered, NOTHING[language_of(request.messages[1][1].rsplit("\n", 1)[-1])])
    found = [*reader.feed(text), *reader.finish(is_cut=is_cut)]
    cited = all(item.numbers and not item.unknown for item in found)
    return cited and (bool(found) or reader.says_nothing)


def _unstreamed(model: LanguageModel, request: Request) -> tuple[Request, str, bool]:
    """Ask the server for the whole answer at once, as other clients do."""
    import httpx

    body: dict[str, Any] = {
        "model": model.served().model,
        "messages": [{"role": role, "content": text} for role, text in request.messages],
        "max_tokens": request.max_tokens,
        "temperature": 1.0,
    }
    if model.is_constrained:
        body["structured_outputs"] = {"grammar": request.grammar}
    url = f"{model.settings.endpoint}/chat/completions"
    choice = httpx.post(url, json=body, timeout=600, trust_env=False).json()["choices"][0]
    return request, choice["message"]["content"] or "", choice["finish_reason"] == "length"


def _numbers_have_citations(answer: Answer) -> bool:
    cited = {n for sentence in answer.sentences for n in sentence.citations}
    return cited == {citation.n for citation in answer.citations}


def _quotations_equal(answer: Answer, kb: KnowledgeBase) -> bool:
    return all(
        kb.document(item.document_id).text[item.start : item.end] == item.quote
        for item in answer.citations
    )


def example_questions(names: Sequence[str], count: int) -> list[str]:
    """Return questions about these names, in both languages by turns."""
    asked = ("Who or what is {}?", "When was {} mentioned?", "What happened to {}?")
    asked_ru = ("Кто или что такое {}?", "Когда упоминается {}?", "Что случилось с {}?")
    forms = [form for pair in zip(asked, asked_ru, strict=True) for form in pair]
    return [forms[k % 6].format(names[k // 6 % len(names)]) for k in range(count)]
