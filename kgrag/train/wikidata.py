"""Builds a catalogue from a Wikidata JSON dump: ``python -m kgrag.train.wikidata DUMP --out FILE``.

Reads .json, .json.gz or .json.bz2, one entity a line in an array, once, in memory that does not
grow. Kept are items with an English or Russian label and enough sitelinks that are no page about
Wikimedia itself and no bare given or family name. Set ``[link] catalogue`` to the file to use it.

Approximations: how often a name means an entity is not in Wikidata, so an entity's sitelinks stand
for it, and half of them for an alias. The type is that of the nearest of a few classes above the
item's classes (P31, then up P279); Wikidata's tree of classes has errors, and so have the types.
A line that is no entity is named by its number and skipped. The file appears only when it is whole.
"""

import argparse
import bz2
import gzip
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, Any, TypeGuard, cast

from tqdm import tqdm

from indexes.errors import ModelError
from kgrag.names import normal_name
from kgrag.ontology import load_ontology
from kgrag.train.catalogue import DESCRIPTION_CHARS, UNKNOWN
from kgrag.train.catalogue_file import CatalogueFile, EntityRow, writing
from kgrag.train.entity_names import without_patronymic

_log = logging.getLogger(__name__)

LANGUAGES = ("en", "ru")
_ITEM_ID = re.compile(r"Q[1-9]\d{0,17}", re.ASCII)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
ALIAS_SHARE = 0.5
"""Weight of an alias, in that of a label: a choice, for Wikidata does not say."""

MIN_SITELINKS = 1
HUMAN = "Q5"

SKIPPED_CLASSES = frozenset(
    {
        "Q4167410",  # disambiguation page
        "Q4167836",  # category
        "Q11266439",  # template
        "Q13406463",  # list article
        "Q14204246",  # project page
        "Q15184295",  # module
        "Q17362920",  # duplicated page
        "Q202444",  # given name
        "Q12308941",  # male given name
        "Q11879590",  # female given name
        "Q101352",  # family name
    }
)

CLASSES = {
    "Q486972": "city",  # human settlement
    "Q56061": "state_or_province",  # administrative territorial entity
    "Q2221906": "location",  # geographic location
    "Q811979": "facility",  # architectural structure
    "Q523": "celestial_body",  # star
    "Q634": "celestial_body",  # planet
    "Q4830453": "organization",  # business
    "Q12737077": "profession",  # occupation
    "Q4164871": "profession",  # position
    "Q41710": "nationality",  # ethnic group
    "Q1190554": "event",  # occurrence
    "Q47461344": "work_of_art",  # written work
    "Q11424": "work_of_art",  # film
    "Q11344": "substance",  # chemical element
    "Q11173": "substance",  # chemical compound
}
"""Classes with many items, besides the class of each type of the ontology."""

_STAGING = """
CREATE TABLE instances (entity INTEGER NOT NULL, class TEXT NOT NULL);
CREATE TABLE subclasses (class TEXT NOT NULL, parent TEXT NOT NULL);
CREATE TABLE kinds (
    class TEXT PRIMARY KEY, type TEXT NOT NULL, type_group TEXT NOT NULL, depth INTEGER NOT NULL
) WITHOUT ROWID;
"""

_NEXT_CLASSES = """
INSERT OR IGNORE INTO kinds SELECT s.class, k.type, k.type_group, k.depth + 1
FROM kinds AS k JOIN subclasses AS s ON s.parent = k.class WHERE k.depth = ? ORDER BY k.class
"""

_SET_TYPES = """
UPDATE entities SET type = found.type, type_group = found.type_group
FROM (SELECT i.entity, k.type, k.type_group, min(k.depth) FROM instances AS i
      JOIN kinds AS k ON k.class = i.class GROUP BY i.entity) AS found
WHERE found.entity = entities.id
"""

Item = dict[str, Any]


@dataclass
class Report:
    """What became of the lines of a dump."""

    lines: int = 0
    kept: int = 0
    malformed: int = 0


def main() -> None:
    """Import a dump."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("dump", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--min-sitelinks", type=int, default=MIN_SITELINKS)
    arguments = parser.parse_args()
    logging.basicConfig(format="%(message)s")
    report = import_dump(arguments.dump, arguments.out, min_sitelinks=arguments.min_sitelinks)
    print(
        f"{report.lines:,} lines, {report.kept:,} entities kept, {report.malformed:,} lines skipped"
        f" as malformed; {arguments.out}: {arguments.out.stat().st_size:,} bytes"
    )


def import_dump(dump: Path, out: Path, *, min_sitelinks: int = MIN_SITELINKS) -> Report:
    """Write a catalogue of the items of a dump.

    Raises
    ------
    ModelError
        The dump cannot be read, is cut off within its compression, or holds nothing to keep.
    """
    report = Report()
    try:
        with writing(out) as file:
            file.connection.executescript(_STAGING)
            for item in tqdm(_items(dump, report), unit=" items", mininterval=5, disable=None):
                report.kept += _add(file, item, min_sitelinks)
            if not report.kept:
                raise ModelError(
                    f"{dump} holds no item to keep; expected a Wikidata JSON dump, one item a line"
                )
            _set_types(file)
    except (OSError, EOFError) as error:
        raise ModelError(f"The dump {dump} cannot be read: {error}") from error
    return report


def _items(dump: Path, report: Report) -> Iterator[Item]:
    """Yield the items of a dump; a line that is none is named and skipped."""
    opened: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open}
    with cast("IO[bytes]", opened.get(dump.suffix, open)(dump, "rb")) as lines:
        for number, line in enumerate(lines, 1):
            report.lines = number
            text = line.strip().rstrip(b",")
            if text in (b"", b"[", b"]"):
                continue
            try:
                item = json.loads(text)
                is_item = item["type"] == "item" and bool(_ITEM_ID.fullmatch(item["id"]))
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                _log.warning("%s, line %d is no entity and is skipped: %s", dump, number, error)
                report.malformed += 1
                continue
            if is_item:
                yield item


def _add(file: CatalogueFile, item: Item, min_sitelinks: int) -> bool:
    """Add an item, its classes, and what it is a subclass of; return whether it is kept."""
    parents = _values(item, "P279")
    file.connection.executemany(
        "INSERT INTO subclasses VALUES (?, ?)", [(item["id"], parent) for parent in parents]
    )
    classes = _values(item, "P31")
    labels = {language: _text(item, "labels", language) for language in LANGUAGES}
    sitelinks = len(item.get("sitelinks") or ())
    if (
        not any(labels.values())
        or sitelinks < min_sitelinks
        or SKIPPED_CLASSES.intersection(classes)
    ):
        return False
    number = int(item["id"][1:])
    descriptions = [_text(item, "descriptions", language) for language in LANGUAGES]
    row = EntityRow(
        number=number,
        label_en=labels["en"],
        label_ru=labels["ru"],
        description="; ".join(filter(None, descriptions))[:DESCRIPTION_CHARS],
        type="",
        type_group=UNKNOWN,
        fame=sitelinks,
    )
    file.add(row, _names(item, labels, sitelinks, person=HUMAN in classes).items())
    file.connection.executemany(
        "INSERT INTO instances VALUES (?, ?)", [(number, class_) for class_ in classes]
    )
    return True


def _names(
    item: Item, labels: dict[str, str | None], sitelinks: int, *, person: bool
) -> dict[str, float]:
    own = [label for label in labels.values() if label]
    if person:
        own += [without_patronymic(label) for label in own]
    weights: dict[str, float] = {}
    for alias in chain.from_iterable(_aliases(item, language) for language in LANGUAGES):
        weights[normal_name(alias)] = max(sitelinks, 1) * ALIAS_SHARE
    for label in own:
        weights[normal_name(label)] = float(max(sitelinks, 1))
    weights.pop("", None)
    return weights


def _set_types(file: CatalogueFile) -> None:
    types = load_ontology().entity_types
    seeds = CLASSES | {kind.wikidata: kind.id for kind in types.values() if kind.wikidata}
    file.connection.executemany(
        "INSERT INTO kinds VALUES (?, ?, ?, 0)",
        [(class_, type_, types[type_].group) for class_, type_ in sorted(seeds.items())],
    )
    file.connection.execute("CREATE INDEX subclasses_parent ON subclasses (parent)")
    depth = 0
    while file.connection.execute(_NEXT_CLASSES, (depth,)).rowcount > 0:
        depth += 1
    file.connection.execute(_SET_TYPES)
    for table in ("instances", "subclasses", "kinds"):
        file.connection.execute(f"DROP TABLE {table}")


def _text(item: Item, part: str, language: str) -> str | None:
    found = _dict(_dict(item.get(part)).get(language)).get("value")
    return found if _is_text(found) else None


def _aliases(item: Item, language: str) -> list[str]:
    found = _dict(item.get("aliases")).get(language)
    values = [_dict(alias).get("value") for alias in found] if isinstance(found, list) else []
    return [value for value in values if _is_text(value)]


def _is_text(value: object) -> TypeGuard[str]:
    """Return whether a value is text that can be stored: JSON may hold half a character."""
    return isinstance(value, str) and bool(value.strip()) and not _SURROGATE.search(value)


def _values(item: Item, property_: str) -> list[str]:
    """Return the items that are values of a property, deprecated statements left out."""
    found = []
    claims = _dict(item.get("claims")).get(property_)
    for claim in claims if isinstance(claims, list) else []:
        statement = _dict(claim)
        if statement.get("rank") == "deprecated":
            continue
        snak = _dict(statement.get("mainsnak"))
        value = _dict(_dict(snak.get("datavalue")).get("value")).get("id")
        if isinstance(value, str):
            found.append(value)
    return found


def _dict(value: object) -> dict[str, Any]:
    """Return a JSON object, or an empty one: an empty object is written [] in some dumps."""
    return value if isinstance(value, dict) else {}


if __name__ == "__main__":
    main()
