"""What happens when something is clicked, dropped or asked: the library's answers as page updates.

One instance serves every user; what belongs to one of them (the turns of a conversation) is passed
in and given back. What the browser sends is checked here. No traceback leaves this file: what a
user can mend is said in its own words, anything else is logged and called by one sentence.
"""

import logging
import queue
import shutil
import tempfile
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from indexes.errors import KgragError
from kgrag.events import Answered, Citation, RankedPassage, Retrieved, SearchResult, Token
from ui import render
from ui.examples import example_questions
from ui.graph_view import answer_graph, document_graph
from ui.render import Turn
from ui.run import Run
from ui.source_view import EMPTY, source

if TYPE_CHECKING:
    from kgrag import KnowledgeBase

_log = logging.getLogger(__name__)

REDRAW_S = 0.05
"""Tokens that come faster are shown together: the page redraws at most twenty times a second."""

STREAMS_AT_ONCE = 32
"""Answers that are written, and stopped ones whose language model has not come to its next word."""

Update = Any
"""A new value of a component, or ``gr.skip()``."""

Page = tuple[Update, Update, Update, Update, Update]
"""New values of the conversation, its turns, the source, the graph and the box for questions."""


class PageEvents:
    """The handlers of the page, over one open library."""

    def __init__(self, knowledge_base: "KnowledgeBase") -> None:
        self._kb = knowledge_base
        # Threads that are used again: the library keeps a connection for each it has seen.
        self._streams = ThreadPoolExecutor(STREAMS_AT_ONCE, "kgrag-ask")

    def load(self, turns: Sequence[Turn]) -> tuple[Update, Update]:
        """Return the documents, and the conversation's first words unless it has begun."""
        try:
            summaries = self._kb.documents()
            examples = example_questions(self._kb, summaries)
        except Exception as error:
            return render.notice(in_plain_words(error)), gr.skip()
        first = gr.skip() if turns else render.welcome(examples, bool(summaries))
        return render.documents(summaries), first

    def ask(self, run: Run, turns: Sequence[Turn]) -> Generator[Page, None, None]:
        """Yield the page as the answer is written; nothing more once the run is stopped."""
        box = gr.skip()
        if run.start():
            try:
                turn = yield from self._answer(run, turns)
                shown = self._evidence(turn)
                if run.settle():
                    box, turns = _ready(), [*turns, turn]
                    yield render.conversation(turns), turns, *shown, box
            finally:
                run.end()
        # gradio sends what is yielded last once more, perhaps after the user has begun again: it
        # must be no change. A change of the box that is not repeated may be lost in gradio's page.
        yield gr.skip(), gr.skip(), gr.skip(), gr.skip(), box

    def stop(self, run: Run | None, turns: Sequence[Turn]) -> tuple[Update, Update]:
        """Return the conversation without the stopped question, which goes back into the box."""
        if run is None or not run.stop():
            return gr.skip(), gr.skip()
        return self.conversation(turns), _ready(value=run.question)

    def begin_again(self, run: Run | None) -> Page:
        """Return the page as it was at first; an answer that is being written is stopped."""
        if run is not None:
            run.stop()
        return self.conversation([]), [], EMPTY, "", _ready()

    def conversation(self, turns: Sequence[Turn]) -> Update:
        """Return the turns that were finished, or the first words."""
        return render.conversation(turns) if turns else self.load(turns)[1]

    def show(self, turns: Sequence[Turn], event: gr.EventData) -> tuple[Update, Update]:
        """Return the source and the graph for a clicked citation, passage, fact or document."""
        clicked = event._data
        try:
            if "open" in clicked:
                return self._open(clicked)
            turn, target, number = _clicked(turns, clicked)
            return self._source(target), answer_graph(turn, number)
        except (LookupError, TypeError, ValueError):
            return render.notice("That source is no longer there."), gr.skip()
        except Exception as error:
            return render.notice(in_plain_words(error)), gr.skip()

    def change(self, turns: Sequence[Turn], event: gr.EventData) -> tuple[Update, Update, Update]:
        """Return the status, the source and the graph for a click in the table of documents."""
        clicked = event._data
        if "remove" not in clicked:
            return gr.skip(), *self.show(turns, event)
        try:
            self._kb.remove(str(clicked["remove"]))
        except Exception as error:
            return render.notice(in_plain_words(error)), gr.skip(), gr.skip()
        # The removed text may be what is being shown.
        return "", EMPTY, ""

    def add(self, files: Sequence[str] | None) -> Iterator[tuple[Update, Update]]:
        """Yield the status of an upload and the emptied drop zone, file by file."""
        if not files:
            return
        yield render.progress(0, len(files), Path(files[0]).name), None
        with ExitStack() as stack:
            try:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="kgrag-"))
                paths = _take(files, Path(folder))
                for update in self._add(paths):
                    yield update, gr.skip()
            except Exception as error:
                yield render.notice(in_plain_words(error)), gr.skip()

    def _add(self, paths: list[Path]) -> Iterator[str]:
        """Run ``KnowledgeBase.upload`` beside this generator, and yield its progress and report."""
        updates: queue.SimpleQueue[str | Exception | None] = queue.SimpleQueue()

        def work() -> None:
            try:
                report = self._kb.upload(
                    paths,
                    progress=lambda step: updates.put(
                        render.progress(step.done, step.total, step.name)
                    ),
                )
                updates.put(render.outcomes(report.files))
            except Exception as error:
                updates.put(error)
            updates.put(None)

        worker = threading.Thread(target=work, name="kgrag-add")
        worker.start()
        while (update := updates.get()) is not None:
            if isinstance(update, Exception):
                raise update
            yield update
        worker.join()

    def _answer(self, run: Run, turns: Sequence[Turn]) -> Generator[Page, None, Turn]:
        """Yield the conversation with what has been written so far; return the whole turn."""
        partial, drawn_at = "", 0.0
        retrieved: SearchResult | None = None
        turn = Turn(run.question, failure="The answer broke off. Please ask again.")
        try:
            history = [turn.answer for turn in turns if turn.answer]
            yield _pending(turns, run.question, partial, retrieved)
            self._streams.submit(run.relay, self._kb.stream(run.question, history=history))
            for event in run.events():
                if isinstance(event, Answered):
                    turn = Turn(run.question, event.answer, retrieved)
                elif isinstance(event, Retrieved):
                    retrieved = event.result
                elif isinstance(event, Token):
                    partial += event.text
                if time.monotonic() - drawn_at >= REDRAW_S:
                    drawn_at = time.monotonic()
                    yield _pending(turns, run.question, partial, retrieved)
        except Exception as error:
            return Turn(run.question, failure=in_plain_words(error))
        return turn

    def _evidence(self, turn: Turn) -> tuple[str, str]:
        """Return the source and the graph of the first citation."""
        cited = turn.answer.citations[:1] if turn.answer else ()
        shown = self._source(cited[0]) if cited else EMPTY
        return shown, answer_graph(turn, cited[0].n if cited else None)

    def _open(self, clicked: dict[str, Any]) -> tuple[str, str]:
        document_id = str(clicked["open"])
        start = int(clicked.get("start") or 0)
        end = int(clicked.get("end") or 0)
        shown = source(self._kb.document(document_id), start, end)
        # A fact clicked in the graph, or another part of the same text, leaves the graph alone.
        if end or start:
            return shown, gr.skip()
        return shown, document_graph(self._kb.facts(document_id=document_id))

    def _source(self, target: Citation | RankedPassage) -> str:
        try:
            return source(self._kb.document(target.document_id), target.start, target.end)
        except Exception as error:
            return render.notice(in_plain_words(error))


def in_plain_words(error: Exception) -> str:
    """Return what to tell a user; what is no user's business is logged instead."""
    if isinstance(error, KgragError):
        return str(error)
    _log.error("unexpected error behind the page", exc_info=error)
    return "Something went wrong inside kgrag. The terminal that runs it shows the details."


def _pending(
    turns: Sequence[Turn], question: str, partial: str, retrieved: SearchResult | None
) -> Page:
    pending = render.pending_turn(question, partial, retrieved)
    return render.conversation(turns, pending), gr.skip(), gr.skip(), gr.skip(), gr.skip()


def _ready(**values: Update) -> Update:
    """Return the box, ready for a question."""
    return gr.update(submit_btn=True, stop_btn=False, **values)


def _clicked(
    turns: Sequence[Turn], clicked: dict[str, Any]
) -> tuple[Turn, Citation | RankedPassage, int | None]:
    """Return the turn, the source and its citation number; LookupError or ValueError for junk."""
    kind = "cite" if "cite" in clicked else "passage"
    index, number = (int(part) for part in str(clicked[kind]).split(":"))
    if index < 0 or number < 0:
        raise ValueError(f"no source {index}:{number}")
    turn = turns[index]
    if kind == "passage":
        if turn.retrieved is None:
            raise LookupError(f"turn {index} found nothing")
        return turn, turn.retrieved.passages[number], None
    citations = turn.answer.citations if turn.answer else ()
    return turn, {source.n: source for source in citations}[number], number


def _take(files: Sequence[str], folder: Path) -> list[Path]:
    """Move uploads out of gradio's cache, which would keep and serve them; two may share a name."""
    paths = []
    for index, file in enumerate(files):
        path = folder / str(index) / Path(file).name
        path.parent.mkdir()
        paths.append(Path(shutil.move(file, path)))
    return paths
