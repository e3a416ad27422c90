"""What happens when something is clicked, dropped or asked: the library's answers as page updates.

One instance serves every user; what belongs to one of them (the turns of a conversation) is passed
in and given back. What the browser sends is checked here. No traceback leaves this file: what a
user can mend is said in its own words, anything else is logged and called by one sentence.
"""

import logging
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from indexes.errors import KgragError
from kgrag.events import (
    Answered,
    Citation,
    RankedPassage,
    Retrieved,
    SearchResult,
    Sentence,
    Token,
)
from ui import answer_view, render
from ui.answer_view import Turn
from ui.examples import example_questions
from ui.graph_view import answer_graph, document_graph
from ui.run import Run
from ui.source_view import EMPTY, source
from ui.upload import take, upload

if TYPE_CHECKING:
    from kgrag import KnowledgeBase

_log = logging.getLogger(__name__)

REDRAW_S = 0.05
"""Sentences that come faster are shown together: quotations come all at once."""

STREAMS_AT_ONCE = 32
"""Answers that are written, and stopped ones whose language model has not come to its next word."""

Update = Any
"""A new value of a component, or ``gr.skip()``."""

Page = tuple[Update, Update, Update, Update, Update]
"""New values of the conversation, its turns, the source, the graph and the box for questions."""

_NO_CHANGE: Page = (gr.skip(),) * 5


class PageEvents:
    """The handlers of the page, over one open library."""

    def __init__(self, knowledge_base: "KnowledgeBase") -> None:
        self._kb = knowledge_base
        # Threads that are used again: the library keeps a connection for each it has seen.
        self._streams = ThreadPoolExecutor(STREAMS_AT_ONCE, "kgrag-ask")
        self._runs: set[Run] = set()
        self._closed = False
        self._model = _configured(knowledge_base)

    def close(self) -> None:
        """Stop every answer, and begin no other: their threads would keep the process alive."""
        self._closed = True
        for run in list(self._runs):
            run.abandon()

    def warm(self) -> None:
        """Load what answers need while nobody waits: seconds of the first question, measured."""
        try:
            self._kb.search("?")
        except KgragError as error:
            _log.warning("search is not ready: %s", error)
        try:
            if (model := self._kb.model) is not None:
                model.load()
                self._model = model.served().model
        except KgragError as error:
            _log.warning("the language model is not ready: %s", error)

    def header(self) -> str:
        """Return the head of the page, which says what answers."""
        return render.header(self._model)

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
        if not self._closed and run.start():
            self._runs.add(run)
            try:
                turn = yield from self._answer(run, turns)
                shown = self._evidence(turn)
                if run.settle():
                    box, turns = _ready(), [*turns, turn]
                    yield answer_view.conversation(turns), turns, *shown, box
            finally:
                self._runs.discard(run)
                run.end()
        # gradio sends what is yielded last once more, perhaps after the user has begun again: it
        # must be no change. A change of the box that is not repeated may be lost in gradio's page.
        yield *_NO_CHANGE[:4], box

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
        return answer_view.conversation(turns) if turns else self.load(turns)[1]

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
                for update in upload(self._kb, take(files, Path(folder))):
                    yield update, gr.skip()
            except Exception as error:
                yield render.notice(in_plain_words(error)), gr.skip()

    def _answer(self, run: Run, turns: Sequence[Turn]) -> Generator[Page, None, Turn]:
        """Yield the conversation with what has been written so far; return the whole turn."""
        written: list[Sentence] = []
        retrieved: SearchResult | None = None
        drawn_at, is_drawn = 0.0, True
        turn = Turn(run.question, failure="The answer broke off. Please ask again.")
        try:
            history = [turn.answer for turn in turns if turn.answer]
            yield _pending(turns, run.question, written, retrieved)
            stream = self._kb.stream(run.question, history=history, stopped=lambda: run.is_settled)
            self._streams.submit(run.relay, stream)
            for event in run.events():
                if isinstance(event, Answered):
                    turn = Turn(run.question, event.answer, retrieved)
                elif isinstance(event, Retrieved):
                    retrieved = event.result
                elif isinstance(event, Token):
                    written = [event.sentence] if event.is_anew else [*written, event.sentence]
                is_drawn = is_drawn and event is None
                if is_drawn:
                    yield _NO_CHANGE
                elif time.monotonic() - drawn_at >= REDRAW_S:
                    drawn_at, is_drawn = time.monotonic(), True
                    yield _pending(turns, run.question, written, retrieved)
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
    turns: Sequence[Turn],
    question: str,
    written: Sequence[Sentence],
    retrieved: SearchResult | None,
) -> Page:
    pending = answer_view.pending_turn(question, written, retrieved)
    return answer_view.conversation(turns, pending), *_NO_CHANGE[1:]


def _configured(knowledge_base: "KnowledgeBase") -> str | None:
    """Return what to call the language model before its server has said so; None without one."""
    settings = knowledge_base.settings.model
    return (settings.model or settings.endpoint) if settings.endpoint else None


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
    if turn.answer is None:
        raise LookupError(f"turn {index} has no answer")
    if kind == "passage":
        return turn, turn.answer.nearest[number], None
    return turn, {source.n: source for source in turn.answer.citations}[number], number
