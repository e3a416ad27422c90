"""Scores are kept apart, resumed and told; by a judge that is asked one number, without RAGAS."""

import argparse
import importlib.metadata
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import eval.judging.judge
from eval.items import Item
from eval.judging.command import add_judge_command
from eval.judging.judge import AT_ONCE, PROMPTS, judge_run, sample_of, wanted
from eval.judging.ragas import JUDGED
from eval.judging.scores import Score, append_scores, drop_cut_line, read_scores, rows_of
from indexes.errors import ConfigError, ModelError
from kgrag.embed import Embedder
from kgrag.language_model import LanguageModel, Request
from tests.chat_server import MODEL, ChatServer, refuse, say
from tests.eval.judging import QUOTE, answered_item, values
from tests.fakes import ROOT


class NumberJudge:
    """Stands in for RAGAS: asks the served model for a number, whatever is to be judged."""

    def __init__(
        self, model: LanguageModel, embedder: Embedder, *, stopped: Callable[[], bool]
    ) -> None:
        del embedder, stopped
        self._model = model

    async def score(self, measure: str, fields: Mapping[str, Any]) -> float:
        del fields
        return float(self._model.complete(Request([("user", measure)], 9)))


@pytest.fixture
def numbers(monkeypatch: pytest.MonkeyPatch, server: tuple[ChatServer, str]) -> None:
    monkeypatch.setattr(eval.judging.judge, "Judge", NumberJudge)
    server[0].usual = say("0.5")


@pytest.mark.usefixtures("numbers")
def test_what_was_judged_is_not_judged_again_and_what_failed_is(
    begin: Callable[..., Path], server: tuple[ChatServer, str]
) -> None:
    judging, endpoint = server
    items = [answered_item(str(at)) for at in range(4)]
    folder = begin(*items)
    whole = len(wanted(items))
    assert whole == 4 * len(JUDGED)
    judging.script.extend([say("0.25")] * (AT_ONCE - 1) + [refuse(400)])
    rows = judge_run(folder, endpoint=endpoint)
    assert len(judging.requests) == whole
    assert sum(row["n"] for row in rows) == whole - 1
    assert sum(row["failures"] for row in rows) == 1
    rows = judge_run(folder, endpoint=endpoint)
    assert len(judging.requests) == whole + 1
    assert sum(row["n"] for row in rows) == whole
    assert sum(row["failures"] for row in rows) == 0
    judge_run(folder, endpoint=endpoint)
    assert len(judging.requests) == whole + 1


@pytest.mark.usefixtures("numbers")
def test_a_judge_that_fails_for_good_leaves_what_it_judged(
    begin: Callable[..., Path], server: tuple[ChatServer, str]
) -> None:
    judging, endpoint = server
    folder = begin(*(answered_item(str(at)) for at in range(4)))
    judging.script.extend([say("0.25")] * AT_ONCE)
    judging.usual = refuse(401)
    with pytest.raises(ModelError, match=f"none of the last {AT_ONCE} requests. {AT_ONCE} scores"):
        judge_run(folder, endpoint=endpoint)
    assert len(judging.requests) == 2 * AT_ONCE
    (told,) = json.loads((folder / "judged.json").read_text("utf-8"))["judges"]
    assert sum(row["n"] for row in told["rows"]) == AT_ONCE
    judging.usual = say("0.5")
    rows = judge_run(folder, endpoint=endpoint)
    assert sum(row["n"] for row in rows) == 4 * len(JUDGED)


@pytest.mark.usefixtures("numbers")
def test_what_a_server_says_of_its_failure_is_not_kept(
    begin: Callable[..., Path],
    server: tuple[ChatServer, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    server[0].script.append(refuse(400, message=f"too long: {QUOTE}"))
    folder = begin(answered_item("one"))
    with caplog.at_level(logging.WARNING):
        judge_run(folder, endpoint=server[1])
    assert "the judge refused" in (folder / "judged.jsonl").read_text("utf-8")
    assert QUOTE not in (folder / "judged.jsonl").read_text("utf-8")
    assert QUOTE in caplog.text


@pytest.mark.usefixtures("numbers")
def test_two_judges_stand_side_by_side(
    begin: Callable[..., Path], server: tuple[ChatServer, str]
) -> None:
    folder = begin(answered_item("one"))
    other = Score("bridges", "kgrag", "one", "judged_faithfulness", "other", PROMPTS, 0.9)
    append_scores(folder, [other])
    (folder / "judged.json").write_text(
        json.dumps({"judges": [{"judge": "other", "prompts": PROMPTS, "rows": []}]}), "utf-8"
    )
    rows = judge_run(folder, endpoint=server[1])
    assert set(values(rows).values()) == {0.5}
    judges = json.loads((folder / "judged.json").read_text("utf-8"))["judges"]
    assert [told["judge"] for told in judges] == ["other", MODEL]


def test_a_judge_that_cannot_be_reached_is_told_and_nothing_is_written(
    begin: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eval.judging.judge, "Judge", NumberJudge)
    folder = begin(answered_item("one"))
    with pytest.raises(ModelError, match="cannot be reached"):
        judge_run(folder, endpoint="http://127.0.0.1:9/v1")
    assert not list(folder.glob("judged*"))


@pytest.mark.parametrize("endpoint", ["", "localhost", "http://me:pw@host/v1"])
def test_an_endpoint_that_is_none_is_told(begin: Callable[..., Path], endpoint: str) -> None:
    with pytest.raises(ConfigError, match="The judge: "):
        judge_run(begin(answered_item("one")), endpoint=endpoint)


def test_only_answers_are_judged(begin: Callable[..., Path]) -> None:
    with pytest.raises(ConfigError, match="a run of retrieval: only answers"):
        judge_run(begin(task="retrieval"), endpoint="http://127.0.0.1:9/v1")


def test_without_ragas_its_pip_line_is_told(
    begin: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr("eval.judging.ragas.version", missing)
    with pytest.raises(ConfigError, match=r"is not installed: pip install 'kgrag\[judged\]'"):
        judge_run(begin(answered_item("one")), endpoint="http://127.0.0.1:9/v1")


def test_what_was_declined_or_forgotten_is_not_judged() -> None:
    assert (
        wanted(
            [
                answered_item("one", outcome="declined"),
                answered_item("two", outcome="declined rightly"),
            ]
        )
        == []
    )
    assert not wanted([Item("one", "g", {}, shown={"removed": True})])


def test_a_measure_is_not_asked_of_a_case_that_lacks_what_it_needs() -> None:
    measures = [name for _, name in wanted([answered_item("one", citations=[], expected=[])])]
    assert measures == ["judged_relevancy"]
    assert sample_of(answered_item("one", expected=["1904", "in 1904"]))["reference"] == "1904"


def test_rows_count_failures_apart_and_have_an_interval() -> None:
    given = [1.0, 0.0, 1.0, 1.0, None]
    scores = [
        Score("g", "kgrag", str(at), "judged_faithfulness", "j", PROMPTS, value)
        for at, value in enumerate(given)
    ]
    (row,) = rows_of(scores, seed=1)
    assert (row["n"], row["failures"], row["value"]) == (4, 1, 0.75)
    assert 0 <= row["low"] < 0.75 < row["high"] <= 1
    assert "judged by a model" in row["title"]


def test_a_line_that_was_cut_short_is_dropped(tmp_path: Path) -> None:
    score = Score("g", "kgrag", "one", "judged_faithfulness", "j", PROMPTS, 1.0)
    append_scores(tmp_path, [score])
    with (tmp_path / "judged.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"group": "g", "sys')
    assert read_scores(tmp_path) == [score]
    drop_cut_line(tmp_path)
    append_scores(tmp_path, [score])
    assert read_scores(tmp_path) == [score]


@pytest.mark.usefixtures("numbers")
def test_the_command_tells_each_measure(
    begin: Callable[..., Path],
    server: tuple[ChatServer, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    parser = argparse.ArgumentParser()
    add_judge_command(parser.add_subparsers())
    folder = begin(answered_item("one"))
    arguments = parser.parse_args(["judge", str(folder), "--judge-endpoint", server[1]])
    assert arguments.command(arguments) == 0
    told = capsys.readouterr()
    assert "bridges, kgrag: faithfulness, judged by a model: 50.0 % (50.0 to 50.0; n 1)" in told.out
    assert f"judged {len(JUDGED)} of {len(JUDGED)}" in told.err


def test_ragas_is_not_loaded_before_it_judges() -> None:
    heavy = "{'ragas', 'langchain_core'}"
    code = f"import eval.judging.judge, sys; sys.exit(bool({heavy} & {{*sys.modules}}))"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
