"""What a scripted service holds: a small library, a large graph, a hostile one."""

import math
from typing import Any

from tests.ui.library import PAYLOADS
from tests.ui.views.answers import Data, Json

TEXT = (
    "📜 The 🎓 handlist\n\n"
    "Leonhard Euler was born in Basel. He studied at the University of Basel.\n\n"
    "Ekaterina Dashkova was born in Saint Petersburg."
)
"""Two characters before the first mention take two UTF-16 units each."""

DOCUMENT = "sha256:one"


def small() -> Data:
    """Return a library of one document with three facts; two contradict each other."""
    data = Data(texts={DOCUMENT: TEXT})
    data.documents = [summary(DOCUMENT, "handlist.txt", TEXT)]
    euler, basel = (
        node(data, "Q7604", "Leonhard Euler", "person"),
        node(data, "Q78", "Basel", "city"),
    )
    school = node(data, "e:school", "University of Basel", "organization")
    town = node(data, "e:town", "Saint Petersburg", "city")
    for place, entity in (
        ("Leonhard Euler", euler),
        ("Basel", basel),
        ("University of Basel", school),
    ):
        mention(data, place, entity)
    mention(data, "Basel", basel, TEXT.index("University of Basel"))
    first = "Leonhard Euler was born in Basel."
    state(data, euler, "P19", "place of birth", basel, first, 0.9)
    state(data, euler, "P69", "educated at", school, "He studied at the University of Basel.", 0.8)
    rival = state(data, euler, "P19", "place of birth", town, first, 0.4)
    data.dates = [("1707-04-15", data.facts[0]), ("1727", data.facts[1]), ("1783", rival)]
    data.contradictions = [
        {"subject": data.facts[0]["subject"], "relation": data.facts[0]["relation"],
         "claims": [data.facts[0], rival]}
    ]  # fmt: skip
    data.settings = {
        "model": {"endpoint": "", "model": "", "status": "none"}, "extractor": "bundled",
        "embedder": "bundled", "linker": "bundled", "version": "0.1.0", "can_change": True,
    }  # fmt: skip
    return data


def large(nodes: int = 2000, edges: int = 6000) -> Data:
    """Return a graph that is as large as the explorer draws: places on a spiral, hubs first."""
    data = Data()
    made = []
    for number in range(nodes):
        one = node(data, f"e:{number}", f"Entity number {number}", "person")
        radius, angle = 64 / math.sqrt(2) * math.sqrt(number), number * 2.39996
        one |= {
            "x": radius * math.cos(angle), "y": radius * math.sin(angle),
            "community": number % 14, "degree": max(2, 60 - number // 10),
        }  # fmt: skip
        made.append(one)
    for number in range(edges):
        # Every node has an edge; most run between hubs and anybody.
        subject, object_ = made[number * 7 % min(nodes, 97)], made[number % nodes]
        if subject is not object_:
            state(data, subject, f"P{number}", "knows", object_, "They met.", 0.5, mark=False)
    return data


def hostile() -> Data:
    """Return a library in which every text that a view shows is an attack."""
    text = "\n\n".join(f"«{payload}» married «Mallory»." for payload in PAYLOADS)
    data = Data(texts={DOCUMENT: text})
    bad = PAYLOADS[0]
    data.documents = [summary(DOCUMENT, PAYLOADS[2], text) | {"media_type": "application/pdf"}]
    data.pages[DOCUMENT] = [{"number": 1, "start": 0, "end": len(text)}]
    mallory = node(data, PAYLOADS[6], "Mallory", "person", type=bad, type_label=bad)
    for number, payload in enumerate(PAYLOADS):
        one = node(data, f"e:{payload}", payload, "person", type_label=payload, group=payload)
        one |= {
            "wikidata": payload,
            "names": [{"text": payload, "count": 1}, {"text": "M", "count": 2}],
        }
        start = text.index(f"«{payload}» married") + 1
        mention(data, payload, one, start)
        said = f"«{payload}» married «Mallory»."
        fact = state(data, one, f"P{payload}", payload, mallory, said, 1 - number / 100)
        fact["evidence"][0]["document"] = payload
        data.dates.append((payload if number else "1700", fact))
        data.contradictions.append(
            {"subject": fact["subject"], "relation": fact["relation"], "claims": [fact, fact]}
        )
        kept = {"id": number, "kind": "merge", "made": payload, "what": payload}
        data.corrections.append(kept | {"body": {"kind": "merge"}})
    data.settings = {
        "model": {"endpoint": PAYLOADS[2], "model": PAYLOADS[4], "status": PAYLOADS[2]},
        "extractor": bad, "embedder": bad, "linker": bad, "version": bad, "can_change": True,
    }  # fmt: skip
    return data


def summary(id_: str, name: str, text: str) -> Json:
    """Return a line of the list of documents."""
    return {
        "id": id_, "name": name, "media_type": "text/plain", "language": "en",
        "characters": len(text), "pages": None, "passages": 1, "mentions": 4, "triplets": 3,
        "outcome": "indexed", "reason": None,
    }  # fmt: skip


def node(data: Data, id_: str, name: str, type_: str, **other: Any) -> Json:  # noqa: ANN401
    """Add an entity."""
    groups = {"person": "person", "city": "place", "organization": "organization"}
    number = len(data.entities)
    made = {
        "id": id_, "label": name, "type": type_, "type_label": type_, "group": groups[type_],
        "degree": 1, "community": number % 2, "x": 90.0 * (number % 3), "y": 70.0 * number,
        "names": [{"text": name, "count": 3}, {"text": name.split()[-1], "count": 1}],
        "wikidata": id_ if id_.startswith("Q") else None,
    } | other  # fmt: skip
    data.entities[id_] = made
    return made


def mention(data: Data, surface: str, entity: Json, after: int = 0) -> None:
    """Mark where a surface stands in the document, the first time after an offset."""
    start = data.texts[DOCUMENT].index(surface, after)
    data.mentions.setdefault(DOCUMENT, []).append({
        "start": start, "end": start + len(surface),
        "entity": entity["id"], "name": entity["label"],
        "type": entity["type"], "type_label": entity["type_label"], "group": entity["group"],
        "wikidata": entity["wikidata"], "is_name": True,
    })  # fmt: skip


def state(
    data: Data, subject: Json, relation: str, label: str, object_: Json, quote: str,
    confidence: float, *, mark: bool = True,
) -> Json:  # fmt: skip
    """Add a fact that the document states once."""
    start = data.texts[DOCUMENT].index(quote) if mark else 0
    ends = [
        {key: entity[key] for key in ("id", "type", "type_label", "group", "wikidata")}
        | {"name": entity["label"]}
        for entity in (subject, object_)
    ]
    subject["degree"] += mark
    made = {
        "subject": ends[0], "relation": {"id": relation, "label": label, "wikidata": None},
        "object": ends[1], "confidence": confidence, "documents": 1, "evidence_count": 1,
        "evidence": [{
            "document": "handlist.txt", "document_id": DOCUMENT, "page": None, "start": start,
            "end": start + len(quote), "quote": quote,
        }],
    }  # fmt: skip
    data.facts.append(made)
    return made
