"""The explorer task measures what it says, on a library of any size."""

from argparse import Namespace
from pathlib import Path

import pytest

from eval.tasks import explorer


def test_clicks_are_timed_at_each_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explorer, "SIZES", (200, 400))
    monkeypatch.setattr(explorer, "CLICKS", 3)
    result = explorer.run(Namespace(seed=1, triplets=500, work=tmp_path))
    assert [row["evidence"] for row in result["sizes"]] == [200, 400]
    for row in result["sizes"]:
        assert 0 < row["facts"] <= row["evidence"]
        assert {times["n"] for times in row["ms"].values()} == {3}
        assert {times["n"] for times in row["first_ms"].values()} == {explorer.FIRST_CLICKS}
        assert all(0 < times["p50"] <= times["p95"] for times in row["ms"].values())
    assert list(tmp_path.iterdir()) == []
