"""The paragraph that kgrag began with, English and Russian: what a careful reader draws from it.

Data: examples/paragraph (from the report that the project grew out of; the Russian text is its
translation). One real sentence: "She corresponded with notable figures like Voltaire and Diderot."
Both texts go into one library. A fact counts as found where an entity with one of the names has one
of the relations to another; an alternative name where one entity has both names.
"""

import tempfile
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.readme.picture import draw
from indexes.records import Entity, Triplet
from kgrag import KnowledgeBase
from kgrag.names import normal_name
from kgrag.ontology import relation_label

ROOT = Path(__file__).parents[2]
TEXTS = ROOT / "examples" / "paragraph"
PICTURE = ROOT / "docs" / "paragraph.svg"

CATHERINE = ("Catherine II", "Catherine", "Екатерина II", "Екатерина")
EULER = ("Leonhard Euler", "Euler", "Леонард Эйлер", "Эйлер")


@dataclass(frozen=True, slots=True)
class Expected:
    """A fact that a careful reader draws; each side by any of its names."""

    subject: tuple[str, ...]
    relations: tuple[str, ...]
    object: tuple[str, ...]

    def __str__(self) -> str:
        label = relation_label(self.relations[0], "en")
        return f"{self.subject[0]} - {label} - {self.object[0]}"


ALIAS = "P4970"
EXPECTED = (
    Expected(CATHERINE, (ALIAS,), ("Catherine the Great", "Екатерина Великая")),
    Expected(
        CATHERINE,
        ("P39", "P106"),
        ("Empress of Russia", "Empress", "императрица России", "императрица"),
    ),
    Expected(CATHERINE, ("P570",), ("1796", "в 1796 году")),
    Expected(
        CATHERINE,
        ("P1142", "P135"),
        ("Enlightened Absolutism", "просвещённый абсолютизм", "absolutism", "абсолютизм"),
    ),
    Expected(CATHERINE, ("P3342", "P737"), ("Voltaire", "Вольтер")),
    Expected(CATHERINE, ("P3342", "P737"), ("Diderot", "Дидро")),
    Expected(
        EULER,
        ("P463", "P108", "P1344"),
        ("Imperial Russian Academy of Sciences", "Императорская Российская академия наук"),
    ),
    Expected(EULER, ("P101",), ("mathematics", "математика")),
    Expected(EULER, ("P101",), ("graph theory", "теория графов")),
    Expected(
        EULER,
        ("P800", "P61"),
        ("Euler's formula for polyhedra", "формула Эйлера для многогранников"),
    ),
    Expected(
        EULER,
        ("P800", "P61"),
        ("Königsberg Bridge Problem", "solution of Königsberg Bridge Problem"),
    ),
)


def run(arguments: Namespace) -> dict[str, Any]:
    """Read both texts, compare, and draw the graph into docs/paragraph.svg."""
    del arguments
    facts = read_paragraphs()
    PICTURE.write_text(draw(facts), encoding="utf-8")
    found = {str(expected): is_found(expected, facts) for expected in EXPECTED}
    return {
        "found": [name for name, seen in found.items() if seen],
        "missed": [name for name, seen in found.items() if not seen],
        "one_node": {
            name: languages(names, facts) == {"en", "ru"}
            for name, names in (("Catherine II", CATHERINE), ("Leonhard Euler", EULER))
        },
        "triplets": [
            {
                "subject": fact.subject.name,
                "relation": relation_label(fact.relation, "en"),
                "object": fact.object.name,
                "confidence": round(fact.confidence, 2),
                "quotes": [item.quote for item in fact.evidence],
            }
            for fact in facts
        ],
    }


def read_paragraphs() -> list[Triplet]:
    """Return the triplets of both texts in one library."""
    with tempfile.TemporaryDirectory() as folder, KnowledgeBase.open(folder) as kb:
        kb.add(TEXTS)
        return list(kb.facts())


def is_found(expected: Expected, facts: Sequence[Triplet]) -> bool:
    """Return whether the graph holds the fact."""
    if ALIAS in expected.relations:
        entities = [end for fact in facts for end in (fact.subject, fact.object)]
        return any(_has(one, expected.subject) and _has(one, expected.object) for one in entities)
    return any(
        fact.relation in expected.relations
        and _has(fact.subject, expected.subject)
        and _has(fact.object, expected.object)
        for fact in facts
    )


def languages(names: Sequence[str], facts: Sequence[Triplet]) -> set[str]:
    """Return the languages of the evidence of the facts of one entity with one of the names."""
    best: set[str] = set()
    entities = {end.id: end for fact in facts for end in (fact.subject, fact.object)}
    for entity in entities.values():
        if _has(entity, names):
            documents = {
                item.document_name
                for fact in facts
                if entity.id in (fact.subject.id, fact.object.id)
                for item in fact.evidence
            }
            best = max(best, {name.split(".")[-2] for name in documents}, key=len)
    return best


def _has(entity: Entity, names: Sequence[str]) -> bool:
    own = {normal_name(name) for name in (entity.name, *entity.aliases)}
    return bool(own & {normal_name(name) for name in names})
