"""A question that is being answered: passed on from thread to thread, until somebody stops it."""

import queue
import threading
from collections.abc import Generator, Iterator

from kgrag.events import Event
from ui.answer_view import Turn

LAST_WORD_S = 10.0
"""How long to wait until a stopped answer has left the page; it takes milliseconds."""

PULSE_S = 0.5
"""Silence after which ``Run.events`` yields None."""


class Run:
    """A question that is being answered, until its answer or the user has the last word.

    gradio's ``cancels`` will not do: the page is put right while a language model still works on
    its next word, and until that has come, the next question is dropped without a sound.
    """

    def __init__(self, question: str) -> None:
        self.question = question
        self._turn: Turn | None = None
        self._lock = threading.Lock()
        self._started = self._settled = False
        self._ended = threading.Event()
        self._events: queue.SimpleQueue[Event | Exception | None] = queue.SimpleQueue()

    @property
    def is_settled(self) -> bool:
        """Whether it was answered or stopped: nobody waits for another word of it."""
        return self._settled

    def start(self) -> bool:
        """Return whether to answer: the first time, unless it was stopped while it waited."""
        with self._lock:
            if self._started or self._settled:
                return False
            self._started = True
            return True

    def settle(self) -> bool:
        """Take the last word; return whether nobody had taken it before."""
        with self._lock:
            first, self._settled = not self._settled, True
            return first

    def answer(self, turn: Turn) -> None:
        """Keep what came of it, unless somebody has stopped it."""
        if self.settle():
            self._turn = turn

    def take(self) -> Turn | None:
        """Return what came of it, once; None where it was stopped, or is of no use any more."""
        with self._lock:
            turn, self._turn = self._turn, None
            return turn

    def end(self) -> None:
        """Say that nothing more will be written into the page."""
        self.settle()
        self._ended.set()

    def over(self) -> bool:
        """Return whether it was answered or stopped; if so, wait until it has left the page."""
        if self._settled and self._started:
            self._ended.wait(LAST_WORD_S)
        return self._settled

    def stop(self) -> bool:
        """Stop it and wait until it has left the page; return whether it was not answered."""
        first = self.abandon()
        self.over()
        return first

    def abandon(self) -> bool:
        """Stop it, and wait for nothing; return whether it was not answered."""
        first = self.settle()
        self._events.put(None)
        return first

    def relay(self, stream: Iterator[Event]) -> None:
        """Pass the stream on to ``events``; close it once the run is stopped."""
        try:
            while not self._settled and (event := next(stream, None)) is not None:
                self._events.put(event)
            if isinstance(stream, Generator):
                stream.close()
        except Exception as error:  # Whatever it is, the page's own thread says it to the user.
            self._events.put(error)
        self._events.put(None)

    def events(self) -> Iterator[Event | None]:
        """Yield what ``relay`` passes on from another thread, until the run is stopped.

        Where nothing came for ``PULSE_S``, None is yielded: whoever reads on can be told only then
        that the page was closed meanwhile.
        """
        while not self._settled:
            try:
                event = self._events.get(timeout=PULSE_S)
            except queue.Empty:
                yield None
                continue
            if event is None or self._settled:
                return
            if isinstance(event, Exception):
                raise event
            yield event
