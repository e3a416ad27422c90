"""Documents with gold mentions and links: what linking is fitted to and judged on.

Mentions are given, so that only linking is judged; they go through ``kgrag.resolve`` as in the
product, which clusters them and asks for all clusters of a document at once. NEREL and KnowledgeNet
say what type each mention has. ELEVANT's benchmarks take the type from the gold entity, which tells
what has none: there a mention gets the type that the bundled extractor gives the span, if any.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from indexes.records import Extraction, Mention
from kgrag.clusters import Cluster, Linker
from kgrag.extract import Extractor
from kgrag.ontology import load_ontology
from kgrag.resolve import resolve
from kgrag.train.sightings import Corpus, Record, linked_entities, read_records

UNTYPED = "concept"
"""Type of a mention that neither the corpus nor the extractor has one for."""


@dataclass(frozen=True, slots=True)
class GoldDocument:
    """A text, its mentions in text order, and what each is linked to: a QID or None."""

    id: str
    corpus: str
    text: str
    mentions: tuple[Mention, ...]
    qids: tuple[str | None, ...]


class _Recorder:
    """Remembers the clusters of a document, and calls them by their number."""

    fingerprint = "recorder"

    def __init__(self) -> None:
        self.clusters: tuple[Cluster, ...] = ()

    def link(self, clusters: Sequence[Cluster]) -> list[str | None]:
        self.clusters = tuple(clusters)
        return [f"Q{number}" for number in range(len(clusters))]


def read_gold(data: Path, corpus: Corpus, extractor: Extractor | None = None) -> list[GoldDocument]:
    """Return the documents of a corpus with at least one linked mention.

    Parameters
    ----------
    data:
        The folder with ``ie/`` and ``el/``.
    corpus:
        Which file.
    extractor:
        Types the mentions of a corpus that has none of its own.
    """
    documents = [
        _gold_document(record, corpus.name)
        for record in read_records(data, corpus.path)
        if any(True for _ in linked_entities(record))
    ]
    return documents if extractor is None else list(_typed(documents, extractor))


def clusters_of(document: GoldDocument) -> list[tuple[Cluster, list[int]]]:
    """Return the clusters of a document that linking is asked for, and their mentions' indices."""
    recorder = _Recorder()
    resolution = resolve(
        document.text, Extraction(document.mentions), linker=recorder, document_id=document.id
    )
    members: list[list[int]] = [[] for _ in recorder.clusters]
    for index, item in enumerate(resolution.mentions):
        if "|" not in item.identity:
            members[int(item.identity[1:])].append(index)
    return list(zip(recorder.clusters, members, strict=True))


def predicted(document: GoldDocument, linker: Linker) -> list[str | None]:
    """Return what the product links each mention of a document to."""
    resolution = resolve(
        document.text, Extraction(document.mentions), linker=linker, document_id=document.id
    )
    return [None if "|" in item.identity else item.identity for item in resolution.mentions]


def _gold_document(record: Record, corpus: str) -> GoldDocument:
    types = load_ontology().entity_types
    found = []
    for entity in linked_entities(record):
        type_ = entity["type"].lower()
        mention = Mention(
            entity["start"],
            entity["end"],
            record["text"][entity["start"] : entity["end"]],  # a broken mention is all between
            type_ if type_ in types else UNTYPED,
            1.0,
        )
        found.append((mention, entity["link"].get("wikidata")))
    found.sort(key=lambda pair: (pair[0].start, pair[0].end))
    return GoldDocument(
        id=record["id"],
        corpus=corpus,
        text=record["text"],
        mentions=tuple(mention for mention, _ in found),
        qids=tuple(qid for _, qid in found),
    )


def _typed(documents: Sequence[GoldDocument], extractor: Extractor) -> Iterable[GoldDocument]:
    extractions = extractor.extract([document.text for document in documents])
    for document, extraction in zip(documents, extractions, strict=True):
        names = [mention for mention in extraction.mentions if mention.antecedent is None]
        mentions = tuple(
            replace(mention, type=_type_there(mention, names)) for mention in document.mentions
        )
        yield replace(document, mentions=mentions)


def _type_there(gold: Mention, found: Sequence[Mention]) -> str:
    """Return the type of the mention that shares most characters with a span."""
    shared = [
        (min(gold.end, mention.end) - max(gold.start, mention.start), mention.score, mention.type)
        for mention in found
    ]
    best = max(shared, default=(0, 0.0, UNTYPED))
    return best[2] if best[0] > 0 else UNTYPED
