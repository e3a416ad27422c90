"""Fit the logistic model that judges sentences (``kgrag.quote``) on XQuAD's visible half.

    python -m kgrag.train.evidence --data DIR [--out FILE]

Each question is asked of the whole collection, in its own language and across: as it is,
where the sentences that hold the gold answer are right and all others wrong, and with its paragraph
hidden or its words mixed with another's, where all are wrong. What is reported is measured by
five-fold cross-validation over articles: no question is scored by weights that saw its article. The
threshold lets one answerable question in ten be declined.
"""

import argparse
import gzip
import json
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from indexes.view import View
from kgrag.answer import judge
from kgrag.knowledge_base import KnowledgeBase
from kgrag.question import understand
from kgrag.retrieve import link_question, rank_passages
from kgrag.sentence_model import FEATURES, MODEL_PATH

LANGUAGES = ("en", "ru")
FOLDS = 5
DECLINED = 0.10
L2 = 1e-3
STEPS = 30

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """The sentences judged for one question: ``right`` marks those that hold the answer.

    ``kind``: asked as it is, with its paragraph hidden, or mixed: its names with the other words of
    a question about another article, which nothing answers.
    """

    pair: str
    article: str
    kind: Literal["asked", "hidden", "mixed"]
    features: Array
    right: Array


def main() -> None:
    """Judge, fit, measure and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=MODEL_PATH)
    arguments = parser.parse_args()
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as processes:
        found = processes.map(_judged, [arguments.data] * len(LANGUAGES), LANGUAGES)
        judged = [item for items in found for item in items]
    measured, threshold = _cross_validate(judged)
    weights, bias = fit_judged(judged)
    record = {
        "weights": dict(zip(FEATURES, np.round(weights, 3).tolist(), strict=True)),
        "bias": round(bias, 3),
        "threshold": round(threshold, 3),
        "measured": measured,
        "command": "python -m kgrag.train.evidence --data DIR",
    }
    arguments.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(record, indent=1))


def _judged(data: Path, language: str) -> list[Judged]:
    """Ask the questions of both languages of one language's paragraphs."""
    judged: list[Judged] = []
    with tempfile.TemporaryDirectory() as folder:
        texts = Path(folder) / "texts"
        texts.mkdir()
        for record in _read(data, language, "corpus"):
            (texts / f"{record['id']}.txt").write_text(record["text"], encoding="utf-8")
        with KnowledgeBase.open(Path(folder) / "library") as kb:
            kb.add(texts)
            answers = {q["id"]: q["answer_spans"] for q in _read(data, language, "questions")}
            for asked_in in LANGUAGES:
                pair = f"{asked_in} -> {language}"
                records = _read(data, asked_in, "questions")
                for number, record in enumerate(records):
                    spans = answers[record["id"]]
                    judged += _ask(kb, record["question"], spans, pair)
                    other = records[(number + len(records) // 2) % len(records)]
                    if asked_in == language and _names(record) and _names(other):
                        judged.append(_ask_mixed(kb, record["question"], other["question"], spans))
    return judged


def _ask(
    kb: KnowledgeBase, text: str, spans: Sequence[dict[str, Any]], pair: str
) -> Iterator[Judged]:
    question = understand(text)
    seen = View(kb.library)
    named = link_question(seen, question)
    ranked = rank_passages(seen, kb.embedder, question, named)
    gold = f"{spans[0]['doc']}.txt"
    article = spans[0]["doc"].rsplit("-", 1)[0]
    kinds: tuple[Literal["asked", "hidden"], ...] = ("asked", "hidden")
    for kind in kinds:
        read = [
            item
            for item in ranked.candidates
            if not (kind == "hidden" and item.passage.document_name == gold)
        ]
        sentences = judge(seen, question, named, replace(ranked, candidates=read))
        right = [
            item.passage.document_name == gold
            and any(item.start <= span["start"] < item.end for span in spans)
            for item in sentences
        ]
        features = np.array([item.features for item in sentences]).reshape(-1, len(FEATURES))
        yield Judged(pair, article, kind, features, np.array(right, dtype=np.float64))


def _names(record: dict[str, Any]) -> list[str]:
    return [word.text for word in understand(record["question"]).words if word.is_name]


def _ask_mixed(kb: KnowledgeBase, text: str, other: str, spans: Sequence[dict[str, Any]]) -> Judged:
    names = _names({"question": text})
    rest = [word for word in other.split() if word == other.split()[0] or word.islower()]
    question = understand(" ".join([*rest, *names]))
    seen = View(kb.library)
    named = link_question(seen, question)
    ranked = rank_passages(seen, kb.embedder, question, named)
    sentences = judge(seen, question, named, ranked)
    features = np.array([item.features for item in sentences]).reshape(-1, len(FEATURES))
    language = question.language
    article = spans[0]["doc"].rsplit("-", 1)[0]
    return Judged(f"{language} -> {language}", article, "mixed", features, np.zeros(len(features)))


def fit_judged(judged: Sequence[Judged]) -> tuple[Array, float]:
    """Return weights and bias for the features of sentences."""
    features = np.concatenate([item.features for item in judged])
    return fit(features, np.concatenate([item.right for item in judged]), L2)


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


def _cross_validate(judged: Sequence[Judged]) -> tuple[dict[str, dict[str, float]], float]:
    """Return, for each pair of languages, what held-out questions got, and the threshold."""
    articles = sorted({item.article for item in judged})
    fold_of = {article: number % FOLDS for number, article in enumerate(articles)}
    scored: list[tuple[Judged, Array]] = []
    for fold in range(FOLDS):
        weights, bias = fit_judged([item for item in judged if fold_of[item.article] != fold])
        scored += [
            (item, 1 / (1 + np.exp(-(item.features @ weights + bias))))
            for item in judged
            if fold_of[item.article] == fold
        ]
    within = [pair for pair in scored if pair[0].pair in ("en -> en", "ru -> ru")]
    threshold = float(
        np.quantile([_best(p) for item, p in within if item.kind == "asked"], DECLINED)
    )
    pairs = sorted({item.pair for item in judged})
    return {pair: _measure(scored, pair, threshold) for pair in pairs}, threshold


def _measure(
    scored: Sequence[tuple[Judged, Array]], pair: str, threshold: float
) -> dict[str, float]:
    shown = [(item.right, p) for item, p in scored if (item.pair, item.kind) == (pair, "asked")]
    unanswerable = {
        f"declined_{kind}": [
            _best(p) for item, p in scored if (item.pair, item.kind) == (pair, kind)
        ]
        for kind in ("hidden", "mixed")
    }
    ranks = [right[np.argsort(-p)] for right, p in shown]
    measures = {
        "answer_in_first_sentence": np.mean([rank[:1].sum() > 0 for rank in ranks]),
        "answer_in_first_three": np.mean([rank[:3].sum() > 0 for rank in ranks]),
        "declined_answerable": np.mean([_best(p) < threshold for _, p in shown]),
    } | {name: np.mean(np.array(p) < threshold) for name, p in unanswerable.items() if p}
    return {name: round(float(value), 4) for name, value in measures.items()} | {"n": len(shown)}


def _best(probabilities: Array) -> float:
    return float(probabilities.max()) if len(probabilities) else 0.0


def _read(data: Path, language: str, name: str) -> list[dict[str, Any]]:
    with gzip.open(data / f"qa/xquad-{language}/{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


if __name__ == "__main__":
    main()
