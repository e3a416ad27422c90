"""Stand-ins for the parts that a test is not about: quick, foreseeable, and without models."""

import re
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexes.records import Extraction, Mention, MentionRelation
from indexes.text import sentences, stems
from kgrag import KnowledgeBase, Settings
from kgrag.clusters import Cluster
from kgrag.embed import Embedder
from kgrag.extract import Extractor

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples" / "documents"
DATA = ROOT.parent / "shared" / "data"

_CAPITALISED = r"[A-ZА-ЯЁ][\w'’-]*"
_NAME_OR_YEAR = re.compile(
    rf"{_CAPITALISED}(?: (?:of|the|de|von|{_CAPITALISED}))* {_CAPITALISED}"
    rf"|{_CAPITALISED}|\b\d{{4}}\b"
)


class HashEmbedder(Embedder):
    """Counts the stems of a text in as many bins as there are dimensions: an ``Embedder``."""

    def __init__(self, dimension: int = 64) -> None:
        self.dimension = dimension
        self.fingerprint = f"hash-1:{dimension}"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for stem in stems(text):
                row[zlib.crc32(stem.encode()) % self.dimension] += 1
            row /= max(float(np.linalg.norm(row)), 1.0)
        return rows


class CapitalisedExtractor:
    """Takes capitalised runs for persons, four digits for a date, and neighbours as related.

    "also known as" between two neighbours makes the second an alias of the first.
    """

    name = "capitalised"
    fingerprint = "capitalised-1"

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        return [extract_capitalised(text) for text in texts]


class BrokenExtractor:
    """Raises for each text that holds a word, and finds nothing in any other."""

    name = "broken"
    fingerprint = "capitalised-1"  # stands in for one that breaks down later

    def __init__(self, word: str) -> None:
        self.word = word

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        if any(self.word in text for text in texts):
            raise RuntimeError(f"cannot stand {self.word}")
        return [extract_capitalised(text) for text in texts]


def extract_capitalised(text: str) -> Extraction:
    mentions: list[Mention] = []
    relations: list[MentionRelation] = []
    for start, end in sentences(text):
        first = len(mentions)
        for match in _NAME_OR_YEAR.finditer(text, start, end):
            kind = "date" if match.group().isdigit() else "person"
            mentions.append(Mention(match.start(), match.end(), match.group(), kind, 0.75))
            if len(mentions) - first > 1:
                one, other = len(mentions) - 2, len(mentions) - 1
                between = text[mentions[one].end : mentions[other].start]
                relation, score = ("P4970", 0.9) if "also known as" in between else ("P3342", 0.5)
                relations.append(MentionRelation(one, relation, other, start, end, score))
    return Extraction(tuple(mentions), tuple(relations))


class NoLinker:
    """Knows no entity."""

    fingerprint = "none-1"

    def link(self, clusters: Sequence[Cluster]) -> list[str | None]:
        return [None] * len(clusters)


def open_knowledge_base(
    folder: Path,
    *,
    chroma: bool = True,
    extractor: Callable[[], Extractor] = CapitalisedExtractor,
    settings: Settings | None = None,
) -> KnowledgeBase:
    """Open a library with the fakes above and no catalogue of entities."""
    from kgrag.settings import SearchSettings

    return KnowledgeBase.open(
        folder,
        settings or Settings(search=SearchSettings(chroma=chroma)),
        extractor=extractor,
        embedder=HashEmbedder,
        linker=NoLinker,
    )


def write_files(folder: Path, files: dict[str, str | bytes]) -> list[Path]:
    """Write files below a folder; return their paths."""
    paths = []
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        paths.append(path)
    return paths
