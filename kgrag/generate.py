"""An answer written by a language model from numbered evidence, sentence by sentence.

The grammar of each request admits no number but those of the evidence; where a server takes none,
``kgrag.cited`` drops the others. What a sentence says is checked elsewhere (``kgrag.verify``).
"""

from collections.abc import Callable, Iterator, Sequence

from kgrag.cited import CitedText, Written
from kgrag.events import Citation
from kgrag.grammar import answer_grammar
from kgrag.language_model import LanguageModel, Request
from kgrag.numbered import NumberedPassage
from kgrag.prompt import MAX_ANSWER_SENTENCES, NOTHING, answer_messages, retry_messages
from kgrag.question import Question
from kgrag.served import Message


class Writing:
    """An answer that is being written; ``says_nothing``: the model found none in the evidence."""

    def __init__(
        self, model: LanguageModel, question: Question, evidence: Sequence[NumberedPassage]
    ) -> None:
        self._model = model
        self._language = question.language
        self._messages, kept = answer_messages(
            question.text,
            question.language,
            evidence,
            count=model.count_tokens,
            room_tokens=model.room_tokens,
        )
        self._passages = {sentence.n: item for item in kept for sentence in item.sentences}
        self._text = ""
        self.says_nothing = False

    @property
    def offered(self) -> tuple[int, ...]:
        """The numbers that may be cited."""
        return tuple(self._passages)

    def source(self, n: int) -> tuple[Citation, NumberedPassage]:
        """Return the sentence behind an offered number, and its passage."""
        passage = self._passages[n]
        return next(item for item in passage.sentences if item.n == n), passage

    def sentences(self, stopped: Callable[[], bool]) -> Iterator[Written]:
        """Yield the sentences of an answer as they are completed.

        Raises
        ------
        ModelError
            The model did not come to an end: see ``LanguageModel.stream``.
        """
        yield from self._write(self._messages, stopped)

    def again(self, faults: Sequence[str], stopped: Callable[[], bool]) -> Iterator[Written]:
        """Yield the sentences of a second try, which is told what was wrong with the first."""
        messages = retry_messages(self._messages, self._text, faults, self._language)
        if self._model.count_tokens(messages) <= self._model.room_tokens:
            yield from self._write(messages, stopped)

    def _write(self, messages: Sequence[Message], stopped: Callable[[], bool]) -> Iterator[Written]:
        nothing = NOTHING[self._language]
        request = Request(
            messages,
            self._model.settings.answer_tokens,
            grammar=answer_grammar(self.offered, nothing, MAX_ANSWER_SENTENCES),
        )
        text, is_cut = CitedText(self.offered, nothing), False
        self._text = ""
        for piece in self._model.stream(request, stopped=stopped):
            self._text += piece.text
            is_cut = piece.is_cut
            yield from text.feed(piece.text)
        yield from text.finish(is_cut=is_cut)
        self.says_nothing = text.says_nothing
