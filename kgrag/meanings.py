"""How much speaks for each meaning of a name: the features from which linking decides.

All are functions of the one document and the catalogue. Most are 0 or 1; counts are logarithms, so
that the tenth shared word says less than the first.
"""

import math
from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache

from indexes.catalogue import CatalogueEntry
from indexes.text import stems
from kgrag.clusters import Cluster
from kgrag.names import PERSON_TITLES, is_acronym, normal_name
from kgrag.sounds import sound_keys, spoken

FEATURES = (
    "bias",
    "alias_log_odds",  # of the share of the mentions with the name that meant the entity
    "prior",  # how often the entity is mentioned at all, 0..1
    "type",  # the same type
    "group",  # another type of the same group; half, where the entity's is unknown
    "type_clash",  # both types are known, and differ within the group
    "person_clash",  # one is a person, the other is known not to be
    "surname_alone",
    "person_by_one_word",  # a first name, or an entity of which no family name is known
    "one_word",
    "acronym",
    "lower_case",
    "by_sound",  # found by sound, not by its normal form
    "unlike",  # of those: share of the pairs of sounds that the names do not share, 0..1
    "longer",  # of those: words of the entity's name that the text's name lacks, log
    "context",  # stems that the description shares with the text around, log
    "company",  # stems that the description shares with those of what is linked surely, log
)

MIN_DESCRIPTION_STEM = 4
"""Letters: shorter stems are mostly function words."""

MIN_SOUND_KEY = 3
"""Sounds of a name of one word: fewer are shared by too many."""

UNKNOWN_TYPE = 0.5
"""What an unknown type counts for: chosen, not fitted, because in the corpora that fit the weights
an untyped entity is next to never meant, which says more of them than of untyped entities."""

_MIN_PROBABILITY = 0.01
_NO_STEMS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Around:
    """Stems of the text around a cluster, and of what describes its company in the document."""

    context: Set[str] = _NO_STEMS
    company: Set[str] = _NO_STEMS


def lookup_names(cluster: Cluster) -> tuple[str, ...]:
    """Return the normal names to look up: the first name's, others as long as it, and acronyms.

    A shorter name is left out: "Obama" would turn an unknown Malik Obama into the president.
    """
    keys = [_untitled(normal_name(name), cluster.group) for name in cluster.surfaces]
    length = len(keys[0].split()) if keys else 0
    chosen = (
        key
        for key, name in zip(keys, cluster.surfaces, strict=True)
        if key and (len(key.split()) == length or is_acronym(name))
    )
    return tuple(dict.fromkeys(chosen))


def lookup_sounds(key: str, group: str) -> tuple[str, ...]:
    """Return the sound keys to look a normal name up by; none where they would say too little."""
    words = key.split()
    if len(words) == 1 and group in ("event", "other"):  # common words sound like other words
        return ()
    keys = sound_keys(key)
    return keys if max(map(len, keys), default=0) >= MIN_SOUND_KEY else ()


def features(
    cluster: Cluster, key: str, entry: CatalogueEntry, around: Around, *, by_sound: bool
) -> list[float]:
    """Return the values of ``FEATURES`` for one meaning of a cluster that is called ``key``."""
    one_word = " " not in key
    person = cluster.group == "person"
    odds = max(entry.alias_prior, _MIN_PROBABILITY)
    unknown = entry.type_group == "unknown"
    same_group = entry.type_group == cluster.group
    same_type = same_group and entry.type == cluster.type
    surname = person and one_word and key in _family_names(entry)
    described = description_stems(entry.description) - frozenset(stems(key))
    return [
        1.0,
        math.log(odds / (1.0 + _MIN_PROBABILITY - min(odds, 1.0))),
        entry.prior,
        float(same_type),
        UNKNOWN_TYPE if unknown else float(same_group and not same_type),
        float(same_group and not same_type and bool(entry.type)),
        float(not unknown and not same_group and "person" in (entry.type_group, cluster.group)),
        float(surname),
        float(person and one_word and not surname),
        float(one_word and not person),
        float(is_acronym(cluster.surfaces[0])),
        float(not any(char.isupper() for char in cluster.surfaces[0])),
        float(by_sound),
        1.0 - _sound_pairs_shared(key, entry.name) if by_sound else 0.0,
        math.log1p(max(len(entry.name.split()) - len(key.split()), 0)) if by_sound else 0.0,
        math.log1p(len(described & around.context)),
        math.log1p(len(described & around.company)),
    ]


def _untitled(key: str, group: str) -> str:
    words = key.split()
    while group == "person" and len(words) > 1 and words[0] in PERSON_TITLES:
        words = words[1:]
    return " ".join(words)


@lru_cache(maxsize=20_000)
def _family_names(entry: CatalogueEntry) -> frozenset[str]:
    names = [normal_name(label) for label in (entry.label_en, entry.label_ru) if label]
    words = [name.split() for name in (*names, entry.name)]
    return frozenset(word[-1] for word in words if len(word) > 1)


@lru_cache(maxsize=20_000)
def description_stems(description: str) -> frozenset[str]:
    """Return the stems of a description that are long enough to mean something."""
    return frozenset(stem for stem in stems(description) if len(stem) >= MIN_DESCRIPTION_STEM)


@lru_cache(maxsize=20_000)
def _sound_pairs_shared(one: str, other: str) -> float:
    """Return Dice's coefficient of the pairs of neighbouring sounds of two names, 0..1."""
    pairs = []
    for name in (one, other):
        sounds = f" {spoken(name)} "
        pairs.append({sounds[at : at + 2] for at in range(len(sounds) - 1)})
    return 2 * len(pairs[0] & pairs[1]) / (len(pairs[0]) + len(pairs[1]))
