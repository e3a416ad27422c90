"""One pool of parsers for all tests of a file."""

from collections.abc import Iterator

import pytest

from kgrag.parse import ParsedText, ParserPool
from tests.kgrag.parse.samples import Parse


@pytest.fixture(scope="module")
def parse() -> Iterator[Parse]:
    with ParserPool(1) as pool:

        def parse_one(name: str, content: bytes | str) -> ParsedText:
            return pool.parse(name, content.encode() if isinstance(content, str) else content)

        yield parse_one
