"""Do the right passages come first: recall beside four baselines, in one language and across two.

Data (--data or KGRAG_DATA, qa/): HotpotQA (CC BY-SA 4.0), 2WikiMultiHopQA (Apache-2.0) with the
corpus of HippoRAG (MIT) as distractors, PopQA (MIT) and XQuAD (CC BY-SA 4.0). Each passage is a
document of its own. One real question: "Which film whose director is younger, Forbidden Ground or
Free Guy?", which needs the passages on both films and on both directors. No question is scored by
weights that saw it: each by those of its fold (eval/data/ranking_folds.json). A document that is
split into passages counts at the place of its best one. Russian vectors were aligned on the first
16 articles of XQuAD (``kgrag.train.align``), so the other 8 have rows of their own.
"""

import json
import re
import time
from argparse import Namespace
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from eval.intervals import bootstrap
from eval.ranking import baselines, documents_of, recall
from indexes.view import View
from kgrag.knowledge_base import KnowledgeBase
from kgrag.question import understand
from kgrag.retrieve import link_question, look_again, look_first, ordered
from kgrag.retrieve.ranker import Ranker, ranker_of
from kgrag.train.align import FITTED_ARTICLES
from kgrag.train.questions import FOLDS, SETS, Case, QuestionSet, open_library, read_cases

FOLDS_PATH = Path(__file__).parents[1] / "data" / "ranking_folds.json"
_ARTICLE = re.compile(r"xquad-(\d+)-")
WORK = Path(__file__).parents[2] / ".cache" / "retrieval"


def run(arguments: Namespace) -> dict[str, Any]:
    """Ask every question of every set."""
    if arguments.data is None or not (arguments.data / "qa").is_dir():
        raise SystemExit(
            "the question sets are not there: give the folder that holds qa/ with --data DIR "
            "(its SOURCES.md says where they come from)"
        )
    rankers = load_folds()
    rows = []
    for asked in SETS:
        with open_library(arguments.data, arguments.work or WORK, asked) as kb:
            rows += _measure(asked, kb, read_cases(arguments.data, asked), rankers, arguments.seed)
    return {"k": {"1": "XQuAD in one language", "5": "else"}, "rows": rows}


def load_folds() -> list[Ranker]:
    """Return the weights of each fold, which did not see its questions."""
    data = json.loads(FOLDS_PATH.read_text(encoding="utf-8"))
    rankers = [ranker_of(weights) for weights in data["folds"]]
    assert len(rankers) == FOLDS
    return rankers


def _measure(
    asked: QuestionSet, kb: KnowledgeBase, cases: list[Case], rankers: list[Ranker], seed: int
) -> list[dict[str, Any]]:
    view = View(kb.library)
    found: dict[str, list[Outcome]] = defaultdict(list)
    times = []
    for case in cases:
        question = understand(case.text)
        started = time.perf_counter()
        named = link_question(view, question)
        seen = look_first(view, kb.embedder, question, named)
        again = look_again(view, kb.embedder, seen, rankers[case.fold])
        ranked = ordered(again, rankers[case.fold])
        times.append(1000 * (time.perf_counter() - started))
        lists = {"kgrag": documents_of(ranked), **baselines(view, kb.embedder, question, again)}
        for system, documents in lists.items():
            at_5 = recall(documents, case.documents, 5)
            at_1 = recall(documents, case.documents, 1)
            found[system].append((at_5, float(at_5 == 1.0), at_1))
    rows = _rows(asked.name, found, times, seed)
    unaligned = [at for at, case in enumerate(cases) if _is_unaligned(case)]
    if any("ru" in part for part in (asked.questions, asked.corpus)) and unaligned:
        rest = {system: [outcomes[at] for at in unaligned] for system, outcomes in found.items()}
        kept = [times[at] for at in unaligned]
        rows += _rows(f"{asked.name}, articles not aligned on", rest, kept, seed)
    return rows


Outcome = tuple[float, float, float]
"""Recall among the first five, whether it is whole, and whether the first document is needed."""


def _rows(
    name: str, found: Mapping[str, Sequence[Outcome]], times: Sequence[float], seed: int
) -> list[dict[str, Any]]:
    speed = {
        "p50_ms": round(float(np.median(times)), 1),
        "p95_ms": round(float(np.quantile(times, 0.95)), 1),
    }
    return [
        {
            "set": name,
            "system": system,
            "n": len(outcomes),
            **{
                measure: _share([item[index] for item in outcomes], seed)
                for index, measure in enumerate(("recall_5", "all_5", "recall_1"))
            },
            **(speed if system == "kgrag" else {}),
        }
        for system, outcomes in found.items()
    ]


def _is_unaligned(case: Case) -> bool:
    """Return whether the documents of a case are of articles that aligned no vectors."""
    articles = [_ARTICLE.match(name) for name in case.documents]
    return all(found and int(found[1]) >= FITTED_ARTICLES for found in articles)


def _share(values: list[float], seed: int) -> dict[str, float]:
    counts = np.array(values)[:, None]
    low, high = bootstrap(counts, lambda sums: float(sums[0]) / len(values), seed=seed)
    return {
        "value": round(100 * float(np.mean(values)), 1),
        "low": round(100 * low, 1),
        "high": round(100 * high, 1),
    }
