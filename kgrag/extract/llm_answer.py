"""Reads what a language model answered to a window of text: JSON of one shape, or a fault.

    {"mentions": [{"quote": "Basel", "type": "city"}],
     "triplets": [{"subject": "Euler", "relation": "place of birth", "object": "Basel",
                   "quote": "Euler was born in Basel."}]}

Empty lists are an answer; an empty text, or an object without the lists, is none.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from kgrag.extract.llm_errors import Fault

MAX_ANSWER_CHARS = 40_000
"""What the grammar admits; more is a model that has run away, and would take long to look for."""

_SHOWN_CHARS = 80
_THOUGHT = re.compile(r"\A\s*<think>.*?(?:</think>|\Z)", re.DOTALL)
_FENCED = re.compile(r"\A```\w*\s*\n(.*?)\n?```\s*\Z", re.DOTALL)

_USE_VLLM = (
    "Serve it by vLLM, which holds an answer to its form (kgrag vllm MODEL), or take another model."
)
_THINKING = (
    "If it is one that thinks, switch that off ([model] thinking = false), or raise [extract] "
    "answer_tokens."
)


@dataclass(frozen=True, slots=True)
class Named:
    """A name that a model claims to stand in the text, and its type."""

    quote: str
    type: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What a model claims that ``quote`` states."""

    subject: str
    relation: str
    object: str
    quote: str


@dataclass(frozen=True, slots=True)
class Answer:
    """``spoilt`` counts entries that are not of the right shape."""

    mentions: tuple[Named, ...]
    triplets: tuple[Claim, ...]
    spoilt: int = 0

    @property
    def size(self) -> int:
        """How many entries there were."""
        return len(self.mentions) + len(self.triplets) + self.spoilt


def read_answer(text: str, *, is_cut: bool, max_tokens: int) -> Answer:
    """Return what a model answered.

    Parameters
    ----------
    text:
        The whole answer, without what the server marked as thoughts.
    is_cut, max_tokens:
        Whether it was cut off, after how many tokens.

    Raises
    ------
    Fault
        It is empty, was cut off, is no JSON, or has another shape.
    """
    said = _THOUGHT.sub("", text).strip()
    if not said:
        thoughts = "nothing but thoughts" if is_cut or text.strip() else "nothing"
        raise Fault(f"answered with {thoughts}", _THINKING)
    if is_cut:
        raise Fault(
            f"was not done after {max_tokens} tokens",
            "Raise [extract] answer_tokens (to a third of its context at most), or lower "
            "window_chars.",
            too_long=True,
        )
    if len(said) > MAX_ANSWER_CHARS:
        raise Fault(f"answered with {len(said):,} characters", _USE_VLLM)
    fenced = _FENCED.match(said)
    try:
        value = json.loads(fenced[1] if fenced else said)
    except (ValueError, RecursionError) as error:
        raise Fault(f"answered with what is no JSON: {_shown(said)}", _USE_VLLM) from error
    return _answer(value, said)


def _answer(value: object, said: str) -> Answer:
    lists = [value.get(key) for key in ("mentions", "triplets")] if isinstance(value, dict) else []
    given, claimed = lists if lists else (None, None)
    if not isinstance(given, list) or not isinstance(claimed, list):
        raise Fault(f"answered with JSON of another shape: {_shown(said)}", _USE_VLLM)
    mentions = [Named(*parts) for item in given if (parts := _texts(item, ("quote", "type")))]
    names = ("subject", "relation", "object", "quote")
    triplets = [Claim(*parts) for item in claimed if (parts := _texts(item, names))]
    spoilt = len(given) - len(mentions) + len(claimed) - len(triplets)
    return Answer(tuple(mentions), tuple(triplets), spoilt)


def unlocated(answer: Answer) -> Fault:
    """Return what to say of an answer of which nothing stands in the text."""
    quotes = [item.quote for item in answer.mentions]
    quotes += [item.quote for item in answer.triplets]
    shown = f", such as {_shown(quotes[0])}" if quotes else ""
    return Fault(
        f"named nothing that stands in the text with a type that there is (entries: {answer.size})"
        f"{shown}",
        "Take another model: one that follows instructions.",
    )


def _texts(item: object, names: Sequence[str]) -> list[str] | None:
    """Return the texts under these names, if all of them are there."""
    values = [item.get(name) for name in names] if isinstance(item, dict) else [None]
    texts = [value for value in values if isinstance(value, str)]
    return texts if len(texts) == len(values) else None


def _shown(text: str) -> str:
    plain = " ".join(text[: _SHOWN_CHARS * 2].split())
    plain = "".join(char if char.isprintable() else "?" for char in plain)
    return f"“{plain[:_SHOWN_CHARS]}{'…' if len(plain) > _SHOWN_CHARS else ''}”"
