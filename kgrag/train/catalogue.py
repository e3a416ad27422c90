"""Builds the entity catalogue: ``python -m kgrag.train.catalogue --data DIR --out FILE``.

Entities come from ``DIR/catalogue/entities.jsonl.gz``; how often a name means which of them, and
which of their labels and names may be used, comes from the annotated corpora themselves. So a name
is kept only if a corpus that allows it shows it: what only WebNLG, Reuters-128, RSS-500 or the
non-commercial part of GUM knows is left out; and a catalogue can be built as if some documents had
never been seen, which is how linking is measured. The same input gives the same bytes.
"""

import argparse
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from kgrag.names import normal_name
from kgrag.ontology import load_ontology
from kgrag.sounds import is_cyrillic
from kgrag.train.catalogue_file import EntityRow, writing
from kgrag.train.entity_names import (
    display_label,
    may_name,
    without_brackets,
    without_patronymic,
)
from kgrag.train.sightings import Record, Sighting, read_records, read_sightings

OUT = Path(__file__).parents[1] / "models" / "catalogue.sqlite"
UNKNOWN = "unknown"
TYPES = {
    "PERSON": ("person", "person"),
    "ORG": ("organization", "organization"),
    "LOC": ("", "place"),
    "GPE": ("", "place"),
    "FACILITY": ("facility", "place"),
    "WORK": ("work_of_art", "work"),
    "LAW": ("law", "work"),
    "EVENT": ("event", "event"),
    "PRODUCT": ("product", "product"),
    "OCCUPATION": ("profession", "other"),
    "POSITION": ("profession", "other"),
    "ETHNICITY": ("nationality", "other"),
    "AWARD": ("award", "other"),
    "RELIGION": ("religion", "other"),
    "LANGUAGE": ("language", "other"),
    "GENRE": ("genre", "other"),
    "ACADEMIC DISCIPLINE": ("field_of_study", "other"),
    "CHEMICAL": ("substance", "other"),
    "TAXON": ("taxon", "other"),
}
"""The source's types to (type, group) of the ontology; every other type is of the group other."""

OPEN_SOURCES = frozenset({"popqa", "rubq", "hotpotqa-200", "2wikimultihopqa-200"})
"""Sources of entities and their labels besides the annotated corpora; all allow commercial use."""

DESCRIPTION_CHARS = 200
UNSEEN_MENTIONS = 0.5
"""Added to every count of (name, entity): a label that no train split mentions is still a name."""
VIEWS_PER_MENTION = 1000.0
"""Page views that weigh as much as one mention in the train splits."""

_AMBIGUOUS = "SELECT count(*) FROM (SELECT 1 FROM aliases GROUP BY name HAVING count(*) > 1)"

Keep = Callable[[Sighting], bool]


@dataclass
class Known:
    """What the sightings that may be used show of one entity."""

    counts: Counter[str] = field(default_factory=Counter)  # surfaces in train splits
    shown: set[str] = field(default_factory=set)  # surfaces and labels in any split
    types: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Sources:
    """All that a catalogue can be built from."""

    records: Sequence[Record]
    sightings: Sequence[Sighting]
    answers: Mapping[str, frozenset[str]]
    """Names that RuBQ and PopQA give for an answer, by its QID."""

    @classmethod
    def read(cls, data: Path) -> "Sources":
        """Read them from the folder with ``catalogue/``, ``ie/``, ``el/`` and ``qa/``."""
        records = [
            record
            for record in read_records(data, "catalogue/entities.jsonl.gz")
            if record["id"].startswith("Q")
        ]
        titles = {
            unquote(record["wikipedia_en"]).replace("_", " "): str(record["id"])
            for record in records
            if record.get("wikipedia_en")
        }
        records.sort(key=lambda record: int(record["id"][1:]))
        return cls(records, read_sightings(data, titles), _answers(data))

    @cached_property
    def seen_anywhere(self) -> Mapping[str, frozenset[str]]:
        """Return, by QID, the surfaces of every split of every corpus."""
        found: dict[str, set[str]] = defaultdict(set)
        for item in self.sightings:
            if item.qid:
                found[item.qid].add(item.surface)
        return {qid: frozenset(surfaces) for qid, surfaces in found.items()}


def main() -> None:
    """Build the catalogue and describe it in a Markdown file beside it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with catalogue/")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    sources = Sources.read(args.data)
    kept = build(sources, args.out, keep=lambda sighting: sighting.free)
    report = describe(sources, kept, args.out)
    args.out.with_suffix(".md").write_text(report, encoding="utf-8")
    print(report)


def build(sources: Sources, out: Path, *, keep: Keep) -> list[Record]:
    """Write a catalogue of what these sightings show; return the records that are in it.

    Names and how often they are used come from train splits. Other splits, if kept, only say that
    an entity exists and what it is called.
    """
    known: dict[str, Known] = defaultdict(Known)
    unmeant: Counter[str] = Counter()
    for item in filter(keep, sources.sightings):
        train = item.corpus.split == "train"
        if item.qid is None:
            unmeant[normal_name(item.surface)] += train
            continue
        entity = known[item.qid]
        entity.shown |= {item.surface, item.name or item.surface}
        entity.types[item.type] += bool(item.type)
        entity.counts[item.surface] += train
    kept = []
    with writing(out) as file:
        for record in sources.records:
            row = _row(record, known.get(record["id"], Known()), sources)
            if row:
                file.add(row[0], row[1].items())
                kept.append(record)
        for name, count in sorted(unmeant.items()):
            if count:
                file.add_unmeant(name, count)
    return kept


def _row(
    record: Record, known: Known, sources: Sources
) -> tuple[EntityRow, dict[str, float]] | None:
    """Return an entity and the weights of its normal names, or None where nothing may be said."""
    open_source = bool(OPEN_SOURCES.intersection(record["sources"]))
    if not (known.shown or open_source):
        return None
    type_, group = _type(record, known)
    answers = sources.answers.get(record["id"], frozenset())
    labels = [unquote(label) for label in (record["label_en"], record["label_ru"]) if label]
    # What Reuters, a held-out document or WebNLG alone calls an entity is not used.
    attested = {without_brackets(name) for name in (*known.shown, *answers)}
    own = "popqa" in record["sources"]
    labels = [
        label
        for label in map(without_brackets, labels)
        if label in attested or (own and not is_cyrillic(label))
    ]
    aliases = _aliases(record, known, sources, answers)
    names = [*aliases, *known.counts]
    shown = _display_labels(labels, [*names, *sorted(known.shown)], person=group == "person")
    if not shown:
        return None
    weights = _weights(record, known, [*labels, *shown.values()], aliases, group)
    fame = sum(known.counts.values()) + (record.get("pop") or 0) / VIEWS_PER_MENTION
    row = EntityRow(
        number=int(record["id"][1:]),
        label_en=shown.get("en"),
        label_ru=shown.get("ru"),
        description=(record["description"] or "")[:DESCRIPTION_CHARS],
        type=type_,
        type_group=group,
        fame=fame,
    )
    return row, weights


def _aliases(record: Record, known: Known, sources: Sources, answers: frozenset[str]) -> list[str]:
    """Return the aliases that a usable source shows, or that no corpus shows and WebNLG lacks."""
    seen = sources.seen_anywhere.get(record["id"], frozenset())
    webnlg = "webnlg" in record["sources"]
    return sorted(
        answers.union(
            alias
            for alias in record["aliases"]
            if alias in known.counts or (alias not in seen and not webnlg)
        )
    )


def _display_labels(labels: Sequence[str], names: Sequence[str], *, person: bool) -> dict[str, str]:
    """Return the label to show in each language; a name stands in where there is no label."""
    shown: dict[str, str] = {}
    for label in labels:
        shown.setdefault("ru" if is_cyrillic(label) else "en", label)
    if not shown and names:
        label = max(names, key=lambda name: (name[0].isupper(), len(name.split()), name))
        shown["ru" if is_cyrillic(label) else "en"] = label
    return {
        language: display_label(label, names, person=person) for language, label in shown.items()
    }


def _weights(
    record: Record, known: Known, labels: Sequence[str], aliases: Sequence[str], group: str
) -> dict[str, float]:
    """Return how much each normal name means the entity: its mentions, and a little for labels."""
    own = list(dict.fromkeys(without_brackets(label) for label in labels))
    counts: Counter[str] = Counter(known.counts)
    for surface in (*own, *aliases):
        counts[surface] += 0
    for surface in own:
        counts[surface] = max(counts[surface], 1)
    if group == "person":
        for label in own:
            counts[without_patronymic(label)] += 0
    weights: dict[str, float] = defaultdict(float)
    for surface, count in counts.items():
        if surface in own or may_name(surface, own, group):
            weights[normal_name(surface)] += count + UNSEEN_MENTIONS
    return weights


def _type(record: Record, known: Known) -> tuple[str, str]:
    """Return type and group of the ontology; the type that corpora show most goes first."""
    types = load_ontology().entity_types
    for type_, _ in known.types.most_common():
        if type_ in types and types[type_].group != "literal":
            return type_, types[type_].group
    kind = record["type"]
    return TYPES.get(kind, ("", "other")) if kind else ("", UNKNOWN)


def _answers(data: Path) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for record in read_records(data, "qa/rubq/v2-dev.jsonl.gz"):
        if len(record["answer_entities"]) == 1:
            found[record["answer_entities"][0]].update(record["answers"])
    for record in read_records(data, "qa/popqa-1000/questions.jsonl.gz"):
        found[record["triple"]["object_qid"]].update(record["answers"])
    return {qid: frozenset(names) for qid, names in found.items()}


def describe(sources: Sources, kept: Sequence[Record], out: Path) -> str:
    """Return the description of the written file in Markdown, with counts and licences."""
    connection = sqlite3.connect(out)

    def count(query: str) -> int:
        return int(connection.execute(query).fetchone()[0])

    groups = connection.execute(
        "SELECT type_group, count(*) FROM entities GROUP BY type_group ORDER BY type_group"
    ).fetchall()
    lines = [
        "# catalogue.sqlite",
        "",
        "Entities that mentions are linked to. Written by",
        "`python -m kgrag.train.catalogue --data DIR --out FILE`.",
        "",
        f"- {len(kept):,} entities of the {len(sources.records):,} with a QID,"
        f" {count('SELECT count(*) FROM names'):,} names in normal form ({count(_AMBIGUOUS):,} of"
        f" them ambiguous), {out.stat().st_size:,} bytes",
        f"- labels: {count('SELECT count(label_en) FROM entities'):,} English,"
        f" {count('SELECT count(label_ru) FROM entities'):,} Russian; descriptions:"
        f" {count('''SELECT count(*) FROM entities WHERE description <> '' '''):,}",
        "- groups: " + ", ".join(f"{name} {n:,}" for name, n in groups),
        "- sources: " + _sources(kept),
        "",
        "Ids and labels are Wikidata's (CC0). A name is in only if one of these shows it: NEREL",
        "(texts CC BY 2.5, annotations free for research), KnowledgeNet (CC BY-SA 4.0), GUM",
        "without its non-commercial texts (CC BY 4.0), OKE (CC BY), KORE50 (CC BY-SA), MSNBC,",
        "Derczynski, Spotlight and Culotta (research), RuBQ (CC BY-SA 4.0), PopQA (MIT).",
        "Descriptions are first sentences of Wikipedia (CC BY-SA). Left out are names and entities",
        "that only WebNLG, Reuters-128, RSS-500 or GUM's non-commercial texts (all CC BY-NC-SA)",
        "know. Counts come from train splits; other splits only say that an entity exists and what",
        "it is called, so a test measured with this file is measured too well: see",
        "`kgrag.train.linking`.",
        "",
    ]
    connection.close()
    return "\n".join(lines)


def _sources(records: Sequence[Record]) -> str:
    counts = Counter(source for record in records for source in record["sources"])
    return ", ".join(f"{name} {n:,}" for name, n in sorted(counts.items()))


if __name__ == "__main__":
    main()
