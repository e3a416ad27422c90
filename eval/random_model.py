"""What of a model with random weights reaches an answer: nothing but numbers that were retrieved.

The model is the worst there can be: it knows no language. What it writes is recorded as it comes
from the server, with the constraint and without it, streamed and not, and compared with the numbers
that its prompt offered; what kgrag makes of it is compared with the documents.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from indexes.text import language_of
from kgrag import KnowledgeBase
from kgrag.cited import CitedText
from kgrag.events import Answer
from kgrag.language_model import LanguageModel, Piece, Request, never
from kgrag.model_settings import Constraint, ModelSettings
from kgrag.prompt import NOTHING

AT_ONCE = 8
ANSWER_TOKENS = 500
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


def probe(
    libraries: Sequence[tuple[Path, Sequence[str]]], endpoint: str, *, each: int
) -> dict[str, Any]:
    """Ask questions of each library; return what held, constrained and not.

    Parameters
    ----------
    libraries:
        The folder of a library, and what can be asked of it.
    endpoint:
        Base URL of the vLLM server.
    each:
        Answers of each library that the model writes; a question that is declined before the model
        is asked counts for none.
    """
    counts: dict[str, dict[str, int]] = {}
    constraints: tuple[Constraint, ...] = ("on", "off")
    for constraint in constraints:
        found = [
            item
            for folder, questions in libraries
            for item in _ask_all(folder, questions, each, endpoint, constraint)
        ]
        counts["constrained" if constraint == "on" else "unconstrained"] = {
            "answers": len(found),
            **{key: sum(item[key] for item in found) for key in found[0]},
        }
    return counts


def _ask_all(
    folder: Path, questions: Sequence[str], each: int, endpoint: str, constraint: Constraint
) -> list[dict[str, bool]]:
    settings = ModelSettings(
        endpoint=endpoint,
        constraint=constraint,
        answer_tokens=ANSWER_TOKENS,
        temperature=1.0,
        first_token_s=120.0,
        gap_s=120.0,
        total_s=600.0,
    )
    with KnowledgeBase.open(folder, create=False) as kb:
        kb.search(questions[0])

        def ask(question: str) -> dict[str, bool] | None:
            recorder = Recorder()
            model = RecordedModel(settings, recorder)
            with KnowledgeBase.open(
                folder, create=False, embedder=lambda: kb.embedder, model=lambda: model
            ) as beside:
                answer = beside.ask(question)
                return _checked(answer, beside, model, recorder) if recorder.written else None

        found: list[dict[str, bool]] = []
        with ThreadPoolExecutor(AT_ONCE) as threads:
            for start in range(0, len(questions), AT_ONCE):
                asked = threads.map(ask, questions[start : start + AT_ONCE])
                found += [item for item in asked if item is not None]
                if len(found) >= each:
                    break
        return found[:each]


def _checked(
    answer: Answer, kb: KnowledgeBase, model: LanguageModel, recorder: Recorder
) -> dict[str, bool]:
    request = recorder.written[0][0]
    return {
        "streamed_conform": all(conforms(*item) for item in recorder.written),
        "unstreamed_conform": conforms(*_unstreamed(model, request)),
        "numbers_retrieved": _numbers_have_citations(answer),
        "quotations_equal": _quotations_equal(answer, kb),
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
