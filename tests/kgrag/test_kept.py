import json
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexes.records import Entity, Evidence, Triplet
from kgrag.events import Answer, Citation, RankedPassage, Sentence, Status
from kgrag.kept import answer_from_json, answer_to_json, documents_of

_text = st.text(st.characters(), max_size=12)  # halves of characters among them
_score = st.floats(0, 1)
_maybe = st.none() | _text
_page = st.none() | st.integers(1, 9)
_entities = st.builds(Entity, _text, _text, _text, st.lists(_text, max_size=2).map(tuple), _maybe)


@st.composite
def _evidence(draw: st.DrawFn) -> Evidence:
    quote, start = draw(_text.filter(bool)), draw(st.integers(0, 10**12))
    return Evidence(
        draw(_text), draw(_text), draw(_page), start, start + len(quote), quote, draw(_text),
        draw(_score),
    )  # fmt: skip


_facts = st.builds(
    Triplet, _entities, _text, _entities, st.lists(_evidence(), min_size=1, max_size=2).map(tuple)
)
_citations = st.builds(
    Citation, st.integers(1, 99), _text, _text, _page, st.integers(0, 99), st.integers(0, 99),
    _text, st.lists(_facts, max_size=2).map(tuple),
)  # fmt: skip
_sentences = st.builds(
    Sentence,
    _text,
    st.lists(st.integers(1, 9), max_size=3).map(tuple),
    st.sampled_from(get_args(Status)),
    _maybe,
    st.none() | st.tuples(st.integers(0, 9), st.integers(0, 9)),
)
_passages = st.builds(
    RankedPassage, _text, _text, _page, st.integers(0, 9), st.integers(0, 9), _text,
    st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip
_answers = st.builds(
    Answer,
    question=_text,
    sentences=st.lists(_sentences, max_size=2).map(tuple),
    citations=st.lists(_citations, max_size=2).map(tuple),
    abstained=st.booleans(),
    why=_maybe,
    mode=st.sampled_from(("quote", "llm")),
    seconds=st.floats(0, 1e9),
    understood=_text,
    notice=_maybe,
    nearest=st.lists(_passages, max_size=2).map(tuple),
    sufficiency=st.none() | _score,
)


@settings(max_examples=60, deadline=None)
@given(_answers)
def test_an_answer_comes_back_as_it_was(answer: Answer) -> None:
    kept = answer_to_json(answer)
    assert kept.isascii()
    assert answer_from_json(kept) == answer


def answer() -> Answer:
    euler = Entity("Q7604", "Euler", "person", ("Leo",), "Q7604")
    proof = Evidence("sha256:2", "b.txt", 1, 0, 6, "Euler!", "hand", 0.5)
    fact = Triplet(euler, "P26", Entity("e:1", "Anna", "person"), (proof,))
    return Answer(
        question="Who?",
        sentences=(Sentence("Euler.", (1,), highlight=(0, 5)),),
        citations=(Citation(1, "sha256:1", "a.txt", None, 0, 6, "Euler.", (fact,)),),
        abstained=False,
        why=None,
        mode="quote",
        seconds=0.1,
        nearest=(RankedPassage("sha256:3", "c.txt", None, 0, 1, "x", 1.0),),
    )


def test_all_documents_of_which_an_answer_holds_text_are_told() -> None:
    assert documents_of(answer()) == ("sha256:1", "sha256:2", "sha256:3")


def changed(**changes: object) -> str:
    kept = json.loads(answer_to_json(answer()))
    return json.dumps(kept | {"answer": kept["answer"] | changes})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"version": 1}',
        '{"version": 2, "answer": {}}',
        answer_to_json(answer()).replace('"version":2', '"version":3'),
        "[" * 100_000,
        changed(mode="poem"),
        changed(question=None),
        changed(abstained="yes"),
        changed(seconds="0.1"),
        changed(more=1),
        changed(citations=[{"n": 1}]),
        changed(sentences={"text": "x"}),
    ],
)
def test_what_is_no_kept_answer_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="."):
        answer_from_json(text)


def test_evidence_that_breaks_the_rules_of_the_records_is_refused() -> None:
    kept = answer_to_json(answer()).replace('"quote":"Euler!"', '"quote":"Eul"')
    with pytest.raises(ValueError, match="characters long"):
        answer_from_json(kept)


def test_an_answer_that_was_kept_before_sufficiency_was_is_read() -> None:
    kept = json.loads(answer_to_json(answer()))
    del kept["answer"]["sufficiency"]
    assert answer_from_json(json.dumps(kept | {"version": 1})) == answer()
    with pytest.raises(ValueError, match="holds what no answer has|sufficiency"):
        answer_from_json(json.dumps(kept))
