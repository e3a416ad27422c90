"""The paragraph that kgrag began with: both texts, all that ships, one graph."""

import json
from pathlib import Path

import pytest

from eval.readme.picture import draw
from eval.tasks.paragraph import CATHERINE, EULER, EXPECTED, is_found, languages, read_paragraphs
from indexes.records import Triplet

ROOT = Path(__file__).parents[1]

FOUND = (
    "Catherine II - alternative name - Catherine the Great",
    "Catherine II - position held - Empress of Russia",
    "Catherine II - political ideology - Enlightened Absolutism",
    "Leonhard Euler - member of - Imperial Russian Academy of Sciences",
)
"""Of what a careful reader draws; a fact that is found anew belongs here, and into the README by
``kgrag-eval run paragraph`` and ``kgrag-eval report``."""


@pytest.fixture(scope="module")
def facts() -> list[Triplet]:
    return read_paragraphs()


def test_the_graph_holds_these_facts_of_a_careful_reader_and_no_others(
    facts: list[Triplet],
) -> None:
    assert tuple(str(fact) for fact in EXPECTED if is_found(fact, facts)) == FOUND


def test_what_is_missed_is_said_in_the_results() -> None:
    result = json.loads((ROOT / "results/paragraph.json").read_text("utf-8"))["result"]
    assert tuple(result["found"]) == FOUND
    assert len(result["found"]) + len(result["missed"]) == len(EXPECTED)


def test_each_person_is_one_node_with_evidence_in_both_languages(facts: list[Triplet]) -> None:
    assert languages(CATHERINE, facts) == {"en", "ru"}
    assert languages(EULER, facts) == {"en", "ru"}


def test_the_picture_is_the_same_for_the_same_facts_and_names_every_node(
    facts: list[Triplet],
) -> None:
    picture = draw(facts)
    assert picture == draw(facts)
    assert all(fact.subject.name.split()[0] in picture for fact in facts)
