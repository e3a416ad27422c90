"""Ranked lists against what was needed: recall, and the baselines beside kgrag."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from indexes.view import View
from kgrag.candidates import Candidate
from kgrag.embed import Embedder
from kgrag.question import Question
from kgrag.retrieve import SecondLook

FUSED = 60
"""The constant of reciprocal rank fusion (Cormack et al. 2009)."""

DEEP = 100
"""Passages that a baseline ranks: several may be of one document."""


def recall(ranked: Sequence[str], needed: frozenset[str], k: int) -> float:
    """Return the share of the needed documents among the first ``k``, 0..1."""
    return len(needed.intersection(ranked[:k])) / len(needed)


def documents_of(candidates: Iterable[Candidate]) -> list[str]:
    """Return the names of the documents of ranked passages, each at its best passage's place."""
    return list(dict.fromkeys(item.passage.document_name for item in candidates))


def baselines(
    view: View, embedder: Embedder, question: Question, seen: SecondLook
) -> dict[str, list[str]]:
    """Return the documents as BM25, vectors, both, and the graph alone would rank them.

    Both are fused by reciprocal ranks. The graph alone is the walk from the entities that the
    question names and the triplets that it asks for.
    """
    terms = [word.stem for word in question.words]
    lexical = [row for row, _ in view.lexical.search(terms, DEEP)]
    vector = embedder.embed_question(question.text)
    dense = [row for row, _ in view.nearest(vector, DEEP)] if vector.any() else []
    walk = seen.walk_alone()
    graph = [seen.pool[at].passage.row for at in np.argsort(-walk, kind="stable") if walk[at] > 0]
    ranked = {
        "BM25": lexical,
        "vectors": dense,
        "BM25 and vectors": _fuse(lexical, dense),
        "graph": graph,
    }
    names = _names(view, {row for rows in ranked.values() for row in rows})
    return {
        name: list(dict.fromkeys(names[row] for row in rows if row in names))
        for name, rows in ranked.items()
    }


def _fuse(*ranked: Sequence[int]) -> list[int]:
    scores: dict[int, float] = {}
    for rows in ranked:
        for place, row in enumerate(rows, start=1):
            scores[row] = scores.get(row, 0.0) + 1.0 / (FUSED + place)
    return sorted(scores, key=lambda row: (-scores[row], row))


def _names(view: View, rows: Iterable[int]) -> Mapping[int, str]:
    return {item.row: item.document_name for item in view.documents.passages(sorted(rows))}
