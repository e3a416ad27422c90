from hypothesis import given
from hypothesis import strategies as st

from kgrag.extract.tokens import (
    MAX_PART_TOKENS,
    MAX_WINDOW_TOKENS,
    block_of,
    split,
    tokenize,
)

TEXTS = st.text(
    st.sampled_from("aZé́яЁ1٣ \n\t.,-«»'😀👩‍🦰שa\u0000\u200b\ud800"), max_size=200
) | st.text(max_size=100)


@given(TEXTS)
def test_tokens_cover_everything_but_white_space_in_order(text: str) -> None:
    spans = tokenize(text)
    assert "".join(text[start:end] for start, end in spans) == "".join(text.split())
    assert spans == sorted(spans)
    assert all(start < end for start, end in spans)


@given(TEXTS)
def test_the_parts_of_a_text_hold_each_of_its_tokens_once(text: str) -> None:
    parts = split(text)
    tokens = [span for part in parts for span in part.tokens]
    assert tokens == sorted(set(tokens))
    assert "".join(text[start:end] for start, end in tokens) == "".join(text.split())
    for part in parts:
        assert [end for _, end in part.windows][-1] == len(part.tokens)
        assert [start for start, _ in part.windows[1:]] == [end for _, end in part.windows[:-1]]
        for (start, end), number in zip(part.tokens, part.sentence_of, strict=True):
            sentence = part.sentences[number]
            assert sentence[0] <= start < end <= sentence[1]


def test_letters_digits_and_punctuation_are_cut_apart() -> None:
    text = "42-летний Ёлкин, U.S. $8,1 Екатери́на"
    assert [text[start:end] for start, end in tokenize(text)] == (
        "42 - летний Ёлкин , U . S . $ 8 , 1 Екатери́на".split()
    )


def test_each_block_is_read_in_its_own_language() -> None:
    russian = "Екатерина Великая была императрицей России с 1762 года."
    english = "Catherine the Great was the Empress of Russia from 1762."
    parts = split(f"{russian}\n\n{english}\n\n{russian}")
    assert [part.language for part in parts] == ["ru", "en", "ru"]


def test_a_short_heading_does_not_change_the_language() -> None:
    russian = "Екатерина Великая была императрицей России с 1762 года."
    parts = split(f"{russian}\n\nSAP ERP\n\n{russian}")
    assert [part.language for part in parts] == ["ru"]


def test_windows_and_parts_have_a_limit_and_end_between_sentences() -> None:
    text = "The Tsar went to Paris in May. " * 2000
    parts = split(text)
    assert len(parts) > 1
    for part in parts:
        assert len(part.tokens) <= MAX_PART_TOKENS
        for start, end in part.windows:
            assert end - start <= MAX_WINDOW_TOKENS[part.language]
            assert start == 0 or part.sentence_of[start] != part.sentence_of[start - 1]


def test_a_sentence_longer_than_a_window_is_cut() -> None:
    parts = split("a," * 5000)
    assert sum(len(part.tokens) for part in parts) == 10_000
    for part in parts:
        inside = [token for start, end in part.windows for token in range(start, end)]
        assert inside == list(range(len(part.tokens)))
    longest = max(end - start for part in parts for start, end in part.windows)
    assert longest <= MAX_WINDOW_TOKENS["en"]


def test_a_heading_is_not_read_in_one_window_with_the_text_below() -> None:
    text = "Third Eye Blind\n\nThird Eye Blind is a band.\n\n- red\n\n- green"
    (part,) = split(text, "en")
    assert [text[part.tokens[a][0] : part.tokens[b - 1][1]] for a, b in part.windows] == [
        "Third Eye Blind",
        "Third Eye Blind is a band.\n\n- red\n\n- green",
    ]
    assert block_of(text, part) == [0] * 3 + [1] * 7 + [2, 2, 3, 3]
