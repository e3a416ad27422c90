"""What the page says, in English and Russian: flat JSON files that the browser reads as well.

``static/words.PART.LANGUAGE.json`` each hold a part; both languages of a part have the same keys.
A text may hold ``{places}``; what stands there must be escaped by whoever fills it. Counted things
have a text for each plural form: ``count.facts.one``, ``.few`` (Russian: 2 to 4) and ``.many``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from indexes.text import Language

STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True)
class Words:
    """The texts of one language; call it with a key."""

    language: Language
    texts: Mapping[str, str]

    def __call__(self, key: str, **places: object) -> str:
        """Return a text with its places filled."""
        return self.texts[key].format(**places) if places else self.texts[key]

    def count(self, what: str, number: int) -> str:
        """Return ``1 fact``, ``1,200 facts`` for ``facts``."""
        shown = f"{number:,}" if self.language == "en" else f"{number:,}".replace(",", "\u202f")
        return self.texts[f"count.{what}.{_form(self.language, number)}"].format(n=shown)


@cache
def words(language: Language) -> Words:
    """Return the texts of a language, those of all parts."""
    texts: dict[str, str] = {}
    for path in sorted(STATIC.glob(f"words.*.{language}.json")):
        texts |= json.loads(path.read_text("utf-8"))
    return Words(language, texts)


def _form(language: Language, number: int) -> str:
    """Return the plural form of a number, as Unicode's CLDR has them."""
    if language == "en":
        return "one" if number == 1 else "many"
    last, is_teen = number % 10, 11 <= number % 100 <= 14
    if last == 1 and not is_teen:
        return "one"
    return "few" if 2 <= last <= 4 and not is_teen else "many"
