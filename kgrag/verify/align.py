"""Which word of the sources each word of a claim stands for, and how surely.

Words meet by stem or dictionary form, by value, by sound across scripts, by a common root, or, for
less, by nearness in the space of static word vectors.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgrag.names import alike_across_scripts
from kgrag.verify.words import Word, is_cyrillic
from kgrag.word_vectors import word_vectors

Floats = NDArray[np.float32]

ROOT_LETTERS = 5
"""Letters that a derived word shares with its origin: "acquisition" and "acquire"."""

NEAR, NEAR_ACROSS, ROOT_NEAR = 0.5, 0.22, 0.3
"""Least cosines: of two words of one script, of two (translations: median 0.4), and of two words
that share their first letters."""

ALIKE = 0.75
"""Names of two scripts that sound this much alike are one, as in ``kgrag.cover``."""

ROOT_WORTH, NEAR_WORTH = 0.85, 0.75
MAX_CACHED = 50_000

_vectors: dict[str, Floats] = {}


@dataclass(frozen=True, slots=True)
class Alignment:
    """For each word of a claim its cover, 0..1, and the word that covers it, or None."""

    cover: tuple[float, ...]
    partner: tuple[int | None, ...]


def vectors_of(words: Sequence[str]) -> Floats:
    """Return float32 (n, 256), the vector of each word; kept from call to call."""
    unknown = [word for word in dict.fromkeys(words) if word not in _vectors]
    if len(_vectors) + len(unknown) > MAX_CACHED:
        _vectors.clear()
        unknown = list(dict.fromkeys(words))
    if unknown:
        _vectors.update(zip(unknown, word_vectors().embed(unknown), strict=True))
    if not words:
        return np.zeros((0, 256), np.float32)
    return np.stack([_vectors[word] for word in words])


def align(claim: Sequence[Word], source: Sequence[Word], *, near: bool = True) -> Alignment:
    """Align each word of a claim with the word of the source that covers it best.

    Parameters
    ----------
    claim, source:
        Words in text order.
    near:
        Whether words may also meet by root and in the vector space; without, it is much quicker.
    """
    by_key: dict[str, list[int]] = {}
    for index, word in enumerate(source):
        for key in word.keys:
            by_key.setdefault(key, []).append(index)
    cover = [0.0] * len(claim)
    partner: list[int | None] = [None] * len(claim)
    last = -1
    for index, word in enumerate(claim):
        places = sorted({place for key in word.keys for place in by_key.get(key, ())})
        if places:  # of several the one that follows the last partner, so that runs stay together
            cover[index] = 1.0
            last = partner[index] = min(places, key=lambda place: (abs(place - last - 1), place))
    open_words = [i for i, word in enumerate(claim) if not cover[i] and word.is_telling]
    telling = [i for i, word in enumerate(source) if word.is_telling]
    if near and open_words and telling:
        _align_near(claim, source, open_words, telling, cover, partner)
    return Alignment(tuple(cover), tuple(partner))


def _align_near(
    claim: Sequence[Word],
    source: Sequence[Word],
    open_words: Sequence[int],
    telling: Sequence[int],
    cover: list[float],
    partner: list[int | None],
) -> None:
    cosines = (
        vectors_of([claim[i].text.lower() for i in open_words])
        @ vectors_of([source[i].text.lower() for i in telling]).T
    )
    for row, index in enumerate(open_words):
        worths = [
            likeness(claim[index], source[place], float(cosine))
            for place, cosine in zip(telling, cosines[row], strict=True)
        ]
        best = int(np.argmax(worths))
        if worths[best] > 0:
            cover[index], partner[index] = worths[best], telling[best]


def likeness(one: Word, other: Word, cosine: float) -> float:
    """Return how far one word can stand for another that has none of its keys, 0..1."""
    if "number" in (one.kind, other.kind):
        return 0.0
    if is_cyrillic(one.text) != is_cyrillic(other.text):
        return _likeness_across(one, other, cosine)
    root = min(ROOT_LETTERS, len(one.stem))
    if len(one.stem) > 3 and one.stem[:root] == other.stem[:root] and cosine >= ROOT_NEAR:
        return ROOT_WORTH
    if "name" in (one.kind, other.kind):  # Names that are near in the space are other people.
        both = one.stem[:3] == other.stem[:3] and cosine >= NEAR
        return ROOT_WORTH if both else 0.0
    return NEAR_WORTH * min(1.0, 0.5 + (cosine - NEAR)) if cosine >= NEAR else 0.0


def _likeness_across(one: Word, other: Word, cosine: float) -> float:
    if one.kind == "name" or other.kind == "name":
        alike = alike_across_scripts(one.text, other.text)
        if alike >= ALIKE:
            return alike
    return min(1.0, 0.6 + cosine) if cosine >= NEAR_ACROSS else 0.0
