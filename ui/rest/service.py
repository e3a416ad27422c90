"""What the routes share: the libraries, the threads in which they are used, and what is counted.

No route blocks the event loop. Everything that reads or writes a library runs in threads that are
used again and again, because a library keeps a connection for each thread that it has seen:
answers, which last, have threads of their own, and so has what writes.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from kgrag.parse.picture import PagePictures
from ui.evaluation import Evaluating
from ui.rest.errors import ApiError
from ui.rest.health import Health
from ui.rest.metrics import Metrics
from ui.rest.pictures import PictureCache

if TYPE_CHECKING:
    from ui.limits import Limits
    from ui.shelf import Shelf

ANSWERS_AT_ONCE = 64
CALLS_AT_ONCE = 8
WRITES_AT_ONCE = 4

SILENCE_S = 15.0
"""After so long without an event a stream shows that it is alive: proxies cut silent ones."""

T = TypeVar("T")


@dataclass(eq=False)
class Service:
    """Made once for an application; ``close`` ends what is going on."""

    shelf: "Shelf"
    limits: "Limits"
    metrics: Metrics = field(default_factory=Metrics)
    pictures: PagePictures = field(default_factory=PagePictures)
    picture_cache: PictureCache = field(default_factory=PictureCache)
    evaluating: Evaluating = field(default_factory=Evaluating)

    def __post_init__(self) -> None:
        self.health = Health(self.shelf)
        self._answers = ThreadPoolExecutor(ANSWERS_AT_ONCE, "kgrag-rest-ask")
        self._calls = ThreadPoolExecutor(CALLS_AT_ONCE, "kgrag-rest")
        self._writes = ThreadPoolExecutor(WRITES_AT_ONCE, "kgrag-rest-write")
        self._writing: dict[tuple[str, str], asyncio.Lock] = {}
        self._stops: set[threading.Event] = set()
        self._kept: set[asyncio.Task[Any]] = set()
        self._closed = False

    async def run(self, work: Callable[[], T]) -> T:
        """Return what ``work`` returns, run in a thread."""
        return await self._in(self._calls, work)

    async def write(self, library: tuple[str, str], work: Callable[[], T]) -> T:
        """Run what writes to a library in a thread, after what is writing to it already.

        Whoever waits for its turn holds no thread, so that one library does not stop the others.
        """
        async with self._writing.setdefault(library, asyncio.Lock()):
            return await self._in(self._writes, work)

    @asynccontextmanager
    async def relay(
        self, begin: Callable[[Callable[[], bool]], Iterator[T]]
    ) -> AsyncIterator[AsyncIterator[T | None]]:
        """Give what an iterator yields in a thread of its own; it is stopped when the block ends.

        ``begin`` gets a function that says whether it was stopped. None is yielded after
        ``SILENCE_S`` in which nothing came.
        """
        if self._closed:
            raise ApiError(503, "closing", "The server is shutting down.")
        loop = asyncio.get_running_loop()
        events: asyncio.Queue[T | Exception | None] = asyncio.Queue()
        stop = threading.Event()

        def put(event: T | Exception | None) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(events.put_nowait, event)

        self._stops.add(stop)
        self.metrics.streams.inc()
        future = self._answers.submit(_pass_on, begin, stop, put)
        try:
            yield _received(events)
        finally:
            stop.set()
            future.cancel()
            self._stops.discard(stop)
            self.metrics.streams.dec()

    def keep(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """Begin work that goes on whether or not somebody waits for it."""
        task = asyncio.create_task(work)
        self._kept.add(task)
        task.add_done_callback(self._kept.discard)
        return task

    def is_closed(self) -> bool:
        """Return whether the server is ending; what it still does is to end too."""
        return self._closed

    def close(self) -> None:
        """Stop every answer, begin no other, and end the processes of pages and evaluations."""
        self._closed = True
        for stop in list(self._stops):
            stop.set()
        self.pictures.close()
        self.evaluating.close()
        for pool in (self._answers, self._calls, self._writes):
            pool.shutdown(wait=False, cancel_futures=True)

    async def _in(self, pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        if self._closed:
            raise ApiError(503, "closing", "The server is shutting down.")
        return await asyncio.get_running_loop().run_in_executor(pool, work)


def _pass_on(
    begin: Callable[[Callable[[], bool]], Iterator[T]],
    stop: threading.Event,
    put: Callable[[T | Exception | None], None],
) -> None:
    """Put what an iterator yields, then None, until it is stopped; an error is put as it is."""
    try:
        stream = begin(stop.is_set)
        for event in stream:
            if stop.is_set():
                break
            put(event)
        if isinstance(stream, Generator):
            stream.close()
    except Exception as error:  # Whatever it is, whoever reads the events says it to the user.
        put(error)
    put(None)


async def _received(events: "asyncio.Queue[T | Exception | None]") -> AsyncIterator[T | None]:
    while True:
        try:
            event = await asyncio.wait_for(events.get(), SILENCE_S)
        except TimeoutError:
            yield None
            continue
        if event is None:
            return
        if isinstance(event, Exception):
            raise event
        yield event
