"""Runs over question sets, reports and comparisons; by a stand-in for ``kgrag-eval``."""

import json
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from kgrag import KnowledgeBase, Settings
from kgrag.model_settings import ModelSettings
from tests.ui.evaluating import LOUD, SENTENCE
from tests.ui.library import open_library
from tests.ui.rest.measuring import AT, RUNS, SETS, add, begin, ended, finished, lines
from tests.ui.rest.serving import client_of, document_of, error_of, wait_until
from ui.rest import close, rest
from ui.shelf import Shelf

pytestmark = pytest.mark.usefixtures("evaluation_command")


# -- runs ----------------------------------------------------------------------------------------


def test_a_run_measures_and_is_kept(client: TestClient) -> None:
    id_ = add(client, "Is it right?", "Or not?", name="My <set>")
    run = begin(client, id_)
    told = ended(client, run)
    assert (told["finished"], told["done"], told["total"], told["error"]) == (True, 2, 2, "")
    by_measure = {row["measure"]: row for row in told["rows"]}
    assert by_measure["contains"]["value"] == 0.5
    assert by_measure["contains"]["group"] == "My <set>"
    (listed,) = client.get(RUNS).json()
    assert [row["measure"] for row in listed["rows"]] == ["contains", "evidence_any"]
    assert (listed["set"], listed["name"], listed["task"]) == (id_, "My <set>", "answers")
    assert client.delete(run).status_code == 204
    assert client.get(RUNS).json() == []
    assert error_of(client.get(run))[:2] == (404, "run_not_found")


def test_a_run_tells_what_it_asks_and_how_it_stands_then_stops_and_goes_on(
    client: TestClient,
) -> None:
    run = begin(client, add(client, "This is right?", "This is not?", "Now wait?", "And right?"))
    wait_until(lambda: client.get(run).json()["message"] == "Now wait?")
    told = client.get(run).json()
    assert (told["running"], told["done"], told["total"]) == (True, 2, 4)
    assert told["tally"] == {"right": 1, "wrong": 1}
    stopped = client.post(f"{run}/stop").json()
    assert (stopped["running"], stopped["finished"], stopped["can_resume"]) == (False, False, True)
    assert (stopped["error"], stopped["message"]) == ("", "")
    assert client.post(f"{run}/resume").json()["running"]
    assert ended(client, run)["finished"]
    assert client.get(run).json()["done"] == 4


def test_what_fails_is_told_and_the_rest_is_measured(client: TestClient) -> None:
    told = ended(client, begin(client, add(client, "A right one?", "Will fail?")))
    assert (told["finished"], told["failed"], told["can_resume"]) == (False, 1, True)
    assert told["failures"][0]["message"] == "It did not answer."
    assert told["rows"]


def test_a_run_that_comes_to_nothing_says_why(
    client: TestClient, knowledge_base: KnowledgeBase
) -> None:
    id_ = add(client, "Who?")
    (knowledge_base.library.folder / "evaluation" / "questions" / f"{id_}.jsonl").write_text("{")
    told = ended(client, begin(client, id_))
    assert told["error"].startswith("The evaluation broke off (status 1).")
    assert str(knowledge_base.library.folder) not in str(told)


def test_one_run_at_a_time_for_a_library_and_two_for_the_server(client: TestClient) -> None:
    waiting = begin(client, add(client, "Please wait?"))
    set_id = client.get(waiting).json()["set"]
    assert error_of(client.post(RUNS, json={"set": set_id, "task": "answers"}))[:2] == (
        409,
        "evaluation_busy",
    )
    assert len(client.get(RUNS).json()) == 1
    busy = [waiting]
    for name in ("second", "third"):
        library = client.post("/api/libraries", json={"name": name}).json()["id"]
        at = f"/api/libraries/{library}"
        client.post(f"{at}/documents", files=[("files", ("a.txt", b"Anna was born in Oslo."))])
        sent = {"file": ("q.jsonl", lines("wait?"))}
        set_id = client.post(f"{at}/evaluation/sets", files=sent).json()["id"]
        begun = client.post(f"{at}/evaluation/runs", json={"set": set_id, "task": "retrieval"})
        if name == "second":
            busy.append(f"{at}/evaluation/runs/{begun.json()['id']}")
        else:
            assert error_of(begun)[:2] == (409, "evaluation_busy")
    for run in busy:
        client.post(f"{run}/stop").raise_for_status()


def test_a_run_ends_with_the_server_and_with_its_library(
    app: FastAPI, client: TestClient, knowledge_base: KnowledgeBase
) -> None:
    library = client.post("/api/libraries", json={"name": "other"}).json()["id"]
    at = f"/api/libraries/{library}"
    sent = {"file": ("q.jsonl", lines("wait?"))}
    set_id = client.post(f"{at}/evaluation/sets", files=sent).json()["id"]
    begun = client.post(f"{at}/evaluation/runs", json={"set": set_id, "task": "answers"}).json()
    folder = knowledge_base.library.folder.with_name("library-more") / library
    progress = folder / "evaluation" / "runs" / begun["id"] / "progress.json"
    wait_until(progress.is_file)
    assert client.delete(at).status_code == 204
    assert not folder.exists()
    run = begin(client, add(client, "wait?"))
    wait_until(lambda: client.get(run).json()["message"])
    pid = json.loads(next(knowledge_base.library.folder.rglob("progress.json")).read_text("utf-8"))[
        "pid"
    ]
    close(app)
    assert not Path(f"/proc/{pid}").exists()
    assert next(knowledge_base.library.folder.rglob("run.json")).is_file()


def test_the_language_model_is_named_and_its_key_is_in_no_command_line(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(filled, tmp_path / "library")
    monkeypatch.setenv("A_KEY", "secret-key")
    model = ModelSettings(endpoint="http://127.0.0.1:9/v1", key_env="A_KEY")
    with (
        open_library(tmp_path / "library", Settings(model=model)) as opened,
        client_of(rest(Shelf.around(opened))) as client,
    ):
        run = begin(client, add(client, "wait?"), with_model=True)
        wait_until(lambda: client.get(run).json()["message"])
        held = json.loads(next((tmp_path / "library").rglob("run.json")).read_text("utf-8"))
        assert held["model"] == {"endpoint": "http://127.0.0.1:9/v1", "key": "secret-key"}
        assert tomllib.loads(held["settings"])["model"]["key_env"] == "A_KEY"
        assert "secret-key" not in held["settings"]
        pid = json.loads(next((tmp_path / "library").rglob("progress.json")).read_text())["pid"]
        assert b"secret-key" not in Path(f"/proc/{pid}/cmdline").read_bytes()


def test_without_a_language_model_none_is_measured(client: TestClient) -> None:
    wanted = {"set": add(client, "Who?"), "task": "answers", "with_model": True}
    status, _, words = error_of(client.post(RUNS, json=wanted))
    assert status == 400
    assert "No language model is set" in words


# -- reports -------------------------------------------------------------------------------------


def test_a_report_is_shown_by_the_page_alone_and_reaches_nothing(client: TestClient) -> None:
    run = finished(client, f"Is {LOUD} right?")
    shown = client.get(f"{run}/report")
    assert shown.headers["content-type"].startswith("text/html")
    assert shown.headers["x-frame-options"] == "SAMEORIGIN"
    policy = shown.headers.get_list("content-security-policy")
    assert len(policy) == 1
    for part in ("default-src 'none'", "frame-ancestors 'self'", "sandbox allow-scripts"):
        assert part in policy[0]
    assert "connect-src" not in policy[0]
    assert "--set evaluation/questions/Mine" in shown.text
    assert "frame-ancestors 'none'" in client.get(RUNS).headers["content-security-policy"]
    missing = client.get(f"{RUNS}/{'0' * 12}/report")
    assert "frame-ancestors 'none'" in missing.headers["content-security-policy"]


def test_a_report_that_went_is_made_anew_without_what_was_removed(
    client: TestClient, knowledge_base: KnowledgeBase
) -> None:
    run = finished(client, "Is it right?")
    assert SENTENCE in client.get(f"{run}/report").text
    assert client.delete(document_of(client, "handlist.txt")).status_code == 204
    shown = client.get(f"{run}/report")
    assert shown.status_code == 200
    assert SENTENCE not in shown.text
    assert "removed" in shown.text
    assert client.get(run).json()["rows"][0]["value"] == 1.0


def test_two_runs_are_compared(client: TestClient) -> None:
    id_ = add(client, *(f"Question {number}?" for number in range(12)))
    first = begin(client, id_)
    ended(client, first)
    path = f"{SETS}/{id_}"
    changed = [
        {"at": number, "question": f"Is {number} right?", "answers": []} for number in range(12)
    ]
    wanted = {"state": client.get(path).json()["state"], "changed": changed}
    client.put(path, json=wanted).raise_for_status()
    second = begin(client, id_)
    ended(client, second)
    both = {"one": first.rpartition("/")[2], "other": second.rpartition("/")[2]}
    told = client.get(f"{AT}/compare", params=both).json()
    assert {row["verdict"] for row in told["rows"]} == {"better"}
    assert {row["group"] for row in told["rows"]} == {"Mine"}
    assert len([row for row in told["changed"] if row["measure"] == "contains"]) == 12
    page = client.get(f"{AT}/compare.html", params=both)
    assert "sandbox" in page.headers["content-security-policy"]
    assert "4 rows" in page.text
    unknown = client.get(f"{AT}/compare", params=both | {"other": "../../x"})
    assert error_of(unknown)[:2] == (404, "run_not_found")


def test_runs_of_different_questions_are_not_compared_in_words(client: TestClient) -> None:
    ids = [finished(client, "Who?").rpartition("/")[2] for _ in range(2)]
    refused = client.get(f"{AT}/compare", params={"one": ids[0], "other": ids[1]})
    status, _, words = error_of(refused)
    assert status == 400
    assert "no case in common" in words


# -- whose ---------------------------------------------------------------------------------------


@pytest.fixture
def library_more(client: TestClient) -> Iterator[str]:
    yield client.post("/api/libraries", json={"name": "more"}).json()["id"]


def test_what_is_of_one_library_is_not_in_another(client: TestClient, library_more: str) -> None:
    run = finished(client, "Who?")
    set_id = client.get(run).json()["set"]
    other = f"/api/libraries/{library_more}/evaluation"
    assert client.get(f"{other}/runs").json() == client.get(f"{other}/sets").json() == []
    id_ = run.rpartition("/")[2]
    assert error_of(client.get(f"{other}/runs/{id_}/report"))[:2] == (404, "run_not_found")
    assert error_of(client.get(f"{other}/sets/{set_id}"))[:2] == (404, "questions_not_found")
    begun = client.post(f"{other}/runs", json={"set": set_id, "task": "answers"})
    assert error_of(begun)[:2] == (404, "questions_not_found")


def test_a_damaged_description_does_not_hide_the_others(
    client: TestClient, knowledge_base: KnowledgeBase
) -> None:
    add(client, "Who?")
    questions = knowledge_base.library.folder / "evaluation" / "questions"
    (questions / f"{'a' * 12}.json").write_text("{", "utf-8")
    assert [item["name"] for item in client.get(SETS).json()] == ["Mine"]
