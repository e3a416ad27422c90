import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexes.text import Language
from kgrag.extract.words import (
    FEATURE_SIZES,
    MAX_PIECES,
    PAD,
    VECTOR_SIZES,
    WordTable,
    hashed_features,
    word_shape,
)


@given(st.text(st.characters(), max_size=60))
def test_every_word_has_features_within_their_tables(word: str) -> None:
    features = hashed_features(word)
    assert all(0 <= bucket < size for bucket, size in zip(features, FEATURE_SIZES, strict=True))


def test_features_do_not_change_between_versions() -> None:
    assert hashed_features("Euler") == (8760, 3718, 457, 6629, 173, 12, 8437)


def test_shapes_tell_casing_digits_and_punctuation_apart() -> None:
    words = ["Euler", "USSR", "may", "iPhone", "A", "1762", "17", ","]
    assert [word_shape(word) for word in words] == [
        "Xx", "X", "x", "xXx", "X1", "dddd", "dd", ",",
    ]  # fmt: skip


def test_a_full_table_starts_afresh_and_gives_the_same_vectors() -> None:
    table = WordTable("ru", capacity=3)
    first, _ = table.take(table.rows(["Эйлер", "Базель"]))
    table.rows(["Париж", "Лондон", "Рим"])
    again, features = table.take(table.rows(["Эйлер", "Базель"]))
    assert np.array_equal(first, again)
    assert features.tolist() == [list(hashed_features("Эйлер")), list(hashed_features("Базель"))]


def test_known_russian_words_have_vectors() -> None:
    words = ["базеле", "Россия", "ещё"]
    table = WordTable("ru")
    vectors, _ = table.take(table.rows(words))
    assert vectors.shape == (len(words), VECTOR_SIZES["ru"])
    assert np.all(np.abs(vectors).sum(axis=1) > 1)


def test_english_words_have_pieces_whatever_they_are() -> None:
    words = ["the", "Basel", "x" * 3000, "漢", "\ud800", "🙂"]
    table = WordTable("en")
    vectors, features = table.take(table.rows(words))
    pieces = features[:, len(FEATURE_SIZES) :]
    assert vectors.shape == (len(words), 0)
    assert pieces.shape == (len(words), MAX_PIECES)
    assert np.all(pieces[:, 0] != PAD)
    assert pieces[0].tolist() == [1996, *[PAD] * (MAX_PIECES - 1)]


@pytest.mark.parametrize(
    ("language", "forms"),
    [("en", ("appointed", "appoints")), ("ru", ("назначила", "назначили"))],
)
def test_forms_of_one_word_share_the_feature_of_their_stem(
    language: Language, forms: tuple[str, str]
) -> None:
    table = WordTable(language)
    _, features = table.take(table.rows(forms))
    assert features[0, 6] == features[1, 6]
    assert features[0, 0] != features[1, 0]


def test_stress_marks_and_quotes_do_not_hide_a_word() -> None:
    table = WordTable("ru")
    vectors, _ = table.take(table.rows(["Росси́я", "Россия"]))
    assert np.array_equal(vectors[0], vectors[1])
