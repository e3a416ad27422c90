"""An answer's words against the expected answers.

Both are normalised first. The rules of the published SQuAD v1.1 script (Rajpurkar et al. 2016), in
its order: lower case; ASCII punctuation is deleted, not replaced; "a", "an" and "the" are dropped;
white space becomes one space. Of the multilingual script of MLQA (Lewis et al. 2020): all Unicode
punctuation is deleted (« » — …), and articles are dropped only from the languages that have them,
here from English. Ours:

- compatible forms are one (NFKC: "ﬁ", "²", no-break space);
- «ё» is «е», and stress marks (U+0301) and invisible characters (soft hyphen) are deleted;
- "1 000" is "1000", as "1,000" is by the published rules;
- what would leave nothing ("The The", "!!!") keeps its articles, or else its punctuation.
"""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence

from indexes.text import Language

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?!\d)")
"""A number in groups of three; a comma before the space is no separator ("May 15, 200 men")."""

_STRESS = "\N{COMBINING ACUTE ACCENT}"
_JOINTS = re.compile(r"[–—]|['’]s\b")
"""What parts words without a space: "1914–1918", "Euler's"."""

_CITATIONS = re.compile(r"(?<!\s)\s*\[\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\]")
"""The look-behind keeps long white space linear."""


def normal_answer(text: str, *, language: Language = "en") -> str:
    """Return what of an answer is compared: see the module. Empty only where ``text`` is blank."""
    plain = " ".join(unicodedata.normalize("NFKC", text).lower().replace("ё", "е").split())
    joined = _GROUPED.sub(lambda number: number[0].replace(" ", ""), plain)
    words = " ".join("".join(sign for sign in joined if not _is_silent(sign)).split())
    content = " ".join(_ARTICLES.sub(" ", words).split()) if language == "en" else words
    return content or words or plain


def exact_match(given: str, expected: Sequence[str], *, language: Language = "en") -> bool:
    """Return whether an answer is one of the expected ones, normalised."""
    answer = normal_answer(given, language=language)
    return any(answer == normal_answer(other, language=language) for other in expected)


def token_f1(given: str, expected: Sequence[str], *, language: Language = "en") -> float:
    """Return the F1 of the words of an answer, 0..1, against the expected one that it fits best.

    2 * shared / (words given + words expected), words counted as often as they occur; 0 where
    nothing is expected.
    """
    words = normal_answer(given, language=language).split()
    return max(
        (_f1(words, normal_answer(other, language=language).split()) for other in expected),
        default=0.0,
    )


def contains(given: str, expected: Sequence[str], *, language: Language = "en") -> bool:
    """Return whether an expected answer stands in what was given, as whole words, normalised.

    A long dash parts words here, and a possessive 's is dropped: "1914" stands in "1914–1918".
    What is expected to be an article or punctuation alone ("A") has to be the whole answer.
    """
    texts = [
        f" {normal_answer(form, language=language)} " for form in (given, _JOINTS.sub(" ", given))
    ]
    wanted = [normal_answer(other, language=language) for other in expected]
    return any(f" {words} " in text for words in wanted if words for text in texts)


def without_citations(text: str) -> str:
    """Return an answer without its citation marks ("[1]", "[1, 2]", "[1][2]")."""
    return _CITATIONS.sub("", text).strip()


def _f1(given: Sequence[str], wanted: Sequence[str]) -> float:
    shared = (Counter(given) & Counter(wanted)).total()
    return 2 * shared / (len(given) + len(wanted)) if shared else 0.0


def _is_silent(sign: str) -> bool:
    category = unicodedata.category(sign)
    return sign in string.punctuation or sign == _STRESS or category == "Cf" or category[0] == "P"
