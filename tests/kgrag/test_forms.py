import pytest

from indexes.text import stems
from kgrag.forms import forms_of


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("write", "wrote"), ("wrote", "written"), ("children", "child"), ("won", "win"),
        ("замок", "замка"), ("дети", "ребёнка"), ("шёл", "идут"), ("Павла", "Павел"),
    ],
)  # fmt: skip
def test_inflected_forms_meet(asked: str, written: str) -> None:
    assert stems(written)[0] in forms_of(asked)


@pytest.mark.parametrize("word", ["", "42", "Ω", "naïve", "x" * 5000, "O'Leary", "\ud800"])
def test_any_word_has_its_own_stems_at_least(word: str) -> None:
    assert set(stems(word)) <= forms_of(word)
