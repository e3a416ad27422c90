"""What README.md says that a command knows better: numbers from results/, the tree from the code.

``<!-- results:NAME -->`` ... ``<!-- end -->`` holds the table of one task, or, where NAME is tree,
a line for each module: the first of its docstring.
"""

import ast
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eval.answers_table import answer_lines
from eval.load_table import load_table

_BLOCK = re.compile(r"(<!-- results:(\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

PACKAGES = ("indexes", "kgrag", "ui", "eval")

Record = dict[str, Any]


def with_results(text: str, results: Path) -> str:
    """Return the text with each block of results written anew.

    Raises
    ------
    KeyError, OSError
        A block names a task that is not known, or whose results are not there.
    """

    def block(found: re.Match[str]) -> str:
        if found[2] == "tree":
            return f"{found[1]}{tree(results.parent)}{found[3]}"
        path = results / f"{FILES.get(found[2], found[2])}.json"
        table = TABLES[found[2]](json.loads(path.read_text(encoding="utf-8")))
        return f"{found[1]}{table}{found[3]}"

    return _BLOCK.sub(block, text)


def tree(root: Path) -> str:
    """Return the packages below ``root`` as a tree, each module with its summary."""
    lines = ["```"]
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py"), key=lambda path: _place(path, root)):
            name = path.relative_to(root).as_posix()
            if path.name == "__init__.py":
                name = f"{path.parent.relative_to(root).as_posix()}/"
            lines.append(f"{name:32} {_summary(path)}")
    return "\n".join([*lines, "```", ""])


def _place(path: Path, root: Path) -> tuple[str, bool, str]:
    return path.parent.relative_to(root).as_posix(), path.name != "__init__.py", path.name


def _summary(path: Path) -> str:
    summary = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    first = summary.split("\n\n")[0].replace("\n", " ").replace("``", "")
    return first.split(". ")[0].split(": ``")[0].rstrip(".")


def _examples(record: Record) -> str:
    result = record["result"]
    rows = [
        ("expected evidence among the citations (one piece at least)", "evidence_cited_any"),
        ("expected evidence among the citations (every piece)", "evidence_cited_all"),
        ("unanswerable questions declined", "declined"),
    ]
    lines = ["| what | share | n | 95 % interval |", "|---|---|---|---|"]
    for label, key in rows:
        share = result[key]
        interval = f"{100 * share['low']:.0f}-{100 * share['high']:.0f} %"
        lines.append(f"| {label} | {100 * share['value']:.0f} % | {share['n']} | {interval} |")
    return _with_source(lines, record)


def _extraction(record: Record) -> str:
    """Return the rows that the README shows; results/extraction.json holds them all."""
    lines = [
        "| test set | task | F1 | 95 % | seeds | published |",
        "|---|---|---|---|---|---|",
    ]
    for model in record["result"]["models"].values():
        for row in model["rows"]:
            if any(part in row["task"] for part in _CARD_ONLY):
                continue
            seeds = ""
            if row["seeds_sd"] is not None:
                seeds = f"{row['seeds_mean']:.1f} ± {row['seeds_sd']:.1f}"
            lines.append(
                f"| {row['corpus']} | {row['task']} | {row['f1']:.1f} "
                f"| {row['low']:.1f}-{row['high']:.1f} | {seeds} | {row['published'] or ''} |"
            )
    lines += [
        "",
        "The English model fine-tuned on one corpus and measured on it (these do not ship):",
        "",
        "| test set | task | F1 |",
        "|---|---|---|",
        *(
            f"| {row['corpus']} | {row['task'].partition(', its own')[0]} | {row['f1']:.1f} |"
            for row in record["result"]["models"]["en"]["fine_tunes"]
        ),
    ]
    speed = record["result"]["speed"]
    lines += [
        "",
        f"From text to linked triplets: {speed['sentences_per_s']} sentences/s, "
        f"{speed['start_s']:.1f} s until the first is read, peak {speed['peak_memory_mb']} MB.",
    ]
    return _with_source(lines, record)


def _linking(record: Record) -> str:
    lines = [
        "| benchmark | catalogue | accuracy | 95 % | in catalogue | F1 of links | NIL recall | n |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['benchmark']} | {row['catalogue']} | {row['accuracy']:.3f} "
        f"| {row['low']:.3f}-{row['high']:.3f} | {row['coverage']:.3f} | {row['inkb_f1']:.3f} "
        f"| {row['nil_recall']:.3f} | {row['mentions']} |"
        for row in record["result"]["linking"]
    ]
    return _with_source(lines, record)


def _paragraph(record: Record) -> str:
    result = record["result"]
    nodes = ", ".join(name for name, is_one in result["one_node"].items() if is_one)
    lines = [
        *(f"- found: {fact}" for fact in result["found"]),
        *(f"- missed: {fact}" for fact in result["missed"]),
        f"- one node with evidence in both languages: {nodes or 'none'}",
        f"- {len(result['triplets'])} triplets in all, some wrong: results/paragraph.json",
    ]
    return _with_source(lines, record)


def _retrieval(record: Record) -> str:
    """Return recall beside the baselines; XQuAD in one language counts the first passage only."""
    systems = ("kgrag", "BM25", "vectors", "BM25 and vectors", "graph")
    found: dict[str, dict[str, Record]] = {}
    for row in record["result"]["rows"]:
        found.setdefault(row["set"], {})[row["system"]] = row
    lines = [
        "| questions | n | kgrag | 95 % | all needed | BM25 | vectors | both | graph | p50, p95 |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, rows in found.items():
        first = name.startswith(("XQuAD English", "XQuAD Russian"))
        key = "recall_1" if first else "recall_5"
        own = rows["kgrag"]
        others = " | ".join(f"{rows[system][key]['value']:.1f}" for system in systems[1:])
        lines.append(
            f"| {name}{' (first passage)' if first else ''} | {own['n']} "
            f"| **{own[key]['value']:.1f}** | {own[key]['low']:.1f}-{own[key]['high']:.1f} "
            f"| {'' if first else format(own['all_5']['value'], '.1f')} | {others} "
            f"| {own['p50_ms']:.0f}, {own['p95_ms']:.0f} |"
        )
    return _with_source(lines, record)


def _scale(record: Record) -> str:
    lines = [
        "| triplets | passages | search p50 | p95 | open | add one | remove one | memory | disk |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['triplets']:,} | {row['passages']:,} | {row['search_p50_ms']:.0f} ms "
        f"| {row['search_p95_ms']:.0f} ms | {row['open_s']:.1f} s | {row['add_s']:.2f} s "
        f"| {row['remove_s']:.2f} s | {row['peak_memory_mb']:,} MB | {row['disk_mb']:,} MB |"
        for row in record["result"]["sizes"]
    ]
    return _with_source(lines, record)


def _peers(record: Record) -> str:
    lines = [
        "| system | index 2,000 files | ask, p50 | p95 | peak memory |",
        "|---|---|---|---|---|",
    ]
    for row in record["result"]["rows"]:
        if "failed" in row:
            lines.append(f"| {row['system']} | {row['failed']} | | | |")
            continue
        lines.append(
            f"| {row['system']} | {row['index_seconds']:.1f} s | {row['query_p50_ms']:.0f} ms "
            f"| {row['query_p95_ms']:.0f} ms | {row['peak_rss_mb']:.0f} MB |"
        )
    return _with_source(lines, record)


def growth(record: Record) -> str:
    """Return the plot of the scale task as SVG, everything in milliseconds."""
    from eval.growth import draw

    kept = {
        "search, p50": ("search_p50_ms", 1),
        "search, p95": ("search_p95_ms", 1),
        "open and first answer": ("open_s", 1000),
        "add one document": ("add_s", 1000),
        "remove one document": ("remove_s", 1000),
    }
    lines = {
        name: [(row["triplets"], row[key] * factor) for row in record["result"]["sizes"]]
        for name, (key, factor) in kept.items()
    }
    return draw(lines, "triplets in the library", "milliseconds")


def _speed(record: Record) -> str:
    result = record["result"]
    lines = ["| what | measured |", "|---|---|"]
    for item in result["add"]:
        lines.append(
            f"| `kgrag add` of {item['files']} files ({result['corpus']}) "
            f"| {item['seconds']:.0f} s, peak {item['peak_memory_mb']} MB |"
        )
    search, start = result["search"], result["start"]
    lines += [
        f"| `kgrag search` in a running process | p50 {search['p50_ms']:.0f} ms, "
        f"p95 {search['p95_ms']:.0f} ms (n = {search['n']}) |",
        f"| `kgrag --help` | {start['help_s']:.2f} s |",
        f"| `kgrag list` | {start['list_s']:.2f} s |",
    ]
    return _with_source(lines, record)


def _with_source(lines: list[str], record: Record) -> str:
    commit = (record["commit"] or "no commit")[:10]
    changed = ", changed since" if record["dirty"] else ""
    source = f"`{record['command']}`, commit {commit}{changed}, seed {record['seed']}"
    return "\n".join([*lines, "", f"({source}, {record['date']})", ""])


_CARD_ONLY = (
    ": person",
    ": place",
    ": organization",
    "its own convention",
)
"""Parts of the names of tasks whose rows only the cards show."""

FILES = {"linking": "extraction"}
"""Tables that come out of another task's results."""


def _answers(record: Record) -> str:
    return _with_source(answer_lines(record["result"]), record)


def _load(record: Record) -> str:
    return _with_source(load_table(record["result"]), record)


TABLES: dict[str, Callable[[Record], str]] = {
    "answers": _answers,
    "examples": _examples,
    "extraction": _extraction,
    "linking": _linking,
    "load": _load,
    "paragraph": _paragraph,
    "peers": _peers,
    "retrieval": _retrieval,
    "scale": _scale,
    "speed": _speed,
}
