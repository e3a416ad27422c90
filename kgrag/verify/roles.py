"""Who did it to whom: whether a claim exchanges the parts that two names play in its source.

The part of a name beside a verb is told by the preposition before it, by its case in Russian, or by
the side on which it stands, and by the voice of the verb. A claim exchanges two parts where each of
two names plays beside the same verb what the other plays in the source; a verb that says the same
with the parts exchanged (buy, sell) turns this round.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kgrag.verify.align import Alignment
from kgrag.verify.names import Name, names_of
from kgrag.verify.opposites import is_converse
from kgrag.verify.slots import Slot, slot_of
from kgrag.verify.voice import cases_of, is_passive, is_verb
from kgrag.verify.words import Word, is_cyrillic, words_of

SUBJECT, OBJECT, DIRECT, UNCLEAR = "subject", "object", "direct", "?"
"""Parts; any other is the preposition that introduces it, or a case. ``DIRECT`` is subject or
object, where that is enough to tell it from the other name's part."""

_DIRECT = (SUBJECT, OBJECT, UNCLEAR)

MIN_CROSSED = 3
"""Of the four neighbours of two names, how many must be the other's for them to be exchanged."""

MAX_BESIDE = 5
"""Words between a name and the verb that it belongs to, no name among them."""

MIN_LIKE = 0.45
"""Least cover of a verb by another word for both to be one verb."""

_CLAUSE_END = re.compile(
    r"[,;:()—–]|\b(?:and|or|but|which|who|that|where|while|и|или|а|но|котор\w+|где|что)\b"
)
_PREPOSITIONS = frozenset(
    "of in on at to from for with by into over after before under against as than about near inside"
    " в во на с со из от для до к ко о об обо у за под над по через при между после".split()
)
_OF_PLACE = {"in": "at", "on": "at", "at": "at", "во": "в", "со": "с", "ко": "к", "об": "о"}
_SYMMETRIC = re.compile(
    r"marr|wed\b|^met$|meet|spous|sibling|friend|rival|partner|neighbo|border|merg|cooperat"
    r"|collaborat|differ|divorc|cousin|twin|colleague|женат|женил|замуж|друж|встрет|партн|сосед"
    r"|гранич|коллег|супруг|развел|похож|сотруднич|слия|объедин|соперн"
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """Two names that a claim puts into each other's place."""

    one: str
    other: str


def exchanged(
    claim: str, source: str, alignment: Alignment, titles: Sequence[str] = ()
) -> Exchange | None:
    """Return the names whose parts a claim exchanges, or None.

    Parameters
    ----------
    claim, source:
        Two sentences.
    alignment:
        Of the words of the claim with those of the source.
    titles:
        Names that may hold words in lower case: "In the Mood for Love".
    """
    said, stated = _Sentence(claim, titles), _Sentence(source, titles)
    pairs = _aligned_names(said, stated, alignment)
    anchors = _anchors(said, stated, alignment)
    for index, (one, one_there) in enumerate(pairs):
        for other, other_there in pairs[index + 1 :]:
            if one_there == other_there or said.share_words(one, other):
                continue
            names, there = (one, other), (one_there, other_there)
            if _slots_exchanged(said, stated, names, there):
                return Exchange(one.text, other.text)
            if _parts_exchanged(said, stated, anchors, names, there):
                return Exchange(one.text, other.text)
    return _turned_alone(said, stated, anchors, pairs)


def _turned_alone(
    said: "_Sentence",
    stated: "_Sentence",
    anchors: "Sequence[_Anchor]",
    pairs: Sequence[tuple[Name, Name]],
) -> Exchange | None:
    """Return a name that does what is done to it in the source, and one that the source leaves out.

    The source may call the other one "it"; then nothing but the part of the first one tells.
    """
    known = {name for name, _ in pairs}
    for one, there in pairs:
        for other in (name for name in said.names if name not in known):
            if _parts_exchanged(said, stated, anchors, (one, other), (there, None)):
                return Exchange(one.text, other.text)
    return None


def _slots_exchanged(
    said: "_Sentence", stated: "_Sentence", names: tuple[Name, Name], there: tuple[Name, Name]
) -> bool:
    """Return whether each of two names stands between the other's neighbours."""
    # Russian may turn its words round: who takes another's place takes its case as well, unless a
    # preposition marks the place.
    taken = [said.cases(names[i]) & stated.cases(there[1 - i]) for i in (0, 1)]
    cased = [said.cases(names[i]) and stated.cases(there[1 - i]) for i in (0, 1)]
    turned = any(case and not shared for case, shared in zip(cased, taken, strict=True))
    if turned and not any(_preposition(said, name, -1) for name in names):
        return False
    here = [said.slot(name) for name in names]
    own = [stated.slots_like(name) for name in there]
    if any(here[i].likeness(slot) for i in (0, 1) for slot in own[i]):
        return False
    crossed = [
        max((here[i].likeness(slot), here[i].ends_alike(slot)) for slot in own[1 - i])
        for i in (0, 1)
    ]
    return min(words for words, _ in crossed) >= 1 and sum(map(sum, crossed)) >= MIN_CROSSED


class _Sentence:
    def __init__(self, text: str, titles: Sequence[str]) -> None:
        self.text = text
        self.words = words_of(text)
        self.names = _with_titles(text, self.words, titles)
        self.in_name = {place for name in self.names for place in name.words}

    def cases(self, name: Name) -> frozenset[str]:
        return cases_of(tuple(self.words[place].text for place in name.words))

    def share_words(self, one: Name, other: Name) -> bool:
        keys = {key for place in one.words for key in self.words[place].keys}
        return any(self.words[place].keys & keys for place in other.words)

    def slot(self, name: Name) -> Slot:
        return slot_of(self.words, name.words[0], name.words[-1])

    def slots_like(self, name: Name) -> list[Slot]:
        """Return the slots of all names that share a word with this one."""
        keys = {key for place in name.words for key in self.words[place].keys}
        return [
            self.slot(other)
            for other in self.names
            if any(self.words[place].keys & keys for place in other.words)
        ]


def _with_titles(text: str, words: Sequence[Word], titles: Sequence[str]) -> tuple[Name, ...]:
    """Return the names of a text, those that are part of a title as one."""
    whole: list[Name] = []
    for title in sorted(titles, key=len, reverse=True):
        start = text.casefold().find(title.casefold())
        inside = [i for i, w in enumerate(words) if start <= w.start < start + len(title)]
        taken = {place for name in whole for place in name.words}
        # A first word is added only where it is no name yet.
        is_name = start >= 0 if " " in title else start == 0 and words[0].kind != "name"
        if is_name and inside and not taken & set(inside):
            whole.append(Name(text[start : start + len(title)], tuple(inside)))
    taken = {place for name in whole for place in name.words}
    others = [name for name in names_of(text) if not taken & set(name.words)]
    return tuple(sorted((*whole, *others), key=lambda name: name.words[0]))


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A verb of the claim and its like in the source, as indexes of words."""

    said: int
    stated: int
    converse: bool


def _anchors(said: _Sentence, stated: _Sentence, alignment: Alignment) -> list[_Anchor]:
    anchors = []
    for index, word in enumerate(said.words):
        if word.kind != "content" or not is_verb(word.text) or _SYMMETRIC.search(word.stem):
            continue
        for place, other in enumerate(stated.words):
            if other.kind != "content":
                continue
            same = bool(word.keys & other.keys) or (
                alignment.partner[index] == place and alignment.cover[index] >= MIN_LIKE
            )
            converse = is_converse(word, other)
            if (same or converse) and is_verb(other.text):
                anchors.append(_Anchor(index, place, converse))
    return anchors


def _aligned_names(
    said: _Sentence, stated: _Sentence, alignment: Alignment
) -> list[tuple[Name, Name]]:
    """Return the names of the claim, each with that of the source that shares most words."""
    of_word = {place: name for name in stated.names for place in name.words}
    found = []
    for name in said.names:
        there = [alignment.partner[i] for i in name.words]
        names = [of_word[place] for place in there if place is not None and place in of_word]
        if names:
            found.append((name, max(names, key=names.count)))
    return found


def _parts_exchanged(
    said: _Sentence,
    stated: _Sentence,
    anchors: Sequence[_Anchor],
    names: tuple[Name, Name],
    there: tuple[Name, Name | None],
) -> bool:
    """Return whether two names have exchanged parts beside a verb, wherever the source has it."""
    crossed = False
    for anchor in anchors:
        if not all(_is_beside(said, name, anchor.said) for name in names):
            continue
        parts = _parts(said, names, anchor.said)
        if UNCLEAR in parts or parts[0] == parts[1]:
            continue
        near = [name is not None and _is_beside(stated, name, anchor.stated) for name in there]
        if not any(near):
            continue
        first, second = there
        parts_there = (
            (_part(stated, first, anchor.stated), UNCLEAR)
            if second is None
            else _parts(stated, (first, second), anchor.stated)
        )
        if anchor.converse:
            parts_there = (_turned(parts_there[0]), _turned(parts_there[1]))
        both = all(near) and UNCLEAR not in parts_there
        if both and parts == parts_there:
            return False
        flips = [
            _turned(part) == other if {part, other} <= {SUBJECT, OBJECT} else False
            for part, other, beside in zip(parts, parts_there, near, strict=True)
            if beside
        ]
        crossed |= (both and parts == parts_there[::-1]) or (bool(flips) and all(flips))
    return crossed


def _turned(part: str) -> str:
    return {SUBJECT: OBJECT, OBJECT: SUBJECT}.get(part, part)


def _is_beside(sentence: _Sentence, name: Name, verb: int) -> bool:
    """Return whether a name stands close to a verb, with no other name between them."""
    first, last = sorted(((name.words[0], name.words[-1]), (verb, verb)))
    between = range(first[1] + 1, last[0])
    if len(between) > MAX_BESIDE or any(w in sentence.in_name for w in between):
        return False
    gap = sentence.text[sentence.words[first[1]].end : sentence.words[last[0]].start]
    return _CLAUSE_END.search(gap) is None


def _parts(sentence: _Sentence, names: tuple[Name, Name], verb: int) -> tuple[str, str]:
    one, other = (_part(sentence, name, verb) for name in names)
    if not is_cyrillic(sentence.words[verb].text):
        return one, other
    if (one in _DIRECT) != (other in _DIRECT):
        return (DIRECT if one in _DIRECT else one), (DIRECT if other in _DIRECT else other)
    # A Russian name that could be subject or object is what the other one is not.
    if one == UNCLEAR and other in (SUBJECT, OBJECT):
        return (OBJECT if other == SUBJECT else SUBJECT), other
    if other == UNCLEAR and one in (SUBJECT, OBJECT):
        return one, (OBJECT if one == SUBJECT else SUBJECT)
    if one == other == UNCLEAR:
        first = names[0].words[0] < names[1].words[0]
        return (SUBJECT, OBJECT) if first else (OBJECT, SUBJECT)
    return one, other


def _part(sentence: _Sentence, name: Name, verb: int) -> str:
    """Return what a name is beside a verb."""
    passive = is_passive(sentence.words, verb)
    preposition = _preposition(sentence, name, verb)
    if is_cyrillic(sentence.words[verb].text):
        return preposition or _part_by_case(sentence, name, passive=passive)
    if name.words[-1] < verb:
        return OBJECT if passive else SUBJECT
    if preposition == "by" and passive:
        return SUBJECT
    return preposition or (UNCLEAR if passive else OBJECT)


def _part_by_case(sentence: _Sentence, name: Name, *, passive: bool) -> str:
    first = name.words[0]
    words = [sentence.words[i].text for i in name.words]
    quoted = sentence.text[: sentence.words[first].start].endswith(("«", '"', "“"))
    if quoted and first and sentence.words[first - 1].kind == "content":
        words = [
            sentence.words[first - 1].text
        ]  # «заводу «Металлист»»: only the first is inflected
    cases = cases_of(tuple(words))
    if cases == {"nomn"}:
        return OBJECT if passive else SUBJECT
    if cases == {"ablt"}:
        return SUBJECT if passive else "ablt"
    if cases and cases <= {"accs", "gent"}:
        return OBJECT
    if len(cases) == 1:
        return next(iter(cases))
    return UNCLEAR


def _preposition(sentence: _Sentence, name: Name, verb: int) -> str | None:
    """Return the preposition before a name; for one behind the verb, not from beyond the verb."""
    last = verb if name.words[0] > verb else max(name.words[0] - 3, -1)
    at = name.words[0] - 1
    while at > last and at > name.words[0] - 5:
        word = sentence.words[at]
        if word.text in _PREPOSITIONS:  # a capital one is part of a title
            return _OF_PLACE.get(word.text, word.text)
        if name.words[0] < verb and word.is_telling:
            return None
        at -= 1
    return None
