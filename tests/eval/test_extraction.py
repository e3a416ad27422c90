import json
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest

from eval.intervals import bootstrap
from eval.report import with_results
from eval.tasks import extraction

ROOT = Path(__file__).parents[2]


def test_without_the_test_sets_the_task_says_where_they_come_from(tmp_path: Path) -> None:
    for data in (None, tmp_path):
        with pytest.raises(SystemExit, match="SOURCES"):
            extraction.run(Namespace(data=data, seed=1))


def test_the_interval_of_a_sure_thing_is_a_point() -> None:
    counts = np.array([[2.0, 2.0]] * 30)
    assert bootstrap(counts, lambda sums: sums[0] / sums[1], seed=1) == (1.0, 1.0)


def test_the_interval_of_a_mean_is_that_of_the_normal_law() -> None:
    random = np.random.default_rng(4)
    counts = np.stack([random.normal(10.0, 2.0, 400), np.ones(400)], axis=1)
    low, high = bootstrap(counts, lambda sums: sums[0] / sums[1], seed=1, draws=4000)
    assert high - low == pytest.approx(2 * 1.96 * 2.0 / 20.0, rel=0.12)
    assert low < 10.0 < high


def test_fewer_texts_make_a_wider_interval() -> None:
    random = np.random.default_rng(5)
    counts = np.stack([random.uniform(0, 5, 400), np.full(400, 5.0)], axis=1)
    wide, narrow = (
        np.diff(bootstrap(counts[:size], lambda sums: sums[0] / sums[1], seed=1))[0]
        for size in (20, 400)
    )
    assert wide > 3 * narrow


def test_the_readme_shows_each_test_set_with_its_interval() -> None:
    text = with_results("<!-- results:extraction -->\n<!-- end -->", ROOT / "results")
    rows = json.loads((ROOT / "results/extraction.json").read_text("utf-8"))["result"]["models"]
    for row in rows["ru"]["rows"]:
        if row["task"] == "mentions":
            assert f"| {row['f1']:.1f} | {row['low']:.1f}-{row['high']:.1f} |" in text
