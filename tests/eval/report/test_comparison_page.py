"""The page of two runs says what one has and the other has not."""

from dataclasses import replace
from pathlib import Path

import pytest

from eval.comparing import Comparison, compare
from eval.items import Item
from eval.report import comparison_html
from eval.report.comparison_cases import gain
from eval.run_folder import RunFolder
from tests.eval.report.parsed_pages import Element, found_in, parsed, words
from tests.eval.report.run_folders import begin, items_of


def better(item: Item) -> Item:
    return replace(item, counts={**item.counts, "recall_5": (1.0,), "recall_1": (0.0,)})


def compared(folder: Path) -> tuple[Comparison, RunFolder, RunFolder]:
    items = [item for item in items_of("retrieval", 60) if item.system in ("kgrag", "BM25")]
    one = begin(folder / "one", "retrieval", items)
    other = begin(
        folder / "other", "retrieval", [better(item) for item in items[:-2]], seed=2, model=None
    )
    return compare(one, other), one, other


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> tuple[Comparison, Element]:
    found, one, other = compared(tmp_path_factory.mktemp("runs"))
    return found, parsed(comparison_html(found, one.header, other.header))


def test_every_difference_stands_in_the_table_with_its_verdict(
    comparison: tuple[Comparison, Element],
) -> None:
    found, page = comparison
    lines = [words(line) for line in found_in(page, "table.numbers tbody tr")]
    assert len(lines) == len(found.rows)
    for name in ("better", "worse", "no difference shown"):
        wanted = sum(row["verdict"] == name for row in found.rows)
        assert sum(line.endswith(name) for line in lines) == wanted > 0
    [row] = [
        row
        for row in found.rows
        if (row["group"], row["system"], row["measure"]) == ("HotpotQA", "kgrag", "recall_5")
    ]
    [line] = [line for line in lines if line.startswith("HotpotQA kgrag Recall at 5")]
    assert f"{100 * row['one']:.1f} 100.0 +{100 * row['difference']:.1f}" in line


def test_what_is_shown_to_differ_is_drawn_first_and_what_is_alike_not_at_all(
    comparison: tuple[Comparison, Element],
) -> None:
    found, page = comparison
    figure = next(one for one in found_in(page, "figure") if "percentage points" in words(one))
    names = [words(name) for name in found_in(figure, "div.row span.name")]
    differing = [row for row in found.rows if row["verdict"] != "no difference shown"]
    wanted = {f"{row['title']}: {row['group']}, {row['system']}".lower() for row in differing}
    assert {name.lower() for name in names[: len(differing)]} == wanted
    assert not any(name.startswith("nDCG") for name in names)


def test_settings_that_differ_stand_beside_each_other(
    comparison: tuple[Comparison, Element],
) -> None:
    lines = [words(line) for line in found_in(comparison[1], "table.plain tbody tr")]
    assert "seed 1 2" in lines
    assert "model: endpoint http://127.0.0.1:8000/v1 –" in lines


def test_cases_are_told_apart_by_who_did_better(comparison: tuple[Comparison, Element]) -> None:
    found, page = comparison
    titles = [words(title) for title in found_in(page, "section.part h4")]
    assert [title.split(" ")[1] for title in titles[:2]] == ["lost", "got"]
    for part in found_in(page, "section.part"):
        cases = found_in(part, "details.case")
        systems = ["BM25" in words(found_in(case, "summary")[0]) for case in cases]
        assert systems == sorted(systems), "kgrag first"
    assert found.changed


def test_how_many_cases_only_one_run_has_is_said(comparison: tuple[Comparison, Element]) -> None:
    assert "Measured by A alone: 2; by B alone: 0" in words(comparison[1])


def test_two_runs_alike_have_a_page_that_says_so(tmp_path: Path) -> None:
    items = items_of("grounding", 12)
    one, other = (begin(tmp_path / name, "grounding", items) for name in ("one", "other"))
    text = words(parsed(comparison_html(compare(one, other), one.header, other.header)))
    for wanted in ("No difference was shown.", "Both runs were made alike.", "No case changed."):
        assert wanted in text


@pytest.mark.parametrize(
    ("measure", "one", "other", "sign"),
    [
        ("recall_5", [0.0], [1.0], 1),
        ("truths", [0.0], [1.0], -1),
        ("mentions", [2, 4, 4], [3, 4, 4], 1),
        ("citations", [1, 3, 2, 1], [1, 2, 2, 1], 1),
        ("no such count", [1.0], [2.0], 0),
    ],
)
def test_a_case_is_better_the_way_its_measure_is(
    measure: str, one: list[float], other: list[float], sign: int
) -> None:
    found = gain({"measure": measure, "one": one, "other": other})
    assert (found > 0) - (found < 0) == sign
