import json
import shutil
from pathlib import Path

import pytest

from eval.sets.checksums import TABLE, table_of
from eval.sets.known import known_set, known_sets
from eval.sets.questions import QuestionSet
from eval.sets.reading import read_questions
from eval.sets.shared import question_files
from indexes.errors import ConfigError
from kgrag.train import questions as training
from tests.fakes import DATA, ROOT

needs_data = pytest.mark.skipif(not (DATA / "qa").is_dir(), reason="needs ../shared/data")
NAMES = [name for name, _, kind, *_ in known_sets() if kind == "questions" and name != "examples"]


@pytest.fixture(params=NAMES)
def named(request: pytest.FixtureRequest) -> tuple[str, QuestionSet]:
    return request.param, read_questions(request.param, data=DATA)


@needs_data
def test_documents_are_those_that_training_writes(
    named: tuple[str, QuestionSet], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, found = named
    (asked,) = (item for item in training.SETS if item.name == found.name)

    class Library:
        def add(self, files: Path) -> None:
            self.files = files

    library = Library()
    monkeypatch.setattr("kgrag.train.questions.KnowledgeBase.open", lambda *_: library)
    training.open_library(DATA, tmp_path, asked)
    written = {file.name: file.read_text("utf-8") for file in library.files.iterdir()}
    assert found.texts == written
    cases = training.read_cases(DATA, asked)
    assert [(case.id, case.text, case.documents) for case in cases] == [
        (question.id, question.text, question.documents) for question in found.questions
    ]
    assert name in NAMES


@needs_data
def test_quotes_stand_in_their_documents(named: tuple[str, QuestionSet]) -> None:
    name, found = named
    pieces = [piece for question in found.questions for piece in question.evidence]
    assert all(piece.quote in found.texts[piece.document] for piece in pieces)
    assert all(piece.quote for piece in pieces) or name == "popqa"
    assert len({question.id for question in found.questions}) == len(found.questions)
    assert all(question.answers for question in found.questions)


@needs_data
def test_a_quote_of_xquad_holds_the_answer_in_the_language_of_the_documents() -> None:
    for name in ("xquad-en", "xquad-ru", "xquad-en-ru", "xquad-ru-en"):
        for question in read_questions(name, data=DATA).questions:
            (piece,) = question.evidence
            assert any(answer in piece.quote for answer in question.answers), question


@needs_data
def test_a_set_is_found_by_its_title_too() -> None:
    assert (
        read_questions("XQuAD, English asked of Russian", data=DATA).questions[0].language == "en"
    )


@needs_data
def test_the_table_of_checksums_is_that_of_the_sources() -> None:
    sources = (DATA / "SOURCES.md").read_text(encoding="utf-8")
    assert json.loads(TABLE.read_text(encoding="utf-8")) == table_of(sources)


@needs_data
def test_a_changed_file_is_refused_by_its_name_with_both_checksums(tmp_path: Path) -> None:
    known = known_set("xquad-en", "questions")
    assert known is not None
    for path in question_files(known):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(DATA / path, tmp_path / path)
    assert read_questions("xquad-en", data=tmp_path).questions
    changed = tmp_path / "qa/xquad-en/corpus.jsonl.gz"
    changed.write_bytes(changed.read_bytes() + b"x")
    with pytest.raises(ConfigError, match=r"qa/xquad-en/corpus\.jsonl\.gz") as refused:
        read_questions("xquad-en", data=tmp_path)
    wanted = json.loads(TABLE.read_text(encoding="utf-8"))["qa/xquad-en/corpus.jsonl.gz"]
    assert wanted in str(refused.value)
    assert str(refused.value).count("SHA-256 is ") == 1


@pytest.mark.parametrize("data", [None, Path("nowhere")])
def test_a_set_that_is_not_there_says_where_it_comes_from(data: Path | None) -> None:
    with pytest.raises(ConfigError) as refused:
        read_questions("hotpotqa", data=data)
    message = str(refused.value)
    for part in (
        "qa/hotpotqa-200/questions.jsonl.gz", "--data DIR", "KGRAG_DATA", "AdelWang/MIGRES",
        "CC BY-SA 4.0", "hotpotqa/hotpot",
    ):  # fmt: skip
        assert part in message


def test_an_unknown_name_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="“hotpot”.*hotpotqa.*xquad-ru"):
        read_questions("hotpot", data=None)
    with pytest.raises(ConfigError, match="is a folder"):
        read_questions(str(tmp_path), data=None)


def test_the_examples_are_here_with_their_documents() -> None:
    found = read_questions("examples", data=None)
    assert found.files == ROOT / "examples" / "documents"
    assert found.licence == "Apache-2.0"
    assert found.skipped == ()
    held = {file.name for file in found.files.iterdir()}
    assert all(question.documents <= held for question in found.questions)
    declined = [question for question in found.questions if not question.answerable]
    assert (len(found.questions), len(declined)) == (52, 14)


def test_known_sets_are_listed_with_whether_they_are_here(tmp_path: Path) -> None:
    without = known_sets(tmp_path)
    assert [name for name, _, kind, _, here, _ in without if here and kind == "questions"] == [
        "examples"
    ]
    assert len({(name, kind) for name, _, kind, *_ in without}) == len(without)
    assert all(licence and origin for *_, licence, _, origin in without)
    titles = {title for _, title, kind, *_ in without if kind == "questions"}
    assert titles == {"examples", *(asked.name for asked in training.SETS)}
