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

from eval.provenance import ROOT
from eval.readme.extraction import extraction_table, linking_table
from eval.readme.load import load_table
from eval.readme.rows import (
    answers_table,
    claims_table,
    examples_table,
    fitted_table,
    grounding_table,
    joined,
    retrieval_table,
    speed_table,
)
from eval.results import RESULTS

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
    from eval.readme.growth import draw

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


def _with_source(lines: list[str], record: Record) -> str:
    commit = (record["commit"] or "no commit")[:10]
    changed = ", changed since" if record["dirty"] else ""
    source = f"`{record['command']}`, commit {commit}{changed}, seed {record['seed']}"
    date = record.get("date") or record["started"].partition("T")[0]
    return "\n".join([*lines, "", f"({source}, {date})", ""])


FILES = {"linking": "extraction", "examples": "answers"}
"""Tables that come out of another task's results."""


def _load(record: Record) -> str:
    return _with_source(load_table(record["result"]), record)


def _of_rows(*tables: Callable[[Record], list[str]]) -> Callable[[Record], str]:
    return lambda record: _with_source(joined(table(record) for table in tables), record)


TABLES: dict[str, Callable[[Record], str]] = {
    "answers": _of_rows(answers_table, fitted_table),
    "examples": _of_rows(examples_table),
    "extraction": _of_rows(extraction_table),
    "grounding": _of_rows(claims_table, grounding_table),
    "linking": _of_rows(linking_table),
    "load": _load,
    "paragraph": _paragraph,
    "peers": _peers,
    "retrieval": _of_rows(retrieval_table),
    "scale": _scale,
    "speed": _of_rows(speed_table),
}


def write_readme() -> None:
    """Write the README's tables anew, and the drawing of the scale task."""
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    readme.write_text(with_results(text, RESULTS), encoding="utf-8")
    scale = RESULTS / "scale.json"
    if scale.is_file():
        record = json.loads(scale.read_text(encoding="utf-8"))
        (ROOT / "docs" / "scale.svg").write_text(growth(record), encoding="utf-8")
