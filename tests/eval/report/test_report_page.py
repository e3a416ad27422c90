"""The page of a run says what the run's folder says."""

import base64
import hashlib
import re
from pathlib import Path

import pytest

from eval.items import Item
from eval.report import report_html, write_report
from eval.report.reading import read_runs
from eval.report.wording import amount, spread
from eval.run_folder import RunNotFoundError
from tests.eval.report.parsed_pages import Element, found_in, parsed, words
from tests.eval.report.run_folders import MADE, begin, items_of, write


def page_of(folder: Path) -> Element:
    return parsed(write_report(folder).read_text(encoding="utf-8"))


@pytest.mark.parametrize("task", MADE)
def test_every_number_of_a_run_stands_in_its_table_with_its_interval(
    task: str, tmp_path: Path
) -> None:
    run = write(tmp_path / "run", task, items_of(task))
    page = page_of(run.folder)
    lines = [words(line) for line in found_in(page, "table.numbers tbody tr")]
    assert lines
    for row in run.summary()["rows"]:
        wanted = (row["group"], row["system"], amount(row["value"], row["unit"]), spread(row))
        assert any(all(" ".join(text.split()) in line for text in wanted) for line in lines), wanted


def test_the_head_says_what_was_measured_when_and_with_what(tmp_path: Path) -> None:
    run = write(tmp_path / "run", "answers", items_of("answers"))
    text = words(page_of(run.folder))
    for wanted in (
        "Answers", "1 h 2 min", "1 433 MB", "Qwen3-8B at http://127.0.0.1:8000/v1",
        "library, 120 documents", "26ad1b9fce00, changed since", "CC BY-SA 4.0",
        "line 7: it is no JSON object", "question 99: The model did not answer within 60 s.",
        "sha256:5f2b", "kgrag-eval run answers --set examples --seed 1", "numpy 2.3.5",
        "ALCE, Gao et al. 2023",
    ):  # fmt: skip
        assert wanted in text, wanted


def test_neither_a_password_nor_the_place_of_a_library_gets_into_the_file(tmp_path: Path) -> None:
    command = "kgrag-eval run answers --endpoint https://me:secret@example.org/v1"
    run = begin(tmp_path / "run", "answers", items_of("answers", 4), command=command)
    text = write_report(run.folder).read_text(encoding="utf-8")
    assert "https://example.org/v1" in text
    assert "secret" not in text
    assert "/home/somebody" not in text


def test_who_gets_the_file_is_told_that_it_holds_text_of_documents(tmp_path: Path) -> None:
    own = write(tmp_path / "own", "answers", items_of("answers", 4))
    public = write(tmp_path / "public", "retrieval", items_of("retrieval", 4))
    assert "holds text of your documents" in words(page_of(own.folder))
    assert "holds text of your documents" not in words(page_of(public.folder))


def test_an_unfinished_run_shows_the_cases_so_far_and_how_to_go_on(tmp_path: Path) -> None:
    run = begin(tmp_path / "half done", "answers", items_of("answers", 4))
    page = page_of(run.folder)
    text = words(page)
    assert "This run has not ended: 12 of 50 cases so far." in text
    assert "kgrag-eval resume half done" in text
    assert found_in(page, "table.numbers tbody tr")


def test_a_run_that_ended_well_has_no_box_of_warnings(tmp_path: Path) -> None:
    run = begin(tmp_path / "run", "grounding", items_of("grounding"), sets=[])
    run.finish({"finished": True, "seconds": 1.0, "failures": [], "rows": []})
    assert not found_in(page_of(run.folder), "*.warn")


def test_a_run_without_a_case_has_a_page(tmp_path: Path) -> None:
    page = page_of(begin(tmp_path / "run", "answers", []).folder)
    assert "0 of 50 cases so far" in words(page)
    assert not [*found_in(page, "figure"), *found_in(page, "*.numbers"), *found_in(page, "*.case")]


def test_several_runs_have_one_page_in_the_order_of_tasks(tmp_path: Path) -> None:
    for task in ("speed", "answers", "extraction"):
        write(tmp_path / task, task, items_of(task, 6))
    page = page_of(tmp_path)
    assert [words(title) for title in found_in(page, "*.run *.head h2")] == [
        "Extraction", "Answers", "Speed",
    ]  # fmt: skip
    assert {link.get("href")[1:] for link in found_in(page, "nav a")} <= {
        element.get("id") for element in page.iter("section", "footer")
    }


def test_a_folder_without_a_run_is_refused_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(RunNotFoundError, match="holds no evaluation run"):
        write_report(tmp_path)


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    run = begin(tmp_path / "run", "speed", items_of("speed", 3))
    lines = run.items_path.read_text(encoding="utf-8").splitlines()
    run.items_path.write_text("\n".join(["{broken", *lines, ""]), encoding="utf-8")
    with pytest.raises(RunNotFoundError, match="items.jsonl is damaged"):
        write_report(run.folder)


def test_the_same_run_gives_the_same_page(tmp_path: Path) -> None:
    run = write(tmp_path / "run", "retrieval", items_of("retrieval"))
    assert write_report(run.folder).read_bytes() == write_report(run.folder).read_bytes()


def test_the_page_asks_for_nothing_and_allows_its_own_script_alone(tmp_path: Path) -> None:
    run = write(tmp_path / "run", "extraction", items_of("extraction"))
    page = page_of(run.folder)
    assert not page.xpath("//@src | //link | //iframe | //object | //embed | //base | //form")
    assert all(link.startswith("#") for link in page.xpath("//@href | //@*[name()='xlink:href']"))
    [script] = found_in(page, "script")
    digest = base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()
    policy = page.xpath("string(//meta[@http-equiv='Content-Security-Policy']/@content)")
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    [style] = found_in(page, "style")
    assert not re.search(r"url\(|@import", style.text)


def test_the_best_system_of_a_group_is_bold_whichever_way_is_better(tmp_path: Path) -> None:
    items = [
        Item(f"{at}", "set", {"recall_5": (share,), "ms": (ms,)}, system)
        for system, share, ms in (("kgrag", 0.5, 9.0), ("BM25", 1.0, 20.0))
        for at in range(3)
    ]
    page = page_of(write(tmp_path / "run", "retrieval", items).folder)
    bold = [
        (words(found_in(line, "*.system")[0]), words(value))
        for line in found_in(page, "table.numbers tbody tr")
        for value in found_in(line, "*.best")
    ]
    assert bold == [("BM25", "100.0"), ("kgrag", "9.00"), ("kgrag", "9.00")]


def test_lost_cases_come_first_and_what_is_left_out_is_said(tmp_path: Path) -> None:
    run = write(tmp_path / "run", "answers", items_of("answers", 500))
    page = page_of(run.folder)
    titles = [words(title) for title in found_in(page, "*.part h4")]
    own = [item for item in run.items() if item.system == "kgrag"]
    wrong = sum(item.tags["outcome"] == "wrong" for item in own)
    assert wrong > 100
    assert titles[0] == f"Wrong 100 of {wrong} shown"
    assert [title.split()[0] for title in titles] == ["Wrong", "Declined", "Declined", "Right"]
    assert len(found_in(page, "*.case")) == 200
    sure = [
        float(found[1])
        for case in found_in(found_in(page, "*.part")[0], "*.case")
        if (found := re.search(r"confidence ([\d.]+)", words(case)))
    ]
    assert sure == sorted(sure, reverse=True)


def test_a_case_shows_its_evidence_and_what_others_made_of_it(tmp_path: Path) -> None:
    shown = {
        "question": "Where is it?",
        "expected": ["Томск"],
        "answer": "Omsk",
        "citations": [
            {"n": 1, "document": "a.pdf", "page": 4, "quote": "In Omsk.", "right": False}
        ],
        "sentences": [{"text": "It is there.", "verdict": "unsupported", "reason": "no place"}],
    }
    items = [
        Item("q", "set", {"contains": (0.0,)}, tags={"outcome": "wrong"}, shown=shown),
        Item("q", "set", {"contains": (1.0,)}, "model", tags={"outcome": "right"}, shown=shown),
    ]
    [case] = found_in(page_of(write(tmp_path / "run", "answers", items).folder), "*.case")
    text = words(case)
    for wanted in ("Where is it?", "Томск", "Omsk", "a.pdf, page 4 ✕ not expected", "no place"):
        assert wanted in text
    assert words(found_in(case, "s")[0]) == "It is there."
    assert "Other systems: model right" in text


@pytest.mark.parametrize("value", [None, 3, "x", [], {}, [1, [2]], [["a"]], True])
@pytest.mark.parametrize("task", MADE)
def test_what_a_file_holds_in_the_wrong_shape_breaks_no_page(
    task: str, value: object, tmp_path: Path
) -> None:
    items = [
        Item(one.case, one.group, one.counts, one.system, one.tags, dict.fromkeys(one.shown, value))
        for one in items_of(task, 6)
    ]
    run = begin(tmp_path / "run", task, items, sets=value, versions=value, model=value)
    assert "has not ended" in report_html(read_runs(run.folder))


def test_a_difference_from_the_baseline_is_coloured_only_if_it_is_outside_the_interval(
    tmp_path: Path,
) -> None:
    items = [
        Item(f"{at}", group, {"recall_5": (float(at < right),)}, system)
        for group, own, other in (("near", 9, 8), ("far", 18, 2))
        for system, right in (("kgrag", own), ("BM25", other))
        for at in range(20)
    ]
    page = page_of(write(tmp_path / "run", "retrieval", items).folder)
    tones = {
        words(found_in(tile, "span.where")[0]): tile.xpath(".//*[@class='beside']/span/@class")
        for tile in found_in(page, "div.tile")
    }
    assert tones == {"near": ["same"], "far": ["up"]}


def test_systems_of_other_cases_are_not_set_against_each_other(tmp_path: Path) -> None:
    items = [
        Item(f"{at}", "set", {"answer_f1": (1.0,)}, system, {"outcome": "right"})
        for system, n in (("kgrag", 9), ("model", 4))
        for at in range(n)
    ]
    page = page_of(write(tmp_path / "run", "answers", items).folder)
    assert words(found_in(page, "span.beside")[0]) == "model: 100.0, n = 4"
    assert not found_in(page, "*.best")


def test_a_case_that_counts_for_several_groups_is_shown_and_drawn_once(tmp_path: Path) -> None:
    shown = {"question": "Where?", "needed": ["a.md"], "found": ["a.md"]}
    counts = {f"recall_{k}": (1.0,) for k in (1, 5, 10)}
    items = [
        Item("q", group, counts, tags={"kind": "single"}, shown=shown)
        for group in ("whole", "a part of it")
    ]
    items.append(Item("q", "another part", {"mrr": (1.0,)}))
    page = page_of(write(tmp_path / "run", "retrieval", items).folder)
    assert len(found_in(page, "details.case")) == 1
    [figure] = [one for one in found_in(page, "figure") if "found: single" in words(one)]
    assert "n = 1" in words(figure)


@pytest.mark.parametrize(
    ("counts", "fate"),
    [
        ({"lies": (0.0,)}, "Lies that stood"),
        ({"lies": (1.0,)}, "Lies struck"),
        ({"truths": (1.0,)}, "Truths struck"),
        ({"truths": (0.0,)}, "Truths that stood"),
        ({"support": (1.0, 1.0, 0.0, 0.0)}, "Judged rightly"),
        ({"support": (0.0, 0.0, 1.0, 0.0)}, "Judged wrongly"),
        ({"followed": (0.0,)}, "Judged wrongly"),
        ({}, "Not judged"),
    ],
)
def test_a_claim_stands_under_what_became_of_it(
    counts: dict[str, tuple[float, ...]], fate: str, tmp_path: Path
) -> None:
    item = Item("c", "claims", counts, shown={"claim": "It is so.", "verdict": "supported"})
    page = page_of(begin(tmp_path / "run", "grounding", [item]).folder)
    assert [words(title) for title in found_in(page, "section.part h4")] == [f"{fate} 1"]


def test_a_bar_runs_from_the_low_end_to_the_high_end_with_the_value_and_the_baseline_on_it(
    tmp_path: Path,
) -> None:
    items = [
        Item(f"{at}", "set", {"recall_5": (float(at < right),)}, system)
        for system, right in (("kgrag", 10), ("BM25", 15))
        for at in range(20)
    ]
    run = write(tmp_path / "run", "retrieval", items)
    [row] = [row for row in run.summary()["rows"] if row["system"] == "kgrag"]
    [bar] = found_in(page_of(run.folder), "div.tile span.bar")
    span, mark, value = (bar.find(name).get("style") for name in ("i", "u", "b"))
    low, high = (f"{100 * row[end]:.1f}%" for end in ("low", "high"))
    assert span == f"left:{low};right:calc(100% - {high})"
    assert (mark, value) == ("left:75.0%", "left:50.0%")


def test_the_slowest_cases_and_the_texts_with_the_most_errors_come_first(tmp_path: Path) -> None:
    found: dict[str, list[float]] = {}
    for task, number in (("speed", r"([\d.]+) ms"), ("extraction", r"(\d+) errors")):
        page = page_of(write(tmp_path / task, task, items_of(task)).folder)
        titles = [words(title) for title in found_in(page, "details.case summary")]
        found[task] = [float(hit[1]) for title in titles if (hit := re.search(number, title))]
    for numbers in found.values():
        assert len(set(numbers)) > 5
        assert numbers == sorted(numbers, reverse=True)


def test_long_texts_are_cut_so_that_a_file_stays_small(tmp_path: Path) -> None:
    items = [
        Item(i.case, i.group, i.counts, i.system, i.tags, {**i.shown, "answer": "слово " * 5_000})
        for i in items_of("answers", 300)
    ]
    path = write_report(begin(tmp_path / "run", "answers", items).folder)
    assert path.stat().st_size < 3_000_000
    assert "слово…" in path.read_text(encoding="utf-8")
