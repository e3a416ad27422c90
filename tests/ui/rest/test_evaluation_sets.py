"""Question sets: added, drafted, corrected; by a stand-in for ``kgrag-eval``."""

from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from kgrag import KnowledgeBase
from tests.ui.evaluating import SENTENCE
from tests.ui.rest.measuring import SETS, add, begin, ended, lines
from tests.ui.rest.serving import MAIN, error_of

pytestmark = pytest.mark.usefixtures("evaluation_command")


def test_questions_are_added_read_and_deleted(client: TestClient) -> None:
    assert client.get(SETS).json() == []
    id_ = add(client, "Who?", "When?", name=" Two  of mine ")
    (held,) = client.get(SETS).json()
    assert (held["name"], held["kind"], held["questions"]) == ("Two of mine", "own", 2)
    told = client.get(f"{SETS}/{id_}", params={"limit": 1, "offset": 1}).json()
    assert told["total"] == 2
    assert [(row["at"], row["question"]) for row in told["questions"]] == [(1, "When?")]
    assert client.delete(f"{SETS}/{id_}").status_code == 204
    assert client.get(SETS).json() == []
    assert error_of(client.get(f"{SETS}/{id_}"))[:2] == (404, "questions_not_found")


def test_lines_that_cannot_be_used_are_told_by_their_number(client: TestClient) -> None:
    sent = client.post(SETS, files={"file": ("q.jsonl", lines("Who?") + b"rubbish\n")}).json()
    assert (sent["name"], sent["questions"]) == ("q", 1)
    assert sent["skipped"] == ["line 2: is no JSON: “rubbish”"]
    assert client.get(SETS).json()[0]["skipped"] == sent["skipped"]


def test_a_file_of_which_nothing_is_left_is_refused_in_its_words(
    client: TestClient, knowledge_base: KnowledgeBase
) -> None:
    refused = client.post(SETS, files={"file": ("../../my questions.jsonl", b"rubbish\n")})
    status, code, words = error_of(refused)
    assert (status, code) == (400, "refused")
    assert words == "my questions.jsonl holds nothing to ask: line 1: is no JSON: “rubbish”"
    assert not list((knowledge_base.library.folder / "evaluation").rglob("*.json*"))


@pytest.mark.parametrize("name", ["../../../escaped", "..\\x", "/etc/passwd", "a\x00b", "CON"])
def test_a_name_never_becomes_a_path(
    client: TestClient, knowledge_base: KnowledgeBase, name: str
) -> None:
    folder = knowledge_base.library.folder
    before = set(folder.parent.rglob("*"))
    id_ = add(client, "Who?", name=name)
    made = {path for path in folder.parent.rglob("*") if path not in before}
    inside = folder / "evaluation" / "questions"
    assert made == {
        inside.parent, inside, inside / "lock", inside / f"{id_}.json", inside / f"{id_}.jsonl",
    }  # fmt: skip
    for id_ in (quote(name), quote(name, safe=""), "examples", "corrections", "0" * 12):
        assert client.delete(f"{SETS}/{id_}").status_code in (404, 405)


def test_questions_are_drafted_corrected_and_dropped(client: TestClient) -> None:
    made = client.post(f"{SETS}/draft", json={"limit": 2, "name": "Drafted"}).json()
    assert (made["kind"], made["questions"]) == ("drafted", 2)
    path = f"{SETS}/{made['id']}"
    told = client.get(path).json()
    wanted = {
        "state": told["state"],
        "changed": [{"at": 1, "question": "Where was Euler born?", "answers": ["Basel", "Bâle"]}],
        "dropped": [0],
        "name": "Corrected",
    }
    assert client.put(path, json=wanted).json()["questions"] == 1
    (row,) = client.get(path).json()["questions"]
    assert (row["question"], row["answers"]) == ("Where was Euler born?", ["Basel", "Bâle"])
    assert row["evidence"][0]["quote"] == SENTENCE
    assert client.get(SETS).json()[0]["name"] == "Corrected"


def test_corrections_of_what_has_changed_meanwhile_are_refused(client: TestClient) -> None:
    path = f"{SETS}/{add(client, 'One?', 'Two?')}"
    state = client.get(path).json()["state"]
    assert client.put(path, json={"state": state, "dropped": [0]}).status_code == 200
    again = client.put(path, json={"state": state, "dropped": [0]})
    assert error_of(again)[:2] == (409, "questions_changed")
    state = client.get(path).json()["state"]
    assert error_of(client.put(path, json={"state": state, "dropped": [0]}))[0] == 400
    assert client.get(path).json()["total"] == 1


def test_corrections_of_the_graph_are_a_set_that_is_made_when_it_is_run(client: TestClient) -> None:
    facts = client.get(f"{MAIN}/facts").json()["facts"]
    wanted = {"kind": "rename", "entity": facts[0]["subject"]["id"], "name": "Euler"}
    client.post(f"{MAIN}/corrections", json=wanted).raise_for_status()
    (held,) = client.get(SETS).json()
    assert (held["id"], held["kind"], held["questions"]) == ("corrections", "corrections", None)
    told = ended(client, begin(client, "corrections"))
    assert (told["finished"], told["name"], told["done"]) == (True, "corrections", 2)
    assert len(client.get(SETS).json()) == 1


def test_the_examples_are_offered_to_whoever_has_their_documents(client: TestClient) -> None:
    examples = Path(__file__).parents[3] / "examples" / "documents"
    sent = [("files", (path.name, path.read_bytes())) for path in examples.iterdir()]
    client.post(f"{MAIN}/documents", files=sent).raise_for_status()
    (held,) = client.get(SETS).json()
    assert (held["id"], held["questions"]) == ("examples", 52)
    assert client.get(f"{SETS}/examples").json()["total"] == 52
