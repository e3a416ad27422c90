"""What the bundled extractor finds on public test sets: mentions, relations, links, coreference.

Data: the test splits of shared/data (--data or KGRAG_DATA; licences in its SOURCES.md): NEREL,
CoNLL04, KnowledgeNet, Re-DocRED, CrossRE, CrossNER, GUM and WNUT-17; WikiGold, UNER-EWT and SciERC,
of which no model saw anything; ELEVANT's benchmarks of links, GUM and BSNLP. One real record, of
CoNLL04: {"text": "John Wilkes Booth , who assassinated President Lincoln , was an actor .",
"entities": [{"type": "Peop", ...}]}. Strict: borders and type of mentions, both mentions and
relation of facts, over whole documents.
"""

import json
import subprocess
import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from eval.intervals import bootstrap
from eval.published import PUBLISHED
from kgrag.extract.bundled import MODELS_FOLDER
from kgrag.train.calibration import Bin, calibration_error
from kgrag.train.coreference_scores import coreference_rows
from kgrag.train.evaluate import Row, evaluate
from kgrag.train.linking import LinkRow, measure_linking, summary

ROOT = Path(__file__).parents[2]
ANNOTATED = ROOT / "tests/kgrag/data/nerel_pronouns.json"

Record = dict[str, Any]


def run(arguments: Namespace) -> Record:
    """Measure the models that ship.

    Raises
    ------
    SystemExit
        The data sets are not there.
    """
    data = arguments.data
    if data is None or not (data / "ie").is_dir():
        raise SystemExit(
            "The test sets of extraction are not here: give the folder that holds ie/ and el/ with "
            "--data DIR or KGRAG_DATA (kgrag's shared/data; SOURCES.md there names each origin)."
        )
    annotated = ANNOTATED if ANNOTATED.is_file() else None
    return {
        "models": {language: _model(language, data, arguments.seed) for language in ("ru", "en")},
        "linking": [_link(row, arguments.seed) for row in measure_linking(data)],
        "coreference": [asdict(row) for row in coreference_rows(data, annotated)],
        "speed": _speed(data),
    }


def _model(language: Any, data: Path, seed: int) -> Record:  # noqa: ANN401
    report = evaluate(language, data)
    seeds = json.loads((MODELS_FOLDER / language / "seeds.json").read_text("utf-8"))
    spread = {(row["corpus"], row["task"]): row for row in seeds["rows"]}
    rows = []
    for row in report.rows:
        known = spread.get((row.corpus, row.task), {})
        rows.append(
            {
                **_scores(row, seed),
                "seeds_mean": known.get("mean"),
                "seeds_sd": known.get("sd"),
                "published": PUBLISHED.get((row.corpus, row.task.partition(",")[0])),
            }
        )
    return {
        "seeds": seeds["seeds"],
        "fine_tunes": seeds["fine_tunes"],
        "rows": rows,
        "mentions": _calibration(report.mentions),
        "relations": _calibration(report.relations),
    }


def _scores(row: Row, seed: int) -> Record:
    counts = np.array([(c.right, c.predicted, c.wanted) for c in row.texts], np.float64)
    low, high = bootstrap(counts, lambda sums: 2 * sums[0] / max(sums[1] + sums[2], 1), seed=seed)
    total = row.counts
    return {
        "corpus": row.corpus,
        "task": row.task,
        "texts": len(row.texts),
        "gold": total.wanted,
        "precision": round(100 * total.precision, 1),
        "recall": round(100 * total.recall, 1),
        "f1": round(100 * total.f1, 1),
        "low": round(100 * low, 1),
        "high": round(100 * high, 1),
    }


def _calibration(table: Sequence[Bin]) -> Record:
    return {
        "error": round(calibration_error(table), 4),
        "bins": [{key: round(value, 3) for key, value in asdict(row).items()} for row in table],
    }


def _link(row: LinkRow, seed: int) -> Record:
    counts = np.array([tuple(asdict(document).values()) for document in row.documents], np.float64)
    names = list(asdict(row.total))
    right, mentions = names.index("right"), names.index("mentions")
    low, high = bootstrap(counts, lambda sums: sums[right] / max(sums[mentions], 1), seed=seed)
    total = row.total
    return {
        "benchmark": row.benchmark,
        "catalogue": row.catalogue,
        **{name: round(value, 3) for name, value in summary(total).items()},
        "low": round(low, 3),
        "high": round(high, 3),
    }


def _speed(data: Path) -> Record:
    """Measure in a process of its own, so that nothing else counts."""
    command = [sys.executable, "-m", "eval.extraction_speed", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    speed: Record = json.loads(done.stdout)
    return speed
