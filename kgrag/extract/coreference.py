"""Finds what pronouns and definite phrases refer to, so that facts carry over sentences.

Each pronoun, from left to right, either means one of the things spoken of in the last sentences or
none of them: a log-linear model ranks them (Durrett and Klein, 2013, "Easy victories and uphill
battles in coreference resolution"), trained by ``kgrag.train.coreference``. Noun phrases compete
with names, and where one wins nothing is said, because only names can be looked up. A wrong
antecedent makes a false fact with a citation, so thresholds favour precision.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from indexes.errors import ModelError
from kgrag.extract.discourse import Choice, Discourse
from kgrag.extract.spans import TypedSpan
from kgrag.extract.tokens import Part

VERSION = 1
"""To be raised when the same weights would decide otherwise: words, features, rules."""

MODEL_PATH = Path(__file__).parent.parent / "models" / "coreference.json"


@dataclass(frozen=True, slots=True)
class Reference:
    """Tokens ``first`` to ``last`` refer to the name ``antecedent`` (index into spans); 0..1."""

    first: int
    last: int
    antecedent: int
    score: float


@dataclass(frozen=True)
class CoreferenceModel:
    """Weights by kind of anaphor and feature; ``thresholds`` by kind and language."""

    weights: Mapping[str, Mapping[str, float]]
    thresholds: Mapping[str, float]

    def digest(self) -> str:
        """Return a hash that changes whenever references could."""
        parts = [VERSION, sorted(self.thresholds.items())]
        weights = [(kind, sorted(own.items())) for kind, own in sorted(self.weights.items())]
        return hashlib.sha256(json.dumps([parts, weights]).encode()).hexdigest()[:16]

    @classmethod
    def load(cls, path: Path = MODEL_PATH) -> "CoreferenceModel":
        """Read the weights; ModelError where they are missing."""
        try:
            content = json.loads(path.read_text("utf-8"))
            return cls(content["weights"], content["thresholds"])
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(
                f"{path} is no coreference model ({error}); reinstall kgrag"
            ) from error

    def decide(self, choice: Choice) -> tuple[int, float]:
        """Return the likeliest answer, the number of things for none of them, and its score."""
        weights = self.weights[choice.anaphor.kind]
        scores = [sum(weights.get(name, 0.0) for name in names) for names in choice.features]
        highest = max(scores)
        odds = [math.exp(score - highest) for score in scores]
        best = max(range(len(odds)), key=odds.__getitem__)
        score = odds[best] / sum(odds)
        # "He" means whom the last "he" meant: it cannot be surer than that was.
        return best, score * choice.things[best].sure if best < len(choice.things) else score


@lru_cache(maxsize=1)
def coreference_model() -> CoreferenceModel:
    """Return the model that ships with kgrag (cached)."""
    return CoreferenceModel.load()


def find_references(
    text: str, part: Part, spans: Sequence[TypedSpan], types: Sequence[str]
) -> list[Reference]:
    """Return what the pronouns and definite phrases of a part refer to.

    Parameters
    ----------
    text, part:
        Where tokens are.
    spans:
        The names of the part, in text order; a reference never overlaps one.
    types:
        The ontology's id of the type of each span.

    Returns
    -------
    list of Reference
        In text order.
    """
    model = coreference_model()
    discourse = Discourse(text, part, spans, types)
    references: list[Reference] = []
    for choice in discourse.choices():
        anaphor = choice.anaphor
        best, score = model.decide(choice)
        if best == len(choice.things):
            continue
        thing = choice.things[best]
        if thing.span is not None and score >= model.thresholds[f"{part.language} {anaphor.kind}"]:
            references.append(Reference(anaphor.first, anaphor.last, thing.span, score))
        discourse.accept(choice, thing, score)
    return references
