"""Extract from texts without a library: what ``kgrag extract`` prints."""

from collections.abc import Iterable, Iterator
from itertools import islice

from kgrag.extract import Extractor
from kgrag.resolve import Link, resolve
from kgrag.shapes import Json, extraction_shape

BATCH = 32


def extract_texts(
    texts: Iterable[tuple[str, str]], extractor: Extractor, link: Link
) -> Iterator[Json]:
    """Yield the mentions, links and triplets of each (id, text), in order."""
    waiting = iter(texts)
    while batch := list(islice(waiting, BATCH)):
        extractions = extractor.extract([text for _, text in batch])
        for (id_, text), extraction in zip(batch, extractions, strict=True):
            resolution = resolve(text, extraction, link=link, document_id=id_)
            qids = [
                item.identity if "|" not in item.identity else None for item in resolution.mentions
            ]
            yield extraction_shape(id_, extraction, qids)
