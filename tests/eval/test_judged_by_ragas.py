"""RAGAS itself, with a judge on loopback that counts words."""

import importlib.metadata
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from eval.judging.judge import PROMPTS, judge_run
from eval.judging.ragas import JUDGED, VERSION
from eval.judging.scores import read_scores
from tests.chat_server import MODEL, ChatServer, hang, say
from tests.eval.judging import QUOTE, answered_item, values
from tests.fakes import ROOT


def _ragas() -> str:
    try:
        return importlib.metadata.version("ragas")
    except importlib.metadata.PackageNotFoundError:
        return ""


needs_ragas = pytest.mark.skipif(
    _ragas() != VERSION, reason=f"needs ragas {VERSION} (pip install kgrag[judged])"
)


@needs_ragas
def test_an_unfaithful_answer_scores_lower(
    begin: Callable[..., Path], server: tuple[ChatServer, str]
) -> None:
    lie = "Ada Lind built the bridge in 1904. She was paid in herrings."
    folder = begin(answered_item("true"), answered_item("planted", lie))
    judge_run(folder, endpoint=server[1])
    scores = {(score.case, score.measure): score.value for score in read_scores(folder)}
    assert scores["true", "judged_faithfulness"] == 1.0
    assert scores["planted", "judged_faithfulness"] == 0.5


@needs_ragas
def test_a_wrong_answer_scores_lower_than_a_right_one(
    begin: Callable[..., Path], server: tuple[ChatServer, str]
) -> None:
    folder = begin(
        answered_item("right", "Ada Lind built the bridge."),
        answered_item("wrong", "Bo Holm painted the church."),
    )
    judge_run(folder, endpoint=server[1])
    scores = {(score.case, score.measure): score.value for score in read_scores(folder)}
    assert scores["right", "judged_correctness"] == 1.0
    assert scores["wrong", "judged_correctness"] == 0.0
    assert scores["wrong", "judged_faithfulness"] == 0.0


@needs_ragas
def test_citations_that_bear_nothing_score_lower(
    begin: Callable[..., Path], server: tuple[ChatServer, str]
) -> None:
    useless = [{"n": 1, "document": "a.md", "page": None, "quote": "It rained.", "right": False}]
    cited = [*useless, {**useless[0], "n": 2, "quote": QUOTE}]
    folder = begin(
        answered_item("useful"),
        answered_item("useless", citations=useless),
        answered_item("second", citations=cited),
    )
    judge_run(folder, endpoint=server[1])
    scores = {(score.case, score.measure): score.value for score in read_scores(folder)}
    assert scores["useful", "judged_citation_precision"] == pytest.approx(1)
    assert scores["second", "judged_citation_precision"] == pytest.approx(0.5)
    assert scores["useless", "judged_citation_precision"] == 0.0
    assert scores["useful", "judged_citation_recall"] == 1.0
    assert scores["useless", "judged_citation_recall"] == 0.0


@needs_ragas
def test_every_measure_is_judged_and_says_by_whom(
    begin: Callable[..., Path], server: tuple[ChatServer, str]
) -> None:
    folder = begin(answered_item("one"))
    before = (folder / "summary.json").read_bytes()
    rows = judge_run(folder, endpoint=server[1], model=MODEL)
    assert {row["measure"] for row in rows} == set(JUDGED)
    assert values(rows)["judged_relevancy"] == pytest.approx(1)
    (told,) = json.loads((folder / "judged.json").read_text("utf-8"))["judges"]
    assert (told["judge"], told["prompts"]) == (MODEL, PROMPTS)
    assert told["served"] == {"id": MODEL, "owned_by": "vllm", "max_model_len": 8192}
    assert told["rows"] == rows
    assert (folder / "summary.json").read_bytes() == before
    assert not {request.get("temperature") for request in server[0].requests} - {0.0}


@needs_ragas
def test_judging_leaves_no_identity_in_the_user_s_home(
    begin: Callable[..., Path],
    server: tuple[ChatServer, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    judge_run(begin(answered_item("one")), endpoint=server[1])
    assert not list(home.rglob("*"))


INTERRUPTED = """
import argparse, sys
from eval.judging.command import add_judge_command
parser = argparse.ArgumentParser()
add_judge_command(parser.add_subparsers())
arguments = parser.parse_args(["judge", sys.argv[1], "--judge-endpoint", sys.argv[2]])
try:
    arguments.command(arguments)
except KeyboardInterrupt:
    sys.exit(130)
"""


@needs_ragas
def test_a_judge_that_hangs_can_be_stopped_at_once(
    begin: Callable[..., Path], server: tuple[ChatServer, str]
) -> None:
    judging, endpoint = server
    judging.usual = hang
    folder = begin(answered_item("one"))
    command = [sys.executable, "-c", INTERRUPTED, str(folder), endpoint]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as child:
        while not judging.requests:
            assert child.poll() is None
            time.sleep(0.02)
        stopped = time.monotonic()
        child.send_signal(signal.SIGINT)
        assert child.wait(20) == 130
    assert time.monotonic() - stopped < 10


@needs_ragas
def test_a_judge_that_talks_rubbish_gives_failures_and_no_score(
    begin: Callable[..., Path], server: tuple[ChatServer, str]
) -> None:
    server[0].usual = say("I would rather not.")
    folder = begin(answered_item("one"))
    rows = judge_run(folder, endpoint=server[1])
    assert {(row["n"], row["failures"], row["value"]) for row in rows} == {(0, 1, None)}
    assert all("was not read" in score.failure for score in read_scores(folder))
