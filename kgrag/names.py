"""The form under which two surfaces name the same thing, and the shorter forms of a name.

A normal form is lower case, without accents, articles, possessives and punctuation; each Cyrillic
word becomes its lemma, because Russian names are inflected: «Эйлера» and «Эйлер» meet. Normal forms
are keys, not for display: «Российской академии наук» becomes «российский академия наука».
"""

import logging
import re
import unicodedata
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pymorphy3 import MorphAnalyzer

_WORD = re.compile(r"[^\W_]+(?:['&][^\W_]+)*[+#]*")
_INITIALS = re.compile(r"\b[^\W\d_]\.(?:\s?[^\W\d_]\.)+")
_POSSESSIVE = re.compile(r"(?<=\w)'s?(?!\w)")
_CYRILLIC = re.compile(r"[\u0400-\u04FF]")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'"})
_ARTICLES = frozenset({"the", "a", "an"})
_ACRONYM = re.compile(r"[A-ZА-ЯЁ](?:&?[A-ZА-ЯЁ]){1,6}(?:s|'s|[а-яё]{1,2})?")
_ROMAN = re.compile(r"[IVX]+")
_ORDINAL = re.compile(r"[IVX]+|\d+|Jr|Sr", re.IGNORECASE)
PATRONYMIC = re.compile(r"\w+(?:ович|евич|ьич|овна|евна|ична|инична)", re.IGNORECASE)

_TRANSLITERATION = str.maketrans(
    dict(zip("абвгдеёзийклмнопрстуфыэ", "abvgdeeziyklmnoprstufye", strict=True))
    | {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya"}
    | {"ъ": "", "ь": "", "і": "i", "ї": "yi", "є": "ye", "ґ": "g"}
)

_SPELLINGS = (
    ("sch", "sh"), ("kh", "h"), ("ch", "h"), ("ck", "k"), ("ph", "f"), ("th", "t"), ("ou", "u"),
    ("eu", "ei"), ("ai", "e"), ("oi", "ua"), ("c", "k"), ("q", "k"), ("w", "v"), ("y", "i"),
    ("j", "i"), ("x", "ks"), ("ts", "z"),
)  # fmt: skip

_NAME_TAGS = ("Name", "Surn", "Patr", "Geox", "Orgn")
_CLOSED_CLASSES = frozenset({"PREP", "CONJ", "PRCL", "INTJ", "NPRO"})
_NOMINAL_CLASSES = frozenset({"NOUN", "ADJF", "NUMR"})
_LONGEST_WORD = 40

_SKIPPED_BY_ACRONYMS = frozenset(
    "of the and for in on at to by de di и в во на по при за из от до для с со у о об к ко".split()
)
_NAMED_AFTER = frozenset({"имени", "им"})
_BYNAME_STARTS = frozenset({"the", "of"})
_PARTICLES = frozenset(
    "van von der den de da di du del della la le bin ibn al el фон ван де да".split()
)
PERSON_TITLES = frozenset(
    "mr mrs ms miss dr prof professor sir lady lord dame saint st president king queen prince"
    " princess emperor empress czar czarina tsar pope general colonel captain senator judge"
    " президент король королева князь княгиня царь царица император императрица генерал"
    " профессор господин госпожа святой".split()
)
"""What may stand before a person's name, lower case."""


@lru_cache(maxsize=200_000)
def normal_name(surface: str) -> str:
    """Return the normal form of a name; one without letters and digits keeps its own characters.

    Parameters
    ----------
    surface:
        A name as it stands in a text, in any case and inflection.

    Returns
    -------
    str
        Words joined by single spaces; empty only where ``surface`` is blank.
    """
    text = unicodedata.normalize("NFKC", surface).translate(_QUOTES)
    text = _INITIALS.sub(lambda found: re.sub(r"[.\s]", "", found.group()) + " ", text)
    found = _WORD.findall(_POSSESSIVE.sub("", text))
    if not found:
        return " ".join(text.lower().split())
    forms = [_normal_word(word) for word in found]
    first = 0
    while first < len(forms) - 1 and forms[first] in _ARTICLES:
        first += 1
    return " ".join(forms[first:])


def acronym_of(name: str) -> str | None:
    """Return the acronym that a text would form of a name of several words, or None.

    English takes the capitalised words, Russian every word but prepositions; what follows «имени»
    is left out. The acronym is in normal form: ``Imperial Academy of Sciences`` gives ``ias``.
    """
    letters = []
    for word in _words(name):
        lower = word.lower()
        if lower in _NAMED_AFTER:
            break
        if lower not in _SKIPPED_BY_ACRONYMS and (word[0].isupper() or _CYRILLIC.match(word)):
            letters.append(lower[0].replace("ё", "е"))
    return "".join(letters) if len(letters) > 1 else None


def is_acronym(surface: str) -> bool:
    """Return whether a surface looks like an acronym: ``UN``, ``U.S.``, «МИДа»; not ``II``."""
    text = surface.translate(_QUOTES).replace(".", "").strip()
    return bool(_ACRONYM.fullmatch(text)) and not _ROMAN.fullmatch(text)


def short_names(name: str) -> tuple[str, ...]:
    """Return the shorter names by which a text may call a person again, most telling first.

    ``Leonhard Euler`` gives ``euler`` and ``leonhard``; ``Charles de Gaulle`` also ``de gaulle``;
    ``Catherine II of Russia``, ``Catherine the Great`` and ``Empress Catherine`` only
    ``catherine``. All are in normal form. A name of one word has none.
    """
    family, _, given = name.partition(",")
    found = _words(f"{given} {family}" if given.strip() else name)
    untitled = found
    while len(untitled) > 1 and untitled[0].lower() in PERSON_TITLES:
        untitled = untitled[1:]
    words = _before_byname(untitled)
    if len(words) < 2:
        return (normal_name(words[0]),) if len(found) > 1 else ()
    if PATRONYMIC.fullmatch(words[-1]):  # «Путин Владимир Владимирович», «Екатерина Алексеевна»
        words = [*words[1:], words[0]] if len(words) > 2 else words[:1]
    shorter = [words[-1], words[0]] if len(words) > 1 else [words[0]]
    if len(words) > 2 and words[-2].lower() in _PARTICLES:
        shorter.insert(0, f"{words[-2]} {words[-1]}")
    return tuple(dict.fromkeys(normal_name(short) for short in shorter if len(short) > 1))


def transliterate(word: str) -> str:
    """Return a Cyrillic word in Latin letters; other letters stay."""
    plain = word.lower().translate(_TRANSLITERATION)
    return plain.capitalize() if word[0].isupper() else plain


def alike_across_scripts(one: str, other: str, at_least: float = 0.0) -> float:
    """Return how alike two words of different scripts sound, 0..1: Euler and «Эйлер», 1.0.

    Both are written in Latin letters and freed of what languages spell differently; the rest is
    compared by matching blocks (Ratcliff and Obershelp, 1988). What cannot be ``at_least`` so
    alike, by its letters alone, is 0: most words are told apart by that.
    """
    first, second = _sounds(one), _sounds(other)
    letters = len(first) + len(second)
    if at_least and letters:
        shared = sum(min(first.count(char), second.count(char)) for char in set(first))
        if 2 * shared < at_least * letters:
            return 0.0
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


@lru_cache(maxsize=100_000)
def _sounds(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", transliterate(word).lower())
    plain = "".join(char for char in decomposed if char.isalpha() and char.isascii())
    for spelled, sound in _SPELLINGS:
        plain = plain.replace(spelled, sound)
    return "".join(char for char, before in zip(plain, " " + plain, strict=False) if char != before)


def _words(name: str) -> list[str]:
    return _WORD.findall(_POSSESSIVE.sub("", name.translate(_QUOTES)))


def _before_byname(words: list[str]) -> list[str]:
    """Return the words before an ordinal or byname, as in ``Ivan IV`` and ``Ivan the Great``."""
    for index, word in enumerate(words):
        if index and (_ORDINAL.fullmatch(word) or word.lower() in _BYNAME_STARTS):
            return words[:index]
    return words


@lru_cache(maxsize=200_000)
def _normal_word(word: str) -> str:
    if _CYRILLIC.search(word):
        lower = word.lower().replace("ё", "е")
        # «МАИ» would become «май»: a short word in capitals is an acronym, not an inflected word.
        acronym = word.isupper() and 1 < len(word) <= 5
        return lower if acronym else _lemma(lower, capitalised=word[0].isupper())
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _lemma(word: str, *, capitalised: bool) -> str:
    """Return the lemma of the lemma and so on, until it repeats: a normal form is its own one."""
    if len(word) > _LONGEST_WORD:
        return word
    path = [_one_lemma(word, capitalised=capitalised)]
    while (lemma := _one_lemma(path[-1], capitalised=False)) not in path:
        path.append(lemma)
    return min(path[path.index(lemma) :])


def _one_lemma(word: str, *, capitalised: bool) -> str:
    parses = morphology().parse(word)
    if not parses or parses[0].tag.POS in _CLOSED_CLASSES:
        return word
    named = [parse for parse in parses if any(tag in parse.tag for tag in _NAME_TAGS)]
    nominal = [parse for parse in parses if parse.tag.POS in _NOMINAL_CLASSES]
    choice = (named if capitalised else []) or nominal or parses
    return str(choice[0].normal_form).replace("ё", "е")


@lru_cache(maxsize=1)
def morphology() -> "MorphAnalyzer":
    """Load the Russian dictionaries (about 0.4 s, 30 MB)."""
    from pymorphy3 import MorphAnalyzer

    logging.getLogger("pymorphy3").setLevel(logging.WARNING)
    return MorphAnalyzer(lang="ru")
