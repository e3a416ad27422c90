from collections.abc import Iterator
from pathlib import Path

import pytest

from indexes.library import Library
from tests.indexes.samples import plain_library


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An empty library without Chroma."""
    opened = plain_library(tmp_path / "library")
    yield opened
    opened.close()
