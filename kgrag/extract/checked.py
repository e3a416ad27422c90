"""Extract from texts of which one may break the extractor, and believe nothing unchecked.

Any extractor may be plugged in; what it says of a text is checked before it is kept.
"""

import logging
from collections.abc import Sequence

from indexes.errors import ModelError
from indexes.records import Extraction
from kgrag.extract import Extractor
from kgrag.extract.llm_errors import UnreadTextsError
from kgrag.ontology import load_ontology

_log = logging.getLogger(__name__)

Extracted = list[tuple[Extraction, str | None] | ModelError]
"""What was found in each text and what went wrong with it, or why it must not be stored."""


def extract_checked(texts: Sequence[str], extractor: Extractor) -> Extracted:
    """Extract from all texts at once or, where one of them breaks the extractor, from each."""
    try:
        found = _ask(texts, extractor)
        for text, item in zip(texts, found, strict=True):
            if isinstance(item, Extraction):
                _check_extraction(text, item)
        return [item if isinstance(item, ModelError) else (item, None) for item in found]
    except Exception as error:  # A document's boundary: it is kept without a graph, and says so.
        _log.warning("The extractor failed on a group of %d documents: %s", len(texts), error)
        if len(texts) == 1:
            return [(Extraction(), f"no facts could be extracted: {error}")]
        return [pair for text in texts for pair in extract_checked([text], extractor)]


def _ask(texts: Sequence[str], extractor: Extractor) -> Sequence[Extraction | ModelError]:
    try:
        return extractor.extract(texts)
    except UnreadTextsError as error:
        return error.found


def _check_extraction(text: str, extraction: Extraction) -> None:
    """Raise ValueError unless every span holds what it says: any extractor may be plugged in."""
    types = load_ontology().entity_types
    for mention in extraction.mentions:
        if text[mention.start : mention.end] != mention.text:
            raise ValueError(f"{mention} is not what the text holds there")
        if mention.type not in types:
            raise ValueError(f"{mention} has a type that the ontology lacks")
    for relation in extraction.relations:
        if relation.end > len(text):
            raise ValueError(f"{relation} ends after the text ({len(text)})")
