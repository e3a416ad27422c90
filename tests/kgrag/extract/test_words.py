import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kgrag.extract.words import FEATURE_SIZES, VECTOR_SIZES, WordTable, hashed_features, word_shape


@given(st.text(st.characters(), max_size=60))
def test_every_word_has_features_within_their_tables(word: str) -> None:
    features = hashed_features(word)
    assert all(0 <= bucket < size for bucket, size in zip(features, FEATURE_SIZES, strict=True))


def test_features_do_not_change_between_versions() -> None:
    assert hashed_features("Euler") == (8760, 3718, 457, 6629, 173, 12)


def test_shapes_tell_casing_digits_and_punctuation_apart() -> None:
    words = ["Euler", "USSR", "may", "iPhone", "A", "1762", "17", ","]
    assert [word_shape(word) for word in words] == [
        "Xx", "X", "x", "xXx", "X1", "dddd", "dd", ",",
    ]  # fmt: skip


def test_a_full_table_starts_afresh_and_gives_the_same_vectors() -> None:
    table = WordTable("en", capacity=3)
    first, _ = table.take(table.rows(["Euler", "Basel"]))
    table.rows(["Paris", "London", "Rome"])
    again, features = table.take(table.rows(["Euler", "Basel"]))
    assert np.array_equal(first, again)
    assert features.tolist() == [list(hashed_features("Euler")), list(hashed_features("Basel"))]


def test_known_words_have_vectors_in_both_languages() -> None:
    for language, words in (("en", ["Basel", "the"]), ("ru", ["базеле", "Россия", "ещё"])):
        table = WordTable("en" if language == "en" else "ru")
        vectors, _ = table.take(table.rows(words))
        assert vectors.shape == (len(words), VECTOR_SIZES[table.language])
        assert np.all(np.abs(vectors).sum(axis=1) > 1)


def test_stress_marks_and_quotes_do_not_hide_a_word() -> None:
    table = WordTable("ru")
    vectors, _ = table.take(table.rows(["Росси́я", "Россия"]))
    assert np.array_equal(vectors[0], vectors[1])
