"""Where the metrics of a training run go: a file always, TensorBoard and ClearML where they are.

``metrics.jsonl`` lies in the run's folder, one JSON object a line. TensorBoard's files lie beside
it, where ``tensorboard`` is installed (``tensorboard --logdir OUT``). Where ``clearml`` is
installed, its server is told if one is configured; without one, ClearML keeps an offline session
under its cache and names it when the run ends (``clearml-task --import-offline-session``).

A run that was killed goes on from its last checkpoint and repeats what came after it: the first
step that is logged drops what the file and TensorBoard hold from that step on.
"""

import json
import logging
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

logger = logging.getLogger(__name__)

METRICS_FILE = "metrics.jsonl"

CLEARML_PROJECT = "kgrag"

_CLEARML_SERVER_VARIABLES = ("CLEARML_API_HOST", "CLEARML_API_ACCESS_KEY", "CLEARML_CONFIG_FILE")

# Looking for a repository makes ClearML ask its maker's server for updates, offline mode or not;
# the others would log a second time what is logged here, or every checkpoint. A missing key is on.
_CLEARML_AUTOMATICS = (
    "detect_repository", "tensorboard", "tensorflow", "tfdefines", "pytorch", "matplotlib",
    "scikit", "joblib", "hydra", "gradio", "xgboost", "lightgbm", "catboost", "fastai", "megengine",
)  # fmt: skip


class _Destination(Protocol):
    def write(self, metrics: Mapping[str, float], step: int) -> None: ...
    def close(self) -> None: ...


class Tracker:
    """Writes metrics everywhere at once; see ``open_tracker``."""

    def __init__(self, out: Path, name: str, settings: Mapping[str, object]) -> None:
        self._out, self._name, self._settings = out, name, settings
        self._destinations: Sequence[_Destination] = ()

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        """Write the metrics of one step; ``a/b`` is the curve b of the plot a.

        Parameters
        ----------
        metrics:
            By name. What is not a finite number is ``null`` in the file.
        step:
            Not smaller than the last one's.
        """
        if not self._destinations:
            settings = {key: str(value) for key, value in self._settings.items()}
            self._destinations = [
                _Lines(self._out / METRICS_FILE, step),
                *open_tensorboard(self._out / "tensorboard", settings, step),
                *open_clearml(self._name, settings),
            ]
        for destination in self._destinations:
            destination.write(metrics, step)

    def close(self) -> None:
        """Write what is held back; may be called twice."""
        destinations, self._destinations = self._destinations, ()
        for destination in destinations:
            destination.close()


def open_tracker(out: Path, name: str, settings: Mapping[str, object]) -> Tracker:
    """Return a tracker of the run in a folder; nothing is written before the first step.

    Parameters
    ----------
    out:
        Folder of the run; made if missing.
    name:
        Of the run, for ClearML.
    settings:
        How the run was started; kept as text by TensorBoard and ClearML.
    """
    out.mkdir(parents=True, exist_ok=True)
    return Tracker(out, name, settings)


class _Lines:
    def __init__(self, path: Path, step: int) -> None:
        kept = [line for line in _whole_lines(path) if json.loads(line)["step"] < step]
        path.with_suffix(".new").write_text("".join(kept), "utf-8")
        path.with_suffix(".new").replace(path)
        self._path = path

    def write(self, metrics: Mapping[str, float], step: int) -> None:
        values = {key: value if math.isfinite(value) else None for key, value in metrics.items()}
        with self._path.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"step": step, **values}, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Do nothing: each line was written as it came."""


def _whole_lines(path: Path) -> list[str]:
    """Return the lines of a file, without a last one that a killed run left unfinished."""
    if not path.exists():
        return []
    lines = path.read_text("utf-8").splitlines(keepends=True)
    return [line for line in lines if line.endswith("\n")]


class _TensorBoard:
    def __init__(self, writer: Any) -> None:  # noqa: ANN401
        self._writer = writer

    def write(self, metrics: Mapping[str, float], step: int) -> None:
        for key, value in metrics.items():
            self._writer.add_scalar(key, value, step)
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()


def open_tensorboard(folder: Path, settings: Mapping[str, str], step: int) -> list[_TensorBoard]:
    """Return TensorBoard's files, purged from a step on; nothing where it is not installed."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return []
    writer = SummaryWriter(str(folder), purge_step=step)
    writer.add_text("settings", "\n".join(f"    {key}: {settings[key]}" for key in settings), step)
    return [_TensorBoard(writer)]


class _ClearML:
    def __init__(self, task: Any) -> None:  # noqa: ANN401
        self.task = task

    def write(self, metrics: Mapping[str, float], step: int) -> None:
        for key, value in metrics.items():
            plot, _, curve = key.partition("/")
            self.task.get_logger().report_scalar(plot, curve or plot, value, iteration=step)

    def close(self) -> None:
        offline = self.task.get_offline_mode_folder()
        self.task.close()
        if offline is not None:
            logger.info("ClearML's offline session: %s.zip", offline)


def open_clearml(name: str, settings: Mapping[str, str]) -> list[_ClearML]:
    """Return a new ClearML task, offline without a server; nothing where it is not installed."""
    try:
        from clearml import Task
    except ImportError:
        return []
    configured = any(os.environ.get(variable) for variable in _CLEARML_SERVER_VARIABLES)
    if not configured and not Path("~/clearml.conf").expanduser().exists():
        Task.set_offline(True)
    task = Task.init(
        project_name=CLEARML_PROJECT,
        task_name=name,
        reuse_last_task_id=False,
        auto_connect_arg_parser=False,
        auto_connect_frameworks=dict.fromkeys(_CLEARML_AUTOMATICS, False),
        auto_connect_streams=False,
        auto_resource_monitoring=False,
    )
    task.connect(dict(settings), name="settings")
    return [_ClearML(task)]
