"""A scripted service behind the views: what REST answers, over data that a test makes up.

Only what the views ask is here. Every request is kept, so that a test can see what was asked.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Json = dict[str, Any]
Endpoint = Callable[[Request], Awaitable[Response]]


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


def routes(data: Data) -> list[Route]:
    """Return the routes of the service."""
    library = "/api/libraries/{library}"
    table: dict[str, tuple[str, Callable[[Request], Any]]] = {
        "/documents": ("GET", lambda request: data.documents),
        "/documents/{document}/reading": ("GET", lambda request: reading(data, request)),
        "/documents/{document}/pages/{page}.png": ("GET", lambda request: picture(data, request)),
        "/facts": ("GET", lambda request: facts(data, request)),
        "/graph": ("GET", lambda request: overview(data, request)),
        "/graph/neighbours": ("GET", lambda request: neighbours(data, request)),
        "/graph/path": ("GET", lambda request: path(data, request)),
        "/graph/entities": ("GET", lambda request: entities(data, request)),
        "/graph/entity": ("GET", lambda request: entity(data, request)),
        "/graph/fact": ("GET", lambda request: fact(data, request)),
        "/graph/facets": ("GET", lambda request: facets(data)),
        "/timeline": ("GET", lambda request: timeline(data, request)),
        "/contradictions": ("GET", lambda request: data.contradictions),
    }
    found = [
        Route(library + place, answering(data, place, make), methods=[method])
        for place, (method, make) in table.items()
    ]
    found.append(Route(library + "/corrections", correcting(data), methods=["GET", "POST"]))
    found.append(Route(library + "/corrections/{id}", undoing(data), methods=["DELETE"]))
    found.append(Route("/api/settings", answering(data, "/settings", lambda _: data.settings)))
    found.append(Route("/api/settings/{what}", trying(data), methods=["POST", "PUT"]))
    return found


def answering(data: Data, place: str, make: Callable[[Request], Any]) -> Endpoint:
    """Return an endpoint that answers what ``make`` makes, late or not at all where told so."""

    async def answer(request: Request) -> Response:
        data.asked.append(f"{request.method} {request.url.path}?{request.url.query}")
        await asyncio.sleep(data.slow.get(place, 0))
        if place in data.failing:
            return fault(503, data.failing[place])
        made = make(request)
        return made if isinstance(made, Response) else as_json(made)

    return answer


def as_json(content: object, status: int = 200) -> Response:
    """Return JSON in ASCII: a lone surrogate survives it."""
    return Response(json.dumps(content), status, media_type="application/json")


def fault(status: int, message: str) -> Response:
    """Return an error as the service words it."""
    return as_json({"error": {"code": "test", "message": message}}, status)


def reading(data: Data, request: Request) -> Any:  # noqa: ANN401
    """Return a window of whole lines around ``start``."""
    id_ = request.path_params["document"]
    if id_ not in data.texts:
        return fault(404, f"There is no document {id_!r} in the library.")
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
            "headings": data.headings.get(id_, []),
        },
        "start": first, "end": last, "text": text[first:last],
        "mentions": [
            item for item in data.mentions.get(id_, ()) if item["start"] < last and item["end"] > first
        ],
        "facts": stated,
    }  # fmt: skip


def picture(data: Data, request: Request) -> Response:
    """Return a page as an image, if there is one."""
    if data.picture is None:
        return fault(404, "There is no such page.")
    made = data.picture(request.path_params["document"], int(request.path_params["page"]))
    return Response(made, media_type="image/png")


def facts(data: Data, request: Request) -> Json:
    """Return a page of the facts that match."""
    asked = request.query_params
    wanted = asked.get("query", "").lower()
    found = [
        fact for fact in data.standing()
        if wanted in " ".join((fact["subject"]["name"], fact["relation"]["label"], fact["object"]["name"])).lower()
        and asked.get("relation", fact["relation"]["id"]) == fact["relation"]["id"]
        and asked.get("type", fact["subject"]["type"]) in (fact["subject"]["type"], fact["object"]["type"])
        and ("document" not in asked or any(item["document_id"] == asked["document"] for item in fact["evidence"]))
    ]  # fmt: skip
    by = {
        "subject": lambda fact: fact["subject"]["name"], "object": lambda fact: fact["object"]["name"],
        "relation": lambda fact: fact["relation"]["label"],
        "documents": lambda fact: fact["documents"], "confidence": lambda fact: fact["confidence"],
    }[asked.get("sort", "confidence")]  # fmt: skip
    found.sort(key=by, reverse=asked.get("descending") == "true")
    first, limit = int(asked.get("offset", 0)), int(asked.get("limit", 50))
    return {"total": len(found), "facts": [brief(fact) for fact in found[first : first + limit]]}


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
            {"id": id_, "label": max(nodes, key=lambda node: node["degree"])["label"], "size": len(nodes)}
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


def neighbours(data: Data, request: Request) -> Any:  # noqa: ANN401
    """Return the facts about an entity."""
    id_ = request.query_params["entity"]
    if id_ not in data.entities:
        return fault(404, f"There is no entity {id_!r} in the library.")
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


def entity(data: Data, request: Request) -> Any:  # noqa: ANN401
    """Return what is known of an entity."""
    node = data.entities.get(request.query_params["id"])
    if node is None:
        return fault(404, "There is no such entity in the library.")
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
            for (relation, label, direction), count in sorted(counts.items(), key=lambda item: -item[1])
        ],
    }  # fmt: skip


def fact(data: Data, request: Request) -> Any:  # noqa: ANN401
    """Return a fact with its evidence."""
    asked = tuple(request.query_params[name] for name in ("subject", "relation", "object"))
    found = next((item for item in data.standing() if key_of(item) == asked), None)
    return found or fault(404, "There is no such fact in the library.")


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


def correcting(data: Data) -> Endpoint:
    """Return the endpoint that lists corrections, and makes them."""

    async def answer(request: Request) -> Response:
        data.asked.append(f"{request.method} {request.url.path}")
        if request.method == "GET":
            return as_json(data.corrections)
        if "/corrections" in data.failing:
            return fault(409, data.failing["/corrections"])
        body = await request.json()
        data.asked.append(json.dumps(body, ensure_ascii=False))
        kept = {
            "id": len(data.asked), "kind": body["kind"], "made": "2026-11-26T08:00:00+00:00",
            "what": " – ".join(str(value) for name, value in body.items() if name != "kind"),
        }  # fmt: skip
        data.corrections.insert(0, kept | {"body": body})
        if body["kind"] == "retract":
            data.retracted.add((body["subject"], body["relation"], body["object"]))
        return as_json(kept, 201)

    return answer


def undoing(data: Data) -> Endpoint:
    """Return the endpoint that undoes a correction."""

    async def answer(request: Request) -> Response:
        data.asked.append(f"{request.method} {request.url.path}")
        for kept in [
            one for one in data.corrections if str(one["id"]) == request.path_params["id"]
        ]:
            data.corrections.remove(kept)
            body = kept["body"]
            if body["kind"] == "retract":
                data.retracted.discard((body["subject"], body["relation"], body["object"]))
        return Response(status_code=204)

    return answer


def trying(data: Data) -> Endpoint:
    """Return the endpoint that tests and saves a model."""

    async def answer(request: Request) -> Response:
        body = await request.json()
        data.asked.append(f"{request.method} {request.url.path} {json.dumps(body)}")
        if "/settings/test" in data.failing:
            return JSONResponse(
                {
                    "ok": False,
                    "model": None,
                    "context_tokens": None,
                    "message": data.failing["/settings/test"],
                }
            )
        return JSONResponse(
            {"ok": True, "model": "Qwen3-8B", "context_tokens": 8192, "message": "It answers."}
        )

    return answer
