"""How near the relation of a fact is to what a question asks beside its names."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from indexes.text import Language
from kgrag.ontology import load_ontology, relation_label
from kgrag.retrieve.asked import Asked
from kgrag.word_vectors import word_vectors


def nearness(asked: Asked) -> dict[str, float]:
    """Return, for each relation, the cosine of its label with the question's other words, 0..1."""
    ids, vectors = _label_vectors(asked.question.language)
    near = np.maximum(vectors @ asked.rest_vector, 0.0)
    return dict(zip(ids, near.tolist(), strict=True))


@lru_cache(maxsize=2)
def _label_vectors(language: Language) -> tuple[list[str], NDArray[np.float32]]:
    """Return the ids of relations, and the vectors of their labels: float32 (relations, n)."""
    ids = list(load_ontology().relation_types)
    return ids, word_vectors().embed([relation_label(id_, language) for id_ in ids])
