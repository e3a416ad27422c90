"""A question that is being answered: passed on from thread to thread, until somebody stops it."""

import queue
import threading
from collections.abc import Generator, Iterator

from kgrag.events import Event

LAST_WORD_S = 10.0
"""How long to wait until a stopped answer has left the page; it takes milliseconds."""


class Run:
    """A question that is being answered, until its answer or the user has the last word.

    gradio's ``cancels`` will not do: the page is put right while a language model still works on
    its next word, and until that has come, the next question is dropped without a sound.
    """

    def __init__(self, question: str) -> None:
        self.question = question
        self._lock = threading.Lock()
        self._started = self._settled = False
        self._ended = threading.Event()
        self._events: queue.SimpleQueue[Event | Exception | None] = queue.SimpleQueue()

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
        first = self.settle()
        self._events.put(None)
        self.over()
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

    def events(self) -> Iterator[Event]:
        """Yield what ``relay`` passes on from another thread, until the run is stopped."""
        while (event := self._events.get()) is not None and not self._settled:
            if isinstance(event, Exception):
                raise event
            yield event
