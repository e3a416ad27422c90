"""Which characters of a PDF's page make up a passage of its text, as the parser changed that.

The parser joins words that were wrapped, normalises letters and lays out white space anew, but it
never changes their order. So both texts are reduced to letters and digits, and compared as those.
"""

import unicodedata
from difflib import SequenceMatcher

_MAX_COMPARED = 4000
"""Letters of two spellings that are compared in full; the time grows with their square."""


def places_of(text: str, start: int, end: int, page: str) -> list[int]:
    """Return the places in ``page`` of what stands in [start, end) of ``text``, in order.

    Parameters
    ----------
    text, start, end:
        The text of the page as the parser gave it, and a passage of it.
    page:
        The same page as the PDF has it, character for character.
    """
    ours, our_places = _letters(text)
    theirs, their_places = _letters(page)
    wanted = [at for at, place in enumerate(our_places) if start <= place < end]
    if not wanted:
        return []
    found = _matched(ours, theirs, wanted[0], wanted[-1] + 1)
    return sorted({their_places[at] for at in found})


def _letters(text: str) -> tuple[str, list[int]]:
    """Return the letters, digits and marks of a text, and the place of each in it."""
    letters: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for letter in unicodedata.normalize("NFKD", char):
            # Accents may stand before or after; spaces, hyphens and the invisible are laid out.
            if unicodedata.category(letter) not in _LAID_OUT:
                letters.append(letter)
                places.append(place)
    return "".join(letters), places


_LAID_OUT = frozenset({"Mn", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn", "Pd"})


def _matched(ours: str, theirs: str, start: int, end: int) -> list[int]:
    """Return the places in ``theirs`` that match [start, end) of ``ours``."""
    if ours == theirs:
        return list(range(start, end))
    head = _common(ours, theirs)
    tail = min(_common(ours[::-1], theirs[::-1]), len(ours) - head, len(theirs) - head)
    middle = ours[head : len(ours) - tail], theirs[head : len(theirs) - tail]
    pairs = [(0, 0, head), (len(ours) - tail, len(theirs) - tail, tail)]
    if max(map(len, middle)) <= _MAX_COMPARED:
        blocks = SequenceMatcher(None, *middle, autojunk=False).get_matching_blocks()
        pairs += [(block.a + head, block.b + head, block.size) for block in blocks]
    elif head < end and start < len(ours) - tail:
        return _nearest(ours[start:end], theirs, start)
    return [
        their + at
        for our, their, size in pairs
        for at in range(max(start - our, 0), min(end - our, size))
    ]


def _nearest(wanted: str, theirs: str, expected: int) -> list[int]:
    """Return the places of a run of letters: of several, the one nearest to where it should be."""
    found = []
    at = theirs.find(wanted)
    while at >= 0:
        found.append(at)
        at = theirs.find(wanted, at + 1)
    if not found:
        return []
    first = min(found, key=lambda place: abs(place - expected))
    return list(range(first, first + len(wanted)))


def _common(one: str, other: str) -> int:
    """Return how many characters both begin with."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
