"""What is drawn is what was counted."""

import re
from pathlib import Path

import numpy as np
import pytest
from lxml import etree

from eval.items import Item
from eval.metrics.calibration import bin_scores
from eval.report import write_report
from eval.report.plots_curves import counted, latency, recall_by_depth, risk_coverage
from eval.report.plots_dots import Line, Mark, dots
from eval.report.plots_matrix import confusions_of, matrix
from eval.report.plots_reliability import reliability
from eval.report.svg import Scale, scale_for
from tests.eval.report.parsed_pages import found_in, parsed, words
from tests.eval.report.run_folders import MADE, items_of, write

TITLES = {
    "extraction": (
        "Mentions: F1, precision and recall", "Relations: F1, precision and recall",
        "Types taken for each other", "Is a score what it says? CoNLL04 test",
        "How long a case takes",
    ),
    "retrieval": (
        "Recall at 5: HotpotQA", "Needed documents found: bridge",
        "Needed documents found: comparison", "How long a case takes",
    ),
    "answers": (
        "Answer contained: Your questions", "What became of questions: Your questions",
        "Wrong among the most confident: Your questions", "Verdicts on written sentences",
        "How long a case takes",
    ),
    "grounding": ("Lies struck, by kind", "Truths struck, by kind", "Verdicts by kind of claim"),
    "speed": ("How long a case takes",),
}  # fmt: skip


@pytest.mark.parametrize("task", MADE)
def test_each_task_has_its_drawings_with_a_title_a_number_and_words(
    task: str, tmp_path: Path
) -> None:
    page = parsed(write_report(write(tmp_path, task, items_of(task)).folder).read_text("utf-8"))
    figures = found_in(page, "figure")
    titles = [words(found_in(figure, "figcaption b")[0]) for figure in figures]
    assert set(TITLES[task]) <= set(titles)
    for figure, title in zip(figures, titles, strict=True):
        assert re.search(r"\d", words(found_in(figure, "figcaption span.n")[0])), title
        [told] = figure.xpath(".//*[@role='img']/@aria-label")
        assert told.startswith(title) and re.search(r"\d", told), told
        assert figure.xpath(".//*[contains(@class, 'axis')]") or "Types" in title


@pytest.mark.parametrize("task", MADE)
def test_every_drawing_is_well_formed_and_holds_no_number_that_is_none(
    task: str, tmp_path: Path
) -> None:
    text = write_report(write(tmp_path, task, items_of(task)).folder).read_text("utf-8")
    drawings = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert drawings
    for drawing in drawings:
        etree.fromstring(drawing)
    assert not re.search(r"\b(nan|inf)\b", " ".join(drawings))


def test_confusions_of_all_texts_are_added_up_and_the_rarest_left_out() -> None:
    items = [
        Item(f"{at}", "set", {}, shown={"confusions": [["A", "B", 2], ["none", f"T{at}", at + 1]]})
        for at in range(20)
    ]
    found = confusions_of(items)
    assert found["A", "B"] == 40
    drawing = parsed(matrix("Types", found))
    names = {tick.text for tick in found_in(drawing, "text.tick")}
    assert len(names) == 16
    assert {"A", "B", "T19", "none"} <= names
    assert "T0" not in names
    assert "40" in {cell.text.strip() for cell in found_in(drawing, "text.cell")}


def test_nothing_is_drawn_of_texts_without_a_confusion() -> None:
    assert not matrix("Types", confusions_of([Item("a", "set", {})]))
    right = Item("a", "set", {}, shown={"confusions": [["A", "A", 9]]})
    assert not matrix("Types", confusions_of([right]))


def test_a_score_that_is_what_it_says_stands_on_the_diagonal() -> None:
    scores = [0.05, 0.05, 0.5, 0.5, 1.0]
    item = Item("a", "set", {"calibration": bin_scores(scores, [False, False, True, False, True])})
    drawing = parsed(reliability("Scores", [item, item]))
    spots = [
        (float(dot.get("cx")), float(dot.get("cy"))) for dot in found_in(drawing, "circle.dot")
    ]
    level = found_in(drawing, "path.level")[0].get("d")
    x0, y0, x1, y1 = map(float, re.findall(r"[\d.]+", level))
    assert len(spots) == 3
    assert spots[2] == (x1, y1)
    assert spots[1] == ((x0 + x1) / 2, (y0 + y1) / 2)
    assert "n = 10 scores" in words(drawing)


def test_the_risk_curve_ends_at_answering_all() -> None:
    risk = [(0.9, 0.0), (0.8, 0.0), (0.7, 1.0), (0.6, 1.0)]
    items = [Item(f"{at}", "set", {"risk": pair}) for at, pair in enumerate(risk)]
    drawing = parsed(risk_coverage("set", counted(items, "risk")))
    points = found_in(drawing, "polyline")[0].get("points").split()
    last_y = float(points[-1].split(",")[1])
    level_y = float(re.findall(r"M[\d.]+ ([\d.]+)", found_in(drawing, "path.level")[0].get("d"))[0])
    assert len(points) == 4
    assert last_y == level_y
    assert "area 20.8, answering all 50.0" in words(drawing)


def test_times_are_marked_at_the_median_and_the_95th_percentile() -> None:
    times = np.arange(1.0, 101.0)[:, None]
    drawing = parsed(latency("Times", {"kgrag": times}))
    assert "p50 50.0 ms, p95 95.0 ms" in words(drawing)
    assert len(found_in(drawing, "circle.point")) == 2


def test_a_long_curve_is_thinned_to_what_can_be_seen() -> None:
    times = np.arange(1.0, 50_001.0)[:, None]
    points = found_in(parsed(latency("Times", {"kgrag": times})), "polyline")[0].get("points")
    assert 100 < len(points.split()) <= 160


def test_recall_is_averaged_over_the_questions_of_each_system() -> None:
    items = [
        Item(f"{at}", "set", {f"recall_{k}": (float(k > 3 * at),) for k in (1, 5, 10)}, system)
        for system in ("BM25", "kgrag")
        for at in range(4)
    ]
    text = words(parsed(recall_by_depth("Recall", items)))
    assert "kgrag 25, 50, 100 % BM25 25, 50, 100 %" in text


def test_a_difference_below_zero_stands_left_of_the_line() -> None:
    lines = [Line("a", "", (Mark(-0.1, -0.2, 0.0),)), Line("b", "", (Mark(0.1, 0.0, 0.2),))]
    drawing = parsed(dots("B − A", lines, across="points", unit="%", n="n = 3", is_difference=True))
    left, right = (float(dot.get("cx")[:-1]) for dot in found_in(drawing, "circle.dot"))
    zero = float(found_in(drawing, "line.zero")[0].get("x1")[:-1])
    assert 0 < left < zero < right < 100
    assert zero - left == pytest.approx(right - zero, abs=0.1)


@pytest.mark.parametrize(
    ("scale", "ticks"),
    [
        (Scale(0.0, 1.0, 0, 1), [0, 0.25, 0.5, 0.75, 1]),
        (Scale(2.0, 90.0, 0, 1, is_logarithmic=True), [2, 5, 10, 20, 50]),
        (Scale(1.0, 1e6, 0, 1, is_logarithmic=True), [10.0**k for k in range(7)]),
        (scale_for([13.0, 812.0], "MB", 0, 1), [0, 250, 500, 750, 1000]),
        (scale_for([-0.13, 0.04], "%", 0, 1, from_zero=False), [-0.15, -0.1, -0.05, 0, 0.05]),
        (scale_for([], "ms", 0, 1), [0]),
    ],
)
def test_axes_have_round_numbers(scale: Scale, ticks: list[float]) -> None:
    assert scale.ticks() == pytest.approx(ticks)
