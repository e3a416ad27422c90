"""Reads GUM's coreference: names, and which pronouns and phrases mean the same as they do.

GUM (Zeldes, 2017) marks every mention, common nouns and pronouns too, with clusters. A name here is
what an extractor would find: the capitalised words of a mention up to what modifies it.
"""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kgrag.extract.spans import TypedSpan, without_crossings
from kgrag.extract.tokens import Part, split
from kgrag.train.data import PRONOUNS
from kgrag.train.hints import hinted_type

TYPES: Mapping[str, str] = {
    "person": "person",
    "organization": "organization",
    "place": "location",
    "event": "event",
    "object": "product",
    "abstract": "concept",
    "animal": "taxon",
    "plant": "taxon",
    "substance": "substance",
    "time": "date",
}
"""GUM's entity types in terms of the ontology."""

_ENDS_NAME = frozenset("who which that where whose in on at by for with from to as and or".split())
_JOINS_NAME = frozenset("of the de von van der la le du & al bin ' - . ’ s".split())


@dataclass(frozen=True)
class Gold:
    """A document as the extractor would cut it, with GUM's clusters.

    For each part: ``spans[i]`` are its names with ``types[i]`` and ``clusters[i]``; ``cluster_at``
    gives the cluster of the mention that starts at a character, shortest first, by (start, end).
    """

    id: str
    genre: str
    text: str
    parts: tuple[Part, ...]
    spans: tuple[tuple[TypedSpan, ...], ...]
    types: tuple[tuple[str, ...], ...]
    clusters: tuple[tuple[str, ...], ...]
    mentions: Mapping[int, tuple[tuple[int, str], ...]]

    def cluster_of(self, start: int, last_start: int) -> str | None:
        """Return the cluster of the shortest mention from ``start`` that reaches ``last_start``."""
        for end, cluster in self.mentions.get(start, ()):
            if end > last_start:
                return cluster
        return None


def read_gum(path: Path, *, commercial: bool) -> list[Gold]:
    """Read one split; with ``commercial``, only the documents whose texts allow such use."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    return [_gold(record) for record in records if not (commercial and record["nc"])]


def _gold(record: dict[str, Any]) -> Gold:
    text = record["text"]
    parts = split(text, "en")
    mentions: dict[int, list[tuple[int, str]]] = {}
    for entity in record["entities"]:
        cluster = entity.get("cluster") or entity["id"]
        mentions.setdefault(entity["start"], []).append((entity["end"], cluster))
    lower = {text[s:e] for part in parts for s, e in part.tokens if text[s:e].islower()}
    named = [_names(text, part, record["entities"], lower) for part in parts]
    return Gold(
        id=record["id"],
        genre=record["genre"],
        text=text,
        parts=tuple(parts),
        spans=tuple(tuple(span for span, _, _ in names) for names in named),
        types=tuple(tuple(type_ for _, type_, _ in names) for names in named),
        clusters=tuple(tuple(cluster for _, _, cluster in names) for names in named),
        mentions={start: tuple(sorted(ends)) for start, ends in mentions.items()},
    )


def _names(
    text: str, part: Part, entities: list[dict[str, Any]], lower: set[str]
) -> list[tuple[TypedSpan, str, str]]:
    """Return the names of a part with their types and clusters."""
    first_of = {start: index for index, (start, _) in enumerate(part.tokens)}
    words = [text[start:end] for start, end in part.tokens]
    found: dict[tuple[int, int], tuple[TypedSpan, str, str]] = {}
    for entity in sorted(entities, key=lambda entity: entity["end"] - entity["start"]):
        first = first_of.get(entity["start"])
        if first is None:
            continue
        last = first
        while last + 1 < len(words) and part.tokens[last + 1][1] <= entity["end"]:
            last += 1
        name = _name(words, first, last, lower)
        if name is not None and name not in found:
            surface = text[part.tokens[name[0]][0] : part.tokens[name[1]][1]]
            type_ = TYPES[entity["type"]]
            if type_ == "location":
                type_ = hinted_type(surface) or type_
            cluster = entity.get("cluster") or entity["id"]
            found[name] = TypedSpan(*name, 0, 1.0), type_, cluster
    kept = without_crossings([span for span, _, _ in found.values()], len(words))
    return [found[span.first, span.last] for span in kept]


def _name(words: list[str], first: int, last: int, lower: set[str]) -> tuple[int, int] | None:
    """Return the capitalised words that are the head of a mention, if it is named."""
    end = first
    while end <= last and words[end] not in _ENDS_NAME and words[end] not in ",(;:":
        if words[end] == "of" and (end == last or not words[end + 1][0].isupper()):
            break
        end += 1
    head = end - 1
    if head > first + 1 and words[head] == "s" and words[head - 1] in "'’":
        head -= 2
    if head > first and words[head] in "'’.":
        head -= 1
    begin = head
    while begin > first and (_is_capital(words[begin - 1]) or words[begin - 1] in _JOINS_NAME):
        begin -= 1
    while begin < head and not _is_capital(words[begin]) or words[begin].lower() == "the":
        begin += 1
        if begin > head:
            return None
    is_name = begin <= head and _is_capital(words[head]) and words[head].lower() not in PRONOUNS
    if not is_name or (begin == head and words[head].lower() in lower):
        return None
    return begin, head


def _is_capital(word: str) -> bool:
    return word[0].isupper()
