"""The answers that are being written, of every page and language: their threads, and their end."""

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from indexes.errors import KgragError
from kgrag.events import Answered, Event, Token
from ui.rest.metrics import Metrics
from ui.run import Run

if TYPE_CHECKING:
    from kgrag.language_model import LanguageModel
    from ui.shelf import Shelf

_log = logging.getLogger(__name__)

STREAMS_AT_ONCE = 64
"""Answers that are written, and stopped ones whose language model has not come to its next word."""


class Answering:
    """Runs answers in threads that are used again: a library keeps a connection for each."""

    def __init__(self, metrics: Metrics | None = None) -> None:
        self._metrics = metrics or Metrics()
        self._streams = ThreadPoolExecutor(STREAMS_AT_ONCE, "kgrag-ask")
        self._runs: set[Run] = set()
        self._closed = False
        self._named: tuple[LanguageModel, str] | None = None

    def close(self) -> None:
        """Stop every answer, and begin no other: their threads would keep the process alive."""
        self._closed = True
        for run in list(self._runs):
            run.abandon()

    @contextmanager
    def during(self, run: Run) -> Iterator[bool]:
        """Give whether to answer: not when closed, nor a run that was stopped while it waited."""
        if self._closed or not run.start():
            yield False
            return
        self._runs.add(run)
        try:
            yield True
        finally:
            self._runs.discard(run)
            run.end()

    def events(self, run: Run, stream: Iterator[Event]) -> Iterator[Event | None]:
        """Yield what a stream gives, from a thread of its own; see ``Run.events``."""
        begun, has_begun = time.perf_counter(), False
        self._streams.submit(run.relay, stream)
        for event in run.events():
            if isinstance(event, Token) and not has_begun:
                has_begun = True
                self._metrics.began(time.perf_counter() - begun)
            if isinstance(event, Answered):
                self._metrics.answered(event.answer)
            yield event

    def warm(self, shelf: "Shelf") -> None:
        """Load what answers need while nobody waits: seconds of the first question, measured."""
        try:
            shelf.warm()
        except KgragError as error:
            _log.warning("search is not ready: %s", error)
        try:
            if (model := shelf.parts.model) is not None:
                model.load()
                self._named = model, model.served().model
        except KgragError as error:
            _log.warning("the language model is not ready: %s", error)

    def model_name(self, shelf: "Shelf") -> str | None:
        """Return what to call the language model: as its server does once it has; None without."""
        settings = shelf.settings.model
        if not settings.endpoint:
            return None
        if self._named is not None and self._named[0] is shelf.parts.model:
            return self._named[1]
        return settings.model or settings.endpoint
