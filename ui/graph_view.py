r"""The facts behind an answer as a graph: triplets to the JSON that ``static/graph.js`` draws.

Names, labels and quotations travel as JSON data and reach the page through cytoscape's canvas and
``textContent`` only. ``<``, ``>`` and ``&`` are written as ``\u003c`` and so on, so that the JSON
is inert wherever it is put, a script element included.
"""

import json
import re
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from typing import TypedDict

from indexes.records import Entity, Evidence, Triplet
from indexes.text import Language, language_of
from kgrag.events import Answer, SearchResult
from kgrag.ontology import load_ontology, relation_label
from ui.answer_view import Turn

MAX_CITED = 4
"""How many facts of one citation are drawn, the surest first."""

MAX_STEPS = 3
"""How far from the answer what the question names may be to be drawn with the way between."""

MAX_RELATED = 8
"""How many facts are drawn that were found and touch the answer's facts, but are not among them."""

MAX_DOCUMENT_FACTS = 20
"""How many facts of one document are drawn: more cannot be told apart in the panel."""

MAX_EVIDENCE = 5
"""How many quotations of one fact are sent to the page."""

_WORD = re.compile(r"[^\W_]+")
_QID = re.compile(r"Q\d+\Z")


class _Node(TypedDict):
    id: str
    label: str
    type: str
    group: str
    asked: bool
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
    isPath: bool
    confidence: float
    more: int
    evidence: list[_Quote]


class _Graph(TypedDict):
    nodes: list[_Node]
    edges: list[_Edge]
    focus: int | None


def answer_graph(turn: Turn, focus: int | None = None) -> str:
    """Return the graph of an answer: the facts of its citations, and found ones that touch them.

    What the question names stands out, and so do the facts that lead from there to the answer.
    ``focus`` is the number of the citation whose facts are to stand out.
    """
    cited: dict[str, tuple[Triplet, list[int]]] = {}
    for number, fact in _cited(turn.answer):
        cited.setdefault(_key(fact), (fact, []))[1].append(number)
    found = [fact for fact in _found(turn.retrieved) if _key(fact) not in cited]
    stated = [fact for fact, _ in cited.values()]
    asked = _asked([*stated, *found], turn.answer.understood if turn.answer else turn.question)
    drawn = _ends(stated)
    way = _way(asked, drawn, [*stated, *found])
    drawn |= _ends(way)
    near = [fact for fact in found if not drawn or _ends([fact]) & drawn]
    leading = {_key(fact) for fact in way}
    related = sorted(near, key=lambda fact: _key(fact) not in leading)[: MAX_RELATED + len(way)]
    language = language_of(turn.question)
    edges = [_edge(key, fact, numbers, language) for key, (fact, numbers) in cited.items()]
    edges += [
        _edge(_key(fact), fact, [], language, is_path=_key(fact) in leading) for fact in related
    ]
    return _json([*stated, *related], edges, focus, language, asked)


def _ends(facts: Iterable[Triplet]) -> set[str]:
    return {end.id for fact in facts for end in (fact.subject, fact.object)}


def _asked(facts: Sequence[Triplet], question: str) -> set[str]:
    """Return the entities that a question names as they are written there; no common words."""
    words = _spaced(question)
    named = {end.id: end for fact in facts for end in (fact.subject, fact.object)}
    return {
        id_
        for id_, entity in named.items()
        if any(_spaced(name) in words for name in (entity.name, *entity.aliases))
    }


def _spaced(text: str) -> str:
    """Return the words of a text in small letters, a space around each."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "


def _way(asked: set[str], reached: set[str], facts: Sequence[Triplet]) -> list[Triplet]:
    """Return the facts on a shortest way from what was asked about to each end of an answer."""
    import networkx as nx

    graph = nx.Graph()
    for fact in facts:
        graph.add_edge(fact.subject.id, fact.object.id, fact=fact)
    sources = asked & set(graph)
    ways = nx.multi_source_dijkstra_path(graph, sources, cutoff=MAX_STEPS) if sources else {}
    return list(
        {
            _key(fact): fact
            for end in sorted(reached & ways.keys())
            for pair in pairwise(ways[end])
            if (fact := graph.edges[pair]["fact"])
        }.values()
    )


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
    facts: Sequence[Triplet],
    edges: list[_Edge],
    focus: int | None,
    language: Language,
    asked: Collection[str] = (),
) -> str:
    entities = {end.id: end for fact in facts for end in (fact.subject, fact.object)}
    nodes = [_node(entity, language, entity.id in asked) for entity in entities.values()]
    graph = _Graph(nodes=nodes, edges=edges, focus=focus)
    # ASCII with \u escapes: lone surrogates survive, and < > & cannot end any element.
    text = json.dumps(graph)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _node(entity: Entity, language: Language, is_asked: bool) -> _Node:
    kind = load_ontology().entity_types.get(entity.type)
    label = entity.type if kind is None else (kind.label_ru if language == "ru" else kind.label_en)
    return _Node(
        id=entity.id,
        label=entity.name,
        type=label,
        group="other" if kind is None else kind.group,
        asked=is_asked,
        aliases=[alias for alias in entity.aliases if alias != entity.name],
        wikidata=entity.wikidata if _QID.match(entity.wikidata or "") else None,
    )


def _edge(
    key: str, fact: Triplet, cited: list[int], language: Language, *, is_path: bool = False
) -> _Edge:
    return _Edge(
        id=key,
        source=fact.subject.id,
        target=fact.object.id,
        label=relation_label(fact.relation, language),
        cited=cited,
        isPath=is_path,
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
