"""What a model can say, how sure it must be, and how its scores become probabilities."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgrag.ontology import load_ontology

Scale = tuple[float, float]
"""Slope and offset for the logit of a score (Platt 1999)."""


@dataclass(frozen=True)
class Labels:
    """What a model can say: ids of the ontology, and how sure it must be.

    Spans from ``candidate_threshold`` may enter a relation; those under ``span_threshold`` are
    mentions only if they do. ``conventions`` names the ways of annotating that the model can take
    on, from 1; 0 is the general one, in which it reads for users. The scales turn scores into
    probabilities of being right (``calibrated``); thresholds are compared before that.
    """

    types: tuple[str, ...]
    relations: tuple[str, ...]
    span_threshold: float
    relation_thresholds: Mapping[str, float]
    candidate_threshold: float = 0.4
    conventions: tuple[str, ...] = ()
    mention_scale: Scale = (1.0, 0.0)
    relation_scale: Scale = (1.0, 0.0)

    def groups(self) -> list[int]:
        """Return the group of each type, numbered from 0."""
        entity_types = load_ontology().entity_types
        names: dict[str, int] = {}
        return [names.setdefault(entity_types[type_].group, len(names)) for type_ in self.types]

    def signatures(self) -> NDArray[np.bool_]:
        """Return bool (types, types, relations): which relations may hold between which types."""
        known = load_ontology().relation_types
        allowed = np.zeros((len(self.types), len(self.types), len(self.relations)), np.bool_)
        for one, subject in enumerate(self.types):
            for two, object_ in enumerate(self.types):
                for index, relation in enumerate(self.relations):
                    allowed[one, two, index] = known[relation].allows(subject, object_)
        return allowed


def calibrated(score: float, scale: Scale) -> float:
    """Return how likely what has this score is right, 0..1."""
    inside = min(max(score, 1e-6), 1.0 - 1e-6)
    logit = scale[0] * math.log(inside / (1.0 - inside)) + scale[1]
    return 1.0 / (1.0 + math.exp(-logit))
