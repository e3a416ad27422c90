import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgrag.ontology import load_ontology
from kgrag.train.weak import WEAK_RELATIONS, WEAK_TYPES, weak_facts, weak_mentions

CORPUS = Path("../shared/data/ie/knowledgenet/train.jsonl.gz")


def _found(text: str) -> set[tuple[str, str]]:
    return {(text[start:end], type_) for start, end, type_ in weak_mentions(text)}


def _stated(text: str, *people: str) -> set[tuple[str, str, str]]:
    gold = [(text.index(name), text.index(name) + len(name), "person") for name in people]
    mentions = [*gold, *weak_mentions(text)]
    facts, _ = weak_facts(text, mentions)
    words = [text[start:end] for start, end, _ in mentions]
    return {(words[subject], relation, words[object_]) for subject, relation, object_ in facts}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "She is a German film director.",
            {("German", "nationality"), ("film director", "profession")},
        ),
        ("He met President Obama.", {("President", "profession")}),
        (
            "He was the President of France then.",
            {("President", "profession"), ("President of France", "profession")},
        ),
        ("At 34 years old he paid $3 million.", {("34 years old", "age"), ("$3 million", "money")}),
        ("He died at the age of 71.", {("71", "age")}),
        ("It is sung in French.", {("French", "language")}),
        ("Islam and socialism met.", {("Islam", "religion"), ("socialism", "ideology")}),
        ("He studied law and physics.", {("law", "field_of_study"), ("physics", "field_of_study")}),
        ("The Civil Rights Act of 1964 passed.", {("Civil Rights Act of 1964", "law")}),
        (
            "About 40 percent chose the second plan.",
            {("40 percent", "percent"), ("second", "ordinal")},
        ),
    ],
)
def test_a_listed_word_or_a_pattern_is_found_with_its_span(
    text: str, expected: set[tuple[str, str]]
) -> None:
    assert _found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "He lived at 12 Baker Street.",
        "They stayed at the President Hotel near King's College.",
        "He joined the German Historical Institute and the Board of Directors.",
        "They had to judge and to coach.",
        "The law was broken on July 4th.",
        "Duke Ellington and Dean Martin sang.",
    ],
)
def test_nothing_is_found_inside_a_longer_name_or_in_another_sense(text: str) -> None:
    assert _found(text) == set()


@pytest.mark.parametrize(
    ("text", "people", "expected"),
    [
        (
            "Marie Curie ( 1867 – 1934 ) was a Polish physicist and chemist.",
            ("Marie Curie",),
            {("Marie Curie", "P106", "physicist"), ("Marie Curie", "P106", "chemist")},
        ),
        (
            "The composers Ann Lee and Tom Ray met King Olaf.",
            ("Ann Lee", "Tom Ray", "Olaf"),
            {
                ("Ann Lee", "P106", "composers"),
                ("Tom Ray", "P106", "composers"),
                ("Olaf", "P39", "King"),
            },
        ),
        (
            "Ann Lee was elected mayor of Lyon.",
            ("Ann Lee",),
            {("Ann Lee", "P39", "mayor of Lyon")},
        ),
        ("Ann Lee, 34, of Utah left.", ("Ann Lee",), {("Ann Lee", "kgrag:age", "34")}),
        (
            "Ann Lee died at the age of 80.",
            ("Ann Lee",),
            {("Ann Lee", "kgrag:age_at_death", "80")},
        ),
        ("Ann Lee worked in genetics.", ("Ann Lee",), {("Ann Lee", "P101", "genetics")}),
        ("Ann Lee advocated socialism.", ("Ann Lee",), {("Ann Lee", "P1142", "socialism")}),
    ],
)
def test_a_plain_wording_states_a_fact(
    text: str, people: tuple[str, ...], expected: set[tuple[str, str, str]]
) -> None:
    assert _stated(text, *people) == expected


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Ann Lee was the daughter of a physicist.", ("Ann Lee",)),
        ("Ann Lee was the astute daughter and physicist.", ("Ann Lee",)),
        ("Ann Lee appointed him governor.", ("Ann Lee",)),
        ("Ann Lee was not a physicist.", ("Ann Lee",)),
        ("Ann Lee was the physicist's niece.", ("Ann Lee",)),
        ("Ann Lee left. The physicist stayed.", ("Ann Lee",)),
    ],
)
def test_a_profession_of_someone_else_is_no_fact_but_unknown(
    text: str, people: tuple[str, ...]
) -> None:
    mentions = [(text.index(name), text.index(name) + len(name), "person") for name in people]
    mentions += weak_mentions(text)
    facts, unknown = weak_facts(text, mentions)
    assert facts == []
    assert unknown == {(0, 1)}


def test_another_person_beside_a_stated_profession_is_denied() -> None:
    text = "The physicist Ann Lee met Tom Ray."
    mentions = [(14, 21, "person"), (26, 33, "person"), *weak_mentions(text)]
    assert weak_facts(text, mentions) == ([(0, "P106", 2)], set())


def test_the_short_profession_inside_a_stated_one_is_unknown() -> None:
    text = "Ann Lee is the President of France."
    mentions = [(0, 7, "person"), *weak_mentions(text)]
    facts, unknown = weak_facts(text, mentions)
    words = [text[start:end] for start, end, _ in mentions]
    assert [(words[one], words[two]) for one, _, two in facts] == [
        ("Ann Lee", "President of France")
    ]
    assert [(words[one], words[two]) for one, two in unknown] == [("Ann Lee", "President")]


_PIECES = st.sampled_from(
    "President king of the France Ann Lee , 34 . $ 5 million % the first physicist and 's - "
    "years old German in Act Bishop Street was a socialism physics \n ( ) é 漢".split(" ")
)


def test_of_two_spans_that_cross_the_first_is_kept() -> None:
    text = "He was director of the Theatre Act of 1843 archive."
    found = [(text[start:end], type_) for start, end, type_ in weak_mentions(text)]
    assert found == [("director of the Theatre Act", "profession"), ("director", "profession")]


@given(st.lists(_PIECES, max_size=40).map(" ".join) | st.text(max_size=60))
def test_spans_lie_in_the_text_in_order_and_never_cross(text: str) -> None:
    mentions = weak_mentions(text)
    assert mentions == sorted(mentions, key=lambda mention: (mention[0], -mention[1]))
    assert len({mention[:2] for mention in mentions}) == len(mentions)
    for start, end, type_ in mentions:
        assert 0 <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        assert type_ in WEAK_TYPES
        for other, ending, _ in mentions:
            assert not start < other < end < ending
    facts, unknown = weak_facts(text, mentions)
    assert not {(subject, object_) for subject, _, object_ in facts} & unknown


def test_facts_fit_the_signatures_of_the_ontology() -> None:
    if not CORPUS.exists():
        pytest.skip("needs ../shared/data")
    relations = load_ontology().relation_types
    labels = {"PERSON": "person", "ORGANIZATION": "organization"}
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line, _ in zip(lines, range(300), strict=False)]
    seen = set()
    for record in records:
        mentions = [
            (entity["start"], entity["end"], labels[entity["type"]])
            for entity in record["entities"]
            if entity["type"] in labels
        ]
        mentions += weak_mentions(record["text"])
        for subject, relation, object_ in weak_facts(record["text"], mentions)[0]:
            seen.add(relation)
            assert relation in WEAK_RELATIONS
            assert relations[relation].allows(mentions[subject][2], mentions[object_][2])
    assert {"P106", "P39"} <= seen
