"""The documents of the load measurement: notes of sentences, real ones where data is given.

With ``--data`` (or KGRAG_DATA) sentences are drawn from HippoRAG's 2WikiMultiHopQA corpus (MIT),
else from the texts in examples/. Drawn by a seed, so that a run can be repeated.
"""

import gzip
import json
import random
from collections.abc import Sequence
from pathlib import Path

from indexes.text import sentences

EXAMPLES = Path(__file__).parents[2] / "examples"
CORPUS = "qa/hipporag-2wiki-corpus/corpus.jsonl.gz"

SENTENCES = 40
"""Of a note: two pages."""


class Notes:
    """Draws notes; ``source`` says of what."""

    def __init__(self, data: Path | None, seed: int) -> None:
        self._draw = random.Random(seed)
        self._pool, self.source = _sentences(data)

    def write(self, folder: Path, count: int) -> list[Path]:
        """Write notes into a new folder; return their paths."""
        folder.mkdir()
        paths = [folder / f"{folder.name}-{number:03}.txt" for number in range(count)]
        for path in paths:
            text = " ".join(self._draw.sample(self._pool, SENTENCES))
            path.write_text(f"{path.stem}\n\n{text}\n", encoding="utf-8")
        return paths


def questions() -> list[str]:
    """Return the questions about examples/ that its documents answer."""
    lines = (EXAMPLES / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    return [record["question"] for record in records if record["answerable"]]


def _sentences(data: Path | None) -> tuple[list[str], str]:
    if data is not None and (data / CORPUS).is_file():
        with gzip.open(data / CORPUS, "rt", encoding="utf-8") as lines:
            return _split([json.loads(line)["text"] for line in lines]), "HippoRAG 2WikiMultiHopQA"
    texts = sorted((EXAMPLES / "documents").glob("*.[tm][xd]*"))
    return _split([path.read_text(encoding="utf-8") for path in texts]), "sentences of examples/"


def _split(texts: Sequence[str]) -> list[str]:
    return [" ".join(text[start:end].split()) for text in texts for start, end in sentences(text)]
