"""A library for the explorer."""

import random
from collections.abc import Iterator

import pytest

from indexes.library import Library
from tests.indexes.samples import plain_library
from tests.kgrag.exploring import Stated, state

RELATIONS = ("P26", "P40", "P108")


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Five groups of people, closely tied within and loosely across, in forty documents."""
    library = plain_library(tmp_path_factory.mktemp("crowd"))
    draw = random.Random(5)
    groups = [[f"{group}ora {letter}ell" for letter in "ABCDEFGHIJKL"] for group in "KLMNP"]
    for number in range(40):
        facts: list[Stated] = []
        for _ in range(10):
            group = draw.choice(groups)
            subject, object_ = draw.sample(group, 2)
            if draw.random() < 0.06:
                object_ = draw.choice(draw.choice([other for other in groups if other != group]))
            facts.append((subject, draw.choice(RELATIONS), object_, round(draw.random(), 2)))
        facts.append((draw.choice(groups[0]), "P569", str(1700 + number % 3)))
        state(library, f"{number}.txt", facts, {str(1700 + year): "date" for year in range(3)})
    yield library
    library.close()
