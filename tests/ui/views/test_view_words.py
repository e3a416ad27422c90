"""The words of the views: what the modules ask for is there, in both languages, and no more."""

import json
import re

import pytest

from ui.words import STATIC

MODULES = {
    "views": "common|fact|group|explore|read|table|timeline|contradictions|settings",
    "evaluate": "evaluate",
}
"""By the part of the words that they ask for."""

each_part = pytest.mark.parametrize("part", MODULES)


def _kept(part: str, language: str) -> dict[str, str]:
    path = STATIC / f"words.{part}.{language}.json"
    kept: dict[str, str] = json.loads(path.read_text("utf-8"))
    return kept


def _keys(part: str, language: str) -> set[str]:
    return {re.sub(r"\.(one|few|many)$", "", key) for key in _kept(part, language)}


def _asked(part: str) -> list[re.Pattern[str]]:
    key_of = re.compile(rf"[\"`]((?:{MODULES[part]})\.[a-z_]*(?:\$\{{\w+\}}s?)?)[\"`]")
    sources = [(STATIC.parent / "views.py").read_text("utf-8")]
    sources += [path.read_text("utf-8") for path in STATIC.glob("*.js") if ".min." not in path.name]
    asked = {key for source in sources for key in key_of.findall(source) if key[-1] != "."}
    return [re.compile(re.sub(r"\\\$\\\{\w+\\\}", r"\\w+", re.escape(key))) for key in asked]


@each_part
def test_both_languages_have_the_same_words(part: str) -> None:
    assert _keys(part, "en") == _keys(part, "ru")


@each_part
def test_every_word_that_is_asked_for_is_there_and_every_word_is_asked_for(part: str) -> None:
    keys, asked = _keys(part, "en"), _asked(part)
    assert [one.pattern for one in asked if not any(map(one.fullmatch, keys))] == []
    assert sorted(key for key in keys if not any(one.fullmatch(key) for one in asked)) == []


@each_part
def test_places_are_the_same_in_both_languages(part: str) -> None:
    places = [
        {key: set(re.findall(r"{\w+}", text)) for key, text in _kept(part, language).items()}
        for language in ("en", "ru")
    ]
    assert places[0] == places[1]
