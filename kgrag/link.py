"""Links what a document names to entities of the catalogue, or to none (NIL).

Candidates are the entities that have one of the names and, where nothing has it, those with a name
that sounds like it: other script, spelling, or a longer name. Each is scored by a logistic model
whose weights ``kgrag.train.linking`` fitted: how often the name means it, how well known it is,
whether its type fits, and what its description shares with the text around and with the company it
keeps. That is done twice: what the first pass links surely is company in the second. The best is
taken if it passes a threshold. Only the one document is looked at, so that adding and removing
others changes nothing.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path

from indexes.catalogue import Catalogue, CatalogueEntry
from indexes.errors import ModelError
from indexes.text import stems
from kgrag.clusters import Cluster
from kgrag.meanings import (
    FEATURES,
    Around,
    description_stems,
    features,
    lookup_names,
    lookup_sounds,
)
from kgrag.sounds import sound_keys

MODELS = Path(__file__).parent / "models"
CATALOGUE = MODELS / "catalogue.sqlite"
WEIGHTS = MODELS / "link.json"

SURE = 2.0
"""Score over the threshold, in log odds, from which a link is company for others: about 9 in 10."""

RECIPE = "link-2"
"""Part of the fingerprint: raise it whenever the same files could give another link."""


@dataclass(frozen=True)
class LinkModel:
    """``weights``: one for each of ``FEATURES``; what scores over ``threshold`` is taken."""

    weights: tuple[float, ...]
    threshold: float

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> "LinkModel":
        """Read the weights that ``python -m kgrag.train.linking`` writes.

        Raises
        ------
        ModelError
            The file is missing, damaged, or has weights for other features.
        """
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            named = {str(name): float(value) for name, value in record["weights"].items()}
            threshold = float(record["threshold"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(f"The weights of linking {path} cannot be read: {error}") from error
        if named.keys() != set(FEATURES):
            raise ModelError(
                f"The weights of linking {path} are for other features; "
                "write them anew with: python -m kgrag.train.linking --data DIR"
            )
        return cls(tuple(named[name] for name in FEATURES), threshold)

    def score(self, values: Sequence[float]) -> float:
        """Return the log odds over the threshold: positive where the entity is to be taken."""
        return sum(w * v for w, v in zip(self.weights, values, strict=True)) - self.threshold


@dataclass(frozen=True, slots=True)
class Candidate:
    """A meaning that a cluster may have, and how it was found."""

    entry: CatalogueEntry
    by_sound: bool


@dataclass(frozen=True, slots=True)
class Considered:
    """A cluster with its name, its candidates, and the stems of the text around it."""

    cluster: Cluster
    key: str
    candidates: tuple[Candidate, ...]
    context: frozenset[str]


class CatalogueLinker:
    """Links to one catalogue; remembers what it looked up, so one serves many documents.

    Parameters
    ----------
    catalogue:
        Where names are looked up.
    model:
        How they are judged.
    """

    def __init__(self, catalogue: Catalogue, model: LinkModel) -> None:
        self._catalogue = catalogue
        self._model = model
        marks = f"{RECIPE}:{catalogue.fingerprint}:{model}"
        self.fingerprint = f"{RECIPE}:{hashlib.sha256(marks.encode()).hexdigest()[:16]}"
        self._named = lru_cache(maxsize=20_000)(lambda keys: tuple(catalogue.candidates(keys)))
        self._sounding = lru_cache(maxsize=20_000)(
            lambda keys: tuple(catalogue.sounding_like(keys))
        )

    def link(self, clusters: Sequence[Cluster]) -> list[str | None]:
        """Return the QID that each cluster of one document means, or None."""
        considered = self.consider(clusters)
        company = self.company(considered)
        return [
            self._best(item, stems_)[0] for item, stems_ in zip(considered, company, strict=True)
        ]

    def knows(self, qid: str) -> bool:
        """Return whether the catalogue holds an entity."""
        return self._catalogue.entity(qid) is not None

    def consider(self, clusters: Sequence[Cluster]) -> list[Considered]:
        """Look every cluster of one document up."""
        found = []
        for cluster in clusters:
            keys = lookup_names(cluster)
            candidates = self._candidates(keys, cluster.group)
            has_words = any(candidate.entry.description for candidate in candidates)
            context = frozenset(stems(cluster.context)) if has_words else frozenset()
            found.append(Considered(cluster, keys[0] if keys else "", candidates, context))
        return found

    def company(self, considered: Sequence[Considered]) -> list[frozenset[str]]:
        """Return, for each cluster, the stems that describe what else is linked surely."""
        described = []
        for item in considered:
            _, score, entry = self._best(item, frozenset())
            described.append(
                description_stems(entry.description) if entry and score > SURE else frozenset()
            )
        often = Counter(chain.from_iterable(described))
        return [
            frozenset(stem for stem, count in often.items() if count > (stem in own))
            if item.candidates
            else frozenset()
            for item, own in zip(considered, described, strict=True)
        ]

    def _candidates(self, keys: tuple[str, ...], group: str) -> tuple[Candidate, ...]:
        entries = self._named(keys) if keys else ()
        if entries:
            return tuple(Candidate(entry, by_sound=False) for entry in entries)
        sounds = lookup_sounds(keys[0], group) if keys else ()
        if not sounds:
            return ()
        alone = group == "person" and len(sounds) == 1
        return tuple(
            Candidate(entry, by_sound=True)
            for entry in self._sounding(sounds)
            if not alone or sound_keys(entry.name)[-1] == sounds[0]
        )

    def _best(
        self, item: Considered, company: frozenset[str]
    ) -> tuple[str | None, float, CatalogueEntry | None]:
        """Return the QID to take if any, the best score over the threshold, and whose it is."""
        best: tuple[str | None, float, CatalogueEntry | None] = None, 0.0, None
        for candidate, values in zip(
            item.candidates, candidate_features(item, company), strict=True
        ):
            score = self._model.score(values)
            if score > best[1]:  # the first of equals, as the catalogue orders them
                best = candidate.entry.wikidata, score, candidate.entry
        return best


def candidate_features(item: Considered, company: frozenset[str]) -> list[list[float]]:
    """Return the features of each candidate of a cluster, in the company of these stems."""
    around = Around(item.context, company)
    return [
        features(item.cluster, item.key, candidate.entry, around, by_sound=candidate.by_sound)
        for candidate in item.candidates
    ]


def open_linker(catalogue: str | Path = "", weights: Path = WEIGHTS) -> CatalogueLinker:
    """Open a catalogue, the bundled one where the path is empty, and return what links to it.

    Raises
    ------
    ModelError
        The catalogue or the weights are missing or damaged.
    """
    model = LinkModel.load(weights)
    return CatalogueLinker(Catalogue.open(Path(catalogue or CATALOGUE).expanduser()), model)
