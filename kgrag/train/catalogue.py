"""Builds the entity catalogue: ``python -m kgrag.train.catalogue --data DIR --out FILE``.

Reads ``DIR/catalogue/entities.jsonl.gz`` and keeps the entities with a QID that some source besides
WebNLG (whose names are non-commercial) knows. The same input gives the same bytes.
"""

import argparse
import gzip
import json
import math
import re
import sqlite3
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from indexes.catalogue import SCHEMA
from kgrag.names import PATRONYMIC, PERSON_TITLES, is_acronym, normal_name

Record = dict[str, Any]

OUT = Path(__file__).parents[1] / "models" / "catalogue.sqlite"
UNKNOWN = "unknown"
GROUPS = {
    "PERSON": "person",
    "ORG": "organization",
    "LOC": "place",
    "GPE": "place",
    "FACILITY": "place",
    "WORK": "work",
    "LAW": "work",
    "EVENT": "event",
    "PRODUCT": "product",
}
"""The source's types to groups of the ontology; every other type is ``other``."""

DESCRIPTION_CHARS = 200
UNSEEN_MENTIONS = 0.5
"""Added to every count of (name, entity): a label that no train split mentions is still a name."""
MISSING_ENTITIES = 1.0
"""Mentions of each name kept back for entities that the catalogue lacks."""
VIEWS_PER_MENTION = 1000.0
"""Page views that weigh as much as one mention in the train splits."""

_CYRILLIC = re.compile(r"[\u0400-\u04FF]")
_BRACKETS = re.compile(r"\s*\([^)]*\)$")


def main() -> None:
    """Build the catalogue and describe it in a Markdown file beside it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with catalogue/")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    with gzip.open(args.data / "catalogue/entities.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    kept = sorted(filter(is_kept, records), key=_number)
    build(kept, args.out)
    report = describe(kept, args.out)
    args.out.with_suffix(".md").write_text(report, encoding="utf-8")
    print(report)


def is_kept(record: Record) -> bool:
    """Return whether a record has a QID, a label and a source besides WebNLG."""
    return (
        record["id"].startswith("Q")
        and set(record["sources"]) != {"webnlg"}
        and bool(record["label_en"] or record["label_ru"])
    )


def build(records: list[Record], out: Path) -> None:
    """Write these records, sorted by QID, to a new file."""
    mentions: dict[str, Counter[int]] = defaultdict(Counter)
    for record in records:
        for surface, count in surfaces(record).items():
            mentions[normal_name(surface)][_number(record)] += count
    out.unlink(missing_ok=True)
    connection = sqlite3.connect(out)
    connection.executescript(SCHEMA)
    most = max(_fame(record) for record in records)
    with connection:
        connection.executemany(
            "INSERT INTO entities VALUES (?, ?, ?, ?, ?, ?)",
            [_entity_row(record, most) for record in records],
        )
        connection.executemany(
            "INSERT INTO aliases VALUES (?, ?, ?)",
            [
                (name, number, round((count + UNSEEN_MENTIONS) / _total(counts), 3))
                for name, counts in sorted(mentions.items())
                for number, count in sorted(counts.items())
            ],
        )
    connection.execute("VACUUM")
    connection.close()


def surfaces(record: Record) -> Counter[str]:
    """Return the names of an entity and how often each was used; labels at least once."""
    group = type_group(record)
    counts: Counter[str] = Counter(record.get("mention_counts") or {})
    display = set(filter(None, display_labels(record)))
    labels = [record["label_en"], record["label_ru"], _article(record), *sorted(display)]
    own = list(dict.fromkeys(_BRACKETS.sub("", label) for label in labels if label))
    for surface in (*own, *record["aliases"]):
        counts[surface] += 0
    for surface in own:
        counts[surface] = max(counts[surface], 1)
    if group == "person":
        for label in own:
            counts[_without_patronymic(label)] += 0
    return Counter(
        {
            surface: count
            for surface, count in counts.items()
            if surface in display or _is_name(surface, own, group)
        }
    )


def display_labels(record: Record) -> tuple[str | None, str | None]:
    """Return the English and the Russian label to show."""
    english, russian = record["label_en"], record["label_ru"]
    names = [*record["aliases"], *(record.get("mention_counts") or {})]
    english = _article(record) or english
    person = type_group(record) == "person"
    return tuple(  # type: ignore[return-value]
        _display(_BRACKETS.sub("", label), names, person=person) if label else None
        for label in (english, russian)
    )


def _display(label: str, names: list[str], *, person: bool) -> str:
    """Return a label without titles, in natural order and, where a name shows it, uninflected."""
    family, comma, given = label.partition(", ")
    if comma and "," not in given and (person or f"{given} {family}" in names):
        label = f"{given} {family}"
    same_script = [
        name for name in names if bool(_CYRILLIC.search(name)) == bool(_CYRILLIC.search(label))
    ]
    if label.split()[0].lower() in PERSON_TITLES:
        plainer = [name for name in same_script if " " in name and label.endswith(f" {name}")]
        label = min(plainer, key=lambda name: (len(name), name), default=label)
    if " " not in label:
        basic = normal_name(label)
        uninflected = [
            name
            for name in same_script
            if name.lower().replace("ё", "е") == basic and name != basic
        ]
        if label.lower().replace("ё", "е") != basic and uninflected:
            label = min(uninflected)
    return label


def _without_patronymic(label: str) -> str:
    """Return the two-word form of a Russian name of three words, else the label itself."""
    words = label.split()
    return f"{words[0]} {words[2]}" if len(words) == 3 and PATRONYMIC.fullmatch(words[1]) else label


def _article(record: Record) -> str | None:
    title = record.get("wikipedia_en")
    return unquote(title).replace("_", " ") if title else None


def _is_name(surface: str, labels: list[str], group: str) -> bool:
    """Return whether a surface may stand for the entity in a text; annotators' slips do not."""
    letters = sum(char.isalnum() for char in surface)
    if letters < 2 or (letters < 4 and surface.isascii() and not is_acronym(surface)):
        return False  # "et" for Ethiopia
    if group == "place" and "," in surface:
        return surface.partition(",")[0] in labels  # "Ohio, United States" for the United States
    several = " " in surface.strip()
    return group in ("other", UNKNOWN) or not (several and surface[0].islower())


def type_group(record: Record) -> str:
    """Return the group of the ontology that an entity belongs to, or ``unknown``."""
    return GROUPS.get(record["type"], "other") if record["type"] else UNKNOWN


def _entity_row(record: Record, most: float) -> tuple[int, str | None, str | None, str, str, float]:
    english, russian = display_labels(record)
    description = (record["description"] or "")[:DESCRIPTION_CHARS]
    prior = round(math.log1p(_fame(record)) / math.log1p(most), 3)
    return _number(record), english, russian, description, type_group(record), prior


def _fame(record: Record) -> float:
    mentions = sum((record.get("mention_counts") or {}).values())
    return float(mentions + (record.get("pop") or 0) / VIEWS_PER_MENTION)


def _total(counts: Counter[int]) -> float:
    return sum(counts.values()) + UNSEEN_MENTIONS * len(counts) + MISSING_ENTITIES


def _number(record: Record) -> int:
    return int(record["id"][1:])


def describe(records: list[Record], out: Path) -> str:
    """Return the description of the written file in Markdown, with counts and licences."""
    connection = sqlite3.connect(out)
    (aliases,) = connection.execute("SELECT count(*) FROM aliases").fetchone()
    (ambiguous,) = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM aliases GROUP BY name HAVING count(*) > 1)"
    ).fetchone()
    connection.close()
    groups = Counter(map(type_group, records))
    sources = Counter(source for record in records for source in record["sources"])
    return "\n".join(
        [
            "# catalogue.sqlite",
            "",
            "Entities that mentions are linked to. Written by",
            "`python -m kgrag.train.catalogue --data DIR --out FILE`.",
            "",
            f"- {len(records):,} entities, {aliases:,} names in normal form ({ambiguous:,} of them"
            f" ambiguous), {out.stat().st_size:,} bytes",
            f"- labels: {sum(bool(r['label_en']) for r in records):,} English,"
            f" {sum(bool(r['label_ru']) for r in records):,} Russian;"
            f" descriptions: {sum(bool(r['description']) for r in records):,}",
            "- groups: " + ", ".join(f"{name} {n:,}" for name, n in sorted(groups.items())),
            "- sources: " + ", ".join(f"{name} {n:,}" for name, n in sorted(sources.items())),
            "",
            "Licences: ids and labels from Wikidata (CC0); names, counts and descriptions from",
            "annotated corpora: NEREL (texts CC BY 2.5, annotations free for research), GUM",
            "(annotations CC BY 4.0), KnowledgeNet (CC BY-SA 3.0), RuBQ (CC BY-SA 4.0), PopQA",
            "(MIT), ELEVANT's benchmarks and Culotta (research), leads of Wikipedia (CC BY-SA).",
            "Entities that only WebNLG (CC BY-NC-SA 4.0) names are left out; an entity that others",
            "name too may carry names that WebNLG's texts use.",
            "",
        ]
    )


if __name__ == "__main__":
    main()
