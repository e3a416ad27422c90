"""Fits the weights that rank passages: ``python -m kgrag.train.ranking --data DIR --work DIR``.

Every question of the training sets is asked of its library. The first look is weighed by logistic
regression over all passages of all pools; the second by small networks, each trained to give the
needed passages the largest share of their pool (listwise softmax, Cao et al. 2007). For the numbers
that are reported, the same is done five times without one fold of the questions: ``folds.json``
keeps those weights, so that no question is ever scored by weights that saw it.
"""

import argparse
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexes.view import View
from kgrag.knowledge_base import KnowledgeBase
from kgrag.question import understand
from kgrag.retrieve import FirstLook, link_question, look_again, look_first
from kgrag.retrieve.first_look import FEATURES as FIRST
from kgrag.retrieve.ranker import MODEL_PATH, Ranker, Scale, ranker_of, with_pool
from kgrag.retrieve.second_look import FEATURES as SECOND
from kgrag.train.evidence import fit
from kgrag.train.questions import FOLDS, SETS, Case, QuestionSet, open_library, read_cases

FOLDS_PATH = Path(__file__).parents[2] / "eval" / "data" / "ranking_folds.json"

UNITS, NETWORKS = 32, 4
EPOCHS, BATCH = 30, 32
LEARNING_RATE, WEIGHT_DECAY, DROPOUT = 3e-3, 0.1, 0.1
L2 = 1e-4

Array = NDArray[np.float64]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Asking:
    """What one question saw: features float32 (pool, n), and which passages it needs."""

    fold: int
    features: Floats
    needed: NDArray[np.float32]


def main() -> None:
    """Fit on all questions, and five times without a fold; write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="keeps the libraries")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    sets = [asked for asked in SETS if asked.trains]
    with ProcessPoolExecutor(arguments.processes, mp_context=get_context("spawn")) as processes:
        jobs = [(arguments.data, arguments.work, asked) for asked in sets]
        # Sets that share a library follow one another: it must not be built twice at once.
        list(processes.map(_build, {job[2].library: job for job in jobs}.values()))
        looks = [item for some in processes.map(_first, jobs) for item in some]
        firsts = [fit_first([i for i in looks if i.fold != fold]) for fold in (*range(FOLDS), None)]
        again = list(processes.map(_second, [(*job, firsts) for job in jobs]))
        seconds = [[item for some in again for item in some[index]] for index in range(FOLDS + 1)]
        kept = [[item for item in seconds[fold] if item.fold != fold] for fold in range(FOLDS)] + [
            seconds[FOLDS]
        ]
        networks = list(processes.map(fit_second, kept))
    weights = [record(first, *second) for first, second in zip(firsts, networks, strict=True)]
    command = "python -m kgrag.train.ranking --data DIR --work DIR"
    _write(MODEL_PATH, {"command": command, "questions": len(looks), "weights": weights[FOLDS]})
    _write(FOLDS_PATH, {"command": command, "folds": weights[:FOLDS]})


Job = tuple[Path, Path, QuestionSet]
First = tuple[Scale, Floats, float]


def look_at(kb: KnowledgeBase, case: Case) -> FirstLook:
    """Ask one question, and take the first look."""
    seen = View(kb.library)
    question = understand(case.text)
    return look_first(seen, kb.embedder, question, link_question(seen, question))


def _build(job: Job) -> None:
    open_library(*job).close()


def _first(job: Job) -> list[Asking]:
    with open_library(*job) as kb:
        found = []
        for case in read_cases(job[0], job[2]):
            seen = look_at(kb, case)
            found.append(Asking(case.fold, seen.features, _needed(case, seen.pool)))
        return found


def _second(job: tuple[Path, Path, QuestionSet, Sequence[First]]) -> list[list[Asking]]:
    """Return, for each model of the first look, what each question sees at the second."""
    data, work, asked, firsts = job
    rankers = [Ranker(*first, first[0], ()) for first in firsts]
    found: list[list[Asking]] = [[] for _ in rankers]
    with open_library(data, work, asked) as kb:
        view = View(kb.library)
        for case in read_cases(data, asked):
            seen = look_at(kb, case)
            for ranker, own in zip(rankers, found, strict=True):
                again = look_again(view, kb.embedder, seen, ranker)
                own.append(Asking(case.fold, again.features, _needed(case, again.pool)))
    return found


def _needed(case: Case, pool: Sequence[Any]) -> NDArray[np.float32]:
    return np.array([item.passage.document_name in case.documents for item in pool], np.float32)


def fit_first(askings: Sequence[Asking]) -> First:
    """Return scale, weights and bias of the logistic regression over all passages."""
    features = np.concatenate([item.features for item in askings]).astype(np.float64)
    scale = scale_of(features)
    scaled = scale.apply(features.astype(np.float32)).astype(np.float64)
    weights, bias = fit(scaled, np.concatenate([item.needed for item in askings]), L2)
    return scale, weights.astype(np.float32), bias


def fit_second(askings: Sequence[Asking]) -> tuple[Scale, list[dict[str, Any]]]:
    """Return scale and networks of the second look."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    scale = scale_of(np.concatenate([item.features for item in askings]).astype(np.float64))
    data = [
        (torch.tensor(with_pool(scale.apply(item.features))), torch.tensor(item.needed))
        for item in askings
        if item.needed.any()
    ]
    networks = []
    for seed in range(NETWORKS):
        torch.manual_seed(seed)
        order = np.random.default_rng(seed)
        first, last = nn.Linear(data[0][0].shape[1], UNITS), nn.Linear(UNITS, 1, bias=False)
        net = nn.Sequential(first, nn.ReLU(), nn.Dropout(DROPOUT), last)
        optimizer = torch.optim.AdamW(net.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
        steps = EPOCHS * (len(data) // BATCH)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        for _ in range(EPOCHS):
            mixed = order.permutation(len(data))
            for start in range(0, len(data) - BATCH + 1, BATCH):
                batch = [data[index] for index in mixed[start : start + BATCH]]
                scores = net(torch.cat([inputs for inputs, _ in batch])).squeeze(1)
                parts = scores.split([len(needed) for _, needed in batch])
                losses = [
                    -(torch.log_softmax(part, 0) * needed).sum() / needed.sum()
                    for part, (_, needed) in zip(parts, batch, strict=True)
                ]
                optimizer.zero_grad()
                torch.stack(losses).mean().backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                schedule.step()
        networks.append(
            {
                "hidden": first.weight.T.tolist(),
                "bias": first.bias.tolist(),
                "out": last.weight[0].tolist(),
            }
        )
    return scale, networks


def scale_of(features: Array) -> Scale:
    """Return mean and standard deviation of each column; a constant one counts nothing."""
    spread = features.std(axis=0)
    spread[spread < 1e-6] = 1.0
    return Scale(features.mean(axis=0).astype(np.float32), spread.astype(np.float32))


def record(first: First, scale: Scale, networks: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the weights as JSON keeps them, in four digits."""
    first_scale, weights, bias = first
    kept = {
        "features": [*FIRST, *SECOND],
        "first": {**_scale(first_scale), "weights": weights.tolist(), "bias": bias},
        "second": {**_scale(scale), "networks": networks},
    }
    rounded: dict[str, Any] = json.loads(json.dumps(kept), parse_float=_rounded)
    ranker_of(rounded)
    return rounded


def _scale(scale: Scale) -> dict[str, list[float]]:
    return {"mean": scale.mean.tolist(), "spread": scale.spread.tolist()}


def _rounded(number: str) -> float:
    return float(f"{float(number):.4g}")


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
