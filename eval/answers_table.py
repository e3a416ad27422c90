"""The README's tables of the task ``answers``: quoting, lies and truths, guarantees, times."""

from typing import Any

from eval.lies import LIES

Record = dict[str, Any]


def answer_lines(result: Record) -> list[str]:
    """Return the lines of the tables, a blank line between two of them."""
    parts = [_quoting(result["quote"])]
    if "lies" in result:
        parts.append(_lies(result["lies"]))
    parts.append(_support(result["support"]))
    parts.append(_rest(result))
    return [line for part in parts for line in [*part, ""]][:-1]


def _quoting(measured: Record) -> list[str]:
    columns = (
        "answer_in_first_sentence",
        "answer_in_first_three",
        "declined_answerable",
        "declined_hidden",
        "declined_mixed",
    )
    lines = [
        "| XQuAD, asked -> texts | n | first sentence | first three | declined though answerable "
        "| declined, paragraph removed | declined, mixed up | answer marked, exact / F1 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for pair, row in measured.items():
        if "->" in pair:
            shares = " | ".join(_percent(row.get(column)) for column in columns)
            marked = (
                f"{_percent(row['marked_exact'])} / {_percent(row['marked_f1'])} "
                f"({row['n_marked']} of {row['n_of_a_kind']} who, when, where, how many)"
            )
            lines.append(f"| {pair} | {row['n']} | {shares} | {marked} |")
    return lines


def _lies(measured: Record) -> list[str]:
    lines = ["| the model says | struck, English | struck, Russian |", "|---|---|---|"]
    kinds = sorted(measured["kinds"].items(), key=lambda item: (item[0] not in LIES, item[0]))
    for kind, of in kinds:
        mark = "lie" if kind in LIES else "truth"
        cells = [_struck(of.get(language)) for language in ("en", "ru")]
        lines.append(f"| {mark}: {kind.replace('_', ' ')} | {cells[0]} | {cells[1]} |")
    for label, key in (
        ("all lies", "lies_struck"),
        ("all truths", "truths_struck"),
        ("truths in the other language", "translated_truths_struck"),
    ):
        share = measured[key]
        low, high = (100 * end for end in share["interval"])
        cell = f"**{100 * share['share']:.1f} %** ({low:.1f}-{high:.1f}, n = {share['n']})"
        lines.append(f"| {label} | {cell} | |")
    return lines


def _struck(row: Record | None) -> str:
    if row is None or row["struck"] is None:
        return ""
    return f"{100 * row['struck']:.0f} % (n = {row['n']})"


def _support(measured: Record) -> list[str]:
    lines = ["| support classifier, cross-validated | n | balanced accuracy |", "|---|---|---|"]
    lines += [
        f"| {name.replace('_', ' ')} | {row['n']} | {100 * row['balanced_accuracy']:.1f} % |"
        for name, row in measured.items()
    ]
    return lines


def _rest(result: Record) -> list[str]:
    lines = ["| what | measured |", "|---|---|"]
    cases = result["counterfactual"]
    lines.append(
        "| a number changed in its only source, then the source removed: the answer follows both "
        f"times | {cases['all_three']} of {cases['n']} |"
    )
    for name, counts in result.get("random_weights", {}).items():
        lines.append(
            f"| random weights, {name}: answers in which all that was written cites what was "
            f"retrieved, streamed / not | {counts['streamed_conform']} / "
            f"{counts['unstreamed_conform']} of {counts['answers']} |"
        )
        lines.append(
            f"| ... of which every number and quotation that kgrag shows is real "
            f"| {counts['quotations_equal']} of {counts['answers']} |"
        )
    if "overheads" in result:
        times = result["overheads"]
        for label, key in (
            ("quoted answer", "quote_answer"),
            ("added before the first sentence of a model that writes at once",
             "first_written_sentence"),
        ):  # fmt: skip
            row = times[key]
            lines.append(
                f"| {label}, {times['passages']:,} passages | p50 {row['p50_ms']:.0f} ms, "
                f"p95 {row['p95_ms']:.0f} ms (n = {row['n']}) |"
            )
    return lines


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f} %"
