"""What happens when something is clicked or asked: the library's answers as page updates.

One instance serves every user; what belongs to one of them (the turns of a conversation, the chosen
library) is passed in and given back, and a library is looked up anew for the user of each request.
What the browser sends is checked here. No traceback leaves this file: what a user can mend is said
in its own words, anything else is logged and called by one sentence.
"""

import logging
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
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
from ui.accounts import LOCAL, User
from ui.answer_view import Turn
from ui.answering import Answering
from ui.conversation import resume, store
from ui.examples import example_questions
from ui.graph_view import answer_graph, document_graph
from ui.limits import Limits
from ui.run import Run
from ui.shelf import MAIN, Shelf
from ui.source_view import empty, source
from ui.words import Words

if TYPE_CHECKING:
    from kgrag import KnowledgeBase

_log = logging.getLogger(__name__)

REDRAW_S = 0.05
"""Sentences that come faster are shown together: quotations come all at once."""

Update = Any
"""A new value of a component, or ``gr.skip()``."""

Page = tuple[Update, Update, Update, Update, Update]
"""New values of the conversation, what is open, the source, the graph and the box for questions."""

_NO_CHANGE: Page = (gr.skip(),) * 5


@dataclass(frozen=True)
class Open:
    """What one page has open: a library, and a conversation with its turns.

    ``user`` is whose page it is: gradio keeps this state under a key that the browser names.
    ``conversation`` is the id under which it is kept, empty before its first answer.
    """

    user: str = ""
    library: str = MAIN
    conversation: str = ""
    turns: tuple[Turn, ...] = ()


class PageEvents:
    """The handlers of the page in one language."""

    def __init__(self, shelf: Shelf, say: Words, answering: Answering, limits: Limits) -> None:
        self._shelf = shelf
        self._say = say
        self._answering = answering
        self._limits = limits

    # -- the page as a whole ---------------------------------------------------------------------

    def load(self, opened: Open, request: gr.Request | None = None) -> tuple[Update, Update]:
        """Return the head of the page, and the conversation's first words unless it has begun."""
        opened = self._own(opened, request)
        first = gr.skip() if opened.turns else self._conversation(opened, request)
        return self._header(opened.library, request), first

    def choose(
        self, run: Run | None, event: gr.EventData, request: gr.Request | None = None
    ) -> tuple[Update, ...]:
        """Return the page over another library: the head, and what ``Page`` lists."""
        _drop(run)
        library = str(event._data.get("library", MAIN))
        opened = Open(user_of(request).id, library)
        try:
            self._shelf.get(user_of(request), library)
        except KgragError:
            opened = Open(user_of(request).id)
        return self._header(opened.library, request), *self._fresh(opened, request)

    def _header(self, library: str, request: gr.Request | None) -> Update:
        user = user_of(request)
        return render.header(
            self._say,
            self._shelf.libraries(user),
            library,
            model=self._answering.model_name(self._shelf),
            user="" if user == LOCAL else user.name,
        )

    # -- the conversation ------------------------------------------------------------------------

    def ask(
        self, run: Run, opened: Open, request: gr.Request | None = None
    ) -> Generator[Update, None, None]:
        """Yield the conversation as the answer is written; nothing more once the run is stopped.

        One value each time: gradio makes its components anew for all that an event could change,
        which took a third of the server's time where many ask at once. ``finish`` brings the rest.
        """
        opened = self._own(opened, request)
        with self._answering.during(run) as begun:
            if begun:
                run.answer((yield from self._answer(run, opened, request)))
        # gradio sends what is yielded last once more, perhaps after the user has begun again.
        yield gr.skip()

    def finish(self, run: Run | None, opened: Open, request: gr.Request | None = None) -> Page:
        """Return the page with the answer and its first source; as it is where there is none."""
        turn = run.take() if run is not None else None
        if turn is None:
            return _NO_CHANGE
        opened = self._kept(self._own(opened, request), turn, request)
        return self._drawn(opened), opened, *self._evidence(turn, opened, request), _ready()

    def stop(
        self, run: Run | None, opened: Open, request: gr.Request | None = None
    ) -> tuple[Update, Update]:
        """Return the conversation without the stopped question, which goes back into the box."""
        if run is None or not run.stop():
            return gr.skip(), gr.skip()
        opened = self._own(opened, request)
        return self._conversation(opened, request), _ready(value=run.question)

    def begin_again(self, run: Run | None, opened: Open, request: gr.Request | None = None) -> Page:
        """Return the page as it was at first; an answer that is being written is stopped."""
        _drop(run)
        return self._fresh(Open(user_of(request).id, opened.library), request)

    def resume(
        self,
        run: Run | None,
        opened: Open,
        event: gr.EventData,
        request: gr.Request | None = None,
    ) -> Page:
        """Return the page with a conversation that was kept."""
        _drop(run)
        opened = self._own(opened, request)
        try:
            id_ = str(event._data["conversation"])
            turns = resume(self._library(opened, request), self._say, id_)
        except Exception as error:
            return render.notice(self.in_plain_words(error)), *_NO_CHANGE[1:]
        opened = Open(user_of(request).id, opened.library, id_, turns)
        last = turns[-1] if turns else Turn("")
        shown = self._evidence(last, opened, request)
        return self._conversation(opened, request), opened, *shown, _ready()

    def _fresh(self, opened: Open, request: gr.Request | None) -> Page:
        chat = self._conversation(opened, request)
        return chat, opened, empty(self._say), "", _ready()

    def _conversation(self, opened: Open, request: gr.Request | None) -> Update:
        """Return the turns that were finished, or the first words."""
        if opened.turns:
            return self._drawn(opened)
        try:
            library = self._library(opened, request)
            summaries = library.documents()
            examples = example_questions(library, summaries)
        except Exception as error:
            return render.notice(self.in_plain_words(error))
        return render.welcome(self._say, examples, bool(summaries))

    def _drawn(self, opened: Open, pending: str = "") -> str:
        return answer_view.conversation(self._say, opened.turns, pending, opened.conversation)

    def _answer(
        self, run: Run, opened: Open, request: gr.Request | None
    ) -> Generator[Update, None, Turn]:
        """Yield the conversation with what has been written so far; return the whole turn."""
        written: list[Sentence] = []
        retrieved: SearchResult | None = None
        drawn_at, is_drawn = 0.0, True
        turn = Turn(run.question, failure=self._say("answer.broke"))
        try:
            history = [turn.answer for turn in opened.turns if turn.answer]
            yield self._pending(opened, run.question, written, retrieved)
            library = self._library(opened, request)
            stream = library.stream(run.question, history=history, stopped=lambda: run.is_settled)
            with self._limits.admit(user_of(request)):
                for event in self._answering.events(run, stream):
                    if isinstance(event, Answered):
                        turn = Turn(run.question, event.answer, retrieved)
                    elif isinstance(event, Retrieved):
                        retrieved = event.result
                    elif isinstance(event, Token):
                        written = [event.sentence] if event.is_anew else [*written, event.sentence]
                    is_drawn = is_drawn and event is None
                    if is_drawn:
                        yield gr.skip()
                    elif time.monotonic() - drawn_at >= REDRAW_S:
                        drawn_at, is_drawn = time.monotonic(), True
                        yield self._pending(opened, run.question, written, retrieved)
        except Exception as error:
            return Turn(run.question, failure=self.in_plain_words(error))
        return turn

    def _pending(
        self,
        opened: Open,
        question: str,
        written: Sequence[Sentence],
        retrieved: SearchResult | None,
    ) -> str:
        pending = answer_view.pending_turn(self._say, question, written, retrieved)
        return self._drawn(opened, pending)

    def _kept(self, opened: Open, turn: Turn, request: gr.Request | None) -> Open:
        """Return what is open with the turn, which is kept in the library if it has an answer."""
        id_ = opened.conversation
        try:
            id_ = store(self._library(opened, request), id_, turn)
        except KgragError as error:  # The answer is shown all the same.
            _log.warning("the conversation could not be kept: %s", error)
        return Open(user_of(request).id, opened.library, id_, (*opened.turns, turn))

    # -- sources ---------------------------------------------------------------------------------

    def show(
        self, opened: Open, event: gr.EventData, request: gr.Request | None = None
    ) -> tuple[Update, Update]:
        """Return the source and the graph for a clicked citation, passage, fact or document."""
        clicked, opened = event._data, self._own(opened, request)
        try:
            if "open" in clicked:
                return self._open(clicked, opened, request)
            turn, target, number = _clicked(opened.turns, clicked)
            return self._source(target, opened, request), answer_graph(turn, number)
        except (LookupError, TypeError, ValueError):
            return render.notice(self._say("source.gone")), gr.skip()
        except Exception as error:
            return render.notice(self.in_plain_words(error)), gr.skip()

    def _evidence(
        self, turn: Turn, opened: Open, request: gr.Request | None
    ) -> tuple[Update, Update]:
        """Return the source and the graph of the first citation."""
        cited = turn.answer.citations[:1] if turn.answer else ()
        shown = self._source(cited[0], opened, request) if cited else empty(self._say)
        return shown, answer_graph(turn, cited[0].n if cited else None)

    def _open(
        self, clicked: dict[str, Any], opened: Open, request: gr.Request | None
    ) -> tuple[Update, Update]:
        library, document_id = self._library(opened, request), str(clicked["open"])
        start = int(clicked.get("start") or 0)
        end = int(clicked.get("end") or 0)
        shown = source(self._say, library.document(document_id), start, end)
        # A fact clicked in the graph, or another part of the same text, leaves the graph alone.
        if end or start:
            return shown, gr.skip()
        return shown, document_graph(library.facts(document_id=document_id))

    def _source(
        self, target: Citation | RankedPassage, opened: Open, request: gr.Request | None
    ) -> str:
        try:
            document = self._library(opened, request).document(target.document_id)
            return source(self._say, document, target.start, target.end)
        except Exception as error:
            return render.notice(self.in_plain_words(error))

    # -- whose -----------------------------------------------------------------------------------

    def _library(self, opened: Open, request: gr.Request | None) -> "KnowledgeBase":
        return self._shelf.get(user_of(request), opened.library)

    def _own(self, opened: Open, request: gr.Request | None) -> Open:
        """Return what is open if it is the user's own, else nothing: see ``Open``."""
        user = user_of(request)
        return opened if opened.user in ("", user.id) else Open(user.id)

    def in_plain_words(self, error: Exception) -> str:
        """Return what to tell a user; what is no user's business is logged instead."""
        if isinstance(error, KgragError):
            return str(error)
        _log.error("unexpected error behind the page", exc_info=error)
        return self._say("error.inside")


def user_of(request: gr.Request | None) -> User:
    """Return who asks, as the guard found out; the local user where nobody asks through a page."""
    if request is None or request.request is None:
        return LOCAL
    found = request.request.state.user
    assert isinstance(found, User)
    return found


def _drop(run: Run | None) -> None:
    """Stop what is being answered, and forget what came of it: the page shows something else."""
    if run is not None:
        run.stop()
        run.take()


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
