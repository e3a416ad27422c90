"""What could answer a question: the types of thing that it asks for, and where a sentence has them.

"When", "who" and "how many" say it themselves (``Question.expected``); "which company" says it by a
noun, which stands for a type of the ontology whose label lies near it in the vector space. What the
question names itself answers nothing.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from indexes.text import Language, stems, words
from kgrag.candidates import Candidate
from kgrag.cover import CoverTable
from kgrag.ontology import load_ontology
from kgrag.question import FUNCTION_STEMS, Question
from kgrag.word_vectors import word_vectors

NEAR_LABEL = 0.5
"""Cosine from which a noun stands for a type: company ~ organization."""

UNCOVERED = 0.5
"""A word that covers less of any asked word than this tells something that was not asked."""

NUMBERS = frozenset(("number", "money", "percent", "age"))

_ASKED_NOUN: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:what|which)\s+(?:(?:type|kind|sort|form|types|kinds|name|names)\s+of\s+)?"
        r"((?:\w+\s+){0,3}?\w+)",
        re.IGNORECASE,
    ),
    "ru": re.compile(
        r"\b(?:как(?:ой|ая|ое|ие|ого|ом|ую|их|им|ими|ому)|сколько)\s+((?:\w+\s+){0,2}?\w+)",
        re.IGNORECASE,
    ),
}
_COUNTED = re.compile(
    r"\bhow (?:many|much)\s+(\w+)(?:\s+(\w+))?|\bсколько\s+(\w+)(?:\s+(\w+))?", re.I
)
_YEAR = re.compile(r"1?\d{3}|20\d\d")
_DIGIT = re.compile(r"\d")
_NUMERALS = frozenset(
    """one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty
    hundred thousand million billion dozen half один одна одно два две три четыре пять шесть семь
    восемь девять десять двадцать тридцать сорок пятьдесят сто тысяча тысячи тысяч миллион миллиона
    миллионов миллиард миллиарда миллиардов двух трех трёх четырех четырёх пяти шести семи восьми
    девяти десяти двумя тремя половина""".split()
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question wants: ``types`` of the ontology, empty where any thing could answer.

    ``noun`` and ``counted`` index the question's words: what it asks to be named ("which company"),
    and what it asks to be counted ("how many points"). ``stems`` are those of all its words in all
    their forms, ``written`` all its words in lower case.
    """

    types: frozenset[str]
    noun: list[int]
    counted: list[int]
    stems: frozenset[str]
    written: frozenset[str]


@dataclass(frozen=True, slots=True)
class SentenceWords:
    """The words of a sentence and what they are worth as an answer.

    ``spans`` are in code points of the sentence. ``covers`` float (words, asked words);
    ``answers``: a thing of the kind that is wanted; ``content``: no function word; ``tells``: a
    content word that the question does not have.
    """

    spans: list[tuple[int, int]]
    covers: NDArray[np.float64]
    answers: NDArray[np.bool_]
    tells: NDArray[np.bool_]
    content: NDArray[np.bool_]


def wanted_by(question: Question) -> Wanted:
    """Return what a question wants."""
    noun = _asked_noun(question)
    types = frozenset(question.expected)
    if not types and noun:
        near = _label_vectors(question.language) @ word_vectors().embed([noun])[0]
        names = list(load_ontology().entity_types)
        types = frozenset(names[row] for row in np.flatnonzero(near > NEAR_LABEL))
    found = _COUNTED.search(question.text)
    counted = {_stem(word) for word in (found.groups() if found else ()) if word}
    return Wanted(
        types,
        [at for at, word in enumerate(question.words) if noun and word.stem == _stem(noun)],
        [at for at, word in enumerate(question.words) if word.stem in counted],
        frozenset[str]().union(*(word.forms for word in question.words)),
        frozenset(question.text[start:end].lower() for start, end in words(question.text)),
    )


def words_of(
    wanted: Wanted, table: CoverTable, item: Candidate, start: int, end: int
) -> SentenceWords:
    """Return the words of a sentence, [start, end) in its passage."""
    text = item.passage.text[start:end]
    spans = words(text)
    covers = table.covers_of(text, spans).astype(np.float64)
    lower = [text[first:last].lower() for first, last in spans]
    found = [_stem(word) for word in lower]
    content = np.array([stem not in FUNCTION_STEMS for stem in found], np.bool_)
    new = np.array([stem not in wanted.stems for stem in found], np.bool_)
    far = covers.max(axis=1, initial=0.0) < UNCOVERED
    answers = np.array([_answers(word, wanted) for word in lower], np.bool_)
    named = np.zeros(len(spans), np.bool_)
    for mention, entity in item.mentions:
        first, last = (at - item.passage.start - start for at in (mention.start, mention.end))
        if first < 0 or last > len(text) or mention.antecedent is not None:
            continue
        inside = [at for at, span in enumerate(spans) if span[0] < last and span[1] > first]
        if inside and new[inside].any() and entity not in table.entities:
            named[inside] = True
            if mention.type in wanted.types:
                answers[inside] = True
    if not wanted.types:
        answers = (named | content) & new & far
    return SentenceWords(spans, covers, answers, content & new & far, content)


def _answers(word: str, wanted: Wanted) -> bool:
    if word in wanted.written:
        return False
    if "date" in wanted.types and _YEAR.fullmatch(word):
        return True
    is_number = bool(_DIGIT.search(word)) or word in _NUMERALS
    return is_number and bool(NUMBERS & wanted.types)


def _asked_noun(question: Question) -> str | None:
    found = _ASKED_NOUN[question.language].search(question.text)
    some = found.group(1).split() if found else []
    return next((word for word in some if _stem(word) not in FUNCTION_STEMS), None)


def _stem(word: str) -> str:
    return next(iter(stems(word)), "")


@lru_cache(maxsize=2)
def _label_vectors(language: Language) -> NDArray[np.float32]:
    types = load_ontology().entity_types.values()
    labels = [kind.label_ru if language == "ru" else kind.label_en for kind in types]
    return word_vectors().embed(labels)
