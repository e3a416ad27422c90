from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexes.errors import ModelError
from kgrag.embed import ALIGNMENT, Embedder, StaticEmbedder
from tests.fakes import HashEmbedder

TRANSLATIONS = [
    ("The president signed the law.", "Президент подписал закон."),
    ("The river flows into the sea.", "Река впадает в море."),
    ("The doctor treats a patient in hospital.", "Врач лечит больного в больнице."),
    ("The team won the football match.", "Команда выиграла футбольный матч."),
    ("The price of oil fell.", "Цена на нефть упала."),
    (
        "Students study mathematics at the university.",
        "Студенты изучают математику в университете.",
    ),
]
TEXTS = st.lists(st.text("abc Dxyz 17,. абвг Эйлрнямщ ё-", max_size=40), max_size=6)


@pytest.fixture(scope="module")
def embedder() -> StaticEmbedder:
    return StaticEmbedder()


def test_rows_are_unit_vectors(embedder: StaticEmbedder) -> None:
    rows = embedder.embed(
        [text for pair in TRANSLATIONS for text in pair] + ["Эйлер", "Euler, 1727"]
    )
    assert rows.shape == (14, embedder.dimension) and rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_texts_without_words_have_zero_rows(embedder: StaticEmbedder) -> None:
    assert not embedder.embed(["", " \n", "?!", "—", "\ud800"]).any()


def test_no_texts_give_no_rows(embedder: StaticEmbedder) -> None:
    assert embedder.embed([]).shape == (0, embedder.dimension)


@settings(max_examples=50, deadline=None)
@given(texts=TEXTS)
def test_a_row_depends_on_its_own_text_only(embedder: StaticEmbedder, texts: list[str]) -> None:
    together = embedder.embed(texts)
    for row, text in zip(together, texts, strict=True):
        assert row.tobytes() == embedder.embed([text])[0].tobytes()


def test_a_row_does_not_depend_on_the_batch_that_it_falls_into(embedder: StaticEmbedder) -> None:
    texts = [text for pair in TRANSLATIONS for text in pair] * 60
    rows = embedder.embed(texts)
    assert (rows == np.tile(embedder.embed(texts[:12]), (60, 1))).all()


def test_translations_are_each_others_nearest(embedder: StaticEmbedder) -> None:
    english, russian = zip(*TRANSLATIONS, strict=True)
    scores = embedder.embed(english) @ embedder.embed(russian).T
    assert (scores.argmax(axis=1) == np.arange(len(scores))).all()
    assert (scores.argmax(axis=0) == np.arange(len(scores))).all()


def test_both_scripts_of_a_mixed_text_count(embedder: StaticEmbedder) -> None:
    mixed, english, russian = embedder.embed(
        ["Windows работает на сервере", "Windows", "работает на сервере"]
    )
    assert mixed @ english > 0.3 and mixed @ russian > 0.3
    assert english @ russian < min(mixed @ english, mixed @ russian)


def test_an_unknown_surname_is_recognised_in_another_case_and_script(
    embedder: StaticEmbedder,
) -> None:
    nominative, genitive, latin, other = embedder.embed(["Эйлер", "Эйлера", "Eyler", "Гаусса"])
    assert nominative @ genitive > 0.5 > nominative @ other
    assert nominative @ latin > 0.99


def test_frequent_words_weigh_little(embedder: StaticEmbedder) -> None:
    plain, padded = embedder.embed(["академия наук", "а в и на академия наук"])
    assert plain @ padded > 0.9


def test_another_alignment_has_another_fingerprint(tmp_path: Path) -> None:
    with np.load(ALIGNMENT) as arrays:
        changed = dict(arrays)
    changed["map"] = -changed["map"]
    np.savez(tmp_path / "other.npz", **changed)
    assert StaticEmbedder(tmp_path / "other.npz").fingerprint != StaticEmbedder().fingerprint
    assert StaticEmbedder().fingerprint == StaticEmbedder().fingerprint


@pytest.mark.parametrize("content", [None, b"", b"no archive", ALIGNMENT.read_bytes()[:999]])
def test_a_missing_or_damaged_alignment_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "alignment.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"alignment\.npz.*kgrag\.train\.align"):
        StaticEmbedder(path)


@pytest.mark.parametrize("make", [StaticEmbedder, HashEmbedder])
def test_each_embedder_keeps_the_protocol(make: type[StaticEmbedder] | type[HashEmbedder]) -> None:
    embedder: Embedder = make()
    rows = embedder.embed(["one word", "", "one word"])
    assert rows.shape == (3, embedder.dimension)
    assert (rows[0] == rows[2]).all() and not rows[1].any() and embedder.fingerprint
    assert (embedder.embed_question("one word") == rows[0]).all()
