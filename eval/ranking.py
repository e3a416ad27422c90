"""Ranked lists against what was needed: kgrag, and four baselines beside it.

What is needed is a document, or, where questions are asked of whole documents, the passages that
hold the expected quotations or stand on the expected page. A list ranks needs, each at the place of
the first passage that meets it; what meets none stands for itself.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from eval.metrics.citations import Cited, pieces_cited
from eval.sets.questions import Question
from indexes.documents import StoredPassage
from indexes.view import View
from kgrag.candidates import Candidate
from kgrag.embed import Embedder
from kgrag.question import Question as Understood
from kgrag.retrieve import SecondLook

FUSED = 60
"""The constant of reciprocal rank fusion (Cormack et al. 2009)."""

DEEP = 100
"""Passages that a baseline ranks: several may be of one document."""

SHOWN_CHARACTERS = 120

Named = Callable[[StoredPassage], list[str]]
"""Says which needs a passage meets, or what it stands for."""


def by_document(passage: StoredPassage) -> list[str]:
    """Let a passage stand for its document."""
    return [passage.document_name]


def by_evidence(question: Question) -> Named:
    """Let a passage stand for the pieces of evidence that it holds; see ``pieces``."""
    names = pieces(question)

    def named(passage: StoredPassage) -> list[str]:
        cited = [Cited(passage.document_name, passage.page, passage.text)]
        met = pieces_cited(question.evidence, cited)
        return [name for name, is_met in zip(names, met, strict=True) if is_met] or [
            f"{passage.document_name}, passage {passage.row}"
        ]

    return named


def pieces(question: Question) -> list[str]:
    """Return the name of each need: the document of a piece of evidence, and what it says."""
    return [
        f"{number}. {piece.document}: {piece.quote[:SHOWN_CHARACTERS] or piece.page or 'any'}"
        for number, piece in enumerate(question.evidence, start=1)
    ]


def ranked_names(candidates: Iterable[Candidate], named: Named) -> list[str]:
    """Return what ranked passages stand for, each at the place of its best."""
    return list(dict.fromkeys(name for item in candidates for name in named(item.passage)))


def baselines(
    view: View, embedder: Embedder, question: Understood, seen: SecondLook, named: Named
) -> dict[str, list[str]]:
    """Return the ranking of BM25, of vectors, of both, and of the graph alone.

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
    passages = _passages(view, {row for rows in ranked.values() for row in rows})
    return {
        name: list(
            dict.fromkeys(met for row in rows if row in passages for met in named(passages[row]))
        )
        for name, rows in ranked.items()
    }


def _fuse(*ranked: Sequence[int]) -> list[int]:
    scores: dict[int, float] = {}
    for rows in ranked:
        for place, row in enumerate(rows, start=1):
            scores[row] = scores.get(row, 0.0) + 1.0 / (FUSED + place)
    return sorted(scores, key=lambda row: (-scores[row], row))


def _passages(view: View, rows: Iterable[int]) -> Mapping[int, StoredPassage]:
    return {item.row: item for item in view.documents.passages(sorted(rows))}
