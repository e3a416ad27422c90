"""The README's tables of what runs have measured: from the rows of their summaries."""

from collections.abc import Iterable, Mapping
from typing import Any

from eval.claims.lies import LIES
from eval.items import KGRAG
from eval.showing import amount

Record = Mapping[str, Any]


class Rows:
    """The rows of a summary by group, measure and system."""

    def __init__(self, summary: Record) -> None:
        self._rows = {(row["group"], row["measure"], row["system"]): row for row in summary["rows"]}
        self.groups = list(dict.fromkeys(row["group"] for row in summary["rows"]))

    def get(self, group: str, measure: str, system: str = KGRAG) -> Record | None:
        """Return a row, or None where it was not measured."""
        return self._rows.get((group, measure, system))

    def cell(self, group: str, measure: str, system: str = KGRAG) -> str:
        """Return a value with its unit; empty where it was not measured."""
        row = self.get(group, measure, system)
        return "" if row is None else amount(row["value"], row["unit"])

    def n(self, group: str, measure: str) -> str:
        """Return how many cases kgrag's row counts; empty where it was not measured."""
        row = self.get(group, measure)
        return "" if row is None else f"{row['n']:,}"


def examples_table(summary: Record) -> list[str]:
    """Return what became of the questions of examples/, beside simpler systems."""
    rows = Rows(summary)
    systems = (KGRAG, "quote, without the graph", "quote, vectors only")
    lines = [
        "| examples | n | kgrag | 95 % | without the graph | vectors only |",
        "|---|---|---|---|---|---|",
    ]
    for measure in ("evidence_any", "evidence_all", "first_sentence", "abstention_recall"):
        row = rows.get("examples", measure)
        if row is not None:
            cells = [rows.cell("examples", measure, system) for system in systems]
            lines.append(
                f"| {row['title']} | {row['n']} | {cells[0]} | {_interval(row)} "
                f"| {cells[1]} | {cells[2]} |"
            )
    return lines


def retrieval_table(summary: Record) -> list[str]:
    """Return recall beside the baselines; XQuAD in one language counts the first passage only."""
    rows = Rows(summary)
    lines = [
        "| questions | n | kgrag | 95 % | all needed | BM25 | vectors | both | graph | p50, p95 |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for group in rows.groups:
        is_first = group.startswith(("XQuAD English", "XQuAD Russian"))
        measure = "recall_1" if is_first else "recall_5"
        own = rows.get(group, measure)
        if own is None:
            continue
        others = " | ".join(
            rows.cell(group, measure, system)
            for system in ("BM25", "vectors", "BM25 and vectors", "graph")
        )
        times = ", ".join(rows.cell(group, measure) for measure in ("p50", "p95"))
        lines.append(
            f"| {group}{' (first passage)' if is_first else ''} | {own['n']} "
            f"| **{amount(own['value'], own['unit'])}** | {_interval(own)} "
            f"| {'' if is_first else rows.cell(group, 'all_5')} | {others} | {times} |"
        )
    return lines


_ANSWERS = (
    ("answered", "answered"),
    ("first_sentence", "first citation right"),
    ("evidence_any", "evidence cited"),
    ("evidence_all", "every piece"),
    ("citation_precision", "citation precision"),
)


def answers_table(summary: Record) -> list[str]:
    """Return quoted answers of each set beside simpler systems, and the marked answers."""
    rows = Rows(summary)
    titles = " | ".join(title for _, title in _ANSWERS)
    lines = [
        f"| questions | n | {titles} | marked: exact, F1 (n) | evidence cited without the graph "
        "| by vectors only |",
        "|---|---|" + "---|" * (len(_ANSWERS) + 3),
    ]
    for group in rows.groups:
        cells = " | ".join(rows.cell(group, measure) for measure, _ in _ANSWERS)
        marked = ", ".join(rows.cell(group, measure) for measure in ("exact", "answer_f1"))
        n = rows.n(group, "exact")
        others = " | ".join(
            rows.cell(group, "evidence_any", system)
            for system in ("quote, without the graph", "quote, vectors only")
        )
        lines.append(
            f"| {group} | {rows.n(group, 'evidence_any')} | {cells} "
            f"| {f'{marked} ({n})' if n else ''} | {others} |"
        )
    return lines


def fitted_table(summary: Record) -> list[str]:
    """Return what the sentences' networks got on held-out articles when they were fitted."""
    columns = {
        "answer_in_first_sentence": "first sentence",
        "answer_in_first_three": "first three",
        "declined_answerable": "declined though answerable",
        "declined_hidden": "declined, paragraph removed",
        "declined_mixed": "declined, mixed up",
    }
    lines = [
        f"| XQuAD, asked -> texts, judged without declining | n | {' | '.join(columns.values())} |",
        "|---|---|" + "---|" * len(columns),
    ]
    for pair, row in summary["tables"]["fitted"].items():
        cells = " | ".join(_share(row.get(column)) for column in columns)
        lines.append(f"| {pair} | {row['n']} | {cells} |")
    return lines


def claims_table(summary: Record) -> list[str]:
    """Return how many claims of a lying model were struck, by kind."""
    claims = summary["tables"]["claims"]
    lines = ["| the model says | struck, English | struck, Russian |", "|---|---|---|"]
    for kind in sorted(claims["kinds"], key=lambda kind: (kind not in LIES, kind)):
        mark = "lie" if kind in LIES else "truth"
        of = claims["kinds"][kind]
        cells = " | ".join(_struck(of.get(language)) for language in ("en", "ru"))
        lines.append(f"| {mark}: {kind.replace('_', ' ')} | {cells} |")
    for label, key in (
        ("all lies", "lies"),
        ("all truths", "truths"),
        ("truths in the other language", "translated"),
    ):
        share = claims[key]
        if share["n"]:
            low, high = (100 * end for end in share["interval"])
            cell = f"**{100 * share['struck']:.1f} %** ({low:.1f}-{high:.1f}, n = {share['n']})"
            lines.append(f"| {label} | {cell} | |")
    return lines


def grounding_table(summary: Record) -> list[str]:
    """Return the rows of grounding beside the claims: withheld answers, changed sources, guards."""
    rows = Rows(summary)
    measures = (
        "answered",
        "abstention_recall",
        "risk_area",
        "followed",
        "written_conforms",
        "whole_conforms",
        "real_citations",
    )
    lines = ["| what | measure | value | 95 % | n |", "|---|---|---|---|---|"]
    for group in rows.groups:
        for measure in measures:
            row = rows.get(group, measure)
            if row is not None:
                value = amount(row["value"], row["unit"])
                lines.append(
                    f"| {group} | {row['title']} | {value} | {_interval(row)} | {row['n']} |"
                )
    for name, found in summary["tables"]["support"].items():
        lines.append(
            f"| support classifier, {name.replace('_', ' ')}, cross-validated when fitted "
            f"| balanced accuracy | {_share(found['balanced_accuracy'])} | | {found['n']} |"
        )
    return lines


def speed_table(summary: Record) -> list[str]:
    """Return times and memory."""
    rows = Rows(summary)
    lines = ["| what | time | peak memory |", "|---|---|---|"]
    for group in rows.groups:
        if rows.get(group, "seconds"):
            lines.append(
                f"| {group} | {rows.cell(group, 'seconds')} | {rows.cell(group, 'memory')} |"
            )
        else:
            times = ", ".join(
                f"{name} {rows.cell(group, name)}"
                for name in ("p50", "p95")
                if rows.cell(group, name)
            )
            lines.append(f"| {group} (n = {rows.n(group, 'p50')}) | {times} | |")
    return lines


def interval_of(low: float, high: float) -> str:
    """Return the ends of an interval of shares, in per cent."""
    return f"{100 * low:.1f}-{100 * high:.1f}"


def joined(parts: Iterable[list[str]]) -> list[str]:
    """Return tables one below the other, an empty line between two."""
    return [line for part in parts for line in (*part, "")][:-1]


def _interval(row: Record) -> str:
    if row["unit"] == "%":
        return interval_of(row["low"], row["high"])
    return f"{amount(row['low'], row['unit'])} - {amount(row['high'], row['unit'])}"


def _share(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f} %"


def _struck(share: Record | None) -> str:
    if share is None or share["struck"] is None:
        return ""
    return f"{100 * share['struck']:.0f} % (n = {share['n']})"
