"""What becomes of counts: each measure by name, with its formula, its direction and its unit.

A statistic is computed for many drawings at once: it gets the counts of the cases, float (n,
columns), and how often each case was drawn, float (draws, n), and returns one value a drawing. One
row of ones is the value itself. So bootstrap and paired comparison need nothing of a measure but
its statistic.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from eval.metrics.calibration import calibration_error
from eval.metrics.clusters import conll_f1
from eval.metrics.risk import risk_coverage_area

Array = NDArray[np.float64]
Statistic = Callable[[Array, Array], Array]


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that is made of counts.

    Parameters
    ----------
    title:
        As tables show it.
    counts:
        The name of the columns in ``Item.counts`` that it is made of.
    statistic:
        See the module.
    better:
        Which way is better: "higher", "lower", or "" where neither is.
    unit:
        "%" (of a share 0..1), "ms", "s", "MB", "/s" or "" (as it is).
    formula:
        In words or signs, with its source.
    """

    title: str
    counts: str
    statistic: Statistic
    better: Literal["higher", "lower", ""]
    unit: str
    formula: str


def mean(column: int = 0) -> Statistic:
    """Return the statistic: mean of a column over the cases."""
    return lambda rows, drawn: drawn @ rows[:, column] / drawn.sum(axis=1)


def ratio(over: int, under: int) -> Statistic:
    """Return the statistic: one column's sum by another's (micro average); 0 by 0 is 0."""

    def statistic(rows: Array, drawn: Array) -> Array:
        sums = drawn @ rows
        return sums[:, over] / np.maximum(sums[:, under], 1e-12)

    return statistic


def f1(rows: Array, drawn: Array) -> Array:
    """Return 2 * right / (predicted + wanted) of the sums of these three columns."""
    sums = drawn @ rows
    return 2 * sums[:, 0] / np.maximum(sums[:, 1] + sums[:, 2], 1e-12)


def quantile(share: float) -> Statistic:
    """Return the statistic: quantile of the first column, the smallest value that covers it."""

    def statistic(rows: Array, drawn: Array) -> Array:
        order = np.argsort(rows[:, 0], kind="stable")
        reached = np.cumsum(drawn[:, order], axis=1)
        at = (reached >= share * reached[:, -1:] - 1e-9).argmax(axis=1)
        value: Array = rows[order, 0][at]
        return value

    return statistic


def area(rows: Array, drawn: Array) -> Array:
    """Return the risk-coverage area of the columns (confidence, wrong) for each drawing."""
    times = drawn.astype(int)
    return np.array(
        [risk_coverage_area(*np.repeat(rows, counts, axis=0).T) for counts in times], np.float64
    )


def calibration(rows: Array, drawn: Array) -> Array:
    """Return the expected calibration error of binned columns (``eval.metrics.calibration``)."""
    return np.array([calibration_error(sums) for sums in drawn @ rows], np.float64)


def coreference(rows: Array, drawn: Array) -> Array:
    """Return the CoNLL F1 of the ten columns of ``eval.metrics.clusters.conll_counts``."""
    return np.array([conll_f1(sums) for sums in drawn @ rows], np.float64)


def _spans(name: str, what: str, source: str) -> dict[str, Measure]:
    """Return F1, precision and recall of one kind of thing found."""
    return {
        f"{name}_f1": Measure(f"{what}, F1", name, f1, "higher", "%", f"2TP/(2TP+FP+FN); {source}"),
        f"{name}_precision": Measure(
            f"{what}, precision", name, ratio(0, 1), "higher", "%", f"TP/(TP+FP); {source}"
        ),
        f"{name}_recall": Measure(
            f"{what}, recall", name, ratio(0, 2), "higher", "%", f"TP/(TP+FN); {source}"
        ),
    }


_CONLL = "micro average, exact borders and type (CoNLL-2003, Tjong Kim Sang and De Meulder)"
_MUC = "micro average, any overlap with the same type (MUC; nervaluate's “ent_type”)"
_ENDS = "strict: both mentions and the relation (Taillé et al. 2020)"

MEASURES: Mapping[str, Measure] = {
    # extraction: columns (right, predicted, wanted)
    **_spans("mentions", "mentions", _CONLL),
    **_spans("mentions_relaxed", "mentions, relaxed", _MUC),
    **_spans("relations", "relations", _ENDS),
    **_spans("relations_gold", "relations between gold mentions", _ENDS),
    **_spans("references", "references found to mean the right name", "pairwise links"),
    "coreference_f1": Measure(
        "coreference, CoNLL F1", "clusters", coreference, "higher", "%",
        "mean of MUC, B-cubed and CEAF-e over entities of several mentions (CoNLL-2012)",
    ),
    **_spans("links", "links (in catalogue)", "InKB micro F1 (GERBIL, Röder et al. 2018)"),
    # columns (right, mentions)
    "link_accuracy": Measure(
        "links, accuracy with NIL", "link_accuracy", ratio(0, 1), "higher", "%",
        "right links and right NILs by gold mentions",
    ),
    "link_coverage": Measure(
        "gold entities in the catalogue", "link_coverage", ratio(0, 1), "", "%",
        "mentions whose entity the catalogue holds / linked mentions",
    ),
    "nil_recall": Measure(
        "NIL found", "nil", ratio(0, 1), "higher", "%", "NIL said by gold NIL (TAC KBP)"
    ),
    "calibration_error": Measure(
        "calibration error", "calibration", calibration, "lower", "%",
        "expected calibration error, ten bins (Naeini et al. 2015)",
    ),
    # retrieval: one column
    "recall_1": Measure("recall at 1", "recall_1", mean(), "higher", "%", "needed found / needed"),
    "recall_5": Measure("recall at 5", "recall_5", mean(), "higher", "%", "needed found / needed"),
    "recall_10": Measure(
        "recall at 10", "recall_10", mean(), "higher", "%", "needed found / needed"
    ),
    "all_5": Measure(
        "all needed at 5", "all_5", mean(), "higher", "%",
        "share of questions whose needed documents are all among the first five",
    ),
    "mrr": Measure(
        "MRR", "mrr", mean(), "higher", "%", "mean of 1 / rank of the first needed (Voorhees 1999)"
    ),
    "ndcg_10": Measure(
        "nDCG at 10", "ndcg_10", mean(), "higher", "%",
        "gains 1, discount log2(1 + rank) (Järvelin and Kekäläinen 2002)",
    ),
    # answers
    "exact": Measure(
        "exact match", "exact", mean(), "higher", "%", "SQuAD (Rajpurkar et al. 2016), normalised"
    ),
    "answer_f1": Measure(
        "answer F1", "answer_f1", mean(), "higher", "%", "token F1 (Rajpurkar et al. 2016)"
    ),
    "contains": Measure(
        "answer contained", "contains", mean(), "higher", "%",
        "an expected answer stands in what was answered, normalised",
    ),
    "wrong_avoided": Measure(
        "retracted answer avoided", "wrong_avoided", mean(), "higher", "%",
        "what a user retracted does not stand in the answer, normalised",
    ),
    "evidence_any": Measure(
        "expected evidence cited, a piece at least", "evidence_any", mean(), "higher", "%",
        "a citation holds the expected quote, or lies in it",
    ),
    "evidence_all": Measure(
        "expected evidence cited, every piece", "evidence_all", mean(), "higher", "%",
        "as above, all pieces",
    ),
    "first_sentence": Measure(
        "first cited sentence is right", "first_sentence", mean(), "higher", "%",
        "the first citation holds expected evidence",
    ),
    # columns (right, given, wanted, found)
    "citation_precision": Measure(
        "citation precision", "citations", ratio(0, 1), "higher", "%",
        "citations that hold expected evidence / citations (ALCE, Gao et al. 2023)",
    ),
    "citation_recall": Measure(
        "citation recall", "citations", ratio(3, 2), "higher", "%",
        "expected pieces cited / expected pieces",
    ),
    # columns (supported, shown)
    "supported_sentences": Measure(
        "sentences supported", "sentences", ratio(0, 1), "higher", "%",
        "sentences that stand and are supported in full / sentences written",
    ),
    # abstention: columns (declined and unanswerable, declined, unanswerable)
    "abstention_precision": Measure(
        "declined rightly", "abstention", ratio(0, 1), "higher", "%",
        "unanswerable among the declined",
    ),
    "abstention_recall": Measure(
        "unanswerable declined", "abstention", ratio(0, 2), "higher", "%",
        "declined among the unanswerable",
    ),
    "answered": Measure(
        "answerable answered", "answered", ratio(0, 1), "higher", "%",
        "answered among the answerable",
    ),
    "risk_area": Measure(
        "risk-coverage area", "risk", area, "lower", "%",
        "mean risk over all coverages, most confident first (Geifman and El-Yaniv 2017)",
    ),
    # grounding
    "lies_struck": Measure("lies struck", "lies", mean(), "higher", "%", "struck / lies said"),
    "truths_struck": Measure(
        "truths struck", "truths", mean(), "lower", "%", "struck / truths said"
    ),
    "followed": Measure(
        "changed source followed", "followed", mean(), "higher", "%",
        "the answer changes with its only source, and is declined without it",
    ),
    "real_citations": Measure(
        "all citations real", "real_citations", mean(), "higher", "%",
        "answers in which every number and quotation is that of a retrieved sentence",
    ),
    "written_conforms": Measure(
        "written as the grammar has it", "written_conforms", mean(), "higher", "%",
        "answers of which every written sentence cites what was offered, as it was streamed",
    ),
    "whole_conforms": Measure(
        "the same, not streamed", "whole_conforms", mean(), "higher", "%", "as above",
    ),
    # speed
    "p50": Measure("median", "ms", quantile(0.5), "lower", "ms", "median of the cases"),
    "p95": Measure("95th percentile", "ms", quantile(0.95), "lower", "ms", "of the cases"),
    "first_p50": Measure("first words, median", "first_ms", quantile(0.5), "lower", "ms", "median"),
    "first_p95": Measure(
        "first words, 95th percentile", "first_ms", quantile(0.95), "lower", "ms", "of the cases"
    ),
    "seconds": Measure("seconds", "seconds", mean(), "lower", "s", "mean of the cases"),
    "files_per_s": Measure("files per second", "files", ratio(0, 1), "higher", "/s", "files / s"),
    "memory": Measure("peak memory", "memory_mb", quantile(1.0), "lower", "MB", "largest"),
}  # fmt: skip
"""All measures, in the order of tables."""


def value(measure: Measure, rows: Array) -> float:
    """Return a measure of counts, float (n, columns)."""
    return float(measure.statistic(rows, np.ones((1, len(rows))))[0])
