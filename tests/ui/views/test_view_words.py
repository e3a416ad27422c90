"""The words of the views: what the modules ask for is there, in both languages, and no more."""

import json
import re

from ui.words import STATIC

MODULES = ("common", "fact", "group", "explore", "read", "table", "timeline", "contradictions",
           "settings")  # fmt: skip
_KEY = re.compile(rf"[\"`]((?:{'|'.join(MODULES)})\.[a-z_]*(?:\$\{{\w+\}}s?)?)[\"`]")


def _keys(language: str) -> set[str]:
    kept = json.loads((STATIC / f"words.views.{language}.json").read_text("utf-8"))
    return {re.sub(r"\.(one|few|many)$", "", key) for key in kept}


def _asked() -> list[re.Pattern[str]]:
    sources = [(STATIC.parent / "views.py").read_text("utf-8")]
    sources += [path.read_text("utf-8") for path in STATIC.glob("*.js") if ".min." not in path.name]
    asked = {key for source in sources for key in _KEY.findall(source) if key[-1] != "."}
    return [re.compile(re.sub(r"\\\$\\\{\w+\\\}", "[a-z]+", re.escape(key))) for key in asked]


def test_both_languages_have_the_same_words() -> None:
    assert _keys("en") == _keys("ru")


def test_every_word_that_is_asked_for_is_there_and_every_word_is_asked_for() -> None:
    keys, asked = _keys("en"), _asked()
    assert [one.pattern for one in asked if not any(map(one.fullmatch, keys))] == []
    assert sorted(key for key in keys if not any(one.fullmatch(key) for one in asked)) == []


def test_places_are_the_same_in_both_languages() -> None:
    texts = [
        json.loads((STATIC / f"words.views.{language}.json").read_text("utf-8"))
        for language in ("en", "ru")
    ]
    places = [{key: set(re.findall(r"{\w+}", text)) for key, text in one.items()} for one in texts]
    assert places[0] == places[1]
