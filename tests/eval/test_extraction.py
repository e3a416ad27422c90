"""The README shows what the extraction task has measured."""

import json
from pathlib import Path

from eval.readme.blocks import with_results

ROOT = Path(__file__).parents[2]


def test_the_readme_shows_each_test_set_with_its_interval() -> None:
    text = with_results("<!-- results:extraction -->\n<!-- end -->", ROOT / "results")
    rows = json.loads((ROOT / "results/extraction.json").read_text("utf-8"))["rows"]
    shown = [row for row in rows if row["measure"] == "mentions_f1" and ": " not in row["group"]]
    assert shown
    for row in shown:
        value, low, high = (f"{100 * row[key]:.1f}" for key in ("value", "low", "high"))
        assert f"| {row['group']} | mentions | {value} | {low}-{high} |" in text
