"""Links a name of a document to an entity of the catalogue, or to none (NIL).

Each entity that has the name is scored by how often the name means it, how often it is mentioned
at all, whether its type fits, and how much of the document's words its description shares; the best
is taken if its score passes a threshold. Only the one document is looked at, so that adding and
removing others changes nothing.
"""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from indexes.catalogue import Catalogue, CatalogueEntry
from indexes.text import stems
from kgrag.names import PERSON_TITLES, is_acronym, normal_name

CATALOGUE = Path(__file__).parent / "models" / "catalogue.sqlite"

MIN_DESCRIPTION_STEM = 4
"""Letters: shorter stems are mostly function words."""

# Weights of a score like log odds; above 0 the entity is taken. Fitted by logistic regression on
# the gold clusters of NEREL dev and OKE-2016 train, each once with its entity in the catalogue and
# once without, then rounded and made stricter where the catalogue flatters: made of those corpora,
# it has an entity for nearly every "Paul" and "man" in them, which another text will not mean.
# Precision and recall of links, recall of NIL: NEREL dev 0.95, 0.77, 0.96 (85 % of the gold
# entities can be reached by name); OKE-2016 train 0.94, 0.80, 0.96 (93 %).
BIAS = -4.0
ALIAS_PRIOR = 8.0
PRIOR = 0.5
TYPE_AGREES = 2.0
PERSON_CLASH = -2.0
"""One is a person, the other is known not to be."""
CONTEXT = 0.5
"""For log(1 + number of stems that the context and the description share)."""
SURNAME_ALONE = -3.0
PERSON_BY_ONE_WORD = -5.0
"""A first name, or an entity of which no family name is known."""
ONE_WORD = -1.5
LOWER_CASE = -1.5

Link = Callable[[Sequence[str], str, str], str | None]
"""(surfaces, group, context) -> QID or None."""


def open_linker(path: Path = CATALOGUE) -> Link:
    """Open the bundled catalogue and return what links names to it.

    Raises
    ------
    ModelError
        The catalogue is missing or damaged.
    """
    return Linker(Catalogue.open(path)).link


class Linker:
    """Links names to a catalogue; remembers what it looked up, so one serves many documents."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._candidates = lru_cache(maxsize=20_000)(
            lambda names: tuple(catalogue.candidates(names))
        )

    def link(self, names: Sequence[str], group: str, context: str) -> str | None:
        """Return the QID of what these names of one document mean, or None.

        Parameters
        ----------
        names:
            The surfaces of one thing in the document, the most informative first.
        group:
            The group of its type in the ontology.
        context:
            The text around it.
        """
        keys = lookup_names(names, group)
        candidates = self._candidates(keys) if keys else ()
        if not candidates:
            return None
        name_score = _name_score(names[0], keys[0], group)
        words = frozenset(stems(context)) if any(c.description for c in candidates) else frozenset()
        best, entry = max(
            (
                (name_score + _entity_score(candidate, keys[0], group, words), candidate)
                for candidate in candidates
            ),
            key=lambda scored: scored[0],  # the first of equals, as the catalogue orders them
        )
        return entry.wikidata if best > 0 else None


def lookup_names(names: Sequence[str], group: str) -> tuple[str, ...]:
    """Return the normal names to look up: the first name's, others as long as it, and acronyms.

    A shorter name is left out: "Obama" would turn an unknown Malik Obama into the president.
    """
    keys = [_key(name, group) for name in names]
    length = len(keys[0].split()) if keys else 0
    chosen = (
        key
        for key, name in zip(keys, names, strict=True)
        if key and (len(key.split()) == length or is_acronym(name))
    )
    return tuple(dict.fromkeys(chosen))


def _key(name: str, group: str) -> str:
    words = normal_name(name).split()
    while group == "person" and len(words) > 1 and words[0] in PERSON_TITLES:
        words = words[1:]
    return " ".join(words)


def _name_score(surface: str, key: str, group: str) -> float:
    """Return how much the name itself speaks for meaning an entity of the catalogue."""
    result = BIAS
    if group != "person" and " " not in key and not is_acronym(surface):
        result += ONE_WORD
    if not any(char.isupper() for char in surface):
        result += LOWER_CASE
    return result


def _entity_score(entry: CatalogueEntry, key: str, group: str, words: frozenset[str]) -> float:
    result = ALIAS_PRIOR * entry.alias_prior + PRIOR * entry.prior
    if entry.type_group == group:
        result += TYPE_AGREES
    elif "person" in (entry.type_group, group) and entry.type_group != "unknown":
        result += PERSON_CLASH
    if group == "person" and " " not in key:
        result += SURNAME_ALONE if key in _family_names(entry) else PERSON_BY_ONE_WORD
    shared = words & _description_stems(entry.description) - frozenset(stems(key))
    return result + CONTEXT * math.log1p(len(shared))


@lru_cache(maxsize=20_000)
def _family_names(entry: CatalogueEntry) -> frozenset[str]:
    labels = [normal_name(label).split() for label in (entry.label_en, entry.label_ru) if label]
    return frozenset(words[-1] for words in labels if len(words) > 1)


@lru_cache(maxsize=20_000)
def _description_stems(description: str) -> frozenset[str]:
    return frozenset(stem for stem in stems(description) if len(stem) >= MIN_DESCRIPTION_STEM)
