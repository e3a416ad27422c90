"""How near the relation of a fact is to what a question asks beside its names."""

import threading

import numpy as np
from numpy.typing import NDArray

from indexes.text import Language
from kgrag.embed import Embedder
from kgrag.ontology import load_ontology, relation_label
from kgrag.retrieve.asked import Asked

Labels = tuple[list[str], NDArray[np.float32]]
"""Ids of relations, and the vectors of their labels: float32 (relations, dimension)."""

_labels: dict[tuple[str, Language], Labels] = {}
_lock = threading.Lock()


def nearness(embedder: Embedder, asked: Asked) -> dict[str, float]:
    """Return, for each relation, the cosine of its label with the question's other words, 0..1."""
    ids, vectors = _label_vectors(embedder, asked.question.language)
    near = np.maximum(vectors @ asked.rest_vector, 0.0)
    return dict(zip(ids, near.tolist(), strict=True))


def _label_vectors(embedder: Embedder, language: Language) -> Labels:
    """Return the vectors of all labels: embedded once for each embedder and language."""
    key = embedder.fingerprint, language
    with _lock:
        if key not in _labels:
            ids = list(load_ontology().relation_types)
            _labels[key] = ids, embedder.embed([relation_label(id_, language) for id_ in ids])
        return _labels[key]
