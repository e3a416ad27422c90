"""What in a sentence says that a fact is stated there: two names, and a cue of the relation.

Rules of thumb over mentions and punctuation, no grammar: they are to let few false facts through,
and may drop true ones. Which cue a relation has is in ``eval.drafts.wordings``.
"""

import re
from collections.abc import Iterable

from eval.drafts.russian_names import gender_of
from eval.drafts.wordings import NAMED, SOUGHT, Wording
from indexes.records import Entity, Mention
from kgrag.names import PERSON_TITLES, normal_name

_AROUND = 40
"""Characters between a cue and the nearer of the two names; none of them ends a clause."""

_CLAUSE_ENDS = re.compile(r"[,;:()|—–]")
_BRACKET = re.compile(r"[()]")
_SPACE = re.compile(r"\s")


def nearest(named: Iterable[Mention], sought: Iterable[Mention]) -> tuple[Mention, Mention] | None:
    """Return the two mentions that stand nearest to each other without meeting."""
    pairs = [
        (max(one.start, two.start) - min(one.end, two.end), one, two)
        for one in named
        for two in sought
        if one.end <= two.start or two.end <= one.start
    ]
    return min(pairs, key=lambda pair: (pair[0], pair[1].start))[1:] if pairs else None


def can_be_asked(named: Mention, sought: Mention) -> bool:
    """Return whether one is a name, and the other no title (“Prince”)."""
    begins = named.text.lstrip("«“\"'")[:1]
    is_name = begins.isupper() or begins.isdigit()
    return is_name and normal_name(sought.text) not in PERSON_TITLES


def is_between(
    pair: tuple[Mention, Mention],
    named: Entity,
    sought: Entity,
    here: Iterable[tuple[Mention, Entity]],
) -> bool:
    """Return whether a date or place stands behind another thing of the type of the named one."""
    first, second = sorted(pair, key=lambda mention: mention.start)
    return sought.type != named.type and any(
        entity.type == named.type and first.end <= mention.start and mention.end <= second.start
        for mention, entity in here
        if entity.id != named.id
    )


def cue_of(
    wording: Wording, quote: str, start: int, named: Mention, sought: Mention
) -> re.Match[str] | None:
    """Return what in a sentence says that the relation is stated; ``start`` is the sentence's."""
    first, second = sorted((named, sought), key=lambda mention: mention.start)
    signs = (NAMED, SOUGHT) if first is named else (SOUGHT, NAMED)
    before, between = quote[: first.start - start], quote[first.end - start : second.start - start]
    text = f"{before}{signs[0]}{between}{signs[1]}{quote[second.end - start :]}"
    begin, end = len(before), len(before) + len(between) + 2
    for found in wording.cue.finditer(_SPACE.sub(" ", text)):
        gap = text[found.end() : begin] or text[end : found.start()]
        at = text.index(SOUGHT)
        to_answer = text[found.end() : at] or text[at : found.start()]
        is_closed = second is named and ")" in between  # "Henry (died 1214) and Floris"
        if is_closed:
            return None
        if len(gap) <= _AROUND and not _CLAUSE_ENDS.search(gap) and not _BRACKET.search(to_answer):
            return found
    return None


def feminine_of(said: re.Match[str], name: str) -> bool | None:
    """Return the gender of a Russian name; None where it is open, or the verb is another's."""
    gender = gender_of(name)
    verb = next((value for key, value in said.groupdict().items() if value), None)
    if not said.groupdict():
        return None if gender is None else gender == "femn"
    if gender is not None and (gender == "femn") != (verb is not None):
        return None
    return verb is not None
