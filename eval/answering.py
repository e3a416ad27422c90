"""Answers as they are measured: each system is a stream of events, timed as a user would see it."""

import time
from collections.abc import Iterator
from typing import Any

from indexes.errors import ModelError
from kgrag.answer import Weights, ask
from kgrag.events import Answer, Answered, Event, Token
from kgrag.knowledge_base import KnowledgeBase
from kgrag.language_model import LanguageModel, Piece, Request
from kgrag.model_settings import ModelSettings
from kgrag.served import Served


class WatchedModel(LanguageModel):
    """A language model that remembers how it failed.

    kgrag quotes where a model fails, and says so. A run must not take the quotation for what the
    model wrote.
    """

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__(settings)
        self.failure: ModelError | None = None

    def served(self) -> Served:
        """Return what the server says of the model: see ``LanguageModel.served``."""
        try:
            return super().served()
        except ModelError as error:
            self.failure = error
            raise

    def stream(self, request: Request, **options: Any) -> Iterator[Piece]:  # noqa: ANN401
        """Yield the answer piece by piece: see ``LanguageModel.stream``."""
        try:
            yield from super().stream(request, **options)
        except ModelError as error:
            self.failure = error
            raise


def as_it_ships(
    kb: KnowledgeBase, text: str, weights: Weights, model: LanguageModel | None = None
) -> Iterator[Event]:
    """Answer as kgrag does, with these weights."""
    with kb.library.reading():
        yield from ask(kb.library, kb.embedder, text, model=model, weights=weights)


def answer_timed(
    events: Iterator[Event], model: WatchedModel | None
) -> tuple[Answer, float, float | None]:
    """Return an answer, the milliseconds that it took, and those until its first sentence, if any.

    Raises
    ------
    ModelError
        The model failed, whatever was answered instead.
    """
    if model is not None:
        model.failure = None
    started = time.perf_counter()
    first_ms = None
    for event in events:
        if isinstance(event, Token) and first_ms is None:
            first_ms = 1000 * (time.perf_counter() - started)
        if isinstance(event, Answered):
            if model is not None and model.failure is not None:
                raise model.failure
            return event.answer, 1000 * (time.perf_counter() - started), first_ms
    raise AssertionError("the stream of an answer ended without one")
