"""Trains one language's model: repeatable, resumable, stopped early.

On one CPU thread, or on a GPU where torch finds one.
"""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import asdict

import torch

from kgrag.extract.labels import Labels
from kgrag.train.minilm import rounded
from kgrag.train.run import FitSettings, Run
from kgrag.train.tracking import open_tracker
from kgrag.train.tune import evaluate_on_dev, tuned

logger = logging.getLogger(__name__)

JUDGED_EVERY = 2
"""Epochs from one look at dev to the next."""


def fit(settings: FitSettings) -> None:
    """Train until dev stops improving or time is up; leave ``best.pt`` and ``fit.json``."""
    settings.out.mkdir(parents=True, exist_ok=True)
    run = Run(settings)
    checkpoint = settings.out / "last.pt"
    if checkpoint.exists():
        run.load(checkpoint)
        logger.info("resumed after epoch %d", run.epoch)
    name = f"{settings.language}-{settings.seed}"
    tracker = open_tracker(settings.out, name, asdict(settings))
    clock = time.process_time if run.device.type == "cpu" else time.monotonic
    while run.epoch < settings.epochs and run.seconds < 60 * settings.minutes:
        began = clock()
        loss = run.train_epoch()
        run.seconds += clock() - began
        last = run.epoch >= settings.epochs or run.seconds >= 60 * settings.minutes
        logger.info("epoch %d: loss %.3f, %.0f s", run.epoch, loss, run.seconds)
        tracker.log({"train/loss": loss, "train/cpu_seconds": run.seconds}, run.epoch)
        if last or run.epoch % JUDGED_EVERY == 0:
            tracker.log(_judge(run), run.epoch)
        run.save(checkpoint)
        if run.epoch - run.best_epoch >= settings.patience:
            break
    tracker.close()
    if run.best < 0:
        _judge(run)
    _finish(run)


def _judge(run: Run) -> dict[str, float]:
    """Measure on dev, and keep the averaged weights where they are the best so far."""
    with rounded(run.average):
        scores = evaluate_on_dev(run.reader(), run.dev)
    logger.info("epoch %d: dev %s", run.epoch, scores)
    mean = (scores["mentions"] + scores["facts"]) / 2
    if mean > run.best:
        run.best, run.best_epoch = mean, run.epoch
        torch.save(run.average.state_dict(), run.settings.out / "best.pt")
    return {f"dev/{name}": value for name, value in scores.items()}


def _finish(run: Run) -> None:
    """Choose the thresholds of the best weights, and write down what they are."""
    out = run.settings.out
    run.average.load_state_dict(torch.load(out / "best.pt", weights_only=True))
    with rounded(run.average):
        labels = run.labels = tuned(run.reader(), run.dev)
        scores = evaluate_on_dev(run.reader(), run.dev)
    write_report(run, labels, scores)
    logger.info("done: %s", scores)


def write_report(run: Run, labels: Labels, scores: Mapping[str, float]) -> None:
    """Write ``fit.json``: how the run went, and what the model needs beside its weights."""
    report = {
        "labels": {**asdict(labels), "relation_thresholds": dict(labels.relation_thresholds)},
        "shape": asdict(run.model.shape),
        "dev": dict(scores),
        "epoch": run.best_epoch,
        "epochs": run.epoch,
        "planned": {"epochs": run.settings.epochs, "minutes": run.settings.minutes},
        "batch_tokens": run.settings.batch_tokens,
        "cpu_minutes": round(run.seconds / 60, 1),
        "seed": run.settings.seed,
        "parameters": sum(w.numel() for w in run.model.parameters() if w.requires_grad),
        "texts": len(run.items) + len(run.side),
        "tokens": sum(len(item.part.tokens) for item in [*run.items, *run.side]),
        "device": run.device.type,
        "teachers": [teacher.name for teacher in run.settings.teachers],
        "side_rate": run.settings.side_rate,
    }
    written = json.dumps(report, indent=1, ensure_ascii=False)
    (run.settings.out / "fit.json").write_text(written, "utf-8")
