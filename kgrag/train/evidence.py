"""Fit the networks that judge sentences (``kgrag.sentence_model``) on XQuAD's visible half.

    python -m kgrag.train.evidence --data DIR [--work DIR] [--out FILE] [--folds FILE]

Each question is asked of the whole collection, in its own language and across: as it is, where the
sentences that hold the gold answer are right and all others wrong, and of the collection without
its paragraph, or with its words mixed with another's, where nothing is right. What is reported is
measured by five-fold cross-validation over articles: no question is scored by weights that saw its
article, and its passages are ranked by weights that did not see the question. ``--folds`` keeps
those weights, by which ``kgrag-eval run answers`` asks the same questions. The second networks,
which judge questions, learn from scores of first ones that did not see these.
The borders let one answerable question in ten be declined within a language, and one in three
across.
"""

import argparse
import json
import math
import pickle
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.sentence_model import (
    FEATURES,
    MODEL_PATH,
    QUESTION_FEATURES,
    EvidenceModel,
    networks_of,
    question_features,
)
from kgrag.train.evidence_networks import Judged, fit_questions, fit_sentences
from kgrag.train.evidence_questions import FOLDS, LANGUAGES
from kgrag.train.evidence_reading import judge_all

DECLINED, DECLINED_ACROSS = 0.10, 0.35
"""Shares of the answerable questions that may be declined, within a language and across: words meet
so much less there that a tenth would let three hidden questions in five be answered."""

STEPS = 30

FOLDS_PATH = Path(__file__).parents[2] / "eval" / "data" / "evidence_folds.json"

COMMAND = "python -m kgrag.train.evidence --data DIR"

Array = NDArray[np.float64]


def main() -> None:
    """Ask, fit, measure and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, help="keeps what was asked, to fit it again")
    parser.add_argument("--out", type=Path, default=MODEL_PATH)
    parser.add_argument("--folds", type=Path, default=FOLDS_PATH)
    arguments = parser.parse_args()
    judged = _judged(arguments.data, arguments.work)
    record, blind = fit_all(judged)
    arguments.out.write_text(json.dumps(record) + "\n", encoding="utf-8")
    kept = {"command": COMMAND, "borders": record["borders"], "folds": _rounded(blind)}
    arguments.folds.write_text(json.dumps(kept) + "\n", encoding="utf-8")
    print(json.dumps({"borders": record["borders"], **record["measured"]}, indent=1))


def _judged(data: Path, work: Path | None) -> list[Judged]:
    kept = work / "evidence.pkl" if work else None
    if kept and kept.is_file():
        found: list[Judged] = pickle.loads(kept.read_bytes())  # noqa: S301
        return found
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as processes:
        asked = processes.map(judge_all, [data] * len(LANGUAGES), LANGUAGES)
        judged = [item for items in asked for item in items]
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(judged))
    return judged


@dataclass(frozen=True)
class Scored:
    """A question, the shares of its sentences and the log odds that they suffice, held out."""

    judged: Judged
    shares: Array
    odds: float


def fit_all(judged: Sequence[Judged]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the weights fitted on all questions, with what held-out ones got, and those that held
    a fold out, for each fold.
    """
    folds = [item.fold for item in judged]
    blind = {
        (one, two): fit_sentences(
            [q for q, f in zip(judged, folds, strict=True) if f not in (one, two)]
        )
        for one in range(FOLDS)
        for two in range(one, FOLDS)
    }
    apart = [
        {fold: _question(blind[min(own, fold), max(own, fold)], item) for fold in range(FOLDS)}
        for item, own in zip(judged, folds, strict=True)
    ]
    scored: list[Scored] = []
    held_out: list[dict[str, Any]] = []
    for fold in range(FOLDS):
        kept = [at for at, own in enumerate(folds) if own != fold]
        questions = fit_questions([apart[at][fold] for at in kept], [judged[at] for at in kept])
        held_out.append({"sentences": blind[fold, fold], "questions": questions})
        model = _model(**held_out[-1])
        scored += [_score(model, judged[at]) for at, own in enumerate(folds) if own == fold]
    sentences = fit_sentences(judged)
    questions = fit_questions([apart[at][own] for at, own in enumerate(folds)], judged)
    borders = borders_of(scored)
    record = {
        "command": COMMAND,
        "borders": borders,
        "measured": {pair: _measure(scored, pair, border) for pair, border in borders.items()},
        "sentences": sentences,
        "questions": questions,
    }
    return record, held_out


def _rounded(value: Any) -> Any:  # noqa: ANN401  JSON
    """Return JSON with its numbers at seven digits: the folds are kept only to be measured."""
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return float(f"{value:.7g}") if isinstance(value, float) else value


def _model(sentences: dict[str, Any], questions: dict[str, Any]) -> EvidenceModel:
    return EvidenceModel(
        networks_of(sentences, FEATURES), networks_of(questions, QUESTION_FEATURES), {}
    )


def _question(sentences: dict[str, Any], item: Judged) -> Array:
    """Return the features of a question whose sentences these networks score."""
    if not len(item.features):
        return np.zeros(len(QUESTION_FEATURES))
    scores = networks_of(sentences, FEATURES).scores(item.features)
    return question_features(scores, item.features, item.groups)


def _score(model: EvidenceModel, item: Judged) -> Scored:
    if not len(item.features):
        return Scored(item, np.zeros(0), -np.inf)
    shares, sufficient = model.judge(item.features, item.groups, [item.pair] * len(item.right))
    return Scored(item, shares, float(np.log(sufficient / (1 - sufficient))))


def borders_of(scored: Sequence[Scored]) -> dict[str, float]:
    """Return, for each pair of languages, the log odds under which kgrag declines."""
    borders: dict[str, float] = {}
    for pair in sorted({item.judged.pair for item in scored}):
        one, two = pair.split(" -> ")
        share = DECLINED if one == two else DECLINED_ACROSS
        asked = (item for item in scored if item.judged.kind == "asked")
        own = [item.odds for item in asked if item.judged.pair == pair]
        border = float(np.quantile(np.maximum(own, -50.0), share, method="lower"))
        borders[pair] = math.floor(border * 1e4) / 1e4
    return borders


def _measure(scored: Sequence[Scored], pair: str, border: float) -> dict[str, float]:
    own = [item for item in scored if item.judged.pair == pair]
    asked = [item for item in own if item.judged.kind == "asked"]
    ranks = [item.judged.right[np.argsort(-item.shares, kind="stable")] for item in asked]
    measures: dict[str, Any] = {
        "answer_in_first_sentence": np.mean([rank[:1].any() for rank in ranks]),
        "answer_in_first_three": np.mean([rank[:3].any() for rank in ranks]),
        "declined_answerable": np.mean([item.odds < border for item in asked]),
    }
    for kind in ("hidden", "mixed"):
        some = [item.odds < border for item in own if item.judged.kind == kind]
        if some:
            measures[f"declined_{kind}"] = np.mean(some)
    spans = [
        item.judged.stands_out[item.shares.argmax()]
        for item in asked
        if item.judged.stands_out is not None and len(item.shares)
    ]
    marked = np.array([span for span in spans if not np.isnan(span[0])]).reshape(-1, 2)
    if len(marked):
        measures["answer_marked"] = len(marked) / len(spans)
        measures["marked_exact"], measures["marked_f1"] = marked.mean(axis=0)
    rounded = {name: round(float(value), 4) for name, value in measures.items()}
    return rounded | {"n": len(asked), "n_of_a_kind": len(spans), "n_marked": len(marked)}


def fit(features: Array, right: Array, l2: float) -> tuple[Array, float]:
    """Return weights and bias of an L2-regularised logistic regression (Newton's method).

    Parameters
    ----------
    features, right:
        float (n, features), and float (n,) of 0 and 1.
    l2:
        Strength of the pull of the weights of standardised features towards zero.
    """
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    scaled = np.column_stack([(features - mean) / spread, np.ones(len(features))])
    penalty = np.diag([2 * l2] * features.shape[1] + [0.0])
    solution = np.zeros(scaled.shape[1])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-scaled @ solution))
        gradient = scaled.T @ (p - right) / len(right) + penalty @ solution
        curvature = (scaled * (p * (1 - p))[:, None]).T @ scaled / len(right) + penalty
        solution -= np.linalg.solve(curvature, gradient)
    weights = solution[:-1] / spread
    return weights, float(solution[-1] - weights @ mean)


if __name__ == "__main__":
    main()
