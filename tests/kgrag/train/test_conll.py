import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgrag.train.conll import read_conll
from kgrag.train.data import Source, read_examples

Record = dict[str, Any]
Span = tuple[str, str]


def _read(folder: Path, content: str, **columns: Any) -> list[Record]:  # noqa: ANN401
    file = folder / "one.conll"
    file.write_bytes(content.encode())
    return read_conll(file, **columns)


def _spans(record: Record) -> list[Span]:
    for entity in record["entities"]:
        assert record["text"][entity["start"] : entity["end"]] == entity["text"]
    return [(entity["text"], entity["type"]) for entity in record["entities"]]


def _warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def test_a_sentence_is_its_tokens_joined_by_single_spaces(tmp_path: Path) -> None:
    (record,) = _read(tmp_path, "Ada\tB-PER\nLovelace\tI-PER\nmet\tO\nПётр\tB-PER\n.\tO\n")
    assert record == {
        "id": "one-0",
        "text": "Ada Lovelace met Пётр .",
        "tokenized": True,
        "entities": [
            {"id": "e0", "start": 0, "end": 12, "text": "Ada Lovelace", "type": "PER"},
            {"id": "e1", "start": 17, "end": 21, "text": "Пётр", "type": "PER"},
        ],
        "relations": [],
    }


def test_neighbours_are_told_apart_in_both_schemes(tmp_path: Path) -> None:
    tags = {
        "IOB1": ["I-PER", "I-PER", "B-PER", "I-LOC", "O", "I-LOC"],
        "IOB2": ["B-PER", "I-PER", "B-PER", "B-LOC", "O", "B-LOC"],
    }
    for labels in tags.values():
        content = "".join(f"{word} {tag}\n" for word, tag in zip("abcdef", labels, strict=True))
        (record,) = _read(tmp_path, content)
        assert _spans(record) == [("a b", "PER"), ("c", "PER"), ("d", "LOC"), ("f", "LOC")]


@pytest.mark.parametrize("end", ["\n\n", "\n\t\n", "\r\n\r\n", "\n-DOCSTART- -X- O O\n", "\n\n\n"])
def test_a_blank_line_and_docstart_end_a_sentence_and_its_mention(tmp_path: Path, end: str) -> None:
    records = _read(tmp_path, f"Ada B-PER{end}Byron I-PER\n")
    assert [record["text"] for record in records] == ["Ada", "Byron"]
    assert [_spans(record) for record in records] == [[("Ada", "PER")], [("Byron", "PER")]]


def test_columns_and_separator_can_be_chosen(tmp_path: Path) -> None:
    content = "1|New York|NNP|B-LOC|x\n2|slept|VBD|O|x\n"
    (record,) = _read(tmp_path, content, separator="|", token=1, tag=3)
    assert record["text"] == "New York slept"
    assert _spans(record) == [("New York", "LOC")]


def test_a_tab_separates_where_there_is_one_and_else_any_white_space(tmp_path: Path) -> None:
    records = _read(tmp_path, "10\u00a0km\u2028h\tB-LEN\n\nParis  NNP   B-LOC\n")
    assert [_spans(record) for record in records] == [
        [("10\u00a0km\u2028h", "LEN")],
        [("Paris", "LOC")],
    ]


def test_comments_are_skipped_and_a_hash_is_a_token(tmp_path: Path) -> None:
    (record,) = _read(tmp_path, "# text = # Ada\n#\tO\nAda\tB-PER\n")
    assert record["text"] == "# Ada"


def test_odd_lines_and_tags_are_named_with_their_number(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    content = "Ada\tB-PER\nByron\tPER\nslept\nin\tI-\n\tB-LOC\nRome\tB-LOC\n"
    (record,) = _read(tmp_path, content)
    assert record["text"] == "Ada Byron in Rome"
    assert _spans(record) == [("Ada", "PER"), ("Rome", "LOC")]
    assert [warning.split(":")[0] for warning in _warnings(caplog)] == [
        "one.conll line 2",
        "one.conll line 3",
        "one.conll line 4",
        "one.conll line 5",
    ]


def test_a_column_that_is_not_there_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert _read(tmp_path, "Ada B-PER\n", tag=5) == []
    assert ["line 1" in warning for warning in _warnings(caplog)] == [True]


WORD = st.text(st.characters(exclude_categories=["Cs", "Z", "Cc"]), min_size=1, max_size=8)


@given(st.lists(st.tuples(WORD, st.sampled_from(["O", "B-A", "I-A", "B-B", "I-B"])), min_size=1))
def test_every_token_with_a_tag_lies_in_one_mention_and_no_other_does(
    tmp_path_factory: pytest.TempPathFactory, tokens: list[tuple[str, str]]
) -> None:
    content = "".join(f"x\t{word}\t{tag}\n" for word, tag in tokens)
    (record,) = _read(tmp_path_factory.mktemp("conll"), content, token=1)
    assert record["text"] == " ".join(word for word, _ in tokens)
    inside = [word for word, tag in tokens if tag != "O"]
    assert " ".join(text for text, _ in _spans(record)) == " ".join(inside)
    begun = sum(tag.startswith("B") for _, tag in tokens)
    assert len(record["entities"]) >= begun


FILES = {
    "train": "wnut17train.conll",
    "dev": "emerging.dev.conll",
    "test": "emerging.test.annotated",
}


@pytest.mark.parametrize("split", FILES)
def test_wnut17_is_read_exactly_as_its_conversion_has_it(
    data: Path, split: str, caplog: pytest.LogCaptureFixture
) -> None:
    if not (data / "raw" / "wnut17.zip").exists():
        pytest.skip("WNUT-17's files (../shared/data/raw) are not here")
    with zipfile.ZipFile(data / "raw" / "wnut17.zip") as opened:
        read = read_conll(zipfile.Path(opened, FILES[split]))
    with gzip.open(data / "ie" / "wnut17" / f"{split}.jsonl.gz", "rt", encoding="utf-8") as lines:
        expected = [json.loads(line) for line in lines]
    for record in expected:
        del record["lang"]
    assert [{**record, "id": 0} for record in read] == [{**record, "id": 0} for record in expected]
    assert _warnings(caplog) == []


def test_training_reads_conll_files_out_of_an_archive_and_beside_it(tmp_path: Path) -> None:
    content = "Ada\tB-PER\nslept\tO\n"
    (tmp_path / "one.conll").write_text(content, "utf-8")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("in/one.conll", content)
    sources = [Source(path, "conll-style") for path in ("one.conll", "all.zip/in/one.conll")]
    one, two = read_examples(tmp_path, sources)
    assert one == two
    assert [(mention.start, mention.end) for mention in one.mentions] == [(0, 3)]
    assert one.mentions[0].types == {"person", "family"}
