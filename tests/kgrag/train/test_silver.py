import gzip
import json
from pathlib import Path

from kgrag.train.data import Example, GoldMention, read_silver, weakened


def _silver(folder: Path) -> Path:
    text = "Euler was born in Basel. He liked the city of Bern."
    record = {
        "text": text,
        "mentions": [[0, 5, "person"], [18, 23, "city"], [25, 27, "person"], [46, 50, None]],
        "facts": [[0, "P19", 1]],
        "unknown": [[0, 3]],
    }
    path = folder / "silver.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        lines.write(json.dumps(record) + "\n")
    return path


def test_what_the_teacher_is_sure_of_is_true_and_where_it_hesitates_nothing_is_known(
    tmp_path: Path,
) -> None:
    (example,) = read_silver(_silver(tmp_path))
    assert [mention.types for mention in example.mentions] == [
        {"person"}, {"city"}, {"person"}, frozenset()
    ]  # fmt: skip
    assert example.facts[0].relation == "P19"
    assert (0, 3) in example.unknown


def test_the_teacher_says_nothing_of_relations_that_it_did_not_see(tmp_path: Path) -> None:
    (example,) = read_silver(_silver(tmp_path))
    assert not example.covered_relations
    assert example.complete
    assert "city" in example.covered_types


def test_word_lists_add_to_a_text_what_its_corpus_does_not_mark() -> None:
    text = "The physicist Marie Curie was 34 years old."
    curie = GoldMention(14, 25, frozenset({"person"}), "curie")
    example = Example(
        "one", "conll04", "en", text, (curie,), (), frozenset(), frozenset({"person"}),
        frozenset({"P19"}), complete=True,
    )  # fmt: skip
    richer = weakened(example)
    found = {(text[m.start : m.end], *m.types) for m in richer.mentions}
    assert {
        ("Marie Curie", "person"),
        ("physicist", "profession"),
        ("34 years old", "age"),
    } <= found
    facts = {(text[richer.mentions[f.subjects[0]].start :][:11], f.relation) for f in richer.facts}
    assert ("Marie Curie", "P106") in facts
    assert {"P19", "P106"} <= richer.covered_relations
    assert {"person", "profession"} <= richer.covered_types


def test_word_lists_never_overrule_an_annotated_mention() -> None:
    text = "Baker met President Smith."
    gold = (
        GoldMention(0, 5, frozenset({"person"}), "a"),
        GoldMention(10, 25, frozenset({"person"}), "b"),
    )
    example = Example(
        "one", "conll04", "en", text, gold, (), frozenset(), frozenset({"person"}), frozenset(),
        complete=True,
    )  # fmt: skip
    spans = [(mention.start, mention.end) for mention in weakened(example).mentions]
    assert len(spans) == len(set(spans))
    assert spans[:2] == [(0, 5), (10, 25)]
