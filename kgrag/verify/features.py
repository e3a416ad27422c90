"""What the support model weighs: how the words of a claim align with its sources.

All features are counts and shares over words, whatever the language, so that weights that were
fitted on English hold for Russian as well.
"""

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from kgrag.verify.align import vectors_of
from kgrag.verify.rarity import rarity
from kgrag.verify.sources import Sources
from kgrag.verify.words import Kind, Word, words_of

FEATURES = (
    "cover",  # share of the claim that the cited sentences cover together, weighted by rarity
    "exact",  # the same, by the words themselves only
    "around",  # the same, with passage and title
    "best",  # the same, by the best single sentence
    "names",  # share of its names that are covered
    "names_around",
    "numbers",
    "content",
    "function",  # share of its function words that the best sentence has
    "pairs",  # share of neighbouring telling words that one sentence has close together
    "order",  # share of those in the same order
    "longest_run",  # longest covered run of telling words, as a share
    "longest_gap",  # longest uncovered one
    "rarest_gap",  # rarity of the rarest word that nothing covers
    "gap_weight",  # rarity of all uncovered words together, log
    "gaps",  # uncovered telling words, log
    "near_gaps",  # words covered by near ones only, as a share
    "cosine",  # of claim and the nearest sentence
    "cosine_all",  # of claim and all sentences together
    "spread",  # words of the source between its first and last word that the claim uses, log
    "unused",  # share of the best sentence that the claim does not use
    "length",  # telling words of the claim, log
    "source_length",
    "sentences",  # cited sentences, log
    "clauses",  # commas, brackets and the like in the claim, log
    "claimed_names",
    "claimed_values",
    "missing_values",  # by the rules, below as well
    "missing_names",
    "contradictions",
    "doubts",
    "crossed",  # claim and source are in two scripts
)

_GAP = 0.3
"""A word that is covered less than this is a gap."""

_CLOSE = 6
"""Words within which two neighbours of the claim stand in a source to count as a pair."""


def features(sources: Sources, kinds: Sequence[tuple[str, str]]) -> np.ndarray:
    """Return float32 (len(FEATURES),).

    Parameters
    ----------
    sources:
        A claim and what it cites.
    kinds:
        Kind and status of what the rules found.
    """
    telling = [i for i, word in enumerate(sources.words) if word.is_telling]
    weights = [rarity(sources.words[i].stem) for i in telling]
    own = [sources.cover[i] for i in telling]
    around = [sources.around[i] for i in telling]
    single = [_share([a.cover[i] for i in telling], weights) for a in sources.aligned]
    best = int(np.argmax(single)) if single else 0
    gaps = [w for w, c in zip(weights, around, strict=True) if c < _GAP]
    pairs, ordered = _pairs(sources, telling)
    used = {place for place in sources.aligned[best].partner if place is not None}
    source = words_of(sources.sentences[best])
    cosine, cosine_all = _cosines(sources)
    values = {
        "cover": _share(own, weights),
        "exact": _share([float(c >= 1.0) for c in own], weights),
        "around": _share(around, weights),
        "best": single[best],
        "names": _share_of_kind(sources, "name", sources.cover),
        "names_around": _share_of_kind(sources, "name", sources.around),
        "numbers": _share_of_kind(sources, "number", sources.around),
        "content": _share_of_kind(sources, "content", sources.cover),
        "function": _share_of_kind(sources, "function", sources.aligned[best].cover),
        "pairs": pairs,
        "order": ordered,
        "longest_run": _longest(c >= _GAP for c in own) / max(len(own), 1),
        "longest_gap": _longest(c < _GAP for c in own) / max(len(own), 1),
        "rarest_gap": max(gaps, default=0.0),
        "gap_weight": math.log1p(sum(gaps)),
        "gaps": math.log1p(len(gaps)),
        "near_gaps": _mean(0 < c < 1.0 for c in own),
        "cosine": cosine,
        "cosine_all": cosine_all,
        "spread": math.log1p(max(used) - min(used)) if used else 0.0,
        "unused": _mean(i not in used for i, word in enumerate(source) if word.is_telling),
        "length": math.log1p(len(telling)),
        "source_length": math.log1p(sum(len(words_of(s)) for s in sources.sentences)),
        "sentences": math.log1p(len(sources.sentences)),
        "clauses": math.log1p(sum(sources.claim.count(mark) for mark in ",;:()—–")),
        "claimed_names": math.log1p(sum(word.kind == "name" for word in sources.words)),
        "claimed_values": math.log1p(sum(word.kind == "number" for word in sources.words)),
        "missing_values": _count(kinds, lambda kind, _: kind in ("value", "no_value", "finer")),
        "missing_names": _count(kinds, lambda kind, _: kind == "name"),
        "contradictions": _count(kinds, lambda _, status: status == "contradicted"),
        "doubts": _count(kinds, lambda _, status: status == "partly"),
        "crossed": float(sources.is_translated),
    }
    return np.array([values[name] for name in FEATURES], np.float32)


def _share(covers: Sequence[float], weights: Sequence[float]) -> float:
    total = sum(weights)
    return sum(c * w for c, w in zip(covers, weights, strict=True)) / total if total else 0.0


def _share_of_kind(sources: Sources, kind: Kind, cover: Sequence[float]) -> float:
    found = [c for word, c in zip(sources.words, cover, strict=True) if word.kind == kind]
    return sum(found) / len(found) if found else 1.0


def _pairs(sources: Sources, telling: Sequence[int]) -> tuple[float, float]:
    """Return the shares of neighbours that one sentence has together, and in order."""
    together = ordered = 0
    for one, other in zip(telling, telling[1:], strict=False):
        places = [(a.partner[one], a.partner[other]) for a in sources.aligned]
        steps = [q - p for p, q in places if p is not None and q is not None]
        together += any(abs(step) <= _CLOSE for step in steps)
        ordered += any(0 < step <= _CLOSE for step in steps)
    count = max(len(telling) - 1, 1)
    return (together / count, ordered / count) if len(telling) > 1 else (1.0, 1.0)


def _cosines(sources: Sources) -> tuple[float, float]:
    claim = _vector(sources.words)
    each = [_vector(words_of(sentence)) for sentence in sources.sentences]
    return max(_cosine(claim, v) for v in each), _cosine(claim, np.sum(each, axis=0))


def _vector(words: Sequence[Word]) -> np.ndarray:
    telling = [word for word in words if word.is_telling]
    weights = np.array([rarity(word.stem) for word in telling], np.float32)
    vectors = vectors_of([word.text.lower() for word in telling])
    total: np.ndarray = (vectors * weights[:, None]).sum(axis=0)
    return total


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    length = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / length if length else 0.0


def _longest(flags: Iterable[bool]) -> int:
    longest = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        longest = max(longest, run)
    return longest


def _mean(flags: Iterable[bool]) -> float:
    found = list(flags)
    return sum(found) / len(found) if found else 0.0


def _count(kinds: Sequence[tuple[str, str]], wanted: Callable[[str, str], bool]) -> float:
    return math.log1p(sum(wanted(kind, status) for kind, status in kinds))
