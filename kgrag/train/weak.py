"""Labels English training texts with what their corpora do not annotate, by word lists.

The English corpora know no professions, ages, ideologies, fields of study, languages or laws. What
is found here is meant to be right, not complete: a miss costs a little, a wrong label teaches it.
Used in training only, beside the gold mentions; a weak mention that crosses a gold one, or has its
span, is to be dropped by the caller.

Spans follow NEREL's annotation of Russian:

- A profession is the noun in singular or plural with the words that belong to it ("film director",
  "deputy prime minister"), without article, nationality, "former" or praise. With its capitalised
  complement it is a longer mention around the short one ("President" in "President of France").
- An age is the whole phrase ("34 years old", "34-year-old"), of "aged 34" only the number.
- Nationality, religion and ideology are nouns and adjectives ("French", "Muslims", "communist").

Nothing is labelled inside a longer name: neither "Baker Street" nor "the Communist Party".
"""

import re
from collections.abc import Iterator

from kgrag.train import weak_terms as terms
from kgrag.train.hints import hinted_type
from kgrag.train.weak_facts import WEAK_RELATIONS, weak_facts
from kgrag.train.weak_lexicon import Term, Words, lexicon, longest, word_sets
from kgrag.train.weak_patterns import patterned
from kgrag.train.weak_places import Span

__all__ = ["WEAK_RELATIONS", "WEAK_TYPES", "weak_facts", "weak_mentions"]

WEAK_TYPES = frozenset(
    "age field_of_study ideology language law money nationality ordinal percent profession "
    "religion".split()
)

_WORD = re.compile(r"[^\W_]+(?:(?:-|\s-\s)[^\W_]+)*")
"""Re-DocRED writes "singer - songwriter"; as one word neither half is taken for the whole."""
_PLACES = frozenset(("country", "state_or_province", "city"))
_VERB_BEFORE = frozenset("to will would can could must should they we i you may might".split())
_LOWERED = frozenset(
    """
    the a an former new his her its their our then former current late acting in on at as when
    while after before and but or by of for from with under because since if although though
    however both also that this first vice deputy assistant chief born named appointed elected
    interim incumbent retired your my per to lord mr mrs dear
    """.split()
)
"""Capitalised words before a title that do not make one name with it."""

_BEFORE_LANGUAGE = re.compile(
    r"(?:\b(?:[Ii]n|into|languages?\s(?:like|such\sas)|speaks?|spoke|speaking|spoken|learn(?:ed|t|ing)?|fluent\sin|translated\sto|"
    r"from\sthe|the)\s(?:[Oo]ld\s|Middle\s|[Mm]odern\s|both\s)?)$"
)
_AFTER_LANGUAGE = re.compile(r"\s?(?:[.,;)]|and\s(?:in\s)?[A-Z]|or\s[A-Z]|as\b|at\b|by\b|is\b|$)")
_LANGUAGE_NOUN = re.compile(r"[\s-](?:language|alphabet|dialects?|grammar|word|verb|speak)")
_STUDY = re.compile(
    r"\b(?:[Pp]rofessors?\sof|[Ss]tud(?:y|ied|ies|ying)(?:\sof)?|[Dd]egrees?\sin|[Dd]octorate\sin|"
    r"Ph\.?\s?D\.?\sin|[Ll]ecturers?\s(?:in|of)|[Tt](?:aught|eaches|eaching)|[Mm]ajor(?:ed|ing)?\sin|"
    r"[Mm]aster(?:\s?'?s|\s?’s)?\sin|[Bb]achelor(?:\s?'?s|\s?’s)?\sin|graduat(?:ed|ing)\sin|"
    r"[Tt]eachers?\sof|fields?\sof)\s$"
)
_CAPITAL = r"[A-Z][\w’-]*"
_COMPLEMENT = re.compile(
    rf"\s(?:of|for)\s(?:the\s)?({_CAPITAL}(?:\.(?:[A-Z]\.)+)?"
    rf"(?:\s(?:of\s(?:the\s)?|for\s(?:the\s)?)?{_CAPITAL}){{0,7}})"
)
_BOARD_OF = re.compile(
    r"\b(?:[Bb]oard|[Cc]ouncil|[Cc]ollege|[Hh]ouse|[Dd]epartment|[Cc]hamber|[Ll]eague)s?\sof\s(?:the\s)?$"
)
_JOINED = re.compile(
    r"\s?(?:and|&|,\sand)\s[A-Z]|\s?-\s?[A-Z]|\s?'s?\s[A-Z]|\.\w|\s(?:region|province|state|area|district)\b|\s[A-Z]"
)
_SENTENCE_START = re.compile(r"(?:^|[.!?:\n]\s?[\"'”’)]*\s*|[\"“(]\s?)$")
_POSSESSED_NAME = re.compile(r"\s?['’]s?\s[A-Z]")


def weak_mentions(text: str) -> list[tuple[int, int, str]]:
    """Find mentions of ``WEAK_TYPES`` in an English text.

    Parameters
    ----------
    text
        Running text; tokens may be separated by spaces, as in Re-DocRED.

    Returns
    -------
    list of (start, end, type)
        Character offsets into ``text``, end exclusive, by start, the longer first. They may nest
        and never cross; no span comes twice.
    """
    found = [*patterned(text), *_listed(text)]
    return _without_crossings(found)


def _without_crossings(found: list[Span]) -> list[Span]:
    """Keep what came first of spans that cross, and of types for one span."""
    found.sort(key=lambda span: (span[0], -span[1]))
    kept: list[Span] = []
    around: list[Span] = []
    for span in found:
        while around and around[-1][1] <= span[0]:
            around.pop()
        inside = around and (span[1] > around[-1][1] or span[:2] == around[-1][:2])
        if inside or (around and around[-1][2] in {"law", "money", "age", "percent"}):
            continue
        around.append(span)
        kept.append(span)
    return kept


def _listed(text: str) -> Iterator[Span]:
    words = [
        (re.sub(r"\s-\s", "-", match[0]), match.start(), match.end())
        for match in _WORD.finditer(text)
    ]
    table = lexicon()
    index = 0
    while index < len(words):
        word = words[index][0]
        matched = longest(text, words, index, table.get(word, ())) or longest(
            text, words, index, table.get(word.lower(), ())
        )
        if matched is None:
            index += 1
            continue
        length, term = matched
        yield from _as_mentions(text, words, index, index + length, term)
        index += length


def _as_mentions(text: str, words: Words, first: int, last: int, term: Term) -> Iterator[Span]:
    start, end = words[first][1], words[last - 1][2]
    if text[start - 1 : start] == "-" or text[end : end + 1] == "-":
        return
    if term.type == "profession":
        yield from _professions(text, words, first, last, term)
    elif term.type == "religion":
        yield start, end, "religion"
    elif not _in_name(text, words, first, last, start, end):
        type_ = _plain_type(text, start, end, term)
        if type_ is not None:
            yield start, end, type_


def _plain_type(text: str, start: int, end: int, term: Term) -> str | None:
    """Return the type of a listed word that stands in no longer name, or None in doubt."""
    nationalities, languages, always, _ = word_sets()
    name = text[start:end]
    if term.type in {"language", "nationality"}:
        if name in languages and _is_language(text, start, end, name in always):
            return "language"
        return "nationality" if name in nationalities or term.type == "nationality" else None
    if term.type == "believer":
        return "religion"
    if name[0].isupper() and not _capital_is_fine(text, start, term):
        return None
    if term.type == "studied":
        studied = _STUDY.search(text, max(0, start - 30), start)
        return "field_of_study" if studied else None
    if text.startswith((" realis", " of the ") if name[0].isupper() else " realis", end):
        return None
    return "ideology" if term.type == "adherent" else term.type


def _capital_is_fine(text: str, start: int, term: Term) -> bool:
    """Tell whether a capital is no sign of a name: a sentence begins, a chair, an adherent."""
    if term.type in {"adherent", "ideology"} or _STUDY.search(text, max(0, start - 30), start):
        return True
    return bool(_SENTENCE_START.search(text, max(0, start - 4), start))


def _is_language(text: str, start: int, end: int, always: bool) -> bool:
    if always or _LANGUAGE_NOUN.match(text, end) or text[end : end + 2].strip() == ":":
        return True
    before = _BEFORE_LANGUAGE.search(text, max(0, start - 32), start)
    if before is None or not _AFTER_LANGUAGE.match(text, end):
        return False
    return not before[0].lower().startswith(("the ", "from the "))


def _in_name(text: str, words: Words, first: int, last: int, start: int, end: int) -> bool:
    """Tell whether a capitalised neighbour makes a longer name of the words."""
    if _POSSESSED_NAME.match(text, end) and text[start].isupper():
        return True
    if last < len(words) and text[end : words[last][1]].isspace():
        following = words[last][0]
        if following[0].isupper() and not _is_title_word(following):
            return True
    if not text[start].isupper() or first == 0:
        return False
    word, _, ended = words[first - 1]
    if not text[ended:start].isspace() or not word[0].isupper():
        return False
    return word.lower() not in _LOWERED and word not in word_sets()[0]


def _is_title_word(word: str) -> bool:
    phrases = lexicon().get(word.lower(), ())
    return any(term.title for _, term in phrases)


def _professions(text: str, words: Words, first: int, last: int, term: Term) -> Iterator[Span]:
    start, end = words[first][1], words[last - 1][2]
    before = words[first - 1] if first else None
    if before and not text[before[2] : start].isspace():
        before = None
    if before and before[0].lower() in _VERB_BEFORE:
        return
    if text[start:end] == "general" or _BOARD_OF.search(text, max(0, start - 24), start):
        return
    run, run_end = _capital_run(text, words, last)
    capital = text[start].isupper()
    if _POSSESSED_NAME.match(text, end) and capital:
        return
    if run and not terms.PLACE_TAILS.isdisjoint((run[0], run[-1])):
        return
    if capital and not _capital_title(text, words, (first, last), term, before, bool(run)):
        return
    while before and before[0] in word_sets()[3] and not capital:
        start, first = before[1], first - 1
        before = words[first - 1] if first else None
        if before and not text[before[2] : start].isspace():
            before = None
    yield start, end, "profession"
    outer = _complement_end(text, end)
    if outer is not None:
        yield start, outer, "profession"


def _capital_run(text: str, words: Words, index: int) -> tuple[list[str], int]:
    """Return the capitalised words from ``index`` on that stand one space apart."""
    run: list[str] = []
    end = words[index - 1][2]
    while (
        index < len(words) and words[index][0][0].isupper() and text[end : words[index][1]] == " "
    ):
        run.append(words[index][0])
        end = words[index][2]
        index += 1
    return run, end


def _capital_title(
    text: str,
    words: Words,
    place: tuple[int, int],
    term: Term,
    before: tuple[str, int, int] | None,
    before_name: bool,
) -> bool:
    """Tell whether a capitalised profession is one: an office, or the first word of a sentence."""
    first, last = place
    start, end = words[first][1], words[last - 1][2]
    written = text[start:end]
    if written.isupper() and len(written) > 3:
        return False
    begins = bool(_SENTENCE_START.search(text, max(0, start - 4), start))
    if not term.title:
        return begins and not term.surname and text[start - 1 : start] not in '"“'
    if before and before[0][0].isupper() and not begins:
        known = before[0].lower() in _LOWERED or before[0] in word_sets()[0]
        if not known:
            return False
    if text[max(0, start - 2) : start].strip() in {'"', "“", "'", "`"}:
        return False
    if not term.surname:
        return True
    if before_name:
        return written not in {"Duke", "Earl", "Dean", "Baron", "Count", "Captain"}
    of = text.startswith(" of ", end)
    return of or bool(before and before[0].lower() in {"the", "a", "an", "as"})


def _complement_end(text: str, end: int) -> int | None:
    """Return the end of "of France" after a profession, where it is plain where that ends."""
    match = _COMPLEMENT.match(text, end)
    if match is None:
        return None
    name = match[1].split()
    article = text[match.start() : match.start(1)].endswith("the ")
    if name[-1] not in terms.BODY_TAILS and not article:
        for length in range(len(name) - 1, 0, -1):
            if name[length][0].isupper() and hinted_type(" ".join(name[:length])) in _PLACES:
                return match.start(1) + len(" ".join(name[:length]))
    if _JOINED.match(text, match.end()) or name[-1] in word_sets()[0] | {"St", "Dr", "Mt", "Roman"}:
        return None
    return match.end()
