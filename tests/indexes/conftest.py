from collections.abc import Iterator
from pathlib import Path

import pytest

from indexes.check import find_problems
from indexes.library import Library
from tests.indexes.correcting import ANNA, EULER, GAUSS, LEONHARD, met
from tests.indexes.samples import plain_library


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An empty library without Chroma."""
    opened = plain_library(tmp_path / "library")
    yield opened
    opened.close()


@pytest.fixture
def two(library: Library) -> Iterator[Library]:
    """Two documents: Euler (linked) met Anna, Leonhard (not linked) met Gauss."""
    met(library, "a.txt", ("Euler", EULER), ("Anna", ANNA))
    met(library, "b.txt", ("Leonhard", LEONHARD), ("Gauss", GAUSS))
    yield library
    assert find_problems(library) == []
