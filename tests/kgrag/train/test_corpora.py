from pathlib import Path

import pytest

from indexes.errors import ConfigError
from kgrag.train.corpora import TRAIN, of_scheme, training_examples
from tests.kgrag.train.births import birth_text, write_births


def test_a_text_that_is_also_in_a_test_split_trains_nothing(tmp_path: Path) -> None:
    kept, tested = ("Иван Петров", "Омск"), ("Анна Орлова", "Псков")
    # The same letters make the same text, whatever its capitals and spaces.
    write_births(tmp_path, train=[kept, tested], test=[("АННА  ОРЛОВА", "Псков")])
    texts = [example.text for example in training_examples(tmp_path, "ru")]
    assert texts == [birth_text(*kept)]


def test_the_sources_of_a_scheme_are_those_with_its_labels() -> None:
    assert [source.path for source in of_scheme(TRAIN["en"], "gum")] == ["ie/gum/train.jsonl.gz"]
    assert of_scheme(TRAIN["en"], None) == list(TRAIN["en"])
    with pytest.raises(ConfigError, match=r"scheme 'gum' .* expected one of nerel"):
        of_scheme(TRAIN["ru"], "gum")
