"""How rare each word is, counted over the passages of the corpora: what ``verify.rarity`` reads."""

import json
import math
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from indexes.text import language_of, stems
from kgrag.train.support_data import read
from kgrag.verify.rarity import RARITY_PATH

PASSAGES = (
    "qa/hotpotqa-200/corpus",
    "qa/2wikimultihopqa-200/corpus",
    "qa/hipporag-2wiki-corpus/corpus",
    "ie/nerel/train",
    "ie/bsnlp-ru/train",
    "ie/webnlg-ru/train",
)
KEPT = 4_000
"""Stems of each language, the most frequent ones; any other is as rare as the rarest of these."""

MAX_WORDS = 60
"""A longer text is cut into passages of so many words."""


def write_rarity(data: Path, path: Path = RARITY_PATH) -> None:
    """Count the stems of the corpora below ``data`` and write the table."""
    texts = [item["text"] for name in PASSAGES for item in read(data, name)]
    table: dict[str, float] = {}
    most = 0.0
    for language in ("en", "ru"):
        own = [text for text in texts if language_of(text) == language]
        counts, passages = _count(own)
        kept = counts.most_common(KEPT)
        rarities = {stem: math.log(passages / count) for stem, count in kept}
        most = max(most, *rarities.values())
        table.update(rarities)
    content = {
        "command": "python -m kgrag.train.support --data DIR",
        "corpora": PASSAGES,
        "most": round(most, 2),
        "rarity": {stem: round(value, 2) for stem, value in sorted(table.items())},
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def _count(texts: Iterable[str]) -> tuple[Counter[str], int]:
    counts: Counter[str] = Counter()
    passages = 0
    for text in texts:
        found = stems(text)
        for start in range(0, len(found), MAX_WORDS):
            counts.update(set(found[start : start + MAX_WORDS]))
            passages += 1
    return counts, passages
