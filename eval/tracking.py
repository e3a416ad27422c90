"""Where a finished evaluation run is logged besides its folder: ClearML, MLflow and TensorBoard.

Only where they are installed, and nothing leaves the machine unless a server is configured. ClearML
keeps an offline session without one, MLflow goes where it always goes: ``MLFLOW_TRACKING_URI``, or
``mlflow.db`` and ``mlruns`` in the current folder, and TensorBoard's files lie in the run's folder.
MLflow 3 refuses its older store of plain files, and its database needs SQLAlchemy and Alembic.

A run is never lost over its logging: whatever goes wrong there becomes a line of text.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from eval.run_folder import RunFolder
from eval.tracking_names import Told, metrics_of, parameters_of
from indexes.errors import ConfigError

T = TypeVar("T")

ARTIFACTS = ("summary.json", "report.html")

_NEEDS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "clearml": (("clearml",), "kgrag[clearml]"),
    "mlflow": (("mlflow", "sqlalchemy", "alembic"), "kgrag[mlflow]"),
    "tensorboard": (("tensorboard", "torch"), "kgrag[models]"),
}
"""The packages of each destination, and what installs them."""

DESTINATIONS = tuple(_NEEDS)

_SECRET = re.compile(r"//[^/\s@]+@")
"""A name and a password within the address of a server."""

_MLFLOW_METRICS, _MLFLOW_PARAMETERS = 1000, 100
"""What MLflow takes in one request (its REST API, "Log Batch")."""


def chosen(to: Sequence[str] | None) -> tuple[str, ...]:
    """Return the destinations that are asked for; all that are installed for None.

    Raises
    ------
    ConfigError
        One of them is unknown or not installed: better asked before a run than after it.
    """
    for name in to or ():
        if name not in _NEEDS:
            raise ConfigError(
                f"runs cannot be logged to {name!r}; there are: {', '.join(DESTINATIONS)}"
            )
        if missing := _missing(name):
            raise ConfigError(
                f"logging to {name} needs {' and '.join(missing)}, not installed here: "
                f"pip install '{_NEEDS[name][1]}'"
            )
    if to is None:
        return tuple(name for name in DESTINATIONS if not _missing(name))
    return tuple(to)


def log_run(folder: Path, *, to: Sequence[str] | None = None) -> list[str]:
    """Log a finished run; return in plain lines where it went, or why it did not.

    Parameters
    ----------
    folder:
        That of a run.
    to:
        See ``chosen``.

    Raises
    ------
    RunNotFoundError
        It is no run's folder.
    ConfigError
        See ``chosen``.
    """
    names = chosen(to)
    run = RunFolder.open(folder)
    if not run.is_finished:
        return [f"not logged: the run in {folder} is not finished (kgrag-eval resume {folder})"]
    summary = run.summary()
    told = Told(
        f"{summary['task']} {summary['started']}", parameters_of(summary), metrics_of(summary)
    )
    return [line for name in names for line in _logged(name, folder, told)]


def _missing(name: str) -> list[str]:
    return [package for package in _NEEDS[name][0] if find_spec(package) is None]


def _logged(name: str, folder: Path, told: Told) -> list[str]:
    try:
        return [_LOGGERS[name](folder, told)]
    # Foreign code, a server and a network stand behind it, and the run is done: it is told instead.
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        return [f"warning: not logged to {name}: {_SECRET.sub('//', reason)}"]


def _tensorboard(folder: Path, told: Told) -> str:
    from kgrag.train.tracking import open_tensorboard

    place = folder / "tensorboard"
    (board,) = open_tensorboard(place, told.parameters, 0)
    board.write(told.metrics, 0)
    board.close()
    return f"TensorBoard: {place} (tensorboard --logdir {place})"


def _mlflow(folder: Path, told: Told) -> str:
    os.environ |= {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    # It would ask a server that is down for minutes.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    from mlflow import MlflowClient, get_tracking_uri
    from mlflow.entities import Metric, Param

    client = MlflowClient()
    found = client.get_experiment_by_name(_PROJECT)
    experiment = found.experiment_id if found else client.create_experiment(_PROJECT)
    run = client.create_run(experiment, run_name=told.name).info.run_id
    metrics = [Metric(name, value, 0, 0) for name, value in told.metrics.items()]
    parameters = [Param(name, value) for name, value in told.parameters.items()]
    for some in _batches(parameters, _MLFLOW_PARAMETERS):
        client.log_batch(run, params=some)
    for each in _batches(metrics, _MLFLOW_METRICS):
        client.log_batch(run, metrics=each)
    for path in _artifacts(folder):
        client.log_artifact(run, str(path))
    client.set_terminated(run)
    return f"MLflow: run {run} in {_SECRET.sub('//', get_tracking_uri())}"


def _clearml(folder: Path, told: Told) -> str:
    os.environ["DO_NOT_TRACK"] = "true"
    from kgrag.train.tracking import open_clearml

    (destination,) = open_clearml(told.name, told.parameters)
    task = destination.task
    for name, value in told.metrics.items():
        task.get_logger().report_single_value(name, value)
    for path in _artifacts(folder):
        task.upload_artifact(path.name, artifact_object=path, wait_on_upload=True)
    offline = task.get_offline_mode_folder()
    page = None if offline else task.get_output_log_web_page()
    destination.close()
    return f"ClearML: {page or f'offline session {offline}.zip'}"


_PROJECT = "kgrag"

_LOGGERS: Mapping[str, Callable[[Path, Told], str]] = {
    "clearml": _clearml,
    "mlflow": _mlflow,
    "tensorboard": _tensorboard,
}


def _artifacts(folder: Path) -> list[Path]:
    return [folder / name for name in ARTIFACTS if (folder / name).is_file()]


def _batches(things: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(things), size):
        yield things[start : start + size]
