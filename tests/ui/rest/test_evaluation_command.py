"""The service with ``kgrag-eval`` itself: what it prints and writes is what the service reads."""

import json
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from kgrag import KnowledgeBase
from tests.ui.rest.serving import MAIN, document_of, wait_until

AT = f"{MAIN}/evaluation"

TABLE = """question,answer,document
Where was Leonhard Euler born?,Basel,handlist.txt
Whom did Leonhard Euler marry?,Katharina Gsell,handlist.txt
Who?,,
"""


def run(client: TestClient, set_id: str, task: str) -> dict[str, Any]:
    begun = client.post(f"{AT}/runs", json={"set": set_id, "task": task}).json()
    path = f"{AT}/runs/{begun['id']}"
    wait_until(lambda: not client.get(path).json()["running"])
    told: dict[str, Any] = client.get(path).json()
    assert told["finished"], told
    return told


def test_a_table_of_questions_is_measured_reported_and_compared(
    client: TestClient, knowledge_base: KnowledgeBase
) -> None:
    folder = knowledge_base.library.folder
    sent = {"file": ("вопросы.csv", TABLE.encode())}
    made = client.post(f"{AT}/sets", files=sent).json()
    assert (made["name"], made["questions"]) == ("вопросы", 2)
    assert made["skipped"] == [
        "line 4: expects nothing: give an answer, or a document and page, or answerable = no"
    ]
    rows = client.get(f"{AT}/sets/{made['id']}").json()["questions"]
    assert [row["answers"] for row in rows] == [["Basel"], ["Katharina Gsell"]]
    runs = [run(client, made["id"], "answers") for _ in range(2)]
    contained = next(row for row in runs[0]["rows"] if row["measure"] == "contains")
    assert (contained["group"], contained["n"], contained["value"]) == ("вопросы", 2, 1.0)
    one, other = (told["id"] for told in runs)
    compared = client.get(f"{AT}/compare", params={"one": one, "other": other}).json()
    assert {row["verdict"] for row in compared["rows"] if row["unit"] == "%"} == {
        "no difference shown"
    }
    for page in (f"{AT}/runs/{one}/report", f"{AT}/compare.html?one={one}&other={other}"):
        shown = client.get(page)
        assert shown.status_code == 200
        assert "вопросы" in shown.text
        assert made["id"] not in shown.text
        assert str(folder) not in shown.text
    assert "Katharina Gsell" in client.get(f"{AT}/runs/{one}/report").text
    client.delete(f"{AT}/sets/{made['id']}").raise_for_status()
    client.delete(document_of(client, "handlist.txt")).raise_for_status()
    held = b"".join(path.read_bytes() for path in (folder / "evaluation").rglob("*.*"))
    assert b"Gsell" not in held
    assert "Gsell" not in client.get(f"{AT}/runs/{one}/report").text


def test_drafted_questions_find_their_passages_and_go_with_their_document(
    client: TestClient, knowledge_base: KnowledgeBase
) -> None:
    made = client.post(f"{AT}/sets/draft", json={"name": "Drafted", "limit": 10}).json()
    assert made["questions"] > 0
    told = run(client, made["id"], "retrieval")
    assert next(row for row in told["rows"] if row["measure"] == "recall_5")["value"] > 0.5
    client.delete(document_of(client, "handlist.txt")).raise_for_status()
    left = client.get(f"{AT}/sets/{made['id']}").json()["questions"]
    assert "Euler" not in json.dumps(left)
    held = knowledge_base.library.folder / "evaluation"
    assert not [path for path in held.rglob("*.*") if b"Euler" in _bytes(path)]


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""
