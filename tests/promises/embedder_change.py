"""What tests of a change of embedder share: another embedder, and whose vectors a library has."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexes.library import Library
from kgrag import KnowledgeBase, Settings
from kgrag.embed import Embedder
from kgrag.settings import SearchSettings
from tests.fakes import CapitalisedExtractor, HashEmbedder, NoLinker

GROUP = 3
QUESTION = "Whom did Leonhard Euler meet?"
FILES = {
    "a.txt": "Leonhard Euler met Christian Goldbach in 1727. Euler stayed for years.",
    "b.md": "# Letters\n\nAnna Ivanova wrote to Euler.\n\n# Journeys\n\nAnna Ivanova left in 1733.",
    "copy.txt": "Leonhard Euler met Christian Goldbach in 1727. Euler stayed for years.",
    "d.md": "# 1742\n\nGoldbach wrote to Euler.\n\n# Later\n\nGoldbach came back. He stayed.",
    "e.txt": "Daniel Bernoulli left.",
    "empty.txt": "",
}


class OtherEmbedder(HashEmbedder):
    """Counts stems too, but elsewhere: its vectors have nothing to do with those of the other."""

    def __init__(self, dimension: int = 64) -> None:
        super().__init__(dimension)
        self.fingerprint = f"other-1:{dimension}"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.ascontiguousarray(-super().embed(texts)[:, ::-1])


def open_with(
    folder: Path, embedder: Callable[[], Embedder], *, chroma: bool = False
) -> KnowledgeBase:
    return KnowledgeBase.open(
        folder,
        Settings(search=SearchSettings(chroma=chroma)),
        extractor=CapitalisedExtractor,
        embedder=embedder,
        linker=NoLinker,
    )


def made_by(library: Library, embedder: Embedder) -> bool:
    """Return whether every vector of passages and sentences is this embedder's, to the bit."""
    rows = library.db.execute("SELECT row, text FROM passages ORDER BY row").fetchall()
    found, matrix = library.vectors.load(embedder.dimension)
    tables = library.sentences.load([row for row, _ in rows])
    assert tables.keys() == {row for row, _ in rows}
    return (
        found.tolist() == [row for row, _ in rows]
        and np.array_equal(matrix, embedder.embed([text for _, text in rows]))
        and all(
            np.array_equal(
                tables[row].vectors,
                embedder.embed(
                    [text[s:e] for s, e in zip(tables[row].starts, tables[row].ends, strict=True)]
                ).astype(np.float16),
            )
            for row, text in rows
        )
    )


def is_new(library: Library) -> bool:
    """Return whether the library has changed its embedder; it must have done so wholly or not."""
    new = library.manifest()["embedder"] == OtherEmbedder().fingerprint
    assert made_by(library, OtherEmbedder() if new else HashEmbedder())
    assert not made_by(library, HashEmbedder() if new else OtherEmbedder())
    return new


def left_over(library: Library) -> int:
    return int(library.db.execute("SELECT count(*) FROM new_vectors").fetchone()[0])


class Stop(BaseException):
    """The process ends."""
