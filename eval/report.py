"""Numbers in README.md: every one between a pair of markers is written from results/, never typed.

``<!-- results:NAME -->`` ... ``<!-- end -->`` holds the table of one task.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

_BLOCK = re.compile(r"(<!-- results:(\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

Record = dict[str, Any]


def with_results(text: str, results: Path) -> str:
    """Return the text with each block of results written anew.

    Raises
    ------
    KeyError, OSError
        A block names a task that is not known, or whose results are not there.
    """

    def block(found: re.Match[str]) -> str:
        path = results / f"{found[2]}.json"
        table = TABLES[found[2]](json.loads(path.read_text(encoding="utf-8")))
        return f"{found[1]}{table}{found[3]}"

    return _BLOCK.sub(block, text)


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


TABLES: dict[str, Callable[[Record], str]] = {"examples": _examples, "speed": _speed}
