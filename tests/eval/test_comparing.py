"""Two runs side by side: what is shown to differ, and what is not."""

import random
from pathlib import Path

import pytest

from eval.comparing import compare
from eval.items import Item
from indexes.errors import ConfigError
from tests.eval.run_samples import finished_run, item


def answers(rights: list[float]) -> list[Item]:
    return [item(str(number), right, ms=(50.0,)) for number, right in enumerate(rights)]


def test_many_more_right_answers_are_better_and_named(tmp_path: Path) -> None:
    one = finished_run(tmp_path / "one", answers([0.0] * 20 + [1.0] * 40))
    other = finished_run(tmp_path / "other", answers([1.0] * 60))
    found = compare(one, other)
    (row,) = [row for row in found.rows if row["measure"] == "evidence_any"]
    assert row["verdict"] == "better" and row["difference"] == pytest.approx(1 / 3, abs=1e-4)
    assert {change["case"] for change in found.changed} == {str(n) for n in range(20)}
    assert found.changed[0]["shown_one"]["question"] == "What of 0?"
    back = compare(other, one)
    assert [row["verdict"] for row in back.rows if row["measure"] == "evidence_any"] == ["worse"]


def test_a_measure_of_which_less_is_better_gets_better_by_falling(tmp_path: Path) -> None:
    slow = finished_run(tmp_path / "slow", [item(str(n), 1.0, ms=(90.0 + n,)) for n in range(40)])
    quick = finished_run(tmp_path / "quick", [item(str(n), 1.0, ms=(20.0 + n,)) for n in range(40)])
    rows = {row["measure"]: row for row in compare(slow, quick).rows}
    assert rows["p50"]["verdict"] == "better" and rows["p50"]["difference"] < 0
    assert compare(slow, quick).changed == []


def test_one_changed_answer_of_many_shows_no_difference(tmp_path: Path) -> None:
    one = finished_run(tmp_path / "one", answers([1.0] * 60))
    other = finished_run(tmp_path / "other", answers([0.0] + [1.0] * 59))
    found = compare(one, other)
    assert {row["verdict"] for row in found.rows} == {"no difference shown"}
    assert len(found.changed) == 1


def test_many_groups_of_chance_are_not_called_differences(tmp_path: Path) -> None:
    draw = random.Random(3)

    def run(name: str) -> list[Item]:
        del name
        return [
            Item(str(n), f"group {g}", {"evidence_any": (float(draw.random() < 0.5),)})
            for g in range(40)
            for n in range(40)
        ]

    one = finished_run(tmp_path / "one", run("one"))
    other = finished_run(tmp_path / "other", run("other"))
    rows = compare(one, other).rows
    assert sum(row["p"] < 0.05 for row in rows) >= 1
    assert {row["verdict"] for row in rows} == {"no difference shown"}


def test_only_cases_of_both_count_and_what_differs_in_the_making_is_told(tmp_path: Path) -> None:
    one = finished_run(tmp_path / "one", answers([1.0] * 10), commit="a")
    other = finished_run(tmp_path / "other", answers([1.0] * 12), commit="b")
    found = compare(one, other)
    assert found.rows[0]["n"] == 10 and (found.only_one, found.only_other) == (0, 2)
    assert ("commit", "a", "b") in found.settings


def test_runs_without_a_case_in_common_are_not_compared(tmp_path: Path) -> None:
    one = finished_run(tmp_path / "one", answers([1.0]))
    other = finished_run(tmp_path / "other", [item("else", 1.0)])
    with pytest.raises(ConfigError, match="no case in common"):
        compare(one, other)
