"""How the relations of the ontology are asked for in English and Russian, and what states them.

Russian names stay in the nominative: a name of which nobody knows how it is declined is never
declined wrongly. So a question is worded around it («Чьим сыном был Дени Дидро?»), with the verb
in the gender of the name, and names of things stand in quotation marks behind what they are.

A *cue* is what a sentence has that states the relation. The graph of any extractor holds facts that
no sentence states, and few of those have one. In cues, ``<n>`` is the name that the question will
hold and ``<s>`` what is sought; one without them may stand anywhere near both.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from indexes.text import Language

End = Literal["subject", "object"]

_FILE = Path(__file__).parents[1] / "data" / "wordings.toml"


@dataclass(frozen=True, slots=True)
class Wording:
    """How one end of a relation is asked for, where the other is named.

    Parameters
    ----------
    masculine, feminine:
        The question with ``{}`` for the name; in English one is as good as the other.
    cue:
        See the module; what it captures as ``f`` is a feminine ending.
    types:
        Of the named entity; empty where any will do.
    """

    asked: End
    masculine: str
    feminine: str
    cue: re.Pattern[str]
    types: frozenset[str] = frozenset()


def _both(text: str) -> tuple[str, str]:
    """Return both genders of a question: «Где родил[ся|ась] {}?»."""
    return _ENDINGS.sub(r"\1", text), _ENDINGS.sub(r"\2", text)


_ENDINGS = re.compile(r"\[(.*?)\|(.*?)\]")

NAMED, SOUGHT = "\ue000", "\ue001"
"""What stands for the two names where cues are looked for: characters that no alphabet has."""


def _wording(record: dict[str, Any]) -> Wording:
    cue = record["cue"].replace("<n>", NAMED).replace("<s>", SOUGHT)
    return Wording(
        record.get("asked", "object"),
        *_both(record["question"]),
        re.compile(cue, re.IGNORECASE),
        frozenset(record.get("types", ())),
    )


@lru_cache(maxsize=2)
def wordings(language: Language) -> Mapping[str, tuple[Wording, ...]]:
    """Return the wordings of each relation that has any, by its id."""
    relations = tomllib.loads(_FILE.read_text(encoding="utf-8"))[language]
    return {name: tuple(map(_wording, records)) for name, records in relations.items()}


DESCRIBED: Mapping[Language, Mapping[tuple[str, End], str]] = {
    "en": {
        ("P19", "object"): "<place> where {} was born",
        ("P20", "object"): "<place> where {} died",
        ("P551", "object"): "<place> where {} lived",
        ("P69", "object"): "the institution where {} studied",
        ("P26", "object"): "the person to whom {} was married",
        ("P40", "subject"): "the parent of {}",
        ("P50", "object"): "the author of {}",
        ("P170", "object"): "the creator of {}",
        ("P112", "object"): "the founder of {}",
        ("P159", "object"): "<place> where {} is based",
    },
    "ru": {
        ("P19", "object"): "<place> родил[ся|ась] {}",
        ("P20", "object"): "<place> умер[|ла] {}",
        ("P551", "object"): "<place> жил[|а] {}",
        ("P40", "subject"): "человек, чьим ребёнком [был|была] {}",
    },
}
"""What stands for an entity that a question does not name: the first hop of two."""

PLACES: Mapping[Language, Mapping[str, str]] = {
    "en": {"city": "the city", "country": "the country", "": "the place"},
    "ru": {"city": "город, в котором", "country": "страна, в которой", "": "место, где"},
}
"""What ``<place>`` is, by the type of the entity."""

SAME_PLACE: Mapping[Language, Mapping[str, str]] = {
    "en": {"P19": "was born", "P20": "died", "P551": "lived"},
    "ru": {"P19": "родил[ся|ась]", "P20": "умер[|ла]", "P551": "жил[|а]"},
}
"""What people did in a place, so that one can be asked for by another."""


def inflected(text: str, *, feminine: bool) -> str:
    """Return a text with the endings of one gender."""
    return _both(text)[feminine]
