"""The graph in formats that other tools read: GraphML, JSON-LD, Turtle, CSV.

Each edge carries its quotations. Wikidata ids become IRIs; what the catalogue does not know is
named under ``urn:kgrag:``.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from urllib.parse import quote

from indexes.records import Entity, Triplet
from kgrag.ontology import load_ontology
from kgrag.shapes import relation_shape

_WIKIDATA_ENTITY = "http://www.wikidata.org/entity/"
_WIKIDATA_PROPERTY = "http://www.wikidata.org/prop/direct/"
_NOT_XML = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def to_graphml(facts: Sequence[Triplet]) -> str:
    """Return GraphML, one edge for each fact, its quotations in the attribute ``evidence``."""
    import networkx as nx

    graph = nx.MultiDiGraph()
    for fact in facts:
        for entity in (fact.subject, fact.object):
            graph.add_node(
                _xml(entity.id),
                name=_xml(entity.name),
                type=entity.type,
                wikidata=entity.wikidata or "",
            )
        graph.add_edge(
            _xml(fact.subject.id),
            _xml(fact.object.id),
            relation=fact.relation,
            label=relation_shape(fact.relation)["label"],
            confidence=fact.confidence,
            evidence=_xml(json.dumps(_evidence(fact), ensure_ascii=False)),
        )
    return "\n".join(nx.generate_graphml(graph)) + "\n"


def to_jsonld(facts: Sequence[Triplet]) -> str:
    """Return JSON-LD: each fact is an rdf:Statement with its evidence."""
    statements = [
        {
            "@type": "rdf:Statement",
            "rdf:subject": _node(fact.subject),
            "rdf:predicate": {"@id": _predicate(fact.relation)},
            "rdf:object": _node(fact.object),
            "kgrag:confidence": fact.confidence,
            "kgrag:evidence": _evidence(fact),
        }
        for fact in facts
    ]
    context = {
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "kgrag": "urn:kgrag:",
    }
    return json.dumps({"@context": context, "@graph": statements}, ensure_ascii=False, indent=1)


def to_turtle(facts: Sequence[Triplet]) -> str:
    """Return Turtle: each fact as a triple, and as an rdf:Statement with its quotations."""
    lines = [
        "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .",
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .",
        "@prefix kgrag: <urn:kgrag:> .",
    ]
    entities = {entity.id: entity for fact in facts for entity in (fact.subject, fact.object)}
    lines += [f"<{_iri(e)}> rdfs:label {_literal(e.name)} ." for _, e in sorted(entities.items())]
    for fact in facts:
        subject, predicate, object_ = (
            f"<{_iri(fact.subject)}>",
            f"<{_predicate(fact.relation)}>",
            f"<{_iri(fact.object)}>",
        )
        lines.append(f"{subject} {predicate} {object_} .")
        quotes = " ".join(
            f"; kgrag:evidence [ kgrag:document {_literal(item.document_name)} ; "
            f"kgrag:start {item.start} ; kgrag:end {item.end} ; "
            f"kgrag:quote {_literal(item.quote)} ]"
            for item in fact.evidence
        )
        lines.append(
            f"[] a rdf:Statement ; rdf:subject {subject} ; rdf:predicate {predicate} ; "
            f"rdf:object {object_} {quotes} ."
        )
    return "\n".join(lines) + "\n"


def to_csv(facts: Sequence[Triplet]) -> str:
    """Return CSV, a line for each piece of evidence; no cell can start a spreadsheet formula."""
    out = io.StringIO()
    # Lines end as RFC 4180 has it; with "\n" alone the module would leave a lone "\r" unquoted.
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        "subject subject_type subject_wikidata relation relation_wikidata object object_type "
        "object_wikidata confidence document document_id page start end quote".split()
    )
    for fact in facts:
        relation = relation_shape(fact.relation)
        for item in fact.evidence:
            cells = [
                fact.subject.name, fact.subject.type, fact.subject.wikidata or "",
                relation["label"], relation["wikidata"] or "",
                fact.object.name, fact.object.type, fact.object.wikidata or "",
                f"{fact.confidence:.4f}", item.document_name, item.document_id,
                item.page or "", item.start, item.end, item.quote,
            ]  # fmt: skip
            writer.writerow([_cell(cell) for cell in cells])
    return out.getvalue()


FORMATS: dict[str, Callable[[Sequence[Triplet]], str]] = {
    "graphml": to_graphml,
    "jsonld": to_jsonld,
    "turtle": to_turtle,
    "csv": to_csv,
}


def _evidence(fact: Triplet) -> list[dict[str, object]]:
    return [
        {
            "kgrag:document": item.document_name,
            "kgrag:documentId": item.document_id,
            "kgrag:page": item.page,
            "kgrag:start": item.start,
            "kgrag:end": item.end,
            "kgrag:quote": item.quote,
        }
        for item in fact.evidence
    ]


def _node(entity: Entity) -> dict[str, str]:
    return {"@id": _iri(entity), "rdfs:label": entity.name}


def _iri(entity: Entity) -> str:
    if entity.wikidata:
        return _WIKIDATA_ENTITY + entity.wikidata
    return "urn:kgrag:entity:" + quote(entity.id, safe="")


def _predicate(relation: str) -> str:
    known = load_ontology().relation_types.get(relation)
    if known is not None and known.wikidata:
        return _WIKIDATA_PROPERTY + known.wikidata
    return "urn:kgrag:relation:" + quote(relation.removeprefix("kgrag:"), safe="")


def _literal(text: str) -> str:
    # JSON's escapes are all valid in a Turtle string.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _xml(text: str) -> str:
    """Return the text without the characters that XML 1.0 cannot hold."""
    return _NOT_XML.sub("", text)


def _cell(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
