"""What a sentence denies or only holds possible, and of which words it does so."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from kgrag.verify.words import Word, words_of

_NEGATIONS = frozenset(
    "not never no neither nor cannot without nobody none nothing n't"
    " не никогда нет без отнюдь нельзя никто ничего".split()
)
_ENGLISH_CONTRACTION = re.compile(r"\w+n['’]t", re.IGNORECASE)
_DENYING = re.compile(
    r"(?:fail(?:s|ed|ing)?|refus(?:e|es|ed|ing)|den(?:y|ies|ied|ying)|unable|lack(?:s|ed|ing)?"
    r"|declin(?:e|es|ed)|reject(?:s|ed)?|hardly|barely|unlikely|прекратил[аои]?|отсутств\w+"
    r"|отказал\w*|отверг\w*|отриц\w+|невозможно|вряд|едва)",
    re.IGNORECASE,
)
_HEDGES = re.compile(
    r"(?:may|might|could|possibly|perhaps|probably|likely|allegedly|reportedly|supposedly"
    r"|plan(?:s|ned|ning)?|intend(?:s|ed)?|propos(?:e|es|ed)|hop(?:e|es|ed)|expect(?:s|ed)?"
    r"|attempt(?:s|ed)?|tried|rumou?red|alleged|wanted|considered|would|should"
    r"|возможно|вероятно|видимо|якобы|предположительно|наверное|может|могут|мог|могла|могли|могло"
    r"|планир\w+|намерева\w+|намерен[аы]?|хотел[аи]?|собирал\w+|предлагал\w*|предложил\w*"
    r"|пытал\w+|попытал\w+|ожида\w+|должен|должна|должны)",
    re.IGNORECASE,
)
_DETERMINERS = frozenset("the a an this that his her its their no first last".split())
_DENIED_WITHIN = 3
"""Telling words after a cue that it can be about."""

_NOT_DENIALS = re.compile(
    r"\bnot only\b|\bno(?:\.|t?) ?\d|\bno (?:less|more|fewer|later|earlier|longer than)\b"
    r"|\bnone other\b|не только|не менее|не более|не позднее|не ранее|не раньше|не меньше|не больше"
    r"|\bnot least\b|\bне раз\b|тем не менее|\bwhether or not\b|\bif not\b|если не\b|чуть не\b",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[,;:.!?()—–]")


@dataclass(frozen=True, slots=True)
class Cue:
    """A denial or a hedge: its surface, its place, and the telling words that it is about."""

    text: str
    start: int
    denies: bool
    about: tuple[Word, ...]


@lru_cache(maxsize=4_096)
def cues_of(text: str) -> tuple[Cue, ...]:
    """Return the cues of a text, in order. "May" is a month, "not only" denies nothing."""
    words = words_of(text)
    skipped = [match.span() for match in _NOT_DENIALS.finditer(text)]
    cues = []
    for index, word in enumerate(words):
        if any(start <= word.start < end for start, end in skipped):
            continue
        denies = _denies(word.text)
        if denies or _hedges(words, index):
            cues.append(Cue(word.text, word.start, denies, _about(text, words, index)))
    return tuple(cues)


def _denies(surface: str) -> bool:
    lower = surface.lower()
    return (
        lower in _NEGATIONS
        or _ENGLISH_CONTRACTION.fullmatch(surface) is not None
        or _DENYING.fullmatch(surface) is not None
    )


def _hedges(words: Sequence[Word], index: int) -> bool:
    surface = words[index].text
    before = words[index - 1].text.lower() if index else ""
    if before in _DETERMINERS or (surface == "May" and index):
        return False  # a plan, the hope
    return _HEDGES.fullmatch(surface) is not None


def _about(text: str, words: Sequence[Word], index: int) -> tuple[Word, ...]:
    """Return the telling words that follow a cue in its clause, the nearest ones."""
    end = _CLAUSE_END.search(text, words[index].end)
    limit = end.start() if end else len(text)
    after = [word for word in words[index + 1 :] if word.start < limit and word.is_telling]
    return tuple(after[:_DENIED_WITHIN])
