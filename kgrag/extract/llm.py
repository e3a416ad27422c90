"""The extractor that asks a served language model; nothing that it invents gets through.

    text -> windows -> model -> JSON -> what of it stands in the text -> mentions, relations

An answer that cannot be used is asked for once more, with what was wrong with it. Where the second
is no better, or the server fails, the text has no extraction: ``UnreadTextsError`` says why, and
nothing of it is kept anywhere.
"""

import hashlib
import json
import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

from indexes.errors import ModelError
from indexes.records import Extraction, Mention, MentionRelation
from indexes.text import Language
from kgrag.extract.llm_answer import read_answer, unlocated
from kgrag.extract.llm_errors import Fault, UnreadTextsError
from kgrag.extract.llm_ground import Grounded, ground
from kgrag.extract.llm_prompt import FEWEST_RELATIONS, PROMPT_VERSION, Offer, relations_by_use
from kgrag.extract.llm_windows import Window, cut_windows
from kgrag.extract_settings import ExtractSettings
from kgrag.language_model import LanguageModel, Request
from kgrag.model_errors import BusyError, RefusedError
from kgrag.ontology import ONTOLOGY_PATH
from kgrag.served import Message

_log = logging.getLogger(__name__)

FAILURES_IN_A_ROW = 3
"""Of the server, after which the windows that wait are not asked about any more."""

_CHARS_A_TOKEN = {"ascii": 2.5, "other": 1.2}
"""Few enough for the tokenizers in use; counts where the server does not."""


@dataclass(frozen=True, slots=True)
class Room:
    """How a model's context is shared out: characters of text, tokens of an answer, relations."""

    window_chars: int
    answer_tokens: int
    offer: Offer


class LlmExtractor:
    """Finds mentions and relations by asking a language model.

    Parameters
    ----------
    model:
        The served model; it stays the caller's to close.
    settings:
        How much of a text goes into a request, and how many requests go out at once.

    Raises
    ------
    ModelError
        The settings leave the model's name to the server, which cannot be reached.
    """

    def __init__(self, model: LanguageModel, settings: ExtractSettings) -> None:
        self._model = model
        self._settings = settings
        self._line = _Line()
        name = model.settings.model or model.served().model
        made_by = [PROMPT_VERSION, settings.window_chars, ONTOLOGY_PATH.read_text("utf-8")]
        digest = hashlib.sha256(json.dumps(made_by).encode()).hexdigest()[:16]
        self.name = f"llm:{name}"
        self.fingerprint = f"llm:{name}:{digest}"

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        """Return one extraction for each text, in order.

        Raises
        ------
        UnreadTextsError
            The model did not answer, or not usefully, to some of them. It holds what the others
            gave, so that nothing has to be asked again.
        """
        found = self._extract(texts)
        if any(isinstance(item, ModelError) for item in found):
            raise UnreadTextsError(found)
        return [item for item in found if isinstance(item, Extraction)]

    def _extract(self, texts: Sequence[str]) -> list[Extraction | ModelError]:
        if not any(text.strip() for text in texts):
            return [Extraction()] * len(texts)
        try:
            most_chars = self._room.window_chars
        except ModelError as error:
            return [error if text.strip() else Extraction() for text in texts]
        asked = [
            (n, window) for n, text in enumerate(texts) for window in cut_windows(text, most_chars)
        ]
        failed: dict[int, ModelError] = {}
        pieces: list[list[Grounded]] = [[] for _ in texts]
        # A server that was down is tried with one window before all are sent.
        first = 1 if self._line.reopen() else 0
        for batch in (asked[:first], asked[first:]):
            with ThreadPoolExecutor(self._settings.parallel, thread_name_prefix="window") as pool:
                jobs = [pool.submit(self._job, texts[n], window, n, failed) for n, window in batch]
            for (n, _), job in zip(batch, jobs, strict=True):
                pieces[n] += job.result()
        return [failed.get(n) or _joined(parts) for n, parts in enumerate(pieces)]

    def _job(
        self, text: str, window: Window, number: int, failed: dict[int, ModelError]
    ) -> list[Grounded]:
        """Read a window, unless its text has failed already; note a failure."""
        if number in failed:
            return []
        try:
            read = self._read(text, window)
        except ModelError as error:
            failed.setdefault(number, error)
            return []
        dropped = sum(item.dropped for item in read)
        if dropped:
            _log.info("%d entries of an answer do not stand in the text, and were dropped", dropped)
        return read

    def _read(self, text: str, window: Window) -> list[Grounded]:
        """Return what a model finds in a window, in at most two tries.

        The second of a window that was too much for it is its two halves.
        """
        try:
            return [self._ask(text, window, "")]
        except Fault as fault:
            parts = window.halves() if fault.too_long else [window]
            told = "" if len(parts) > 1 else fault.what
        except BusyError:
            parts, told = [window], ""
        try:
            return [self._ask(text, part, told) for part in parts]
        except Fault as fault:
            raise ModelError(
                f"{self._model.name} ({self.name.removeprefix('llm:')}) {fault.what}. "
                f"{fault.advice}"
            ) from fault

    def _ask(self, text: str, window: Window, told: str) -> Grounded:
        """Return what one answer holds.

        Raises
        ------
        Fault
            It cannot be used, or the server would not take the request.
        ModelError
            The server failed.
        """
        room, shown = self._room, text[window.start : window.end]
        limited = self._model.settings.constraint != "off"
        request = Request(
            room.offer.messages(window.language, shown, told),
            room.answer_tokens,
            grammar=room.offer.grammar() if limited else None,
            schema=room.offer.schema() if limited else None,
        )
        said, is_cut = self._complete(request)
        answer = read_answer(said, is_cut=is_cut, max_tokens=room.answer_tokens)
        found = ground(answer, text, window)
        if answer.size and not found.mentions:
            raise unlocated(answer)
        return found

    def _complete(self, request: Request) -> tuple[str, bool]:
        """Return the text of an answer, and whether it was cut off."""
        self._line.check()
        try:
            pieces = list(self._model.stream(request))
        except RefusedError as error:
            self._line.note(None)
            raise Fault(
                f"was not asked: {str(error).rstrip('.')}",
                "If the text is too long for it, lower [extract] window_chars; if it takes no "
                'grammar, set [model] constraint = "off".',
                too_long=True,
            ) from error
        except ModelError as error:
            self._line.note(error)
            raise
        self._line.note(None)
        return "".join(piece.text for piece in pieces), bool(pieces) and pieces[-1].is_cut

    @cached_property
    def _room(self) -> Room:
        """Share the context out; the longest rules are those of Russian, for their example.

        Raises
        ------
        ModelError
            The server cannot be reached, or its context is too small for any use.
        """
        context = self._model.served().context_tokens
        chars = min(self._settings.window_chars, context // 4)
        answer = min(self._settings.answer_tokens, context // 3)
        relations = relations_by_use()
        while True:
            offer = Offer(relations)
            needed = max(self._tokens(offer.messages(language, "")) for language in _LANGUAGES)
            if needed + chars + answer <= context:
                return Room(chars, answer, offer)
            if len(relations) <= FEWEST_RELATIONS:
                raise ModelError(
                    f"{self._model.name} has a context of {context} tokens; to extract it needs "
                    f"{needed + chars + answer}. Serve it with a longer one, say so in [model] "
                    "context_tokens, or take the bundled extractor."
                )
            relations = relations[: max(len(relations) - 10, FEWEST_RELATIONS)]

    def _tokens(self, messages: Sequence[Message]) -> int:
        """Return the server's count of a prompt, or a guess where it gives but a bound."""
        texts = [text for _, text in messages]
        counted = self._model.count_tokens(messages)
        if counted <= sum(len(text.encode()) for text in texts):
            return counted
        ascii_chars = sum(char.isascii() for text in texts for char in text)
        others = sum(len(text) for text in texts) - ascii_chars
        return int(ascii_chars / _CHARS_A_TOKEN["ascii"] + others / _CHARS_A_TOKEN["other"])


_LANGUAGES: tuple[Language, ...] = ("en", "ru")


class _Line:
    """The line to the server: closed after some failures in a row, so that nobody waits in vain."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._error: ModelError | None = None

    def check(self) -> None:
        """Raise the last failure where the line is closed."""
        with self._lock:
            if self._error is not None and self._failures >= FAILURES_IN_A_ROW:
                raise ModelError(str(self._error))

    def note(self, error: ModelError | None) -> None:
        """Count a failure of the server, or an answer, which makes good for all before."""
        with self._lock:
            self._failures = self._failures + 1 if error else 0
            self._error = error

    def reopen(self) -> bool:
        """Let one request try whether a closed line is open again; return whether it was closed."""
        with self._lock:
            was_closed = self._failures >= FAILURES_IN_A_ROW
            self._failures = min(self._failures, FAILURES_IN_A_ROW - 1)
            return was_closed


def _joined(pieces: Sequence[Grounded]) -> Extraction:
    """Put the windows of a text together, in order."""
    mentions: list[Mention] = []
    relations: list[MentionRelation] = []
    for piece in pieces:
        offset = len(mentions)
        mentions += piece.mentions
        relations += (
            MentionRelation(
                item.subject + offset,
                item.relation,
                item.object + offset,
                item.start,
                item.end,
                item.score,
            )
            for item in piece.relations
        )
    return Extraction(tuple(mentions), tuple(relations))
