"""Measure coreference: references of pronouns and phrases, and names that mean the same.

References are judged given the gold names: right where the antecedent is a name of the cluster
that the corpus says. Names are judged as clusters within a document given the gold mentions:
pairwise, and by B-cubed (Bagga and Baldwin, 1998, "Algorithms for scoring coreference chains").
"""

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexes.records import Extraction, Mention
from kgrag.clusters import Cluster
from kgrag.extract.coreference import find_references
from kgrag.extract.discourse import WINDOW
from kgrag.extract.spans import TypedSpan, without_crossings
from kgrag.extract.tokens import Part, split
from kgrag.resolve import resolve
from kgrag.train.gum import Gold, read_gum
from kgrag.train.mappings import NEREL_TYPES
from kgrag.train.scores import Counts

PRONOUNS: Mapping[str, str] = {
    **dict.fromkeys("he him his himself she her hers herself".split(), "he, she"),
    **dict.fromkeys("it its itself".split(), "it"),
    **dict.fromkeys("they them their theirs themselves".split(), "they"),
}
"""English pronoun -> how its row is called."""

BSNLP_TYPES: Mapping[str, str] = {
    "PER": "person",
    "ORG": "organization",
    "LOC": "location",
    "EVT": "event",
    "PRO": "product",
    "MISC": "work_of_art",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: shares within 0..1, ``n`` is how many were wanted."""

    corpus: str
    task: str
    precision: float
    recall: float
    f1: float
    n: int


def coreference_rows(data: Path, annotated: Path | None = None) -> list[Row]:
    """Measure everything on test splits.

    Parameters
    ----------
    data:
        The folder that holds ``ie/``.
    annotated:
        Pronouns of NEREL's development texts with their antecedents
        (``tests/kgrag/data/nerel_pronouns.json``); without it Russian pronouns are left out.
    """
    gum = read_gum(data / "ie/gum/test.jsonl.gz", commercial=False)
    rows = reference_rows("GUM test", gum)
    rows += name_rows("GUM test", [mentions for d in gum for mentions in _gum_names(d)])
    if annotated is not None:
        for half in ("tune", "test"):
            rows += russian_rows(data, annotated, half)
    rows += name_rows("BSNLP-ru test", read_bsnlp(data / "ie/bsnlp-ru/test.jsonl.gz"))
    return rows


def reference_rows(corpus: str, documents: Sequence[Gold]) -> list[Row]:
    """Return a row for each class of pronouns, for phrases, and for near antecedents only."""
    counts: dict[str, Counts] = defaultdict(Counts)
    for document in documents:
        for parts in zip(
            document.parts, document.spans, document.types, document.clusters, strict=True
        ):
            for name, count in _count_references(document, *parts).items():
                counts[name] += count
    return [_row(corpus, f"coreference: {name}", counts[name]) for name in sorted(counts)]


def _count_references(
    document: Gold,
    part: Part,
    spans: Sequence[TypedSpan],
    types: Sequence[str],
    clusters: Sequence[str],
) -> dict[str, Counts]:
    """Count references by class: right, found, and pronouns whose cluster was named before."""
    counts: dict[str, Counts] = defaultdict(Counts)
    for reference in find_references(document.text, part, spans, types):
        start, end = part.tokens[reference.first][0], part.tokens[reference.last][1]
        gold = document.cluster_of(start, part.tokens[reference.last][0])
        name = PRONOUNS.get(document.text[start:end].lower(), "phrases")
        right = int(clusters[reference.antecedent] == gold)
        counts[name] += Counts(right, 1, 0)
        if name != "phrases":
            counts["pronouns"] += Counts(right, 1, 0)
            counts[f"pronouns named within {WINDOW} sentences"] += Counts(right, 1, 0)
    seen: dict[str, int] = {}
    waiting = 0
    for token, (start, end) in enumerate(part.tokens):
        while waiting < len(spans) and spans[waiting].first < token:
            seen[clusters[waiting]] = part.sentence_of[spans[waiting].first]
            waiting += 1
        name = PRONOUNS.get(document.text[start:end].lower(), "")
        cluster = document.cluster_of(start, start) if name else None
        if cluster in seen:
            counts[name] += Counts(0, 0, 1)
            counts["pronouns"] += Counts(0, 0, 1)
            if part.sentence_of[token] - seen[cluster] <= WINDOW:
                counts[f"pronouns named within {WINDOW} sentences"] += Counts(0, 0, 1)
    return counts


def russian_rows(data: Path, annotated: Path, half: str) -> list[Row]:
    """Return the row of the Russian pronouns that were annotated by hand, of one half of them."""
    wanted = {
        record["id"]: record["pronouns"]
        for record in json.loads(annotated.read_text("utf-8"))["documents"]
        if record["half"] == half
    }
    counts = Counts()
    for record in _records(data / "ie/nerel/dev.jsonl.gz"):
        if record["id"] in wanted:
            counts += _count_russian(record, wanted[record["id"]])
    return [_row(f"NEREL dev, by hand ({half})", "coreference: pronouns", counts)]


def _count_russian(record: dict[str, Any], pronouns: list[dict[str, Any]]) -> Counts:
    antecedents = {
        (item["start"], item["end"]): {tuple(span) for span in item["antecedents"]}
        for item in pronouns
    }
    text = record["text"]
    counts = Counts(0, 0, sum(bool(spans) for spans in antecedents.values()))
    for part in split(text, "ru"):
        spans, types = nerel_spans(part, record["entities"])
        for reference in find_references(text, part, spans, types):
            place = part.tokens[reference.first][0], part.tokens[reference.last][1]
            if place in antecedents:
                named = spans[reference.antecedent]
                own = part.tokens[named.first][0], part.tokens[named.last][1]
                counts += Counts(int(own in antecedents[place]), 1, 0)
    return counts


def nerel_spans(
    part: Part, entities: Sequence[dict[str, Any]]
) -> tuple[list[TypedSpan], list[str]]:
    """Return NEREL's mentions of a part as an extractor would, with their types."""
    first_of = {start: index for index, (start, _) in enumerate(part.tokens)}
    last_of = {end: index for index, (_, end) in enumerate(part.tokens)}
    found: dict[tuple[int, int], str] = {}
    for entity in entities:
        first, last = first_of.get(entity["start"]), last_of.get(entity["end"])
        if first is not None and last is not None and not entity.get("fragments"):
            found[first, last] = NEREL_TYPES[entity["type"]][0]
    spans = without_crossings([TypedSpan(*span, 0, 1.0) for span in found], len(part.tokens))
    return spans, [found[span.first, span.last] for span in spans]


class _NoLinker:
    """Knows no entity, so that names alone decide."""

    fingerprint = "none"

    def link(self, clusters: Sequence[Cluster]) -> list[str | None]:
        return [None] * len(clusters)


Named = tuple[str, tuple[Mention, ...], tuple[str, ...]]
"""A text, its gold mentions, and the cluster of each."""


def name_rows(corpus: str, documents: Sequence[Named]) -> list[Row]:
    """Return how well resolution joins the names of each document, pairwise and by B-cubed."""
    pairs = Counts()
    precision = recall = 0.0
    total = 0
    for number, (text, mentions, gold) in enumerate(documents):
        found = identities(text, mentions, str(number))
        pairs += pairwise(gold, found)
        own = b_cubed(gold, found)
        precision += own[0] * len(gold)
        recall += own[1] * len(gold)
        total += len(gold)
    precision, recall = precision / max(total, 1), recall / max(total, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return [
        _row(corpus, "names: pairs", pairs),
        Row(corpus, "names: B-cubed", precision, recall, f1, total),
    ]


def identities(text: str, mentions: Sequence[Mention], document_id: str) -> list[str]:
    """Return what each mention stands for, without a catalogue; same_as pairs are joined."""
    found = resolve(text, Extraction(tuple(mentions)), linker=_NoLinker(), document_id=document_id)
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.get(key, key) != key:
            key = parent[key]
        return key

    for one, other in found.same_as:
        parent[root(one)] = root(other)
    return [root(item.identity) for item in found.mentions]


def pairwise(gold: Sequence[Hashable], found: Sequence[Hashable]) -> Counts:
    """Count the pairs of mentions that are joined in both, in ``found`` and in ``gold``."""

    def pairs(labels: Sequence[Hashable]) -> int:
        return sum(count * (count - 1) // 2 for count in Counter(labels).values())

    return Counts(pairs(list(zip(gold, found, strict=True))), pairs(found), pairs(gold))


def b_cubed(gold: Sequence[Hashable], found: Sequence[Hashable]) -> tuple[float, float]:
    """Return B-cubed precision and recall: means over mentions of how pure and whole theirs are."""
    if not gold:
        return 1.0, 1.0
    sizes_gold, sizes_found = Counter(gold), Counter(found)
    shared = Counter(zip(gold, found, strict=True))
    precision = sum(n * n / sizes_found[own] for (_, own), n in shared.items())
    recall = sum(n * n / sizes_gold[own] for (own, _), n in shared.items())
    return precision / len(gold), recall / len(gold)


def read_bsnlp(path: Path) -> list[Named]:
    """Read BSNLP: of nested or crossing mentions the longest, as the shared task marks them."""
    documents = []
    for record in _records(path):
        kept: list[dict[str, Any]] = []
        for entity in sorted(record["entities"], key=lambda e: (e["start"], -e["end"])):
            if not kept or entity["start"] >= kept[-1]["end"]:
                kept.append(entity)
        mentions = tuple(
            Mention(e["start"], e["end"], e["text"], BSNLP_TYPES[e["type"]], 1.0) for e in kept
        )
        documents.append((record["text"], mentions, tuple(str(e["cluster"]) for e in kept)))
    return documents


def _gum_names(document: Gold) -> list[Named]:
    mentions: list[Mention] = []
    gold: list[str] = []
    for part, spans, types, clusters in zip(
        document.parts, document.spans, document.types, document.clusters, strict=True
    ):
        for span, type_, cluster in zip(spans, types, clusters, strict=True):
            start, end = part.tokens[span.first][0], part.tokens[span.last][1]
            mentions.append(Mention(start, end, document.text[start:end], type_, 1.0))
            gold.append(cluster)
    return [(document.text, tuple(mentions), tuple(gold))]


def _row(corpus: str, task: str, counts: Counts) -> Row:
    return Row(corpus, task, counts.precision, counts.recall, counts.f1, counts.wanted)


def _records(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
