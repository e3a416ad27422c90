"""Mentions that annotators linked: what the catalogue learns names from, and linking is judged on.

Each knows its document, so that a catalogue can be built as if some documents had never been seen.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Corpus:
    """A file of annotated documents. ``split`` is train, dev or test.

    ``free``: its licence lets what is made of it be used commercially. ``types``: its labels are
    types of the ontology, in capitals.
    """

    path: str
    source: str
    split: str
    free: bool = True
    types: bool = False

    @property
    def name(self) -> str:
        """The path without folder and ending: ``nerel/test``, ``kore50``."""
        return self.path.removesuffix(".jsonl.gz").removeprefix("ie/").removeprefix("el/")


CORPORA = (
    Corpus("ie/nerel/train.jsonl.gz", "nerel", "train", types=True),
    Corpus("ie/nerel/dev.jsonl.gz", "nerel", "dev", types=True),
    Corpus("ie/nerel/test.jsonl.gz", "nerel", "test", types=True),
    Corpus("ie/knowledgenet/train.jsonl.gz", "knowledgenet", "train", types=True),
    Corpus("ie/knowledgenet/dev.jsonl.gz", "knowledgenet", "dev", types=True),
    Corpus("ie/gum/train.jsonl.gz", "gum", "train"),
    Corpus("ie/gum/dev.jsonl.gz", "gum", "dev"),
    Corpus("ie/gum/test.jsonl.gz", "gum", "test"),
    Corpus("ie/culotta-wikipedia/train.jsonl.gz", "culotta", "train"),
    Corpus("ie/culotta-wikipedia/test.jsonl.gz", "culotta", "test"),
    Corpus("el/oke-2015-train.jsonl.gz", "elevant", "train"),
    Corpus("el/oke-2016-train.jsonl.gz", "elevant", "train"),
    Corpus("el/oke-2015-eval.jsonl.gz", "elevant", "test"),
    Corpus("el/oke-2016-eval.jsonl.gz", "elevant", "test"),
    Corpus("el/kore50.jsonl.gz", "elevant", "test"),
    Corpus("el/msnbc-updated.jsonl.gz", "elevant", "test"),
    Corpus("el/derczynski.jsonl.gz", "elevant", "test"),
    Corpus("el/spotlight.jsonl.gz", "elevant", "test"),
    Corpus("el/reuters-128.jsonl.gz", "elevant", "test", free=False),
    Corpus("el/rss-500.jsonl.gz", "elevant", "test", free=False),
)

_REFERENCES = frozenset(
    "he him his she her hers it its they them their there here this that these those who whom whose"
    " which we us our i you your my me one himself herself itself themselves он она оно они его её"
    " ее их ему ей им который это этот там".split()
)
"""Words that refer and name nothing, lower case."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A linked mention. ``qid`` None: the annotators found no entity. ``name``: the entity's label.

    ``type`` is one of the ontology, or empty where the corpus does not say.
    """

    corpus: Corpus
    document: str
    free: bool
    surface: str
    type: str
    qid: str | None
    name: str | None


def read_records(data: Path, path: str) -> Iterator[Record]:
    """Yield the records of a gzipped JSON Lines file."""
    with gzip.open(data / path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def read_sightings(data: Path, qid_of_title: dict[str, str]) -> list[Sighting]:
    """Return every linked mention of every corpus; Wikipedia titles become QIDs where known."""
    return [
        sighting
        for corpus in CORPORA
        for record in read_records(data, corpus.path)
        for sighting in _sightings(corpus, record, qid_of_title)
    ]


def linked_entities(record: Record) -> Iterator[Record]:
    """Yield the entities of a record that annotators linked, or found to have no entity."""
    first, last = record.get("evaluation_span") or (0, len(record["text"]))
    for entity in record["entities"]:
        link = entity.get("link") or {}
        known = link.get("wikidata") or link.get("nil") or link.get("wikipedia_en")
        inside = first <= entity["start"] and entity["end"] <= last
        if known and inside:
            yield entity


def _sightings(corpus: Corpus, record: Record, qid_of_title: dict[str, str]) -> Iterator[Sighting]:
    free = corpus.free and not record.get("nc", False)
    for entity in linked_entities(record):
        link = entity["link"]
        title = unquote(link.get("wikipedia_en") or "").replace("_", " ")
        qid = link.get("wikidata") or qid_of_title.get(title)
        named = not entity.get("fragments") and entity["text"].lower() not in _REFERENCES
        if not (named and (qid or link.get("nil"))):
            continue
        yield Sighting(
            corpus=corpus,
            document=record["id"],
            free=free,
            surface=entity["text"],
            type=entity["type"].lower() if corpus.types else "",
            qid=qid,
            name=title or unquote(link.get("name") or "").replace("_", " ") or None,
        )
