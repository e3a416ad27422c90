"""Names in a question that the library does not know: what it is asked about does not occur in it.

"When was the Fendale Bridge opened?" is answered to the letter by a sentence about another bridge.
Where a name occurs in no passage, in none of its forms, and nothing in the best passages is spelled
or sounds like it, there is no answer, however well all the other words agree.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher

from indexes.text import words
from indexes.view import View
from kgrag.candidates import Candidate, NamedEntity
from kgrag.names import alike_across_scripts, normal_name
from kgrag.question import Question

MIN_CHARS = 4
"""A shorter name is an abbreviation or an initial, which documents may write out."""

ALIKE = 0.87
"""Likeness of two spellings from which one may be meant by the other: Carslbad and Carlsbad, 0.88;
«Яринск» and «Яранск», 0.83, are two towns."""


def unknown_names(
    seen: View,
    question: Question,
    named: Sequence[NamedEntity],
    candidates: Sequence[Candidate],
) -> list[str]:
    """Return the question's names that occur nowhere, as they are written there.

    Parameters
    ----------
    seen:
        What may be read of the library.
    question, named:
        What is asked, and the entities that it names: a name that means one is known.
    candidates:
        The best passages, in which a name that is spelled otherwise would stand. Where the very
        best is in another language than the question, every name counts as known.
    """
    if not candidates or candidates[0].language != question.language:
        return []  # What it says in the other language may well be called otherwise there.
    meant = {word for entity in named for word in entity.name.split()}
    asked = [
        word
        for word in question.words
        if word.is_name
        and len(word.text) >= MIN_CHARS
        and word.text.isalpha()
        and normal_name(word.text) not in meant
    ]
    if not asked:
        return []
    counts = seen.lexical.frequencies(sorted({form for word in asked for form in word.forms}))
    rare = [word.text for word in asked if not any(counts.get(form) for form in word.forms)]
    if not rare:
        return []
    written = {
        item.passage.text[start:end]
        for item in candidates
        for start, end in words(item.passage.text)
        if end - start >= MIN_CHARS and item.passage.text[start].isupper()
    }
    return [name for name in rare if not any(_may_mean(name, other) for other in written)]


def _may_mean(name: str, other: str) -> bool:
    """Return whether one may be a slip of the pen for the other, or stand for it elsewhere."""
    if name.isascii() != other.isascii():
        return alike_across_scripts(name, other) >= ALIKE
    # A slip of the pen seldom hits the first letter.
    near = name[0] == other[0] and abs(len(name) - len(other)) <= 2
    letters = SequenceMatcher(None, name.lower(), other.lower(), autojunk=False)
    return near and letters.ratio() >= ALIKE
