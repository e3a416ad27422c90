import importlib.util
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from eval.run_folder import RunFolder, RunNotFoundError
from eval.tracking import DESTINATIONS, chosen, log_run
from eval.tracking_names import clean, metrics_of, parameters_of, unique
from indexes.errors import ConfigError
from tests.fakes import ROOT


def _has(*modules: str) -> bool:
    return all(importlib.util.find_spec(module) for module in modules)


needs_tensorboard = pytest.mark.skipif(
    not _has("tensorboard", "torch"),
    reason="needs torch and tensorboard (pip install kgrag[models])",
)
needs_clearml = pytest.mark.skipif(
    not _has("clearml"), reason="needs clearml (pip install kgrag[clearml])"
)
needs_mlflow = pytest.mark.skipif(
    not _has("mlflow", "sqlalchemy", "alembic"), reason="needs mlflow (pip install kgrag[mlflow])"
)

HEADER: dict[str, Any] = {
    "task": "retrieval",
    "command": "kgrag-eval run retrieval",
    "sets": [{"name": "НЕРЕЛ, dev", "licence": "MIT", "checksum": "sha256:12", "n": 2}],
    "options": {"limit": None, "set": ["a", "b"]},
    "seed": 1,
    "commit": "abc",
    "dirty": False,
    "versions": {"kgrag": "0.1", "packages": {"numpy": "2.4"}},
    "models": {"embedder": "static-1"},
}


def _row(system: str, value: float, group: str = "XQuAD English") -> dict[str, Any]:
    return {
        "group": group, "system": system, "measure": "recall_5", "title": "recall at 5", "n": 2,
        "value": value, "low": value - 0.25, "high": value + 0.25, "better": "higher", "unit": "%",
        "baseline": None,
    }  # fmt: skip


ROWS = [_row("kgrag", 0.75), _row("model, vectors only", 0.5)]
LOGGED = {
    "XQuAD_English/kgrag/recall_5": 0.75,
    "XQuAD_English/kgrag/recall_5_low": 0.5,
    "XQuAD_English/kgrag/recall_5_high": 1.0,
    "XQuAD_English/model_vectors_only/recall_5": 0.5,
    "XQuAD_English/model_vectors_only/recall_5_low": 0.25,
    "XQuAD_English/model_vectors_only/recall_5_high": 0.75,
    "run/seconds": 3.5,
    "run/peak_memory_mb": 100.0,
    "run/failures": 0.0,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    run = RunFolder.begin(tmp_path / "a run", HEADER)
    run.finish({
        "finished": True, "seconds": 3.5, "peak_memory_mb": 100, "failures": [], "tables": {},
        "rows": ROWS,
    })  # fmt: skip
    (run.folder / "report.html").write_text("<p>report</p>", "utf-8")
    return run.folder


def test_parameters_tell_how_the_run_was_made(folder: Path) -> None:
    told = parameters_of(RunFolder.open(folder).summary())
    assert told.pop("started").startswith("20")
    assert told == {
        "task": "retrieval",
        "command": "kgrag-eval run retrieval",
        "sets.Nerel_dev.licence": "MIT",
        "sets.Nerel_dev.checksum": "sha256:12",
        "sets.Nerel_dev.n": "2",
        "options.set": "a, b",
        "seed": "1",
        "commit": "abc",
        "dirty": "False",
        "versions.kgrag": "0.1",
        "versions.packages.numpy": "2.4",
        "models.embedder": "static-1",
    }


def test_every_row_is_logged_with_its_interval(folder: Path) -> None:
    assert metrics_of(RunFolder.open(folder).summary()) == LOGGED


@pytest.mark.parametrize(
    "part", ["НЕРЕЛ, новости", "../../etc", "a/b\\c", "", "..", "x" * 500, "50 % «да»", "日本"]
)
def test_a_cleaned_name_is_one_that_every_tracker_takes(part: str) -> None:
    assert re.fullmatch(r"(?!\.)[A-Za-z0-9._-]{1,80}", clean(part))


def test_groups_that_differ_only_in_what_names_cannot_hold_do_not_hide_each_other() -> None:
    rows = [_row("kgrag", 0.25, group="a?"), _row("kgrag", 0.5, group="a!")]
    found = metrics_of({"rows": rows, "failures": []})
    assert found["a/kgrag/recall_5"] == 0.25
    assert found["a/kgrag/recall_5-2"] == 0.5
    assert unique(["a", "a", "a-2"]) == ["a", "a-2", "a-2-2"]


def test_what_is_no_number_is_left_out() -> None:
    assert metrics_of({"rows": [_row("kgrag", float("nan"))], "failures": []}) == {
        "run/failures": 0.0
    }


def test_an_unknown_destination_is_told_with_those_that_there_are(folder: Path) -> None:
    with pytest.raises(ConfigError, match="'wandb'; there are: clearml, mlflow, tensorboard"):
        log_run(folder, to=["wandb"])


@pytest.mark.parametrize(
    ("name", "module"), [("clearml", "clearml"), ("mlflow", "mlflow"), ("tensorboard", "torch")]
)
def test_a_destination_that_is_not_installed_is_named_with_what_installs_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ConfigError, match=rf"{module}.*pip install 'kgrag\["):
        log_run(folder, to=[name])
    assert name not in chosen(None)


def test_a_run_that_is_not_finished_is_not_logged_and_nothing_fails(tmp_path: Path) -> None:
    run = RunFolder.begin(tmp_path / "run", HEADER)
    (line,) = log_run(run.folder, to=[])
    assert "not finished" in line
    with pytest.raises(RunNotFoundError):
        log_run(tmp_path / "nothing", to=[])


@needs_tensorboard
def test_tensorboard_reads_the_rows_however_often_they_are_logged(folder: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    for _ in range(2):
        (line,) = log_run(folder, to=["tensorboard"])
    assert str(folder / "tensorboard") in line
    events = EventAccumulator(str(folder / "tensorboard"))
    events.Reload()
    assert {tag: [e.value for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]} == {
        name: [value] for name, value in LOGGED.items()
    }


@needs_tensorboard
def test_a_destination_that_fails_is_a_line_and_no_error(folder: Path) -> None:
    (folder / "tensorboard").write_text("in the way", "utf-8")
    (line,) = log_run(folder, to=["tensorboard"])
    assert line.startswith("warning: not logged to tensorboard: ")


RUN = """
import json, sys
from pathlib import Path
from tests.network import Attempts, watch
attempts = Attempts()
sys.addaudithook(watch(attempts))
import eval.run
from eval.tracking import log_run
lines = log_run(Path(sys.argv[1]), to=sys.argv[2:])
loaded = sorted({name.partition(".")[0] for name in sys.modules})
print(json.dumps({"lines": lines, "loaded": loaded}))
sys.exit(f"reached for the network: {attempts}" if attempts else 0)
"""


def _log_apart(folder: Path, to: list[str], **environment: str) -> dict[str, Any]:
    """Log in a process of its own, at home in the folder above the run's."""
    home = folder.parent
    kept = {name: v for name, v in os.environ.items() if not re.match("CLEARML|MLFLOW", name)}
    kept |= {"HOME": str(home), "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(folder), *to],
        env=kept, cwd=home, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_nothing_is_loaded_of_what_was_not_asked_for(folder: Path) -> None:
    told = _log_apart(folder, [])
    assert told["lines"] == []
    assert not {*DESTINATIONS, "torch", "sqlalchemy"} & set(told["loaded"])
    assert {path.name for path in folder.iterdir()} == {"run.json", "summary.json", "report.html"}


@needs_mlflow
def test_mlflow_keeps_the_run_in_the_current_folder_without_a_network(folder: Path) -> None:
    (line,) = _log_apart(folder, ["mlflow"])["lines"]
    assert line.endswith(f" in sqlite:///{folder.parent / 'mlflow.db'}")
    run = line.split()[2]
    import sqlite3

    database = sqlite3.connect(folder.parent / "mlflow.db")
    metrics = dict(database.execute("select key, value from metrics where run_uuid = ?", (run,)))
    parameters = dict(database.execute("select key, value from params where run_uuid = ?", (run,)))
    (status,) = database.execute("select status from runs where run_uuid = ?", (run,)).fetchone()
    database.close()
    assert metrics == LOGGED
    assert parameters["sets.Nerel_dev.checksum"] == "sha256:12"
    assert status == "FINISHED"
    artifacts = {path.name for path in (folder.parent / "mlruns").glob(f"*/{run}/artifacts/*")}
    assert artifacts == {"summary.json", "report.html"}


@needs_mlflow
def test_a_server_of_mlflow_that_is_down_is_a_line_without_its_password(folder: Path) -> None:
    told = _log_apart(
        folder,
        ["mlflow"],
        MLFLOW_TRACKING_URI="http://me:secret@127.0.0.1:9",
        MLFLOW_HTTP_REQUEST_MAX_RETRIES="0",
    )
    (line,) = told["lines"]
    assert line.startswith("warning: not logged to mlflow: ")
    assert "127.0.0.1" in line
    assert "secret" not in line


@needs_clearml
def test_clearml_keeps_an_offline_session_without_a_server_or_a_network(folder: Path) -> None:
    (line,) = _log_apart(folder, ["clearml"])["lines"]
    session = Path(line.removeprefix("ClearML: offline session "))
    with zipfile.ZipFile(session) as archive:
        task = json.loads(archive.read("task.json"))
        batches = [json.loads(each) for each in archive.read("metrics.jsonl").splitlines()]
        files = {Path(name).name for name in archive.namelist()}
    assert task["hyperparams"]["settings"]["sets.Nerel_dev.checksum"]["value"] == "sha256:12"
    values = {event["variant"]: event["value"] for batch in batches for event in batch}
    assert values == LOGGED
    assert {"summary.json", "report.html"} <= files
