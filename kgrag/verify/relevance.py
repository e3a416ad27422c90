"""Does a claim belong to what was asked, or to what its source is about?

An order hidden in a document can be worded in any way, and what obeys it does stand in the
document, word for word. But it has nothing to do with the question, nor with the text around it,
which its author did not write. A claim that shares no content word with the question, with the
title and the headings, or with the rest of the passage is not to be believed on that sentence
alone.
"""

from collections.abc import Sequence

from indexes.text import language_of, stems
from kgrag.question import FUNCTION_STEMS
from kgrag.verify.records import Ground

MIN_AROUND = 4
"""Content words that a passage must have beside the cited sentences to be compared with."""

MIN_CHARS = 3


def is_stray(claim: str, grounds: Sequence[Ground], question: str) -> bool:
    """Return whether a claim has nothing to do with the question or with its sources' subject.

    Where the question has no content, or the sources are in another language than the claim or hold
    no other sentence, nothing can be said, and it is not.
    """
    around: set[str] = set()
    titles: set[str] = set()
    for ground in grounds:
        rest = ground.context
        for cited in grounds:
            rest = rest.replace(cited.text, " ")
        around |= content(rest)
        titles |= content(ground.title)
    same_language = all(language_of(item.text) == language_of(claim) for item in grounds)
    asked = content(question)
    if not asked or len(around) < MIN_AROUND or not same_language:
        return False
    known = around | titles | asked
    said = content(claim)
    # What the claim calls one name, and the text around it another.
    meant = any(
        called & said and called & known
        for ground in grounds
        for called in ({stem for name in of for stem in stems(name)} for of in ground.names)
    )
    return not said & known and not meant


def content(text: str) -> set[str]:
    """Return the stems of the words of a text that carry its content."""
    return {stem for stem in stems(text) if stem not in FUNCTION_STEMS and len(stem) >= MIN_CHARS}
