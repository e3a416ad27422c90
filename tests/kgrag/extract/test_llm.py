"""Extraction by a language model: what stands in the text is kept, and nothing else."""

import json

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from indexes.errors import ModelError
from indexes.records import Extraction
from indexes.text import sentences
from kgrag.extract.llm import LlmExtractor
from kgrag.extract.llm_errors import UnreadTextsError
from kgrag.extract.llm_places import Places
from kgrag.extract_settings import ExtractSettings
from tests.kgrag.extract.scripted import (
    BORN,
    EULER,
    NAMES,
    RUSSIAN,
    ScriptedModel,
    check,
    claims,
    extract,
    facts,
)


@pytest.mark.parametrize("relation", ["place of birth", "P19", " Place of Birth "])
def test_a_claim_that_stands_in_the_text_becomes_a_fact_with_its_sentence(relation: str) -> None:
    found = extract(EULER, claims((BORN[0], relation, *BORN[2:]), **NAMES))
    assert [(m.start, m.end, m.type) for m in found.mentions] == [
        (0, 14, "person"),
        (27, 32, "city"),
    ]
    assert facts(EULER, found) == [("Leonhard Euler", "P19", "Basel", EULER[:41])]


def test_a_russian_claim_becomes_a_fact() -> None:
    claim = ("Леонард Эйлер", "place of birth", "Базеле", "родился в Базеле")
    found = extract(RUSSIAN, claims(claim, Леонард_Эйлер="person", Базеле="city"))
    assert facts(RUSSIAN, found) == [("Леонард Эйлер", "P19", "Базеле", RUSSIAN[:43])]


def test_a_fact_of_two_neighbouring_sentences_is_stated_by_both() -> None:
    claim = ("Leonhard Euler", "residence", "Saint Petersburg", "He moved to Saint Petersburg.")
    found = extract(EULER, claims(claim, Leonhard_Euler="person", Saint_Petersburg="city"))
    assert facts(EULER, found) == [
        ("Leonhard Euler", "P551", "Saint Petersburg", EULER[: EULER.index(" It")])
    ]


@pytest.mark.parametrize("start", [0, len("Leonhard Euler wrote. One. Two. Three. ")])
def test_a_fact_whose_names_lie_far_apart_is_dropped(start: int) -> None:
    text = "Leonhard Euler wrote. One. Two. Three. Later he lived in Basel."
    claim = ("Leonhard Euler", "residence", "Basel", text[start:])
    found = extract(text, claims(claim, **NAMES))
    assert (len(found.mentions), found.relations) == (2, ())


def test_a_name_with_a_full_stop_in_it_is_whole() -> None:
    text = "Sirhan Sirhan shot U.S. Sen. Robert Kennedy there. It rained."
    assert len(sentences(text)) == 3
    claim = (
        "U.S. Sen. Robert Kennedy",
        "killed by",
        "Sirhan Sirhan",
        "Sirhan Sirhan shot U.S. Sen.",
    )
    found = extract(text, claims(claim, **{claim[0]: "person", claim[2]: "person"}))
    assert facts(text, found) == [(claim[0], "P157", claim[2], text[: text.index(" It")])]


def test_of_several_places_those_within_the_quotation_are_taken() -> None:
    text = "Basel is old. Euler left Basel. Euler was born in Basel. Euler and Basel."
    quote = "Euler was born in Basel."
    found = extract(text, claims(("Euler", "P19", "Basel", quote), Euler="person", Basel="city"))
    assert facts(text, found) == [("Euler", "P19", "Basel", quote)]
    assert len(found.mentions) == 7


def test_the_other_half_of_an_inverse_pair_is_turned_round() -> None:
    text = "Paul Euler, father of Leonhard, was a pastor."
    claim = ("Leonhard", "parent", "Paul Euler", "Paul Euler, father of Leonhard")
    found = extract(text, claims(claim, Paul_Euler="person", Leonhard="person"))
    assert facts(text, found) == [("Paul Euler", "P40", "Leonhard", text)]


@pytest.mark.parametrize(
    "claim",
    [
        ("Leonhard Euler", "place of birth", "Basle", BORN[3]),
        ("Leonhard Euler", "place of birth", "Base", BORN[3]),
        ("Leonhard Euler", "place of birth", "Basel", "Leonhard Euler was born at Basel"),
        ("Leonhard Euler", "place of birth", "Basel", ""),
        ("Leonhard Euler", "place of birth", "", BORN[3]),
        ("Leonhard Euler", "was born in", "Basel", BORN[3]),
        ("Leonhard Euler", "", "Basel", BORN[3]),
        ("Basel", "place of birth", "Leonhard Euler", BORN[3]),
        ("Leonhard Euler", "spouse", "Basel", BORN[3]),
        ("Leonhard Euler", "sibling", "Leonhard Euler", BORN[3]),
        ("Leonhard Euler", "place of birth", "born", BORN[3]),
    ],
)
def test_what_is_not_in_the_text_or_not_admitted_is_no_fact(
    claim: tuple[str, str, str, str],
) -> None:
    found = extract(EULER, claims(claim, **NAMES))
    assert (len(found.mentions), found.relations) == (2, ())


def test_a_name_that_the_model_did_not_list_is_what_alone_the_relation_admits() -> None:
    claim = ("Euler", "date of birth", "1707", EULER[:41])
    found = extract(EULER, claims(claim, **NAMES))
    assert facts(EULER, found) == [("Leonhard Euler", "P569", "1707", EULER[:41])]
    assert [m.type for m in found.mentions] == ["person", "city", "date"]


def test_one_span_is_one_mention_and_names_do_not_cross() -> None:
    text = "The University of Basel Library is old."
    found = extract(
        text,
        claims(University_of_Basel="organization", Basel_Library="facility", Basel="city"),
        )  # fmt: skip
    assert [m.text for m in found.mentions] == ["University of Basel", "Basel"]


@pytest.mark.parametrize(
    ("text", "quote", "place"),
    [
        ("by Leonhard\n  Euler here", "Leonhard Euler", "Leonhard\n  Euler"),
        ("the “Neva” — river", '"Neva" - river', "“Neva” — river"),
        ("компания «Нева»", 'КОМПАНИЯ "Нева"', "компания «Нева»"),
        ("Пётр I", "Петр I", "Пётр I"),
        ("Леона\u0301рд Э\u0301йлер", "Леонард Эйлер", "Леона\u0301рд Э\u0301йлер"),
        ("the of\ufb01ce", "office", "of\ufb01ce"),
        ("Kö\u00adnigs\u00adberg", "Königsberg", "Kö\u00adnigs\u00adberg"),
        ("Straße 5", "Straße", "Straße"),
        ("a [Euler] b", "(Euler)", "[Euler]"),
        ("x<|end|>y", "‹|end|›", "<|end|>"),
        ("cafe\u0301s cafe\u0301", "cafe\u0301", "cafe\u0301"),
        ("in 1990s", "1990", "1990"),
    ],
)
def test_what_models_mend_when_they_copy_is_found_all_the_same(
    text: str, quote: str, place: str
) -> None:
    ((start, end),) = Places(text).find(quote)
    assert text[start:end] == place


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Eulerian", "Euler"),
        ("Эйлера", "Эйлер"),
        ("17071", "1707"),
        ("Straße", "Stras"),
        ("Kö\u00adnigs\u00adberg", "Königs"),
        ("Kö\u00adnigs\u00adberg", "berg"),
        ("Euler", ""),
        ("Euler", " \n"),
        ("Euler", "\u200b"),
        ("", "Euler"),
        ("resumé", "resume"),
    ],
)
def test_parts_of_words_and_nothing_are_found_nowhere(text: str, quote: str) -> None:
    assert Places(text).find(quote) == []


@pytest.mark.parametrize(
    "form", ["{}", "```json\n{}\n```", "<think>hm {{}}</think>\n\n{}", "\n{} "]
)
def test_an_answer_may_be_fenced_or_come_after_thoughts(form: str) -> None:
    answer = claims(BORN, **NAMES)
    assert extract(EULER, form.replace("{}", answer)).relations


def test_a_text_without_facts_has_none_and_an_empty_text_is_not_asked_about() -> None:
    assert extract(EULER, claims()) == Extraction()
    assert extract("") == extract(" \n") == extract("--- | 1707 | ---") == Extraction()


PIECES = st.sampled_from(
    [
        *EULER.split(),
        *RUSSIAN.split(),
        "Leonhard Euler",
        EULER[:41],
        RUSSIAN[:43],
        "",
        "\u0301",
        "ß",
    ]
) | st.text(max_size=8)


QUOTES = st.lists(PIECES, max_size=3).map(" ".join)


TYPES = st.sampled_from(["person", "city", "date", "thing"])


RELATIONS = st.sampled_from(["place of birth", "P569", "spouse", "parent", "P4970", "no such"])


JUNK = st.none() | st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2)


ENTRIES = st.fixed_dictionaries({"quote": QUOTES | JUNK, "type": TYPES | JUNK}) | JUNK


CLAIMS = (
    st.fixed_dictionaries(
        {"subject": QUOTES, "relation": RELATIONS, "object": QUOTES, "quote": QUOTES}
    )
    | JUNK
)


ANSWERS = (
    st.fixed_dictionaries(
        {"mentions": st.lists(ENTRIES, max_size=6), "triplets": st.lists(CLAIMS, max_size=6)}
    ).map(json.dumps)
    | JUNK.map(json.dumps)
    | st.text(max_size=40)
)


@hypothesis_settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=12).map(" ".join) | st.sampled_from([EULER, RUSSIAN]), ANSWERS)
def test_whatever_comes_back_only_what_stands_in_the_text_is_kept(text: str, answer: str) -> None:
    extractor = LlmExtractor(ScriptedModel(lambda _: answer), ExtractSettings("llm", parallel=1))
    try:
        (found,) = extractor.extract([text])
    except UnreadTextsError as error:
        assert all(isinstance(item, ModelError) for item in error.found)
    else:
        check(text, found)
