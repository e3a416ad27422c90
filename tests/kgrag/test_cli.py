"""The command line as a process: what it prints, where, and with which exit status."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TEXTS = {
    "curie.txt": "Marie Curie was born in Warsaw in 1867. She moved to Paris in 1891.",
    "кюри.txt": "Мария Кюри родилась в Варшаве в 1867 году.",
}


def kgrag(*arguments: str | Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kgrag.cli", *map(str, arguments)],
        input=text,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=100,
        env={name: value for name, value in os.environ.items() if name != "KGRAG_LIBRARY"},
    )


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    for name, content in TEXTS.items():
        (folder / name).write_text(content, encoding="utf-8")
    done = kgrag("add", *(folder / name for name in TEXTS), "--library", folder / "library")
    assert done.returncode == 0, done.stderr
    return folder / "library"


def printed(done: subprocess.CompletedProcess[str]) -> Any:  # noqa: ANN401  any JSON value
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def assert_one_sentence(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode not in (0, 3)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    for word in words:
        assert word in done.stderr


def test_an_answer_quotes_the_document_at_its_offsets(library: Path) -> None:
    answer = printed(kgrag("ask", "Where was Marie Curie born?", "--library", library, "--json"))
    assert not answer["abstained"]
    (first, *_) = answer["citations"]
    document = printed(kgrag("show", first["document_id"], "--library", library, "--json"))
    assert document["text"][first["start"] : first["end"]] == first["quote"]
    assert "Warsaw" in first["quote"]
    assert set(answer) == {
        "question", "understood", "answer", "sentences", "citations", "abstained", "why", "nearest",
        "mode", "notice", "seconds", "sufficiency",
    }  # fmt: skip


def test_what_the_documents_do_not_say_is_declined_with_a_reason(library: Path) -> None:
    answer = printed(kgrag("ask", "Who invented the transistor?", "--library", library, "--json"))
    assert answer["abstained"] and not answer["citations"]
    assert "transistor" in answer["why"]


def test_search_and_facts_print_places_in_documents(library: Path) -> None:
    result = printed(kgrag("search", "Варшава", "--library", library, "--json"))
    assert "Варшаве" in result["passages"][0]["text"]
    for fact in printed(kgrag("facts", "--library", library, "--json")):
        for item in fact["evidence"]:
            shown = printed(kgrag("show", item["document_id"], "--library", library, "--json"))
            assert shown["text"][item["start"] : item["end"]] == item["quote"]


def test_the_limits_of_a_question_are_kept_and_a_wrong_one_is_named(library: Path) -> None:
    asked = ("search", "Marie Curie 1867", "--library", library)
    for limit in (("--document", "кюри.txt"), ("--language", "ru"), ("--folder", library.parent)):
        found = printed(kgrag(*asked, *limit, "--json"))
        names = {passage["document"] for passage in found["passages"]}
        assert names == ({"кюри.txt"} if limit[0] != "--folder" else set(TEXTS))
    assert printed(kgrag(*asked, "--until", "1999-12-31", "--json"))["passages"] == []
    assert_one_sentence(kgrag(*asked, "--since", "20240131"), "--since", "20240131", "2024-01-31")
    assert_one_sentence(kgrag(*asked, "--document", "no.txt"), "no.txt")
    declined = printed(
        kgrag("ask", "Who moved to Paris?", *asked[2:], "--language", "ru", "--json")
    )
    assert {item["document"] for item in declined["citations"]} <= {"кюри.txt"}


def test_a_document_is_found_by_name_and_by_the_beginning_of_its_id(library: Path) -> None:
    listed = printed(kgrag("list", "--library", library, "--json"))
    by_name = kgrag("show", "curie.txt", "--library", library)
    by_id = kgrag("show", listed[0]["id"][7:15], "--library", library)
    assert by_name.stdout == by_id.stdout == TEXTS["curie.txt"] + "\n"


def test_extract_reads_json_lines_and_stores_nothing(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps({"id": name, "text": text}) for name, text in TEXTS.items())
    done = kgrag("extract", "-", "--jsonl", text=lines)
    assert done.returncode == 0, done.stderr
    for line, (name, text) in zip(done.stdout.splitlines(), TEXTS.items(), strict=True):
        result = json.loads(line)
        assert result["id"] == name
        for mention in result["mentions"]:
            assert text[mention["start"] : mention["end"]] == mention["text"]


def test_a_bad_line_of_json_lines_is_named_by_its_number() -> None:
    done = kgrag("extract", "-", "--jsonl", text='{"id": "a", "text": "Paris."}\nnot json\n')
    assert done.returncode == 1
    assert "line 2" in done.stderr and "Traceback" not in done.stderr


def test_asking_where_there_is_no_library_says_how_to_make_one(tmp_path: Path) -> None:
    assert_one_sentence(kgrag("ask", "Who?", "--library", tmp_path / "none"), "kgrag add")


def test_asking_an_empty_library_says_that_it_is_empty(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    kgrag("add", tmp_path / "empty", "--library", tmp_path / "library")
    assert_one_sentence(kgrag("ask", "Who?", "--library", tmp_path / "library"), "no documents")


def test_an_unknown_document_is_one_clear_sentence(library: Path) -> None:
    for command in ("show", "remove"):
        assert_one_sentence(kgrag(command, "nothing.txt", "--library", library), "nothing.txt")


def test_a_damaged_library_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "library.sqlite").write_bytes(b"not a database" * 1000)
    assert_one_sentence(kgrag("list", "--library", tmp_path), "library.sqlite", "cannot be read")


def test_a_library_that_is_being_written_names_the_process(library: Path, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("Pierre Curie met Marie.", encoding="utf-8")
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from pathlib import Path; from indexes.library import Library\n"
            "with Library.open(Path(sys.argv[1])).writing():\n"
            "    print('held', flush=True); sys.stdin.read()",
            str(library),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    done = kgrag("add", tmp_path / "new.txt", "--library", library)
    holder.communicate("")
    assert_one_sentence(done, str(holder.pid), "another process")


def test_settings_with_an_unknown_key_name_it(library: Path, tmp_path: Path) -> None:
    (tmp_path / "kgrag.toml").write_text("[parse]\ntimeout = 3\n", encoding="utf-8")
    done = kgrag("list", "--library", library, "--settings", tmp_path / "kgrag.toml")
    assert_one_sentence(done, "parse.timeout")


def test_a_removed_document_is_gone_from_every_answer(library: Path, tmp_path: Path) -> None:
    copy = tmp_path / "library"
    (tmp_path / "one.txt").write_text("Ada Lovelace wrote to Babbage in 1843.", encoding="utf-8")
    (tmp_path / "two.txt").write_text("The river Neva flows to the gulf.", encoding="utf-8")
    kgrag("add", tmp_path / "one.txt", tmp_path / "two.txt", "--library", copy)
    assert kgrag("remove", "one.txt", "--library", copy).returncode == 0
    assert "Lovelace" not in kgrag("search", "Ada Lovelace", "--library", copy).stdout
    assert kgrag("facts", "--about", "Ada Lovelace", "--library", copy).stdout == ""
    db = sqlite3.connect(copy / "library.sqlite")
    assert db.execute("SELECT count(*) FROM documents").fetchone() == (1,)
    db.close()
