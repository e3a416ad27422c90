"""Lets the teacher label texts that nobody annotated: what it is sure of, and what it is not.

Its sure mentions and relations are taken for true; where it hesitates, nothing is known, and the
small model may think what it likes.
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from kgrag.extract.labels import Labels
from kgrag.extract.reader import Reader
from kgrag.extract.settle import ReadPart
from kgrag.extract.tokens import Part, split
from kgrag.train.model import ExtractionModel, Shape
from kgrag.train.teacher import MiniLMContext, PieceTable
from kgrag.train.torch_scorer import TorchScorer

SURE = 0.6
HESITANT = 0.2
"""Probabilities from which a span or relation counts, and from which it counts as unknown."""

TEXTS_AT_ONCE = 64

MAX_TEXT_CHARS = 3000

MAX_TABLE_WORDS = 400_000


def label(run: Path, texts: Sequence[Path], out: Path, limit: int) -> int:
    """Write the teacher's reading of texts, one JSON object a line; return how many.

    Parameters
    ----------
    run:
        The folder that ``fit --teacher`` filled.
    texts:
        gzip JSON Lines with a ``text`` (shared/data/FORMAT.md), or with ``evidence`` sentences.
    out:
        gzip JSON Lines for ``kgrag.train.data.read_silver``.
    limit:
        Texts taken of each file.
    """
    reader = _reader(run)
    passages = [passage for path in texts for passage in _passages(path, limit)]
    temporary = out.with_suffix(".new")
    with gzip.open(temporary, "wt", encoding="utf-8") as lines:
        for begin in range(0, len(passages), TEXTS_AT_ONCE):
            some = passages[begin : begin + TEXTS_AT_ONCE]
            cut = [(text, part) for text in some for part in split(text, "en")]
            reads = reader.read([text for text, _ in cut], [part for _, part in cut])
            for (text, part), read in zip(cut, reads, strict=True):
                lines.write(json.dumps(_record(text, part, read, reader.labels)) + "\n")
    temporary.replace(out)
    return len(passages)


def _reader(run: Path) -> Reader:
    report = json.loads((run / "fit.json").read_text("utf-8"))
    model = ExtractionModel(Shape(**report["shape"]), MiniLMContext())
    model.load_state_dict(torch.load(run / "best.pt", weights_only=True))
    written = report["labels"]
    labels = Labels(
        tuple(written["types"]),
        tuple(written["relations"]),
        HESITANT,
        written["relation_thresholds"],
        HESITANT,
        tuple(written["conventions"]),
    )
    return Reader(labels, PieceTable(MAX_TABLE_WORDS), TorchScorer(model))


def _passages(path: Path, limit: int) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for _, line in zip(range(limit), lines, strict=False):
            record = json.loads(line)
            text = record.get("text") or " ".join(
                sentence
                for sentence in record["evidence"]
                if not sentence.startswith("(meta data)")
            )
            yield text[:MAX_TEXT_CHARS]


def _record(text: str, part: Part, read: ReadPart, labels: Labels) -> dict[str, object]:
    facts: list[tuple[int, str, int]] = []
    unknown: list[tuple[int, int]] = []
    for (one, two), scores in zip(read.pairs.tolist(), read.probabilities, strict=True):
        best = int(scores.argmax())
        if scores[best] >= SURE:
            facts.append((one, labels.relations[best], two))
        elif scores[best] >= HESITANT:
            unknown.append((one, two))
    return {
        "text": text,
        "mentions": [  # references too: ``read_silver`` tells them by their case
            (
                part.tokens[span.first][0],
                part.tokens[span.last][1],
                labels.types[span.type] if span.score >= SURE else None,
            )
            for span in read.spans
        ],
        "facts": facts,
        "unknown": unknown,
    }
