"""Which measures a page shows together, and which come first."""

from collections.abc import Mapping

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "Mentions": (
        "mentions_f1",
        "mentions_precision",
        "mentions_recall",
        "mentions_relaxed_f1",
        "mentions_relaxed_precision",
        "mentions_relaxed_recall",
        "calibration_error",
    ),
    "Relations": (
        "relations_f1",
        "relations_precision",
        "relations_recall",
        "relations_gold_f1",
        "relations_gold_precision",
        "relations_gold_recall",
    ),
    "Names and links": (
        "references_f1",
        "references_precision",
        "references_recall",
        "coreference_f1",
        "links_f1",
        "links_precision",
        "links_recall",
        "link_accuracy",
        "nil_recall",
        "link_coverage",
    ),
    "Ranking": ("recall_1", "recall_5", "recall_10", "all_5", "mrr", "ndcg_10"),
    "Answers": ("exact", "answer_f1", "contains", "wrong_avoided"),
    "Evidence": (
        "evidence_any",
        "evidence_all",
        "first_sentence",
        "citation_precision",
        "citation_recall",
        "supported_sentences",
    ),
    "Declining": ("abstention_precision", "abstention_recall", "answered", "risk_area"),
    "Grounding": (
        "lies_struck",
        "truths_struck",
        "followed",
        "real_citations",
        "written_conforms",
        "whole_conforms",
    ),
    "Time and size": (
        "p50",
        "p95",
        "first_p50",
        "first_p95",
        "seconds",
        "files_per_s",
        "memory",
    ),
}
"""Tables, each with its columns from left to right."""

HEADLINES: Mapping[str, tuple[str, ...]] = {
    "extraction": ("mentions_f1", "relations_f1", "links_f1"),
    "retrieval": ("recall_5", "all_5", "mrr"),
    "answers": ("contains", "evidence_all", "abstention_recall", "answer_f1"),
    "grounding": ("lies_struck", "truths_struck", "real_citations"),
    "speed": ("p50", "first_p50", "files_per_s", "p95", "memory", "seconds"),
}
"""What is said of a task first, the most telling at the front."""

SPANS: Mapping[str, str] = {
    "mentions": "Mentions",
    "relations": "Relations",
    "references": "References",
    "links": "Links",
}
"""Things of which precision, recall and F1 are drawn together."""


def headlines(task: str, present: set[str]) -> list[str]:
    """Return the measures to show first; of a task that is not known, all in their order."""
    known = [name for name in HEADLINES.get(task, ()) if name in present]
    return known or [name for family in families(present).values() for name in family]


def families(present: set[str]) -> dict[str, list[str]]:
    """Return the tables that the measures fill, each with its columns."""
    tables = {
        title: [name for name in names if name in present] for title, names in FAMILIES.items()
    }
    known = {name for names in FAMILIES.values() for name in names}
    tables["Other"] = sorted(present - known)
    return {title: names for title, names in tables.items() if names}
