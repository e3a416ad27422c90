"""Extract from texts without a library: what ``kgrag extract`` prints."""

from collections.abc import Iterable, Iterator
from itertools import islice

from kgrag.clusters import Linker
from kgrag.extract import Extractor
from kgrag.resolve import resolve
from kgrag.shapes import Json, extraction_shape

BATCH = 32


def extract_texts(
    texts: Iterable[tuple[str, str]], extractor: Extractor, linker: Linker
) -> Iterator[Json]:
    """Yield the mentions, links and triplets of each (id, text), in order."""
    waiting = iter(texts)
    while batch := list(islice(waiting, BATCH)):
        extractions = extractor.extract([text for _, text in batch])
        for (id_, text), extraction in zip(batch, extractions, strict=True):
            resolution = resolve(text, extraction, linker=linker, document_id=id_)
            qids = [
                item.identity if "|" not in item.identity else None for item in resolution.mentions
            ]
            yield extraction_shape(id_, extraction, qids)
