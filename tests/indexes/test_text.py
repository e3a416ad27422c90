import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexes import text as module
from indexes.text import language_of, sentences, stems, words

_WRITING = st.text(
    st.one_of(st.sampled_from("aБ. \n\t|-*1!?«»"), st.characters(exclude_categories=["Cs"])),
    max_size=120,
)


@given(_WRITING, st.sampled_from([5, 1000]))
@example("ab  cdefgh", 5)
def test_sentences_hold_every_character_once_and_no_space_around(text: str, longest: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MAX_SENTENCE_CHARS", longest)
        spans = sentences(text)
    at = 0
    for start, end in spans:
        assert at <= start < end <= len(text)
        assert end - start <= longest
        assert text[start:end] == text[start:end].strip()
        assert not text[at:start].strip(), "characters between sentences"
        at = end
    assert not text[at:].strip()


@given(_WRITING)
def test_words_are_in_order_and_each_has_one_stem(text: str) -> None:
    spans = words(text)
    assert all(one[1] <= other[0] for one, other in zip(spans, spans[1:], strict=False))
    assert all(not text[start:end].isspace() and end > start for start, end in spans)
    assert len(stems(text)) == len(spans)


@pytest.mark.parametrize("unit", ["x", "x ", "\n", "a.", "| ", "Ж", "\n- "])
def test_text_without_full_stops_is_cut_in_linear_time(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    started = time.perf_counter()
    spans = sentences(text)
    assert time.perf_counter() - started < 10  # quadratic would take minutes
    assert max((end - start for start, end in spans), default=0) <= 1000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Euler came in 1727. He stayed.", ["Euler came in 1727.", "He stayed."]),
        ("Указ 1747 г. не исполнен. Он остался.", ["Указ 1747 г. не исполнен.", "Он остался."]),
        ("A title\n\nwithout a stop", ["A title", "without a stop"]),
        ("a wrapped\nline", ["a wrapped\nline"]),
        ("Needed:\n- ink\n- paper", ["Needed:", "- ink", "- paper"]),
        ("Name | Year |\nEuler | 1707 |", ["Name | Year |", "Euler | 1707 |"]),
    ],
)
def test_sentences_end_where_a_reader_sees_their_end(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Academy's letters", "academy letter"),
        ("Эйлера", "эйлер"),
        ("академии наук", "академия наука"),
        ("Ёлка", "елка"),
        ("Königsberg", "konigsberg"),
    ],
)
def test_inflections_meet_in_one_stem(one: str, other: str) -> None:
    assert stems(one) == stems(other)


def test_the_language_is_that_of_the_letters() -> None:
    assert language_of("Письмо Euler") == "ru"
    assert language_of("A letter to Эйлер, read in Saint Petersburg") == "en"
    assert language_of("1727") == "en"
