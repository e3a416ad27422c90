"""The explorer's records as JSON: what the REST service sends and the page draws.

Labels of types and relations come in ``en`` or ``ru``; ids are always there beside them.
"""

import json

from indexes.records import Entity
from kgrag.explorer.records import (
    Contradiction,
    EntityCard,
    Facets,
    FactPage,
    FoundEntity,
    Graph,
    ListedFact,
    Node,
    Timeline,
)
from kgrag.ontology import load_ontology, relation_label
from kgrag.shapes import Json, entity_shape, evidence_shape, relation_shape


def type_label(type_: str, language: str) -> str:
    """Return a type's label; a foreign type's id is its own label."""
    kind = load_ontology().entity_types.get(type_)
    if kind is None:
        return type_
    return kind.label_ru if language == "ru" else kind.label_en


def group_of(type_: str) -> str:
    """Return the group of a type; ``other`` of a foreign one."""
    kind = load_ontology().entity_types.get(type_)
    return kind.group if kind else "other"


def graph_shape(graph: Graph, language: str = "en") -> Json:
    """Return GRAPH: nodes with places, edges, communities, totals."""
    return {
        "nodes": [_node_shape(node, language) for node in graph.nodes],
        "edges": [
            {
                "id": json.dumps([edge.subject, edge.relation, edge.object]),
                "source": edge.subject,
                "target": edge.object,
                "relation": edge.relation,
                "label": relation_label(edge.relation, language),
                "confidence": round(edge.confidence, 4),
                "evidence": edge.evidence,
            }
            for edge in graph.edges
        ],
        "communities": [
            {"id": each.id, "label": each.label, "size": each.size} for each in graph.communities
        ],
        "total": {"nodes": graph.total_nodes, "edges": graph.total_edges},
        "truncated": graph.is_truncated,
    }


def listed_fact_shape(item: ListedFact, language: str = "en") -> Json:
    """Return FACT: a fact with ids, and how many documents and quotations there are in all."""
    fact = item.fact
    return {
        "subject": _thing_shape(fact.subject, language),
        "relation": _relation_shape(fact.relation, language),
        "object": _thing_shape(fact.object, language),
        "confidence": round(item.confidence, 4),
        "documents": item.documents,
        "evidence_count": item.evidence_count,
        "evidence": [evidence_shape(quote) for quote in fact.evidence],
    }


def fact_page_shape(page: FactPage, language: str = "en") -> Json:
    """Return a page of facts and how many there are in all."""
    facts = [listed_fact_shape(item, language) for item in page.facts]
    return {"total": page.total, "facts": facts}


def found_entity_shape(found: FoundEntity, language: str = "en") -> Json:
    """Return a line of the list of entities."""
    return _named_shape(found.entity, language) | {"facts": found.facts}


def entity_card_shape(card: EntityCard, language: str = "en") -> Json:
    """Return what is known of an entity."""
    return _named_shape(card.entity, language) | {
        "aliases": list(card.entity.aliases),
        "names": [{"text": name.text, "count": name.count} for name in card.names],
        "wikidata": card.entity.wikidata,
        "documents": [
            {"id": each.id, "name": each.name, "mentions": each.mentions} for each in card.documents
        ],
        "facts": card.facts,
        "relations": [
            {
                "relation": each.relation,
                "label": relation_label(each.relation, language),
                "direction": each.direction,
                "count": each.count,
            }
            for each in card.relations
        ],
    }


def facets_shape(facets: Facets, language: str = "en") -> Json:
    """Return by what the graph can be filtered."""
    return {
        "types": [
            {
                "id": id_,
                "label": type_label(id_, language),
                "group": group_of(id_),
                "count": count,
            }
            for id_, count in facets.types
        ],
        "relations": [
            {"id": id_, "label": relation_label(id_, language), "count": count}
            for id_, count in facets.relations
        ],
        "documents": [{"id": id_, "name": name} for id_, name in facets.documents],
    }


def timeline_shape(timeline: Timeline, language: str = "en") -> Json:
    """Return dated facts and how many there are in all."""
    return {
        "total": timeline.total,
        "events": [
            {"date": event.date, "fact": listed_fact_shape(event.fact, language)}
            for event in timeline.events
        ],
    }


def contradiction_shape(item: Contradiction, language: str = "en") -> Json:
    """Return facts of which only one can be true."""
    return {
        "subject": _thing_shape(item.subject, language),
        "relation": _relation_shape(item.relation, language),
        "claims": [listed_fact_shape(claim, language) for claim in item.claims],
    }


def _node_shape(node: Node, language: str) -> Json:
    type_ = node.entity.type
    return {
        "id": node.entity.id,
        "label": node.entity.name,
        "type": type_,
        "type_label": type_label(type_, language),
        "group": group_of(type_),
        "degree": node.degree,
        "community": node.community,
        "x": node.x,
        "y": node.y,
    }


def _named_shape(entity: Entity, language: str) -> Json:
    return {
        "id": entity.id,
        "name": entity.name,
        "type": entity.type,
        "type_label": type_label(entity.type, language),
        "group": group_of(entity.type),
    }


def _thing_shape(entity: Entity, language: str) -> Json:
    return entity_shape(entity) | _named_shape(entity, language)


def _relation_shape(relation: str, language: str) -> Json:
    return relation_shape(relation) | {"id": relation, "label": relation_label(relation, language)}
