"""What a question means that follows up on others: "And when?" after "Where was Euler born?".

A model rewrites it, if there is one; what it writes is taken only where it names nothing but what
was talked about. Without one, the names that were talked about are carried over. Either way the
user sees how the question was understood.
"""

import re
from collections.abc import Callable, Sequence

from indexes.errors import ModelError
from indexes.text import stems
from kgrag.as_data import as_line
from kgrag.events import Answer
from kgrag.grammar import line_grammar
from kgrag.language_model import LanguageModel, Request
from kgrag.question import Question, understand
from kgrag.served import Message

MAX_CHARS = 300
MAX_TURNS = 3
"""Earlier questions that a follow-up may refer to."""

FEW_WORDS = 2
"""Content words of a question that names nothing, up to which it cannot be meant by itself."""

_REFERS = re.compile(
    r"\b(?:he|she|it|they|him|her|hers|his|its|their|them|then"
    r"|он|она|оно|они|его|ее|её|их|ему|ей|им|ими|нем|нём|ней|них|этот|эта|эти|этого|этой|этих"
    r"|этом|тогда)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"^(?:and|but|or|so|what about|how about|а|и|но|или|ну)\b", re.IGNORECASE)
_EMPTY_IT = re.compile(r"\bis it true\b|\bправда ли это\b", re.IGNORECASE)

_RULES = """Rewrite the last question so that it can be understood without the others: put the \
names that it refers to in place of words such as "it", "he" or "there". Change nothing else, add \
nothing, do not answer it. Write only the question, in its own language, on one line."""


def stand_alone(
    text: str,
    history: Sequence[Answer],
    model: LanguageModel | None,
    stopped: Callable[[], bool],
) -> str:
    """Return a question that can be understood by itself; the same where it is one already."""
    question = understand(text)
    if not history or not _depends(question):
        return text
    if model is not None:
        try:
            written = model.complete(_request(text, history), stopped=stopped)
        except ModelError:
            written = ""  # Whatever it is, it will be said when the answer is asked for.
        rewritten = " ".join(written.split())[:MAX_CHARS]
        if _is_faithful(rewritten, question, history):
            return rewritten
    return _carry_over(question, history)


def _depends(question: Question) -> bool:
    """Return whether it goes on, refers to somebody before it names anybody, or says too little."""
    names = [word.text for word in question.words if word.is_name]
    text = _EMPTY_IT.sub("", question.text)
    before = text.partition(names[0])[0] if names else text
    says_little = not names and len(question.words) <= FEW_WORDS
    return says_little or bool(_REFERS.search(before)) or bool(_GOES_ON.match(text))


def _request(text: str, history: Sequence[Answer]) -> Request:
    turns = "\n".join(
        f"Question: {as_line(turn.understood)}\nAnswer: {as_line(turn.text[:MAX_CHARS])}"
        for turn in history[-MAX_TURNS:]
    )
    messages: list[Message] = [
        ("system", _RULES),
        ("user", f"{turns}\nLast question: {as_line(text)}"),
    ]
    return Request(messages, max_tokens=150, grammar=line_grammar())


def _is_faithful(rewritten: str, question: Question, history: Sequence[Answer]) -> bool:
    """Return whether a rewriting keeps what is asked, and names only what was talked about."""
    if not rewritten:
        return False
    told = understand(rewritten)
    talked = " ".join(f"{turn.understood} {turn.text}" for turn in history)
    known = {*stems(question.text), *stems(talked)}
    keeps = {word.stem for word in question.words} <= {*stems(rewritten)}
    return keeps and bool(told.words) and all(word.stem in known for word in told.words)


def _carry_over(question: Question, history: Sequence[Answer]) -> str:
    """Return the question with what the last one was about, and "And when?" with all of it."""
    last = understand(history[-1].understood)
    own = {word.stem for word in question.words}
    carried = [
        word.text
        for word in last.words
        if word.stem not in own and (word.is_name or not question.words)
    ]
    if not any(word.is_name for word in last.words):
        carried += _answered(history[-1])
    return f"{question.text} ({' '.join(carried)})" if carried else question.text


def _answered(answer: Answer) -> list[str]:
    """Return the name that the last answer consists in, where it is known."""
    spans = [(s.text, s.highlight) for s in answer.sentences if s.stands and s.highlight]
    return [text[span[0] : span[1]] for text, span in spans[:1] if span]
