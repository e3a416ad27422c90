"""What the scripted service holds, and what it answers about it. Pure.

An answer that is no use is a ``Fault``.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request

Json = dict[str, Any]


class Fault(Exception):
    """What was asked for is not there."""


@dataclass
class Data:
    """What the service holds; ``facts`` are FACTs of the contract, ``entities`` its nodes."""

    entities: dict[str, Json] = field(default_factory=dict)
    facts: list[Json] = field(default_factory=list)
    documents: list[Json] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    mentions: dict[str, list[Json]] = field(default_factory=dict)
    headings: dict[str, list[Json]] = field(default_factory=dict)
    pages: dict[str, list[Json]] = field(default_factory=dict)
    corrections: list[Json] = field(default_factory=list)
    dates: list[tuple[str, Json]] = field(default_factory=list)
    contradictions: list[Json] = field(default_factory=list)
    settings: Json = field(default_factory=dict)
    failing: dict[str, str] = field(default_factory=dict)
    """The end of a path -> the words with which it fails."""
    slow: dict[str, float] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    window: int = 30_000
    picture: Callable[[str, int], bytes] | None = None
    retracted: set[tuple[str, str, str]] = field(default_factory=set)

    def standing(self) -> list[Json]:
        """Return the facts that nobody retracted."""
        return [fact for fact in self.facts if key_of(fact) not in self.retracted]


def key_of(fact: Json) -> tuple[str, str, str]:
    """Return the ids of a fact."""
    return fact["subject"]["id"], fact["relation"]["id"], fact["object"]["id"]


def reading(data: Data, request: Request) -> Json:
    """Return a window of whole lines around ``start``."""
    id_ = request.path_params["document"]
    if id_ not in data.texts:
        raise Fault(f"There is no document {id_!r} in the library.")
    text, start = data.texts[id_], int(request.query_params.get("start", 0))
    first, last = 0, len(text)
    if last > data.window:
        first = max(min(start - data.window // 2, last - data.window), 0)
        last = first + data.window
        first = text.rfind("\n", 0, first) + 1
    known = next(item for item in data.documents if item["id"] == id_)
    stated = [
        {
            "subject": fact["subject"]["id"], "relation": fact["relation"],
            "object": fact["object"]["id"], "subject_name": fact["subject"]["name"],
            "object_name": fact["object"]["name"], "start": item["start"], "end": item["end"],
            "confidence": fact["confidence"],
        }
        for fact in data.standing() for item in fact["evidence"]
        if item["document_id"] == id_ and item["start"] < last and item["end"] > first
    ]  # fmt: skip
    return {
        "document": {
            "id": id_, "name": known["name"], "media_type": known["media_type"],
            "characters": len(text), "pages": data.pages.get(id_, []),
        },
        "start": first, "end": last, "text": text[first:last],
        "headings": data.headings.get(id_, []),
        "mentions": [
            item for item in data.mentions.get(id_, ())
            if item["start"] < last and item["end"] > first
        ],
        "facts": stated,
    }  # fmt: skip


def facts(data: Data, request: Request) -> Json:
    """Return a page of the facts that match."""
    asked = request.query_params
    found = [fact for fact in data.standing() if matches(fact, asked)]
    column = asked.get("sort", "confidence")
    found.sort(key=lambda fact: sort_key(fact, column), reverse=asked.get("descending") == "true")
    first, limit = int(asked.get("offset", 0)), int(asked.get("limit", 50))
    return {"total": len(found), "facts": [brief(fact) for fact in found[first : first + limit]]}


def matches(fact: Json, asked: QueryParams) -> bool:
    """Return whether a fact is asked for."""
    ends = (fact["subject"], fact["object"])
    words = " ".join((ends[0]["name"], fact["relation"]["label"], ends[1]["name"]))
    documents = {item["document_id"] for item in fact["evidence"]}
    return (
        asked.get("query", "").lower() in words.lower()
        and asked.get("relation", fact["relation"]["id"]) == fact["relation"]["id"]
        and asked.get("type", ends[0]["type"]) in {end["type"] for end in ends}
        and ("document" not in asked or asked["document"] in documents)
    )


def sort_key(fact: Json, column: str) -> Any:  # noqa: ANN401
    """Return what a column sorts by."""
    found = fact[column]
    return found if not isinstance(found, dict) else found.get("name") or found["label"]


def brief(fact: Json) -> Json:
    """Return a fact with little of its evidence, as lists hold it."""
    return fact | {"evidence": fact["evidence"][:5]}


def as_graph(data: Data, chosen: list[Json], extra: tuple[str, ...] = ()) -> Json:
    """Return the graph of some facts."""
    ids = dict.fromkeys(
        [*extra, *(end for fact in chosen for end in (fact["subject"]["id"], fact["object"]["id"]))]
    )
    sizes: dict[int, list[Json]] = {}
    for node in data.entities.values():
        sizes.setdefault(node["community"], []).append(node)
    standing = data.standing()
    return {
        "nodes": [data.entities[id_] for id_ in ids],
        "edges": [
            {
                "id": json.dumps(key_of(fact)), "source": fact["subject"]["id"],
                "target": fact["object"]["id"], "relation": fact["relation"]["id"],
                "label": fact["relation"]["label"], "confidence": fact["confidence"],
                "evidence": fact["evidence_count"],
            }
            for fact in chosen
        ],
        "communities": [
            {"id": id_, "label": nodes[0]["label"], "size": len(nodes)}
            for id_, nodes in sizes.items()
        ],
        "total": {"nodes": len(data.entities), "edges": len(standing)},
        "truncated": len(chosen) < len(standing),
    }  # fmt: skip


def overview(data: Data, request: Request) -> Json:
    """Return the best connected entities and the facts between them."""
    asked = request.query_params
    limit = int(asked.get("limit", 300))
    relations, types = asked.get("relations", ""), asked.get("types", "")
    ranked = sorted(data.entities.values(), key=lambda node: -node["degree"])
    kept = [node["id"] for node in ranked if not types or node["type"] in types.split(",")][:limit]
    ids = set(kept)
    chosen = [
        fact for fact in data.standing()
        if fact["subject"]["id"] in ids and fact["object"]["id"] in ids
        and (not relations or fact["relation"]["id"] in relations.split(","))
        and fact["confidence"] >= float(asked.get("min_confidence", 0))
    ]  # fmt: skip
    return as_graph(data, chosen, tuple(kept) if not relations else ())


def neighbours(data: Data, request: Request) -> Json:
    """Return the facts about an entity."""
    id_ = request.query_params["entity"]
    if id_ not in data.entities:
        raise Fault(f"There is no entity {id_!r} in the library.")
    near = [
        fact for fact in data.standing() if id_ in (fact["subject"]["id"], fact["object"]["id"])
    ]
    wanted = request.query_params.get("relations")
    near = [fact for fact in near if not wanted or fact["relation"]["id"] in wanted.split(",")]
    return as_graph(data, near[: int(request.query_params.get("limit", 50))], (id_,))


def path(data: Data, request: Request) -> Json:
    """Return the shortest path between two entities."""
    start, goal = request.query_params["from"], request.query_params["to"]
    reached: dict[str, list[Json]] = {start: []}
    queue = [start]
    while queue and goal not in reached:
        here = queue.pop(0)
        for fact in data.standing():
            ends = (fact["subject"]["id"], fact["object"]["id"])
            other = ends[1] if here == ends[0] else ends[0] if here == ends[1] else None
            if other is not None and other not in reached:
                reached[other] = [*reached[here], fact]
                queue.append(other)
    return as_graph(data, reached.get(goal, []))


def entities(data: Data, request: Request) -> list[Json]:
    """Return entities whose name holds the query."""
    wanted = request.query_params.get("query", "").lower()
    found = [node for node in data.entities.values() if wanted in node["label"].lower()]
    found.sort(key=lambda node: -node["degree"])
    return [
        {key: node[key] for key in ("id", "type", "type_label", "group")}
        | {"name": node["label"], "facts": node["degree"]}
        for node in found[:20]
    ]


def entity(data: Data, request: Request) -> Json:
    """Return what is known of an entity."""
    node = data.entities.get(request.query_params["id"])
    if node is None:
        raise Fault("There is no such entity in the library.")
    counts: dict[tuple[str, str, str], int] = {}
    own = 0
    for fact in data.standing():
        for end, direction in (("subject", "out"), ("object", "in")):
            if fact[end]["id"] == node["id"]:
                own += 1
                where = (fact["relation"]["id"], fact["relation"]["label"], direction)
                counts[where] = counts.get(where, 0) + 1
    mentioned = {
        item["id"]: sum(one["entity"] == node["id"] for one in data.mentions.get(item["id"], ()))
        for item in data.documents
    }
    return {
        "id": node["id"], "name": node["label"], "type": node["type"],
        "type_label": node["type_label"], "group": node["group"],
        "aliases": [name["text"] for name in node.get("names", [])], "names": node.get("names", []),
        "wikidata": node.get("wikidata"), "facts": own,
        "documents": [
            {"id": item["id"], "name": item["name"], "mentions": mentioned[item["id"]]}
            for item in data.documents if mentioned[item["id"]]
        ],
        "relations": [
            {"relation": relation, "label": label, "direction": direction, "count": count}
            for (relation, label, direction), count in counts.items()
        ],
    }  # fmt: skip


def fact(data: Data, request: Request) -> Json:
    """Return a fact with its evidence."""
    asked = tuple(request.query_params[name] for name in ("subject", "relation", "object"))
    found = next((item for item in data.standing() if key_of(item) == asked), None)
    if found is None:
        raise Fault("There is no such fact in the library.")
    return found


def facets(data: Data) -> Json:
    """Return by what the graph can be filtered."""
    types: dict[str, Json] = {}
    for node in data.entities.values():
        known = types.setdefault(
            node["type"],
            {"id": node["type"], "label": node["type_label"], "group": node["group"], "count": 0},
        )
        known["count"] += 1
    relations: dict[str, Json] = {}
    for item in data.standing():
        kept = relations.setdefault(item["relation"]["id"], item["relation"] | {"count": 0})
        kept["count"] += 1
    return {
        "types": sorted(types.values(), key=lambda item: -item["count"]),
        "relations": sorted(relations.values(), key=lambda item: -item["count"]),
        "documents": [{"id": item["id"], "name": item["name"]} for item in data.documents],
    }


def timeline(data: Data, request: Request) -> Json:
    """Return dated facts by date."""
    wanted = request.query_params.get("query", "").lower()
    found = [
        (date, item)
        for date, item in data.dates
        if wanted in json.dumps(item, ensure_ascii=False).lower()
    ]
    first = int(request.query_params.get("offset", 0))
    page = found[first : first + int(request.query_params.get("limit", 200))]
    return {
        "total": len(found),
        "events": [{"date": date, "fact": brief(item)} for date, item in page],
    }
