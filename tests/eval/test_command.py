"""``kgrag-eval`` as it is typed."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval import answering, results
from eval.run import BENCHMARKS, TASKS, main
from eval.run_folder import RunFolder
from eval.tasks import BENCHMARKS as KNOWN_BENCHMARKS
from eval.tasks import TASKS as KNOWN_TASKS
from kgrag import KnowledgeBase
from tests.chat_server import say, serving
from tests.fakes import EXAMPLES, CapitalisedExtractor, NoLinker, write_files

QUESTIONS = """question;answer;document;page
Who came to Riga?;Anna;riga.txt;
Where did Peter go?;to Basel;basel.txt;
Who was late?;the train;basel.txt;the second
"""


@pytest.fixture
def library(tmp_path: Path) -> Path:
    texts: dict[str, str | bytes] = {
        "riga.txt": "Anna came to Riga in 1901. She stayed there.",
        "basel.txt": "Peter went to Basel by train. The train was late.",
    }
    with open_library(tmp_path / "library") as kb:
        kb.add(write_files(tmp_path / "files", texts))
        return kb.library.folder


def open_library(folder: Path) -> KnowledgeBase:
    """Open a library as ``kgrag-eval`` does, but for the extractor."""
    return KnowledgeBase.open(folder, extractor=CapitalisedExtractor, linker=NoLinker)


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "mine.csv"
    path.write_text(QUESTIONS, encoding="utf-8")
    return path


def test_the_command_knows_every_task_and_benchmark() -> None:
    assert set(TASKS) == set(KNOWN_TASKS) and set(BENCHMARKS) == set(KNOWN_BENCHMARKS)


def test_a_users_questions_are_asked_of_their_library_and_a_bad_line_is_named(
    library: Path, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--library", str(library), "--set", str(questions)]
    out = tmp_path / "run"
    assert main(["run", "answers", *arguments, "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert "mine" in told and "expected evidence cited" in told and "line 4" in told
    run = RunFolder.open(out)
    assert run.header["library"]["documents"] == 2 and run.is_finished
    assert {item.case for item in run.items()} == {
        question["id"] for question in shown_questions(questions, capsys)
    }
    assert all(item.documents for item in run.items() if item.shown["citations"])


def shown_questions(path: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    assert main(["questions", "--check", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["questions"] == 2 and len(told["skipped"]) == 1
    sample: list[dict[str, Any]] = told["sample"]
    return sample


def test_retrieval_in_a_users_library_ranks_passages(
    library: Path, questions: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    arguments = ["--library", str(library), "--set", str(questions), "--out", str(out)]
    assert main(["run", "retrieval", *arguments]) == 0
    items = RunFolder.open(out).items()
    assert {item.system for item in items} >= {"kgrag", "BM25", "graph"}
    own = [item for item in items if item.system == "kgrag"]
    assert [item.counts["recall_5"] for item in own] == [(1.0,), (1.0,)]


def test_a_set_without_documents_and_without_a_library_says_what_is_missing(
    questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "answers", "--set", str(questions), "--out", str(tmp_path / "run")]) == 1
    assert "--library DIR" in capsys.readouterr().err


def test_a_missing_data_set_says_where_it_comes_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KGRAG_DATA", raising=False)
    assert main(["run", "retrieval", "--set", "hotpotqa", "--out", str(tmp_path / "run")]) == 1
    told = capsys.readouterr().err
    assert "--data DIR" in told and "CC BY-SA" in told and "Traceback" not in told
    assert not (tmp_path / "run").exists()


def test_a_library_that_changes_meanwhile_ends_the_run(
    library: Path, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    whole = answering.answer_timed

    def meanwhile(*given: Any) -> Any:  # noqa: ANN401
        with open_library(library) as kb:
            kb.add(write_files(tmp_path / "more", {"new.txt": "Olga went to Paris."}))
        return whole(*given)

    monkeypatch.setattr("eval.tasks.answers.answer_timed", meanwhile)
    arguments = ["--library", str(library), "--set", str(questions)]
    assert main(["run", "answers", *arguments, "--out", str(tmp_path / "run")]) == 1
    assert "was changed while it was being measured" in capsys.readouterr().err


def test_a_model_answers_beside_its_ablations_and_its_failure_is_no_answer(
    library: Path, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving() as (server, endpoint):
        server.usual = say("Anna came to Riga in 1901. [1]", size=1000)
        arguments = ["--library", str(library), "--set", str(questions), "--endpoint", endpoint]
        assert main(["run", "answers", *arguments, "--out", str(tmp_path / "run")]) == 0
        run = RunFolder.open(tmp_path / "run")
        by_system = {item.system: item for item in run.items() if "Riga" in item.shown["question"]}
        assert set(by_system) == {"kgrag", "model, vectors only", "model alone"}
        assert by_system["kgrag"].shown["mode"] == "llm"
        assert by_system["kgrag"].counts["sentences"] == (1.0, 1.0)
        assert by_system["model alone"].shown["citations"] == []
        assert run.header["model"]["model"]
        capsys.readouterr()
        server.usual = lambda exchange: exchange.begin(500)
        assert main(["run", "answers", *arguments, "--out", str(tmp_path / "failed")]) == 1
    failed = RunFolder.open(tmp_path / "failed")
    assert failed.items() == [] and not failed.is_finished
    assert len(failed.summary()["failures"]) == 2


def test_two_runs_are_compared_in_words_in_json_and_on_a_page(
    library: Path, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--library", str(library), "--set", str(questions)]
    runs = [str(tmp_path / name) for name in ("one", "other")]
    for out in runs:
        assert main(["run", "retrieval", *arguments, "--out", out]) == 0
    capsys.readouterr()
    page = tmp_path / "compared.html"
    assert main(["compare", *runs, "--html", str(page)]) == 0
    told = capsys.readouterr().out
    assert "better: nothing" in told and "worse: nothing" in told and "changed: 0" in told
    assert main(["compare", *runs, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"]
    assert "<html" in page.read_text("utf-8")


def test_sets_and_tasks_are_listed_with_their_licences(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    told = capsys.readouterr().out
    assert all(name in told for name in (*TASKS, *BENCHMARKS, "hotpotqa", "CC BY-SA 4.0"))
    assert main(["list", "--json"]) == 0
    sets = json.loads(capsys.readouterr().out)["sets"]
    assert {"examples", "xquad-en", "nerel"} <= {known["name"] for known in sets}


def test_questions_are_drafted_and_can_be_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with KnowledgeBase.open(tmp_path / "library") as kb:
        kb.add(EXAMPLES / "catherine-the-great.md")
    drafts = tmp_path / "drafts.jsonl"
    library = ["--library", str(tmp_path / "library")]
    assert main(["questions", *library, "--out", str(drafts), "--limit", "8"]) == 0
    assert "correct them" in capsys.readouterr().out
    out = tmp_path / "run"
    assert main(["run", "answers", *library, "--set", str(drafts), "--out", str(out)]) == 0
    assert RunFolder.open(out).items()


def test_what_the_readme_is_made_of_names_no_folder_of_this_machine(
    library: Path, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results")
    arguments = ["--library", str(library), "--set", str(questions), "--keep"]
    assert main(["run", "retrieval", *arguments, "--out", str(tmp_path / "run")]) == 0
    kept = (tmp_path / "results" / "retrieval.json").read_text("utf-8")
    assert json.loads(kept)["rows"] and str(tmp_path) not in kept
