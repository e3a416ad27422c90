import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgrag.train.brat import read_brat
from kgrag.train.data import Source, read_examples

Record = dict[str, Any]

TEXT = "Анна\r\nи Пётр живут 😀 в Риге.\n"


def _read(folder: Path, lines: list[str], text: str = TEXT) -> Record:
    (folder / "one.txt").write_bytes(text.encode())
    (folder / "one.ann").write_bytes("\n".join(lines).encode())
    (record,) = read_brat(folder)
    return record


def _warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def test_mentions_relations_and_links_are_read_with_their_offsets(tmp_path: Path) -> None:
    record = _read(
        tmp_path,
        [
            "R1\tLIVES_IN Arg1:T1 Arg2:T2\t",
            "T1\tPERSON 8 12\tПётр",
            "T2\tCITY 23 27\tРиге",
            "N1\tReference T2 Wikidata:Q1773\tРига",
            "N2\tReference T1 Wikidata:NULL\tнет данных",
            "#1\tAnnotatorNotes T1\tа note",
            "A1\tNegated T1",
            "",
        ],
    )
    assert record["text"] == TEXT
    assert record["entities"] == [
        {"id": "T1", "start": 8, "end": 12, "text": "Пётр", "type": "PERSON",
         "link": {"wikidata": None, "nil": True}},
        {"id": "T2", "start": 23, "end": 27, "text": "Риге", "type": "CITY",
         "link": {"wikidata": "Q1773", "name": "Рига"}},
    ]  # fmt: skip
    assert record["relations"] == [{"type": "LIVES_IN", "head": "T1", "tail": "T2"}]


def test_a_mention_in_pieces_keeps_them_in_text_order(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    record = _read(tmp_path, ["T1\tGROUP 8 12;0 4\tПётр Анна"])
    (mention,) = record["entities"]
    assert mention["fragments"] == [[0, 4], [8, 12]]
    assert (mention["start"], mention["end"], mention["text"]) == (0, 12, TEXT[:12])
    assert _warnings(caplog) == []


@pytest.mark.parametrize(
    "line",
    [
        "По словам очевидцев",
        "T9\tPERSON 8 12\tПавел",
        "T9\tPERSON 8 120\tПётр",
        "T9\tPERSON 8\tПётр",
        "T1\tCITY 8 12\tПётр",
        "R9\tLIVES_IN Arg1:T1 Arg2:T7",
        "R9\tLIVES_IN Arg1:T1",
        "N9\tReference T1 Wikidaиция",
        "N9\tReference T1 Wikidata:MULL\t",
        "N9\tReference T1 Wikidata:P634\t",
        "N9\tReference T7 Wikidata:Q1\t",
    ],
)
def test_a_malformed_line_is_named_and_the_rest_is_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, line: str
) -> None:
    lines = ["T1\tPERSON 8 12\tПётр", "T2\tCITY 23 27\tРиге", "R1\tLIVES_IN Arg1:T1 Arg2:T2"]
    sound = _read(tmp_path, lines)
    assert _warnings(caplog) == []
    assert _read(tmp_path, [*lines[:2], line, lines[2]]) == sound
    (warning,) = _warnings(caplog)
    assert warning.startswith("one.ann line 3: ")


def test_of_two_lines_run_together_the_first_is_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    line = "N1\tReference T1 Wikidata:Q1\tПё36\tReference T2 Wikidata:Q2\tР"
    record = _read(tmp_path, ["T1\tPERSON 8 12\tПётр", line])
    assert record["entities"][0]["link"] == {"wikidata": "Q1", "name": "Пё36"}
    assert ["line 2" in warning for warning in _warnings(caplog)] == [True]


def test_a_stray_bracket_does_not_spoil_a_link(tmp_path: Path) -> None:
    record = _read(tmp_path, ["T1\tPERSON 8 12\tПётр", "N1\tReference T1 Wikidata:(Q15180\t"])
    assert record["entities"][0]["link"] == {"wikidata": "Q15180", "name": ""}


def test_a_relation_given_twice_counts_once_and_the_last_of_several_links_stands(
    tmp_path: Path,
) -> None:
    relation = "R{}\tKNOWS Arg1:T1 Arg2:T1"
    links = ["N1\tReference T1 Wikidata:Q1\ta", "N2\tReference T1 Wikidata:Q2\tb"]
    record = _read(
        tmp_path, ["T1\tPERSON 8 12\tПётр", relation.format(1), relation.format(2), *links]
    )
    assert len(record["relations"]) == 1
    assert record["entities"][0]["link"]["wikidata"] == "Q2"


def test_an_annotation_without_its_text_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "lone.ann").write_text("T1\tA 0 1\ta", "utf-8")
    (tmp_path / "plain.txt").write_text("nothing was annotated here", "utf-8")
    assert read_brat(tmp_path) == []
    assert ["lone.ann" in warning for warning in _warnings(caplog)] == [True]


@given(st.text(st.sampled_from("TRN1\t :QArg2;09\nб😀\r"), max_size=120))
def test_any_annotation_is_read_or_named(
    tmp_path_factory: pytest.TempPathFactory, ann: str
) -> None:
    folder = tmp_path_factory.mktemp("brat")
    record = _read(folder, ["T1\tPERSON 8 12\tПётр", *ann.split("\n")])
    for mention in record["entities"]:
        assert record["text"][mention["start"] : mention["end"]] == mention["text"]
    assert record["entities"][0]["id"] == "T1"


def _corpus(data: Path, split: str) -> tuple[dict[str, Record], dict[str, Record]]:
    """Return what is read from brat's files and what ``ie/`` holds, each by the name of a text."""
    archive = data / "raw" / "nerel-v1.1.zip"
    if not archive.exists():
        pytest.skip("NEREL's brat files (../shared/data/raw) are not here")
    with zipfile.ZipFile(archive) as opened:
        read = read_brat(zipfile.Path(opened, f"NEREL-v1.1/{split}/"))
    with gzip.open(data / "ie" / "nerel" / f"{split}.jsonl.gz", "rt", encoding="utf-8") as lines:
        expected = [json.loads(line) for line in lines]
    assert [f"nerel-{record['id']}" for record in read] == [record["id"] for record in expected]
    assert [record["text"] for record in read] == [record["text"] for record in expected]
    return {r["id"]: r for r in read}, {r["id"].removeprefix("nerel-"): r for r in expected}


def _mentions(record: Record) -> dict[str, Record]:
    return {entity["id"]: entity for entity in record["entities"]}


def _relations(record: Record) -> list[tuple[str, str, str]]:
    return [(item["type"], item["head"], item["tail"]) for item in record["relations"]]


REVERSED = {
    ("100600_text", "T24"), ("10086_text", "T38"), ("109015_text", "T39"), ("109128_text", "T29"),
    ("161651_text", "T46"), ("19427_text", "T32"), ("41314_text", "T29"), ("527071_text", "T35"),
}  # fmt: skip
"""Mentions whose later piece is named first: the conversion in ie/ dropped them, we sort them."""

OTHER_LINKS = {
    # No id at all. The conversion took them for "Wikidata has none"; we leave the link open.
    ("12146_text", "T32"): None,  # P634
    ("13912_text", "T20"): None,  # MULL
    # An id with a stray bracket, which the conversion took for "Wikidata has none" as well.
    ("134067_text", "T69"): "Q15180",
    ("42263_text", "T62"): "Q157262",
    ("598_", "T27"): "Q1127743",
}

REPEATED = {"train": 100, "dev": 17, "test": 19}
"""Relations that the files state twice, and the conversion too."""

NAMED = {
    "train": [
        "12146_text.ann line 204: 'P634' is no id",
        "13912_text.ann line 173: 'MULL' is no id",
        "21013_text.ann line 52: neither a mention nor",
        "21274_text.ann line 164: neither a mention nor",
        "57760_text.ann line 142: two lines run together",
    ],
    "dev": [],
    "test": ["149501_text.ann line 151: no mention is called T53"],
}


@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_nerel_has_the_mentions_and_links_of_its_conversion_but_for_known_ones(
    data: Path, split: str, caplog: pytest.LogCaptureFixture
) -> None:
    read, expected = _corpus(data, split)
    more: set[tuple[str, str]] = set()
    links: dict[tuple[str, str], str | None] = {}
    for name in read:
        ours, theirs = _mentions(read[name]), _mentions(expected[name])
        assert set(theirs) <= set(ours)
        more |= {(name, id_) for id_ in set(ours) - set(theirs)}
        for id_, entity in theirs.items():
            link, their_link = ours[id_].pop("link", None), entity.pop("link", None)
            assert ours[id_] == entity
            if link != their_link:
                assert their_link == {"wikidata": None, "nil": True}
                links[name, id_] = link and link["wikidata"]
    assert more == (REVERSED if split == "train" else set())
    assert links == (OTHER_LINKS if split == "train" else {})
    found = zip(_warnings(caplog), NAMED[split], strict=True)
    assert all(warning.startswith(start) for warning, start in found)


@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_nerel_has_the_relations_of_its_conversion_and_those_of_the_mentions_it_dropped(
    data: Path, split: str
) -> None:
    read, expected = _corpus(data, split)
    repeated = 0
    for name in read:
        ours, theirs = _relations(read[name]), _relations(expected[name])
        assert len(ours) == len(set(ours))
        assert set(theirs) <= set(ours)
        for _, head, tail in set(ours) - set(theirs):
            assert {(name, head), (name, tail)} & REVERSED
        repeated += len(theirs) - len(set(theirs))
    assert repeated == REPEATED[split]


def test_training_reads_brat_out_of_the_archive_as_it_reads_json_lines(data: Path) -> None:
    inside = "raw/nerel-v1.1.zip/NEREL-v1.1/dev"
    if not (data / "raw" / "nerel-v1.1.zip").exists():
        pytest.skip("NEREL's brat files (../shared/data/raw) are not here")
    brat, lines = (
        read_examples(data, [Source(path, "nerel", "ru", keep=slice(3, 20))])
        for path in (inside, "ie/nerel/dev.jsonl.gz")
    )
    assert len(brat) == 17
    for one, two in zip(brat, lines, strict=True):
        assert (one.text, one.mentions, one.facts) == (two.text, two.mentions, two.facts)
