"""How rare a word is: rare words say most, and one of them left uncovered says most as well."""

import json
from functools import lru_cache
from pathlib import Path

RARITY_PATH = Path(__file__).parent.parent / "models" / "support_words.json"


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, float], float]:
    content = json.loads(RARITY_PATH.read_text(encoding="utf-8"))
    return {stem: float(value) for stem, value in content["rarity"].items()}, float(content["most"])


def rarity(stem: str) -> float:
    """Return how rare a stem is, 0..1: the log of the share of passages that lack it, scaled."""
    table, most = _table()
    return table.get(stem, most) / most
