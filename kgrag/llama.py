"""kgrag inside LlamaIndex: a library as a retriever, an extractor as a step into a property graph.

LlamaIndex takes a second or more to load, so nothing of kgrag imports this module: who builds on
LlamaIndex does. Whatever is handed over keeps its place: a node's text is
``document.text[start:end]`` of the stored document, a triplet's quote is ``node.text[start:end]``.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.callbacks import CallbackManager
from llama_index.core.graph_stores.types import (
    KG_NODES_KEY,
    KG_RELATIONS_KEY,
    EntityNode,
    Relation,
)
from llama_index.core.schema import (
    BaseNode,
    MetadataMode,
    NodeRelationship,
    NodeWithScore,
    ObjectType,
    QueryBundle,
    RelatedNodeInfo,
    TextNode,
    TransformComponent,
)

from indexes.records import Extraction, Triplet
from indexes.scope import Filter
from indexes.text import Language, language_of
from kgrag.events import RankedPassage, SearchResult
from kgrag.extract import Extractor
from kgrag.knowledge_base import KnowledgeBase
from kgrag.ontology import relation_label

__all__ = ["LibraryExtractor", "LibraryRetriever"]

FOR_LLM = ("document", "page", "facts")
"""Metadata that a language model is shown above a passage, where there is any."""

FOR_EMBEDDING = ("document",)
"""Metadata that is embedded with a passage, should an index embed it once more."""


class LibraryRetriever(BaseRetriever):
    """Retrieves passages of a library, best first, for any LlamaIndex query or chat engine.

    Each node's metadata has ``document``, ``document_id``, ``page`` (None where there are none),
    ``start`` and ``end``, and ``facts``: what the passage states of the facts that the search
    found, a line each, with the sentence that states it.

    Parameters
    ----------
    kb:
        The library; it stays the caller's to close.
    limit:
        How many passages at most.
    where:
        Which documents may be consulted; None is all.
    callback_manager:
        LlamaIndex's own; None reports to nobody.
    """

    def __init__(
        self,
        kb: KnowledgeBase,
        *,
        limit: int = 8,
        where: Filter | None = None,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        super().__init__(callback_manager=callback_manager)
        self._kb = kb
        self._limit = limit
        self._where = where

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        question = query_bundle.query_str
        return to_nodes(self._kb.search(question, limit=self._limit, where=self._where))

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)


class LibraryExtractor(TransformComponent):
    """Finds cited triplets in nodes: one of ``PropertyGraphIndex(kg_extractors=[...])``.

    Every name of a node becomes an entity, labelled with its type, and every triplet an edge. Both
    have the node's metadata, as LlamaIndex's own extractors give it to theirs, and ``quote``,
    ``start``, ``end`` (offsets into the node's text) and ``score``, 0..1. A pronoun stands for its
    name; else names are taken as they are written: only a library knows which of them are one.

    Parameters
    ----------
    extractor:
        None is the one that ships with kgrag.
    """

    fingerprint: str = ""
    """The extractor's; LlamaIndex's cache of transformations goes by it."""

    _extractor: Extractor = PrivateAttr()

    def __init__(self, extractor: Extractor | None = None) -> None:
        extractor = extractor or _bundled_extractor()
        super().__init__()
        self.fingerprint = extractor.fingerprint
        self._extractor = extractor

    @classmethod
    def class_name(cls) -> str:
        """Return the name under which LlamaIndex keeps it."""
        return "LibraryExtractor"

    def __call__(self, nodes: Sequence[BaseNode], **kwargs: object) -> Sequence[BaseNode]:
        """Put the entities and relations of each node into its metadata; return the nodes."""
        texts = [node.get_content(MetadataMode.NONE) for node in nodes]
        for node, text, found in zip(nodes, texts, self._extractor.extract(texts), strict=True):
            earlier = [node.metadata.pop(key, []) for key in (KG_NODES_KEY, KG_RELATIONS_KEY)]
            entities, relations = _to_graph(text, found, node.metadata)
            node.metadata[KG_NODES_KEY] = [*earlier[0], *entities]
            node.metadata[KG_RELATIONS_KEY] = [*earlier[1], *relations]
        return nodes

    async def acall(self, nodes: Sequence[BaseNode], **kwargs: object) -> Sequence[BaseNode]:
        """Do the same in a worker thread."""
        return await asyncio.to_thread(self, nodes, **kwargs)


def to_nodes(result: SearchResult) -> list[NodeWithScore]:
    """Return the passages of a search as nodes, best first."""
    language = language_of(result.question)
    return [
        NodeWithScore(node=_to_node(passage, result.facts, language), score=passage.score)
        for passage in result.passages
    ]


def _to_node(passage: RankedPassage, facts: Sequence[Triplet], language: Language) -> TextNode:
    metadata = {
        "document": passage.document_name,
        "document_id": passage.document_id,
        "page": passage.page,
        "start": passage.start,
        "end": passage.end,
        "facts": "\n".join(_stated_in(passage, facts, language)),
    }
    return TextNode(
        id_=f"{passage.document_id}:{passage.start}-{passage.end}",
        text=passage.text,
        start_char_idx=passage.start,
        end_char_idx=passage.end,
        metadata=metadata,
        excluded_llm_metadata_keys=[
            key for key, value in metadata.items() if key not in FOR_LLM or value in (None, "")
        ],
        excluded_embed_metadata_keys=[key for key in metadata if key not in FOR_EMBEDDING],
        relationships={
            NodeRelationship.SOURCE: RelatedNodeInfo(
                node_id=passage.document_id,
                node_type=ObjectType.DOCUMENT,
                metadata={"document": passage.document_name},
            )
        },
    )


def _stated_in(passage: RankedPassage, facts: Sequence[Triplet], language: Language) -> list[str]:
    """Return a line for each fact whose evidence begins in a passage."""
    return [
        f"{fact.subject.name} - {relation_label(fact.relation, language)} - {fact.object.name}: "
        f'"{" ".join(evidence.quote.split())}"'
        for fact in facts
        for evidence in fact.evidence
        if evidence.document_id == passage.document_id
        and passage.start <= evidence.start < passage.end
    ]


def _to_graph(
    text: str, found: Extraction, metadata: dict[str, Any]
) -> tuple[list[EntityNode], list[Relation]]:
    """Return the entities and relations of a text; a reference stands for its name."""

    def cited(start: int, end: int, score: float) -> dict[str, Any]:
        return {**metadata, "quote": text[start:end], "start": start, "end": end, "score": score}

    entities: dict[str, EntityNode] = {}
    meant: list[EntityNode] = []
    for mention in found.mentions:
        name = mention if mention.antecedent is None else found.mentions[mention.antecedent]
        entity = EntityNode(
            name=" ".join(name.text.split()),
            label=name.type,
            properties=cited(name.start, name.end, name.score),
        )
        meant.append(entities.setdefault(entity.id, entity))
    relations: dict[tuple[str, str, str], Relation] = {}
    # Property graphs keep one edge for each triplet: give the surest of what states it.
    for item in sorted(found.relations, key=lambda item: -item.score):
        label = relation_label(item.relation, "en")
        subject, object_ = meant[item.subject].id, meant[item.object].id
        if subject != object_:
            relation = Relation(
                label=label,
                source_id=subject,
                target_id=object_,
                properties=cited(item.start, item.end, item.score),
            )
            relations.setdefault((subject, label, object_), relation)
    return list(entities.values()), list(relations.values())


def _bundled_extractor() -> Extractor:
    from kgrag.extract.bundled import BundledExtractor

    return BundledExtractor()
