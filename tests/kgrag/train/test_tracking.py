import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kgrag.train.tracking import METRICS_FILE, open_tracker

ROOT = Path(__file__).parents[3]

needs_tensorboard = pytest.mark.skipif(
    not (importlib.util.find_spec("tensorboard") and importlib.util.find_spec("torch")),
    reason="needs torch and tensorboard (pip install kgrag[models])",
)
needs_clearml = pytest.mark.skipif(
    not importlib.util.find_spec("clearml"), reason="needs clearml (pip install kgrag[clearml])"
)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where neither TensorBoard nor ClearML is installed."""
    for module in ("torch.utils.tensorboard", "clearml"):
        monkeypatch.setitem(sys.modules, module, None)


def _track(out: Path, steps: Mapping[int, dict[str, float]]) -> None:
    tracker = open_tracker(out, "en-0", {"seed": 0, "data": Path("data")})
    for step, metrics in steps.items():
        tracker.log(metrics, step)
    tracker.close()


def _lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / METRICS_FILE).read_text("utf-8").splitlines()]


@pytest.mark.usefixtures("alone")
def test_each_step_is_a_line_of_the_run_s_folder(tmp_path: Path) -> None:
    out = tmp_path / "runs" / "en"
    _track(out, {1: {"loss": 2.5}, 2: {"loss": 2.0, "dev/facts": 0.25}})
    assert _lines(out) == [{"step": 1, "loss": 2.5}, {"step": 2, "loss": 2.0, "dev/facts": 0.25}]
    assert [file.name for file in out.iterdir()] == [METRICS_FILE]


@pytest.mark.usefixtures("alone")
def test_a_line_is_there_as_soon_as_it_is_logged(tmp_path: Path) -> None:
    tracker = open_tracker(tmp_path, "en-0", {})
    tracker.log({"loss": 1.0}, 1)
    assert _lines(tmp_path) == [{"step": 1, "loss": 1.0}]


@pytest.mark.usefixtures("alone")
def test_a_run_that_goes_on_replaces_the_steps_that_it_repeats(tmp_path: Path) -> None:
    _track(tmp_path, {1: {"loss": 3.0}, 2: {"loss": 2.0}, 3: {"loss": 9.0}})
    with (tmp_path / METRICS_FILE).open("a", encoding="utf-8") as file:
        file.write('{"step": 4, "lo')
    tracker = open_tracker(tmp_path, "en-0", {})
    tracker.log({"loss": 1.5}, 3)
    tracker.log({"dev": 0.5}, 3)
    tracker.close()
    assert [tuple(line.values()) for line in _lines(tmp_path)] == [
        (1, 3.0), (2, 2.0), (3, 1.5), (3, 0.5),
    ]  # fmt: skip


@pytest.mark.usefixtures("alone")
def test_a_run_that_is_opened_and_logs_nothing_loses_nothing(tmp_path: Path) -> None:
    _track(tmp_path, {1: {"loss": 3.0}})
    _track(tmp_path, {})
    assert _lines(tmp_path) == [{"step": 1, "loss": 3.0}]


@pytest.mark.usefixtures("alone")
def test_the_file_is_json_even_where_the_loss_has_run_away(tmp_path: Path) -> None:
    _track(tmp_path, {1: {"loss": float("nan"), "norm": float("inf")}})
    assert _lines(tmp_path) == [{"step": 1, "loss": None, "norm": None}]


@needs_tensorboard
def test_tensorboard_reads_what_was_logged_and_drops_what_was_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    monkeypatch.setitem(sys.modules, "clearml", None)
    _track(tmp_path, {1: {"loss": 3.0}, 2: {"loss": 2.0}, 3: {"loss": 9.0}})
    _track(tmp_path, {2: {"loss": 1.5, "dev/facts": 0.5}})
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert [(event.step, event.value) for event in events.Scalars("loss")] == [(1, 3.0), (2, 1.5)]
    assert [event.value for event in events.Scalars("dev/facts")] == [0.5]
    assert [(line["step"], line["loss"]) for line in _lines(tmp_path)] == [(1, 3.0), (2, 1.5)]


TRACK = """
import sys
from pathlib import Path
from tests.network import Attempts, watch
attempts = Attempts()
sys.addaudithook(watch(attempts))
from kgrag.train.tracking import open_tracker
tracker = open_tracker(Path(sys.argv[1]), "en-0", {"seed": 7})
tracker.log({"dev/facts": 0.25, "loss": 2.0}, 1)
tracker.log({"dev/facts": 0.5, "loss": 1.0}, 2)
tracker.close()
sys.exit(f"reached for the network: {attempts}" if attempts else 0)
"""


@needs_clearml
def test_clearml_keeps_an_offline_session_without_a_server_or_a_network(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if "CLEARML" not in key}
    environment |= {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", TRACK, str(tmp_path / "out")],
        env=environment, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (session,) = (tmp_path / ".clearml" / "cache" / "offline").glob("*.zip")
    with zipfile.ZipFile(session) as archive:
        task = json.loads(archive.read("task.json"))
        batches = [json.loads(line) for line in archive.read("metrics.jsonl").splitlines()]
    assert task["name"].startswith("en-0")
    assert task["hyperparams"]["settings"]["seed"]["value"] == "7"
    values = {
        (event["metric"], event["variant"], event["iter"], event["value"])
        for batch in batches
        for event in batch
        if event["type"] == "training_stats_scalar"
    }
    assert values == {
        ("dev", "facts", 1, 0.25), ("loss", "loss", 1, 2.0),
        ("dev", "facts", 2, 0.5), ("loss", "loss", 2, 1.0),
    }  # fmt: skip
    assert len(_lines(tmp_path / "out")) == 2
