"""States who has which profession, age, field or ideology, where a few patterns make it plain.

The patterns read the words between two mentions ("X was a Polish PROFESSION"), so they work on any
mentions, gold or weak. What no pattern explains is not denied: such pairs are given as unknown.
"""

import re
from collections.abc import Sequence

from kgrag.train import weak_phrases as phrases
from kgrag.train.weak_lexicon import is_office
from kgrag.train.weak_places import Places, Span

WEAK_RELATIONS = frozenset(("P101", "P106", "P1142", "P39", "kgrag:age", "kgrag:age_at_death"))

_OBJECTS = frozenset(("profession", "age", "field_of_study", "ideology"))
_SUBJECTS = {"field_of_study": ("person", "organization"), "ideology": ("person", "organization")}


def weak_facts(
    text: str, mentions: Sequence[Span]
) -> tuple[list[tuple[int, str, int]], set[tuple[int, int]]]:
    """State facts of ``WEAK_RELATIONS`` between the mentions of one text.

    Parameters
    ----------
    text
        Running text.
    mentions
        All mentions as (start, end, ontology type), gold and weak, in any order.

    Returns
    -------
    facts
        (subject, relation, object), subject and object as indices into ``mentions``; a profession
        with its complement stands for the short one inside it.
    unknown
        (subject, object) pairs that are neither stated nor denied: no pattern explained the object,
        and the subject stands in its sentence or in the one before, where "he" may mean it.
    """
    reader = _Reader(text, mentions)
    for index, (_, _, type_) in enumerate(mentions):
        if type_ == "profession":
            reader.read_profession(index)
    for index in reader.order:
        if mentions[index][2] == "profession":
            reader.read_coordination(index)
    for index in reader.order:
        if mentions[index][2] == "age":
            reader.read_age(index)
        elif mentions[index][2] == "field_of_study":
            reader.read_field(index)
        elif mentions[index][2] == "ideology":
            reader.read_ideology(index)
    return reader.facts(), reader.unknown()


class _Reader:
    """Finds who has which object, mention by mention."""

    def __init__(self, text: str, mentions: Sequence[Span]) -> None:
        self.text = text
        self.mentions = mentions
        self.places = Places(text, mentions)
        self.order, self.people = self.places.order, self.places.people
        self.holders: dict[int, list[tuple[int, str]]] = {}
        self.outer: dict[int, int] = {}
        self._find_outer()

    def _find_outer(self) -> None:
        """Map a profession to the longest one that begins with it."""
        longest: dict[int, int] = {}
        for index in self.order:
            if self.mentions[index][2] == "profession":
                longest[self.mentions[index][0]] = index
        for index in self.order:
            start, end, type_ = self.mentions[index]
            best = longest.get(start, index)
            if type_ == "profession" and self.mentions[best][1] > end:
                self.outer[index] = best

    def _state(self, subject: int, relation: str, object_: int) -> None:
        held = self.holders.setdefault(object_, [])
        if (subject, relation) not in held:
            held.append((subject, relation))

    def _belongs_elsewhere(self, index: int) -> bool:
        """Tell whether what follows takes the mention away from what stands before it."""
        end = self.mentions[index][1]
        if phrases.OWNER.match(self.text, end) or phrases.NOUN_AFTER.match(self.text, end):
            return True
        following = self.places.person_after(index)
        if following is None:
            return False
        gap = self.places.gap(index, following)
        return gap is not None and gap.isspace()

    def _profession_relation(self, index: int) -> str:
        return "P39" if is_office(self.places.text_of(index)) else "P106"

    def read_profession(self, index: int) -> None:
        """Read one profession: before its person, or after it."""
        if index in self.outer:
            return
        relation = self._profession_relation(index)
        start, end, _ = self.mentions[index]
        following = self.places.person_after(index)
        if following is not None and not phrases.OWNER.match(self.text, end):
            gap = self.places.gap(index, following)
            after = self.text[self.mentions[following][1] : self.mentions[following][1] + 2].strip()
            named = (
                gap is not None
                and phrases.NAMED_GAP.fullmatch(gap)
                and after[:1] == ","
                and phrases.DEFINITE.search(self.text, max(0, start - 50), start)
            )
            like = gap is not None and phrases.LIKE.fullmatch(gap) and self._is_plural(index)
            if gap is not None and (phrases.TITLE_GAP.fullmatch(gap) or named or like):
                self._state(following, relation, index)
                if not named and self._is_plural(index):
                    self._state_listed_people(following, relation, index)
                return
        subject = self.places.person_before(start)
        if subject is None or self._belongs_elsewhere(index):
            return
        gap = self.places.gap(subject, index)
        if gap is None:
            return
        patterns = [phrases.FORWARD, phrases.NAMED_TO, phrases.APPOSED]
        if phrases.OF.match(self.text, end) or phrases.OF.search(self.text[start:end]):
            patterns.append(phrases.APPOSED_BARE)
        if any(pattern.fullmatch(gap) for pattern in patterns):
            self._state(subject, relation, index)
            if self._is_plural(index):
                self._state_people_before(subject, relation, index)

    def _is_plural(self, index: int) -> bool:
        head = re.split(r"\s(?:of|for)\s", self.places.text_of(index))[0]
        return head.endswith(("s", "men", "people")) and not head.endswith("ss")

    def _state_listed_people(self, first: int, relation: str, index: int) -> None:
        place = self.people.index(first)
        for one, two in zip(self.people[place:], self.people[place + 1 :], strict=False):
            gap = self.places.gap(one, two)
            if gap is None or not phrases.PEOPLE_AND.fullmatch(gap):
                return
            self._state(two, relation, index)

    def _state_people_before(self, last: int, relation: str, index: int) -> None:
        place = self.people.index(last)
        for one, two in zip(
            self.people[:place][::-1], self.people[: place + 1][::-1], strict=False
        ):
            gap = self.places.gap(one, two)
            if gap is None or not phrases.PEOPLE_AND.fullmatch(gap):
                return
            self._state(one, relation, index)

    def read_coordination(self, index: int) -> None:
        """Give a profession in "physicist and chemist" the holder of the one before."""
        if index in self.holders or index in self.outer or self._belongs_elsewhere(index):
            return
        start = self.mentions[index][0]
        before = [
            other
            for other, held in self.holders.items()
            if held and self.mentions[other][2] == "profession" and self.mentions[other][1] <= start
        ]
        if not before:
            return
        nearest = max(before, key=lambda other: self.mentions[other][1])
        gap = self.places.gap(nearest, index)
        holder = self.holders[nearest][0][0]
        if gap is None or not phrases.AND.fullmatch(gap) or self.mentions[holder][0] > start:
            return
        if self.mentions[holder][0] > self.mentions[nearest][0]:
            return
        for subject, _ in list(self.holders[nearest]):
            self._state(subject, self._profession_relation(index), index)

    def read_age(self, index: int) -> None:
        """Read one age: "X, 34," "34-year-old X", "X died at the age of 34"."""
        start, end, _ = self.mentions[index]
        following = self.places.person_after(index)
        if following is not None and "old" in self.text[start:end]:
            gap = self.places.gap(index, following)
            if gap is not None and phrases.AGE_BEFORE.fullmatch(gap) and " and " not in gap:
                self._state(following, "kgrag:age", index)
                return
        subject = self.places.person_before(start)
        gap = self.places.gap(subject, index) if subject is not None else None
        if subject is None or gap is None:
            return
        if phrases.AGE_DIED.fullmatch(gap):
            self._state(subject, "kgrag:age_at_death", index)
        elif any(
            one.fullmatch(gap) for one in (phrases.AGE_AFTER, phrases.AGE_AT, phrases.AGE_APPOSED)
        ):
            self._state(subject, "kgrag:age", index)

    def read_field(self, index: int) -> None:
        """Read one field of study: "X worked in FIELD", "X, professor of FIELD"."""
        start, end, _ = self.mentions[index]
        for other, held in list(self.holders.items()):
            first, last, type_ = self.mentions[other]
            if type_ != "profession":
                continue
            inside = first < start and end <= last
            if inside or (last < start and phrases.OF_FIELD.fullmatch(self.text, last, start)):
                for subject, _ in held:
                    self._state(subject, "P101", index)
                return
        self._read_verbal(index, phrases.FIELD, "P101", ("person",))
        place = self.order.index(index)
        previous = self.order[place - 1]
        if index in self.holders or not place or self.mentions[previous][2] != "field_of_study":
            return
        between = self.places.gap(previous, index)
        if previous in self.holders and between and phrases.FIELD_AND.fullmatch(between):
            for subject, _ in list(self.holders[previous]):
                self._state(subject, "P101", index)

    def read_ideology(self, index: int) -> None:
        """Read one ideology: "X was a communist", "X advocated socialism"."""
        start, end, _ = self.mentions[index]
        if not self.text[start:end].endswith("ism"):
            for other, held in list(self.holders.items()):
                first, _, type_ = self.mentions[other]
                if type_ == "profession" and self.text[end:first] == " ":
                    for holder, _ in held:
                        self._state(holder, "P1142", index)
                    return
            subject = self.places.person_before(start)
            gap = self.places.gap(subject, index) if subject is not None else None
            forms = (phrases.FORWARD, phrases.APPOSED, phrases.NAMED_TO)
            if subject is not None and gap is not None and any(f.fullmatch(gap) for f in forms):
                if not phrases.NOUN_AFTER.match(self.text, end):
                    self._state(subject, "P1142", index)
                return
        self._read_verbal(index, phrases.BELIEF, "P1142", ("person", "organization"))

    def _read_verbal(
        self, index: int, pattern: re.Pattern[str], relation: str, types: tuple[str, ...]
    ) -> None:
        """Match the words between a mention and the last one before it of the given types."""
        start, end, _ = self.mentions[index]
        before = [
            other
            for other in self.order
            if self.mentions[other][1] <= start and self.mentions[other][2] in types
        ]
        if not before or phrases.NOUN_AFTER.match(self.text, end):
            return
        subject = max(before, key=lambda other: self.mentions[other][1])
        gap = self.places.gap(subject, index)
        if gap is not None and pattern.fullmatch(gap):
            self._state(subject, relation, index)

    def facts(self) -> list[tuple[int, str, int]]:
        """Return what was found, by object."""
        return [
            (subject, relation, object_)
            for object_ in sorted(self.holders)
            for subject, relation in self.holders[object_]
        ]

    def unknown(self) -> set[tuple[int, int]]:
        """Return the pairs that may hold although no pattern said so."""
        sentences: dict[int, list[int]] = {}
        for index, (start, _, _) in enumerate(self.mentions):
            sentences.setdefault(self.places.sentence(start), []).append(index)
        open_pairs: set[tuple[int, int]] = set()
        for index, (start, _, type_) in enumerate(self.mentions):
            if type_ not in _OBJECTS:
                continue
            holders = self.holders.get(self.outer.get(index, index), [])
            if holders:
                open_pairs.update(
                    (other, index) for other in self._perhaps_the_same(index, holders)
                )
                continue
            here = self.places.sentence(start)
            for other in (*sentences.get(here - 1, ()), *sentences[here]):
                if self.mentions[other][2] in _SUBJECTS.get(type_, ("person",)):
                    open_pairs.add((other, index))
        return open_pairs - {(subject, object_) for subject, _, object_ in self.facts()}

    def _perhaps_the_same(self, index: int, holders: list[tuple[int, str]]) -> set[int]:
        """Return people who share a word of their name with a holder, or stand beside one."""
        names = {
            word
            for subject, _ in holders
            for word in self.places.text_of(subject).split()
            if len(word) > 2
        }
        found = {other for other in self.people if names & set(self.places.text_of(other).split())}
        for subject, _ in holders:
            first, last = sorted((self.mentions[subject][0], self.mentions[index][0]))
            found |= {other for other in self.people if first <= self.mentions[other][0] <= last}
        return found
