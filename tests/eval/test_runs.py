"""A run is a folder that can be cut short anywhere and gone on with."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from eval import runner
from eval.items import from_line, to_line
from eval.options import Options
from eval.run_folder import RunFolder, RunNotFoundError, RunStoppedError
from eval.runner import begin, resume
from indexes.errors import ConfigError, ModelError
from tests.eval.run_samples import finished_run, item, task_of
from tests.fakes import ROOT

QUIET: Any = lambda told: None  # noqa: E731


def use(monkeypatch: pytest.MonkeyPatch, cases: Mapping[str, Any]) -> None:
    monkeypatch.setattr(runner, "TASKS", {"answers": task_of(cases)})


def test_an_item_is_the_same_after_it_was_written_and_read() -> None:
    one = item("ё «x»\n", 1.0, ms=(12.5,))
    assert "\n" not in to_line(one) and from_line(to_line(one)) == one


def test_a_line_that_is_no_item_is_said_to_be_none() -> None:
    for line in ("{}", "[]", "no", '{"case": 1, "group": 2, "counts": 3}'):
        with pytest.raises(ValueError, match="no item|Expecting"):
            from_line(line)


def test_a_finished_run_says_what_how_and_how_surely(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, {str(n): lambda n=n: n % 4 != 0 for n in range(40)})
    run = begin("answers", Options(seed=3), tmp_path / "run", QUIET)
    summary = RunFolder.open(run.folder).summary()
    assert summary["finished"] and summary["failures"] == []
    (row,) = summary["rows"]
    assert (row["measure"], row["n"], row["value"]) == ("evidence_any", 40, 0.75)
    assert 0.5 < row["low"] < 0.75 < row["high"] < 0.95
    assert summary["seed"] == 3 and summary["versions"]["python"] and summary["seconds"] >= 0
    assert summary["sets"][0]["checksum"] == "sha256:0" and summary["peak_memory_mb"] > 10
    assert "made by hand" in (run.folder / "report.html").read_text("utf-8")


def test_a_folder_that_holds_something_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine", "utf-8")
    with pytest.raises(ConfigError, match="exists already.*--out"):
        RunFolder.begin(tmp_path, {})
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


def test_a_folder_without_a_run_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(RunNotFoundError, match="holds no evaluation run"):
        RunFolder.open(tmp_path)


def test_a_run_that_could_not_begin_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, {})
    with pytest.raises(ConfigError, match="nothing-of-that-name"):
        monkeypatch.undo()
        begin("answers", Options(sets=("nothing-of-that-name",)), tmp_path / "run", QUIET)
    assert not (tmp_path / "run").exists()


def test_what_fails_is_named_and_tried_again_when_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = {"down": True}
    measured: list[str] = []

    def answer(name: str) -> bool:
        if name == "b" and state["down"]:
            raise ModelError("the model fell over")
        measured.append(name)
        return True

    use(monkeypatch, {name: lambda name=name: answer(name) for name in "abcd"})
    run = begin("answers", Options(), tmp_path / "run", QUIET)
    assert not run.is_finished
    assert run.summary()["failures"] == [{"case": "b", "message": "the model fell over"}]
    state["down"] = False
    again = resume(tmp_path / "run", QUIET)
    assert again.is_finished and measured == ["a", "c", "d", "b"]
    assert again.summary()["rows"][0]["n"] == 4 and len(again.header["resumed"]) == 1


def test_a_model_that_stays_away_stops_the_run_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = {"down": False}

    def answer(name: str) -> bool:
        if state["down"]:
            raise ModelError("nobody answers at http://127.0.0.1:1")
        state["down"] = name == "4"
        return True

    use(monkeypatch, {str(n): lambda n=n: answer(str(n)) for n in range(20)})
    with pytest.raises(RunStoppedError, match="kgrag-eval resume"):
        begin("answers", Options(), tmp_path / "run", QUIET)
    run = RunFolder.open(tmp_path / "run")
    assert len(run.items()) == 5 and not run.is_finished
    assert len(run.summary()["failures"]) == runner.IN_A_ROW
    state["down"] = False
    monkeypatch.setattr(runner, "TASKS", {"answers": task_of({str(n): bool for n in range(20)})})
    assert resume(tmp_path / "run", QUIET).is_finished
    assert len(run.items()) == 20


def test_half_a_line_of_a_killed_run_is_measured_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, {name: lambda: True for name in "abc"})
    run = begin("answers", Options(), tmp_path / "run", QUIET)
    whole = run.items_path.read_text("utf-8")
    for cut in (len(whole) - 1, len(whole) - 30, len(whole) // 2, 5, 0):
        run.items_path.write_text(whole[:cut], "utf-8")
        again = resume(run.folder, QUIET)
        assert [one.case for one in again.items()] == ["a", "b", "c"]
        assert again.is_finished


def test_a_set_that_has_changed_is_not_mixed_with_what_was_measured_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, {"a": lambda: True})
    run = begin("answers", Options(), tmp_path / "run", QUIET)
    run.note(sets=[{**run.header["sets"][0], "checksum": "sha256:1"}])
    with pytest.raises(ConfigError, match="made by hand has changed"):
        resume(run.folder, QUIET)


def test_whoever_watches_sees_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, {name: lambda: True for name in "abc"})
    told: list[Mapping[str, Any]] = []
    begin("answers", Options(), tmp_path / "run", told.append)
    assert [one["done"] for one in told if one["message"] in "abc"] == [0, 1, 2]
    assert told[-1]["finished"] and told[-1]["total"] == 3
    assert json.loads((tmp_path / "run/progress.json").read_text("utf-8"))["finished"]


def test_a_process_that_is_stopped_leaves_a_run_that_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    command = [sys.executable, "-m", "eval.run", "run", "answers", "--set", "examples"]
    surroundings = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    process = subprocess.Popen(
        [*command, "--out", str(folder)], cwd=ROOT, env=surroundings, stderr=subprocess.PIPE
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        progress = folder / "progress.json"
        if progress.exists() and json.loads(progress.read_text("utf-8"))["done"] >= 3:
            break
        time.sleep(0.05)
    process.terminate()
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130 and b"what was measured is kept" in errors
    kept = len(RunFolder.open(folder).items())
    assert kept >= 3
    done = subprocess.run(
        [sys.executable, "-m", "eval.run", "resume", str(folder)],
        cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    run = RunFolder.open(folder)
    assert run.is_finished and len({one.key for one in run.items()}) == len(run.items()) > kept


def test_a_share_counts_only_the_cases_that_it_is_a_share_of(tmp_path: Path) -> None:
    items = [
        item("answered", 1.0, abstention=(0.0, 0.0, 0.0), answered=(1.0, 1.0)),
        item("declined", 0.0, abstention=(0.0, 1.0, 0.0), answered=(0.0, 1.0)),
        item("rightly", 1.0, abstention=(1.0, 1.0, 1.0), answered=(0.0, 0.0)),
    ]
    rows = {row["measure"]: row for row in finished_run(tmp_path / "run", items).summary()["rows"]}
    told = {name: (rows[name]["n"], rows[name]["value"]) for name in rows if "a" in name[:2]}
    assert told["abstention_recall"] == (1, 1.0) and told["abstention_precision"] == (2, 0.5)
    assert told["answered"] == (2, 0.5)


def test_a_run_of_nothing_has_a_summary_and_a_report(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "run", [])
    assert run.summary()["rows"] == [] and (run.folder / "report.html").is_file()
