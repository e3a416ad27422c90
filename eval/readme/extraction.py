"""The README's tables of the extraction task: what is found on each test set, links, speed."""

from collections.abc import Mapping
from typing import Any

from eval.readme.rows import Rows, interval_of

Record = Mapping[str, Any]

_TASKS = {
    "mentions_f1": "mentions",
    "relations_f1": "relations, end to end",
    "relations_gold_f1": "relations, gold mentions",
    "references_f1": "references",
    "coreference_f1": "coreference (CoNLL F1)",
}
"""Rows of the README; the cards of the models hold more."""


def extraction_table(summary: Record) -> list[str]:
    """Return F1 on each test set, with the spread over seeds and what others have published."""
    rows, tables = Rows(summary), summary["tables"]
    spread = {
        (row["corpus"], row["task"]): row
        for seeds in tables["seeds"].values()
        for row in seeds["rows"]
    }
    published = {(corpus, task): words for corpus, task, words in tables["published"]}
    lines = ["| test set | task | F1 | 95 % | seeds | published |", "|---|---|---|---|---|---|"]
    for group in rows.groups:
        for measure, task in _TASKS.items():
            row = rows.get(group, measure)
            if row is None or ": " in group:
                continue
            known, others = spread.get((group, task)), published.get((group, task), "")
            seeds = f"{known['mean']:.1f} ± {known['sd']:.1f}" if known and known["sd"] else ""
            lines.append(
                f"| {group} | {task} | {100 * row['value']:.1f} "
                f"| {interval_of(row['low'], row['high'])} | {seeds} | {others} |"
            )
    return [*lines, *_fine_tunes(tables), *_speed(tables)]


def linking_table(summary: Record) -> list[str]:
    """Return the links of gold mentions, and end to end where a test set has links."""
    rows = Rows(summary)
    lines = [
        "| benchmark | accuracy | 95 % | in catalogue | F1 of links | NIL recall | n |",
        "|---|---|---|---|---|---|---|",
    ]
    for group in rows.groups:
        row = rows.get(group, "link_accuracy")
        if row is None:
            continue
        cells = " | ".join(
            rows.cell(group, measure) for measure in ("link_coverage", "links_f1", "nil_recall")
        )
        end_to_end = "" if rows.get(group, "link_coverage") else ", end to end"
        lines.append(
            f"| {group}{end_to_end} | {100 * row['value']:.1f} % "
            f"| {interval_of(row['low'], row['high'])} | {cells} | {row['n']} texts |"
        )
    return lines


def _fine_tunes(tables: Record) -> list[str]:
    found = tables["seeds"].get("en", {}).get("fine_tunes", ())
    if not found:
        return []
    return [
        "",
        "The English model fine-tuned on one corpus and measured on it (these do not ship):",
        "",
        "| test set | task | F1 |",
        "|---|---|---|",
        *(
            f"| {row['corpus']} | {row['task'].partition(', its own')[0]} | {row['f1']:.1f} |"
            for row in found
        ),
    ]


def _speed(tables: Record) -> list[str]:
    speed = tables["speed"]
    return [
        "",
        f"From text to linked triplets: {speed['sentences_per_s']} sentences/s, "
        f"{speed['start_s']:.1f} s until the first is read, peak {speed['peak_memory_mb']} MB.",
    ]
