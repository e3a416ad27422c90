"""The README's numbers come from results/."""

import json
from pathlib import Path

import pytest

from eval.readme import with_results

ROOT = Path(__file__).parents[2]
RECORD = {
    "command": "kgrag-eval run examples",
    "commit": "0123456789abcdef",
    "dirty": False,
    "seed": 1,
    "date": "2026-11-23",
    "result": {
        key: {"value": 0.5, "n": 10, "low": 0.2366, "high": 0.7634}
        for key in ("evidence_cited_any", "evidence_cited_all", "declined")
    },
}


def test_a_block_is_replaced_and_the_text_around_it_stays(tmp_path: Path) -> None:
    (tmp_path / "examples.json").write_text(json.dumps(RECORD), encoding="utf-8")
    text = "before\n<!-- results:examples -->\nold\n<!-- end -->\nafter\n"
    written = with_results(text, tmp_path)
    assert written.startswith("before\n") and written.endswith("<!-- end -->\nafter\n")
    assert "old" not in written and "50 %" in written and "0123456789" in written


def test_a_block_without_results_is_an_error_and_not_an_empty_table(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"speed\.json"):
        with_results("<!-- results:speed -->\n<!-- end -->", tmp_path)


def test_fine_tunes_have_a_table_of_their_own(tmp_path: Path) -> None:
    own = "mentions, its own convention"
    measured = {"low": 76.8, "high": 81.4, "seeds_sd": None, "published": None}
    rows = [
        {"corpus": "CoNLL04 test", "task": task, "f1": f1, **measured}
        for task, f1 in (("mentions", 79.1), (own, 79.7))
    ]
    fine_tunes = [{"corpus": "CoNLL04 test", "task": own, "f1": 80.8, "gold": 1079}]
    result = {
        "models": {"ru": {"rows": []}, "en": {"rows": rows, "fine_tunes": fine_tunes}},
        "speed": {"sentences_per_s": 646, "start_s": 0.6, "peak_memory_mb": 547},
    }
    record = json.dumps({**RECORD, "result": result})
    (tmp_path / "extraction.json").write_text(record, encoding="utf-8")
    written = with_results("<!-- results:extraction -->\n<!-- end -->", tmp_path)
    assert [line for line in written.splitlines() if "CoNLL04" in line] == [
        "| CoNLL04 test | mentions | 79.1 | 76.8-81.4 |  |  |",
        "| CoNLL04 test | mentions | 80.8 |",
    ]


def test_the_numbers_and_the_tree_of_the_readme_are_those_of_results_and_code() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert with_results(text, ROOT / "results") == text
