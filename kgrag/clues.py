"""What further speaks for a sentence, beside how much of the question it covers.

Does it hold a thing of the kind that is asked for, and does that stand near the covered words? Does
the sentence before name what is asked about? Does it tell anything that the question does not say?
Each is a number within 0..1; which matter how much, ``kgrag.train.evidence`` fits.
"""

import numpy as np
from numpy.typing import NDArray

from kgrag.answer_kind import NUMBERS, SentenceWords, Wanted

CLUES = (
    "answer",  # it holds a thing of the kind asked for, 0.5 where any would do
    "near",  # how much is covered near the best such thing
    "counted",  # a number before what the question asks to be counted; 0.5 for other questions
    "noun",  # how far it covers what "which company" asks to be named; 0.5 for other questions
    "around",  # how much of the question this sentence and the one before cover
    "around_names",
    "tells",  # the share of its content words that the question does not have
    "length",
    "opens",  # it opens its passage
    "rest",  # cosine of the sentence and the question without its names
    "pairs",  # neighbours in the question that are close here, in whatever form
    "dense",  # the most that is covered around any word
    "typed",  # the question asks for a kind of thing
    "refers",  # it begins with a reference ("she", "the company")
    "next",  # how much of the question this sentence and the next cover
    "dated",  # it holds a date, where one is asked for; 0.5 for other questions
)

REACH = 6.0
"""Words over which nearness fades to 1/e."""

BEFORE, AFTER = 0.8, 0.6
"""What the neighbouring sentences' cover is worth."""

MEANT = 0.4
"""Cover from which a word stands for an asked one."""

COUNTED_WITHIN, CLOSE = 3, 4
"""Words between a number and what it counts, and between neighbours of the question."""

LONG = 5.0
"""Natural logarithm of a length, in words, that counts as 1."""

Array = NDArray[np.float64]


def near_by(held: SentenceWords, weights: Array) -> Array:
    """Return how much of the question is covered around each word, (words,): 1 is all of it."""
    places = np.arange(len(held.spans))
    fading = np.exp(-np.abs(places[:, None] - places[None, :]) / REACH)
    nearest = (fading[:, :, None] * held.covers[None]).max(axis=1, initial=0.0)
    total: Array = nearest @ weights
    return total


def clues_of(
    wanted: Wanted,
    held: SentenceWords,
    covers: tuple[Array, Array, Array],
    weights: Array,
    is_name: NDArray[np.bool_],
) -> dict[str, float]:
    """Return the clues that the words of a sentence give (all but "rest", "opens" and "refers").

    Parameters
    ----------
    wanted, held:
        What is asked for, and the words of the sentence.
    covers:
        How far the sentence, the one before and the next cover each asked word.
    weights, is_name:
        How much each asked word matters, summing to 1, and whether it is a name.
    """
    own, before, after = covers
    near = near_by(held, weights)
    answers = held.answers
    around = np.maximum(own, BEFORE * before)
    names = weights * is_name
    counts = bool(wanted.counted and NUMBERS & wanted.types)
    return {
        "answer": float(answers.any()) if wanted.types else 0.5,
        "near": float(near[answers].max(initial=0.0)),
        "counted": float(counted_by(wanted, held).any()) if counts else 0.5,
        "noun": float(held.covers[:, wanted.noun].max(initial=0.0)) if wanted.noun else 0.5,
        "around": float(around @ weights),
        "around_names": float(around @ names / names.sum()) if is_name.any() else 0.5,
        "tells": float(held.tells.sum()) / max(1, int(held.content.sum())),
        "length": min(1.0, float(np.log1p(len(held.spans))) / LONG),
        "pairs": _pairs(held.covers, weights),
        "dense": float(near.max(initial=0.0)),
        "typed": float(bool(wanted.types)),
        "next": float(np.maximum(own, AFTER * after) @ weights),
        "dated": float(answers.any()) if "date" in wanted.types else 0.5,
    }


def counted_by(wanted: Wanted, held: SentenceWords) -> NDArray[np.bool_]:
    """Return which words are numbers before what the question asks to be counted, (words,)."""
    counts = np.zeros(len(held.spans), np.bool_)
    if wanted.counted and NUMBERS & wanted.types:
        means = held.covers[:, wanted.counted].max(axis=1) >= MEANT
        for at in np.flatnonzero(held.answers):
            counts[at] = means[at + 1 : at + 1 + COUNTED_WITHIN].any()
    return counts


def _pairs(covers: Array, weights: Array) -> float:
    """Return the share, by weight, of the question's neighbouring words that are close here too."""
    places = [np.flatnonzero(column >= MEANT) for column in covers.T]
    total = close = 0.0
    for at, (one, two) in enumerate(zip(places, places[1:], strict=False)):
        weight = float(weights[at] + weights[at + 1])
        total += weight
        if len(one) and len(two) and np.abs(one[:, None] - two[None]).min() <= CLOSE:
            close += weight
    return close / total if total else 0.5


def leads(values: Array, groups: NDArray[np.int64]) -> Array:
    """Return by how much each value exceeds the best other one of its group."""
    found = np.zeros(len(values))
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        some = values[rows]
        best = int(some.argmax())
        second = np.delete(some, best).max(initial=0.0)
        found[rows] = some - some[best]
        found[rows[best]] = some[best] - second
    return found


def beside(clues: Array, own: Array, cosines: Array, groups: NDArray[np.int64]) -> Array:
    """Return what shows only beside the other sentences: float (sentences, BESIDE).

    Parameters
    ----------
    clues:
        Of each sentence, (sentences, CLUES).
    own, cosines:
        How much of the question each covers itself, and its cosine with it.
    groups:
        The passage of each, 0 for the best.
    """
    column = dict(zip(CLUES, clues.T, strict=True))
    return np.column_stack(
        [
            leads(own, groups),
            leads(cosines, groups),
            leads(column["around"], groups),
            leads(column["dense"], groups),
            leads(column["near"], groups),
            leads(column["rest"], groups),
            own - own.max(initial=0.0),
            column["dense"] - column["dense"].max(initial=0.0),
            (groups == 0).astype(np.float64),
        ]
    )


BESIDE = (
    "own_lead",  # by how much it covers more than the best other sentence of its passage
    "cosine_lead",
    "around_lead",
    "dense_lead",
    "near_lead",
    "rest_lead",
    "own_gap",  # by how much it covers less than the best sentence of all
    "dense_gap",
    "best_passage",  # it stands in the best passage
)
