"""The README's numbers come from results/."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.readme.blocks import with_results

ROOT = Path(__file__).parents[2]
RECORD: dict[str, Any] = {
    "command": "kgrag-eval run answers",
    "commit": "0123456789abcdef",
    "dirty": False,
    "seed": 1,
    "started": "2026-11-23T10:00:00+00:00",
    "rows": [],
    "tables": {},
}


def row(group: str, measure: str, value: float, system: str = "kgrag") -> dict[str, Any]:
    return {
        "group": group, "system": system, "measure": measure, "title": measure, "n": 10,
        "value": value, "low": value - 0.1, "high": value + 0.1, "unit": "%", "better": "higher",
        "baseline": None,
    }  # fmt: skip


def keep(folder: Path, task: str, *rows: dict[str, Any], **tables: object) -> None:
    record = {**RECORD, "rows": rows, "tables": tables}
    (folder / f"{task}.json").write_text(json.dumps(record), encoding="utf-8")


def test_a_block_is_replaced_and_the_text_around_it_stays(tmp_path: Path) -> None:
    keep(tmp_path, "answers", row("examples", "evidence_any", 0.5))
    text = "before\n<!-- results:examples -->\nold\n<!-- end -->\nafter\n"
    written = with_results(text, tmp_path)
    assert written.startswith("before\n") and written.endswith("<!-- end -->\nafter\n")
    assert "old" not in written and "| evidence_any | 10 | 50.0 % | 40.0-60.0 |" in written
    assert "commit 0123456789, seed 1, 2026-11-23" in written


def test_a_block_without_results_is_an_error_and_not_an_empty_table(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"speed\.json"):
        with_results("<!-- results:speed -->\n<!-- end -->", tmp_path)


def test_systems_stand_beside_kgrag_and_what_was_not_measured_is_left_empty(
    tmp_path: Path,
) -> None:
    keep(
        tmp_path,
        "retrieval",
        row("HotpotQA", "recall_5", 0.9),
        row("HotpotQA", "recall_5", 0.7, "BM25"),
        row("XQuAD English", "recall_1", 0.8),
        row("XQuAD English", "recall_5", 0.99),
    )
    written = with_results("<!-- results:retrieval -->\n<!-- end -->", tmp_path)
    lines = [line for line in written.splitlines() if "**" in line]
    assert lines[0].startswith("| HotpotQA | 10 | **90.0 %** | 80.0-100.0 |  | 70.0 % |  |  |  |")
    assert lines[1].startswith("| XQuAD English (first passage) | 10 | **80.0 %** |")


def test_fine_tunes_have_a_table_of_their_own(tmp_path: Path) -> None:
    fine_tunes = [{"corpus": "CoNLL04 test", "task": "mentions, its own convention", "f1": 80.8}]
    spread = [{"corpus": "CoNLL04 test", "task": "mentions", "mean": 79.0, "sd": 0.4}]
    keep(
        tmp_path,
        "extraction",
        row("CoNLL04 test", "mentions_f1", 0.791),
        row("CoNLL04 test: person", "mentions_f1", 0.9),
        seeds={"ru": {"rows": []}, "en": {"rows": spread, "fine_tunes": fine_tunes}},
        published=[["CoNLL04 test", "mentions", "88.9 SpERT"]],
        speed={"sentences_per_s": 646, "start_s": 0.6, "peak_memory_mb": 547},
    )
    written = with_results("<!-- results:extraction -->\n<!-- end -->", tmp_path)
    assert [line for line in written.splitlines() if "CoNLL04" in line] == [
        "| CoNLL04 test | mentions | 79.1 | 69.1-89.1 | 79.0 ± 0.4 | 88.9 SpERT |",
        "| CoNLL04 test | mentions | 80.8 |",
    ]


def test_claims_are_told_by_kind_and_language(tmp_path: Path) -> None:
    share = {"n": 50, "struck": 0.98, "interval": [0.9, 1.0]}
    claims = {
        "kinds": {"wrong_number": {"en": share}, "verbatim": {"ru": {**share, "struck": 0.02}}},
        **{name: share for name in ("lies", "truths", "translated")},
    }
    support = {"wice": {"n": 349, "balanced_accuracy": 0.735}}
    keep(tmp_path, "grounding", row("changing", "followed", 1.0), claims=claims, support=support)
    written = with_results("<!-- results:grounding -->\n<!-- end -->", tmp_path)
    assert "| lie: wrong number | 98 % (n = 50) |  |" in written
    assert "| truth: verbatim |  | 2 % (n = 50) |" in written
    assert "| changing | followed | 100.0 % |" in written and "73.5 %" in written


def test_the_numbers_and_the_tree_of_the_readme_are_those_of_results_and_code() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert with_results(text, ROOT / "results") == text
