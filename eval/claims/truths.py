"""How an honest model says again what a sentence says: cut, turned round, in other figures.

Each returns None where a sentence offers nothing of the kind. What they return is borne out by the
sentence by construction; whether it reads well is another matter.
"""

import re
from collections.abc import Sequence

from eval.claims.edits import names_in

_MONTHS = {
    name: number
    for row in (
        "January February March April May June July August September October November December",
        "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    )
    for number, name in enumerate(row.split(), start=1)
}
_DIGITS = {
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "twelve": "12", "twenty": "20", "две": "2", "три": "3",
    "четыре": "4", "пять": "5", "шесть": "6", "семь": "7", "восемь": "8", "девять": "9",
    "десять": "10", "двадцать": "20",
}  # fmt: skip
_PARENTHESES = re.compile(r" ?\([^()]{3,}\)")
_ASIDE = re.compile(
    r", (?:which|who|where|including|such as|который|которая|которые|включая|где)\b.*$"
)
_OPENING = re.compile(
    r"^(?:In|On|At|During|After|Before|By|As of|В|На|После|До|Во время) [^,]{3,40}, "
)
_TAIL = re.compile(r"(?:; .*|, (?:but|while|although|а|но|хотя) .*)$")
_WHO = re.compile(
    r"^(?:Who|What|Which [\w ]{3,20}?|What (?:company|team|country|city|group|organization|player"
    r"|person|language|network))(?= (?:was|is|are|were|won|led|wrote|has|had|\w+ed)\b) (.+?)\?$"
)
_BE = re.compile(r"^(When|Where) (was|were|is|are) (.+?) (\w+(?:ed|wn|en|ld|ut|ght|ound))\?$")
_RUSSIAN_WHO = re.compile(r"^(?:Кто|Когда|Где|Сколько(?: \w+)?|Кому|Куда|Откуда) (.+?) ?\?$")
_DATE_EN = re.compile(rf"\b({'|'.join(list(_MONTHS)[:12])}) (\d{{1,2}}), (\d{{4}})\b")
_DATE_EN_DAY = re.compile(rf"\b(\d{{1,2}}) ({'|'.join(list(_MONTHS)[:12])}) (\d{{4}})\b")
_DATE_RU = re.compile(rf"\b(\d{{1,2}}) ({'|'.join(list(_MONTHS)[12:])}) (\d{{4}}) (?:года|г\.)")
_GROUPED = re.compile(r"(?<![\d,])\d{1,3}(?:,\d{3})+(?![\d,])")
_MILLIONS = re.compile(
    r"\b(\d+(?:[.,]\d)?) (million|billion|миллион(?:а|ов)?|млн|миллиард(?:а|ов)?)\b"
)
MIN_SHORT_WORDS = 5


def shorten(text: str) -> str | None:
    """Return the sentence without asides, openings and second clauses."""
    short = _PARENTHESES.sub("", text)
    for pattern in (_ASIDE, _TAIL, _OPENING):
        cut = pattern.sub("", short)
        if len(cut.split()) >= MIN_SHORT_WORDS:
            short = cut
    short = short.rstrip(" ,;")
    short = short[:1].upper() + short[1:]
    if short.rstrip(".") == text.rstrip("."):
        return None
    return short if short.endswith((".", "!", "?", '"', "»")) else short + "."


def restate(question: str, answer: str) -> str | None:
    """Return a question and its answer as a statement, for questions whose order allows it."""
    question, answer = question.strip(), answer.strip(" .,")
    if found := _BE.match(question):
        _, be, subject, participle = found.groups()
        place = "in" if not answer.lower().startswith(("in ", "on ", "at ", "the ")) else ""
        if answer.lower().startswith("the "):
            place = "in"
        return f"{_capital(subject)} {be} {participle} {place} {answer}.".replace("  ", " ")
    if found := _WHO.match(question):
        return f"{_capital(answer)} {found[1]}."
    if found := _RUSSIAN_WHO.match(question):
        noun = question.split()[1] if question.startswith("Сколько ") else ""
        return f"{_capital(answer)} {noun} {found[1]}.".replace("  ", " ")
    return None


def reformat(text: str) -> str | None:
    """Return the sentence with a date or a number written another way."""
    for pattern, how in (
        (_DATE_EN, lambda m: f"{m[2]} {m[1]} {m[3]}"),
        (_DATE_EN_DAY, lambda m: f"{m[2]} {m[1]}, {m[3]}"),
        (_DATE_RU, lambda m: f"{int(m[1]):02}.{_MONTHS[m[2]]:02}.{m[3]}"),
        (_GROUPED, lambda m: m[0] if re.search("[а-я]", text) else m[0].replace(",", "")),
        (_MILLIONS, _in_full),
    ):
        changed: str = pattern.sub(how, text)
        if changed != text:
            return changed
    for word, digits in _DIGITS.items():
        changed = re.sub(rf"(?<!дцать )(?<![а-я]сто )\b{word}\b(?! of\b| из\b|-)", digits, text)
        if changed != text:
            return changed
    return None


def _in_full(match: re.Match[str]) -> str:
    scale = 10**9 if match[2].startswith(("bill", "миллиард")) else 10**6
    value = round(float(match[1].replace(",", ".")) * scale)
    return f"{value:,}" if match[2].isascii() else f"{value:,}".replace(",", "\u00a0")


def rename(text: str, passage: str) -> str | None:
    """Return the sentence with a full name cut to its last word, where the passage does so too."""
    for match in names_in(text):
        words = match.group().split()
        if len(words) != 2 or any(word.islower() for word in words):
            continue
        alone = passage.replace(match.group(), " ")
        if re.search(
            rf"(?<!\w )\b{re.escape(words[-1])}\b|[a-zа-яё,.] {re.escape(words[-1])}\b", alone
        ):
            return text[: match.start()] + words[-1] + text[match.end() :]
    return None


TRIPLES = {
    "director": ("{s} was directed by {o}.", "{o} directed {s}.", "The director of {s} is {o}."),
    "date of birth": ("{s} was born on {o}.",),
    "date of death": ("{s} died on {o}.",),
    "father": ("The father of {s} was {o}.", "{s} was a child of {o}."),
    "mother": ("The mother of {s} was {o}.", "{s} was a child of {o}."),
    "place of birth": ("{s} was born in {o}.",),
    "place of death": ("{s} died in {o}.",),
    "spouse": ("{s} was married to {o}.", "{o} was the spouse of {s}."),
    "performer": ("{s} was performed by {o}.",),
    "composer": ("The music of {s} was composed by {o}.",),
}
STATED = {
    "director": "direct",
    "date of birth": r"\bborn\b|\bb\.|\(",
    "date of death": r"\bdied\b|\bdeath\b|[–-]",
    "father": r"\bson\b|daughter|child|father",
    "mother": r"\bson\b|daughter|child|mother",
    "place of birth": r"\bborn\b",
    "place of death": r"\bdied\b|\bdeath\b",
    "spouse": r"wife|husband|marri|spouse|widow",
    "performer": "sung|song|perform|record",
    "composer": "music|compos",
}
"""What a sentence must hold to state a relation, beside both names."""

REVERSIBLE = frozenset({"father", "mother", "director", "composer", "performer"})
"""Relations of which the reverse is false."""


def say_triple(subject: str, relation: str, object_: str) -> Sequence[str]:
    """Return the sentences that say a triple of 2WikiMultiHopQA; none for other relations."""
    return [form.format(s=subject, o=object_) for form in TRIPLES.get(relation, ())]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
