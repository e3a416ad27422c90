"""How a lying model changes a true sentence: one small edit of each class, English and Russian.

The edits know nothing of the verifier: they find numbers, dates, names and verbs by patterns of
their own, so that what the verifier overlooks is changed as well. Each returns None where a
sentence has nothing of the kind.
"""

import re
from collections.abc import Sequence
from random import Random

from kgrag.names import morphology

YEAR = re.compile(r"(?<![\d.,/-])(?:1[0-9]{3}|20[0-2]\d)(?![\d,.]\d|\d|[-–]?(?:th|st|nd|rd))")
_MONTHS = (
    "January February March April May June July August September October November December".split(),
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split(),
)
_MONTH = re.compile(rf"\b(?:{'|'.join([*_MONTHS[0], *_MONTHS[1]])})\b(?= \d|,)")
_NUMBER = re.compile(r"(?<![\w.,/:№#-])\d{1,3}(?:[,\u00a0 ]\d{3})*(?:[.,]\d+)?(?![\w/:]|[.,]\d)")
_NUMBER_WORDS = (
    "two three four five six seven eight nine ten twelve twenty".split(),
    "два три четыре".split(),
    "двух трех четырех".split(),
    "пять шесть семь восемь девять десять".split(),
    "пяти шести семи восьми девяти десяти".split(),
    "вторым третьим четвертым пятым шестым".split(),
    "второй третий четвертый пятый шестой".split(),
    "second third fourth fifth sixth".split(),
)
NAME = re.compile(r"[A-ZА-ЯЁ][\w'’-]+(?:(?: (?:of|de|von|van|фон|де|the) | )[A-ZА-ЯЁ][\w'’-]+)*")
_STARTERS = frozenset(
    """The A An In On At By For From With After Before During While When Where Although Though
    However This These That Those There It He She They His Her Their Its As If Some Many
    Most Other Another One Two Three All Both Each According Because Since Until Under
    Over Also But And Or Not Such To Despite Instead Thus Once Unlike Like Following
    Including Among What Which Who How Why Former В Во На По При За Из От До Для С Со У О
    Об К Ко Под Над Через Между После Перед Это Этот Эта Эти Он Она Оно Они Его Ее Её Их
    Как Если Когда Где Хотя Однако Также Кроме Несмотря Согласно Некоторые Многие Другие
    Все Всё Оба Один Одна Одним Два Три Так Такие Такой Тем Но А И Или Не Ни Что Кто
    Который Первый Первая Во Вместо Помимо Среди Благодаря Будучи Более Большинство""".split()
)
_AUXILIARIES = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|could|will|would|must|should)\b(?! not\b)"
)
_IRREGULAR = frozenset(
    "won beat wrote led made built gave took held became began sold bought fought left met told"
    " taught found ran sent set struck threw brought caught drew drove lost paid said saw spent"
    " stood kept".split()
)
_SYMMETRIC = re.compile(
    r"\b(?:met|married|joined|merged|between|and|or|with|и|или|с|со|женил\w+|вместе|между|как|as)\b"
)
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def change_number(text: str, draw: Random) -> str | None:
    """Return the sentence with one number, in digits or in words, that is another."""
    years = {match.span() for match in YEAR.finditer(text)}
    spots = [m for m in _NUMBER.finditer(text) if m.span() not in years and _counts(text, m)]
    words = [
        (match, row)
        for match in _WORD.finditer(text)
        for row in _NUMBER_WORDS
        if match.group().lower().replace("ё", "е") in row
    ]
    if not spots and not words:
        return None
    choice = draw.randrange(len(spots) + len(words))
    if choice < len(spots):
        found = spots[choice]
        return _put(text, found.span(), _other_number(found.group(), draw))
    found, row = words[choice - len(spots)]
    own = found.group().lower().replace("ё", "е")
    other = draw.choice([word for word in row if word != own])
    return _put(text, found.span(), other.capitalize() if found.group()[0].isupper() else other)


def _counts(text: str, match: re.Match[str]) -> bool:
    """Return whether a number is no day of a month and no part of a list or a name."""
    before, after = text[: match.start()], text[match.end() :]
    by_month = _MONTH.match(after.lstrip()) or re.search(rf"{_MONTH.pattern} ?$", before)
    month_near = any(re.search(rf"{m} ?$", before) or after.lstrip().startswith(m)
                     for row in _MONTHS for m in row)  # fmt: skip
    return not by_month and not month_near and not (match.group() == "1")


def _other_number(digits: str, draw: Random) -> str:
    """Return digits of the same form that say another number, no rounding of the first."""
    places = [i for i, char in enumerate(digits) if char.isdigit()]
    place = places[0] if draw.random() < 0.5 else draw.choice(places)
    old = int(digits[place])
    lowest = 1 if place == places[0] else 0
    new = draw.choice(
        [n for n in range(lowest, 10) if abs(n - old) > 1 or len(places) == 1 and n != old]
    )
    return digits[:place] + str(new) + digits[place + 1 :]


def change_date(text: str, draw: Random) -> str | None:
    """Return the sentence with another year, month or day."""
    edits = []
    for match in YEAR.finditer(text):
        shift = draw.choice([-1, 1, 2, -2, 3, 5, -7, 10, -10, 21, 100])
        year = int(match.group()) + shift
        edits.append((match.span(), str(year if year < 2025 else year - 2 * abs(shift))))
    for match in _MONTH.finditer(text):
        row = next(row for row in _MONTHS if match.group() in row)
        edits.append((match.span(), draw.choice([m for m in row if m != match.group()])))
        day = re.match(r" (\d{1,2})\b(?!\d)", text[match.end() :]) or re.search(
            r"\b(\d{1,2}) ?$", text[: match.start()]
        )
        if day:
            start = day.start(1) + (match.end() if day.re.pattern.startswith(" ") else 0)
            other = draw.choice([d for d in range(1, 29) if d != int(day[1])])
            edits.append(((start, start + len(day[1])), str(other)))
    if not edits:
        return None
    return _put(text, *draw.choice(edits))


def names_in(text: str) -> list[re.Match[str]]:
    """Return the names of a sentence: capitalised runs; one that starts it must be longer."""
    found = []
    for match in NAME.finditer(text):
        first, _, rest = match.group().partition(" ")
        if first in _STARTERS:
            inner = NAME.search(text, match.start() + len(first), match.end()) if rest else None
            if inner:
                found.append(inner)
        elif " " in match.group() or (match.start() and text[match.start() - 2] not in ".!?:"):
            found.append(match)
    return found


def invent_name(text: str, others: Sequence[str], draw: Random) -> str | None:
    """Return the sentence with a name of ``others``, or only the last word of one, in its place."""
    names = names_in(text)
    if not names or not others:
        return None
    match = draw.choice(names)
    size = len(match.group().split())
    fits = [name for name in others if len(name.split()) == size] or list(others)
    other = draw.choice(fits)
    if size > 1 and len(other.split()) > 1 and draw.random() < 0.4:
        other = " ".join([*match.group().split()[:-1], other.split()[-1]])
    return _put(text, match.span(), _in_case_of(other, match.group()))


def negate(text: str, draw: Random, *, russian: bool) -> str | None:
    """Return the sentence with its verb denied, or, where it denies one, affirmed."""
    if russian:
        return _negate_russian(text)
    for denial in (" did not ", " not ", " never "):
        if denial in text and " not only" not in text and denial != " did not ":
            return text.replace(denial, " ", 1)
    found = list(_AUXILIARIES.finditer(text))
    past = _past_verb(text)
    if found and (past is None or found[0].start() < past[0] or draw.random() < 0.3):
        word = found[0]
        never = " never" if draw.random() < 0.25 else " not"
        return text[: word.end()] + never + text[word.end() :]
    if past is None:
        return None
    start, end, lemma = past
    denied = f"never {text[start:end]}" if draw.random() < 0.3 else f"did not {lemma}"
    return _put(text, (start, end), denied)


def _past_verb(text: str) -> tuple[int, int, str] | None:
    """Return the first verb in the past tense that follows a name, a pronoun or a noun."""
    from lemminflect import getAllLemmas, getInflection

    words = list(_WORD.finditer(text))
    for before, match in zip(words, words[1:], strict=False):
        word = match.group()
        lemmas = getAllLemmas(word).get("VERB", ()) if word.islower() else ()
        if not lemmas or word not in getInflection(lemmas[0], "VBD"):
            continue
        if lemmas[0] in ("be", "have", "do") or lemmas[0] == word:
            continue
        follows = text[match.end() :].lstrip().split(" ", 1)[0]
        if follows in ("by", "as", "from") or text[before.end() : match.start()] != " ":
            continue
        if before.group()[0].isupper() or before.group() in ("he", "she", "it", "they", "who"):
            return match.start(), match.end(), lemmas[0]
    return None


def _negate_russian(text: str) -> str | None:
    words = list(_WORD.finditer(text))
    for index, match in enumerate(words):
        if match.group().lower() == "не" and index + 1 < len(words):
            follows = words[index + 1].group().lower()
            if follows not in ("только", "менее", "более", "раньше", "позднее", "меньше"):
                return text[: match.start()] + text[match.end() + 1 :]
    for match in words:
        tag = morphology().parse(match.group())[0].tag
        is_verb = tag.POS == "PRTS" or (tag.POS == "VERB" and "indc" in tag)
        if is_verb and match.group().islower():
            return text[: match.start()] + "не " + text[match.start() :]
    return None


def swap_roles(text: str, draw: Random, *, russian: bool) -> str | None:
    """Return the sentence with the names on both sides of a verb exchanged, each in its case."""
    names = names_in(text)
    pairs = [
        (one, other)
        for one, other in zip(names, names[1:], strict=False)
        if not (_is_adjective(one.group()) or _is_adjective(other.group()))
        and _is_clause(text[one.end() : other.start()], russian=russian)
    ]
    if not pairs:
        return None
    one, other = draw.choice(pairs)
    first, second = one.group(), other.group()
    if set(first.lower().split()) & set(second.lower().split()):
        return None
    between = text[one.end() : other.start()]
    swapped = _in_case_of(second, first) + between + _in_case_of(first, second)
    return text[: one.start()] + swapped + text[other.end() :]


def _is_adjective(name: str) -> bool:
    """Return whether a name of one word is an adjective: Iranian, «Итальянский»."""
    if " " in name:
        return False
    if re.search("[а-яё]", name):
        return morphology().parse(name)[0].tag.POS in ("ADJF", "PRTF")
    return name.endswith(("ian", "ish", "ese", "ican", "ench", "utch", "eek", "ali", "oman"))


def _is_clause(between: str, *, russian: bool) -> bool:
    """Return whether a verb, and no end of a clause, stands between two names."""
    words = _WORD.findall(between)
    if not 1 <= len(words) <= 7 or re.search(r"[,;:()—–]", between) or _SYMMETRIC.search(between):
        return False
    if russian:
        tags = [morphology().parse(word)[0].tag for word in words]
        return any(tag.POS in ("VERB", "PRTS") for tag in tags)
    from lemminflect import getAllLemmas

    return any(
        word in _IRREGULAR or (word.endswith("ed") and "VERB" in getAllLemmas(word))
        for word in words
    )


def _in_case_of(name: str, model: str) -> str:
    """Return a Russian name in the case of another, as far as the dictionaries can; else as is."""
    case = next(
        (
            tag.case
            for word in model.split()
            if (tag := morphology().parse(word)[0].tag).case and re.search("[а-яё]", word)
        ),
        None,
    )
    if case is None:
        return name
    return " ".join(_inflected(word, str(case)) for word in name.split(" "))


def _inflected(word: str, case: str) -> str:
    if not re.search("[а-яё]", word) or word.islower() or "-" in word:
        return word
    parse = morphology().parse(word)[0]
    found = parse.inflect({case}) if parse.tag.case else None
    if found is None:
        return word
    form = str(found.word)
    return form.capitalize() if word[0].isupper() and not word.isupper() else word


def _put(text: str, span: tuple[int, int], new: str) -> str:
    return text[: span[0]] + new + text[span[1] :]
