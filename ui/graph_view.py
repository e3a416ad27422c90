r"""The facts behind an answer as a graph: triplets to the JSON that ``static/graph.js`` draws.

Names, labels and quotations travel as JSON data and reach the page through cytoscape's canvas and
``textContent`` only. ``<``, ``>`` and ``&`` are written as ``\u003c`` and so on, so that the JSON
is inert wherever it is put, a script element included.
"""

import json
import re
from collections.abc import Sequence
from typing import TypedDict

from indexes.records import Entity, Evidence, Triplet
from indexes.text import Language, language_of
from kgrag.events import Answer, SearchResult
from kgrag.ontology import load_ontology, relation_label
from ui.answer_view import Turn

MAX_CITED = 4
"""How many facts of one citation are drawn, the surest first."""

MAX_RELATED = 8
"""How many facts are drawn that were found and touch the answer's facts, but are not among them."""

MAX_DOCUMENT_FACTS = 20
"""How many facts of one document are drawn: more cannot be told apart in the panel."""

MAX_EVIDENCE = 5
"""How many quotations of one fact are sent to the page."""

_QID = re.compile(r"Q\d+\Z")


class _Node(TypedDict):
    id: str
    label: str
    type: str
    group: str
    aliases: list[str]
    wikidata: str | None


class _Quote(TypedDict):
    document: str
    document_id: str
    page: int | None
    start: int
    end: int
    quote: str


class _Edge(TypedDict):
    id: str
    source: str
    target: str
    label: str
    cited: list[int]
    confidence: float
    more: int
    evidence: list[_Quote]


class _Graph(TypedDict):
    nodes: list[_Node]
    edges: list[_Edge]
    focus: int | None


def answer_graph(turn: Turn, focus: int | None = None) -> str:
    """Return the graph of an answer: the facts of its citations, and found ones that touch them.

    ``focus`` is the number of the citation whose facts are to stand out.
    """
    cited: dict[str, tuple[Triplet, list[int]]] = {}
    for number, fact in _cited(turn.answer):
        cited.setdefault(_key(fact), (fact, []))[1].append(number)
    drawn = {end.id for fact, _ in cited.values() for end in (fact.subject, fact.object)}
    related = [
        fact
        for fact in _found(turn.retrieved)
        if _key(fact) not in cited and (not drawn or {fact.subject.id, fact.object.id} & drawn)
    ][:MAX_RELATED]
    language = language_of(turn.question)
    edges = [_edge(key, fact, numbers, language) for key, (fact, numbers) in cited.items()]
    edges += [_edge(_key(fact), fact, [], language) for fact in related]
    facts = [*(fact for fact, _ in cited.values()), *related]
    return _json(facts, edges, focus, language)


def document_graph(facts: Sequence[Triplet]) -> str:
    """Return the graph of the facts that one document states, the surest ones first."""
    surest = sorted(facts, key=lambda fact: -fact.confidence)[:MAX_DOCUMENT_FACTS]
    language = language_of(surest[0].evidence[0].quote) if surest else "en"
    edges = [_edge(_key(fact), fact, [0], language) for fact in surest]
    return _json(surest, edges, None, language)


def _cited(answer: Answer | None) -> list[tuple[int, Triplet]]:
    citations = answer.citations if answer else ()
    return [
        (citation.n, fact)
        for citation in citations
        for fact in sorted(citation.facts, key=lambda fact: -fact.confidence)[:MAX_CITED]
    ]


def _found(result: SearchResult | None) -> tuple[Triplet, ...]:
    return result.facts if result else ()


def _key(fact: Triplet) -> str:
    return json.dumps([fact.subject.id, fact.relation, fact.object.id])


def _json(
    facts: Sequence[Triplet], edges: list[_Edge], focus: int | None, language: Language
) -> str:
    entities = {end.id: end for fact in facts for end in (fact.subject, fact.object)}
    nodes = [_node(entity, language) for entity in entities.values()]
    graph = _Graph(nodes=nodes, edges=edges, focus=focus)
    # ASCII with \u escapes: lone surrogates survive, and < > & cannot end any element.
    text = json.dumps(graph)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _node(entity: Entity, language: Language) -> _Node:
    kind = load_ontology().entity_types.get(entity.type)
    label = entity.type if kind is None else (kind.label_ru if language == "ru" else kind.label_en)
    return _Node(
        id=entity.id,
        label=entity.name,
        type=label,
        group="other" if kind is None else kind.group,
        aliases=[alias for alias in entity.aliases if alias != entity.name],
        wikidata=entity.wikidata if _QID.match(entity.wikidata or "") else None,
    )


def _edge(key: str, fact: Triplet, cited: list[int], language: Language) -> _Edge:
    return _Edge(
        id=key,
        source=fact.subject.id,
        target=fact.object.id,
        label=relation_label(fact.relation, language),
        cited=cited,
        confidence=round(fact.confidence, 2),
        more=max(len(fact.evidence) - MAX_EVIDENCE, 0),
        evidence=[_quote(item) for item in fact.evidence[:MAX_EVIDENCE]],
    )


def _quote(item: Evidence) -> _Quote:
    return _Quote(
        document=item.document_name,
        document_id=item.document_id,
        page=item.page,
        start=item.start,
        end=item.end,
        quote=item.quote,
    )
