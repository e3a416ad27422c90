"""Asks the service to add questions and to measure them."""

import json
from typing import Any

from starlette.testclient import TestClient

from tests.ui.rest.serving import MAIN, wait_until

AT = f"{MAIN}/evaluation"
SETS, RUNS = f"{AT}/sets", f"{AT}/runs"


def lines(*questions: str) -> bytes:
    return "".join(json.dumps({"question": text}) + "\n" for text in questions).encode()


def add(client: TestClient, *questions: str, name: str = "Mine") -> str:
    """Add a set; return its id."""
    sent = client.post(SETS, files={"file": ("mine.jsonl", lines(*questions))}, data={"name": name})
    assert sent.status_code == 201, sent.text
    return str(sent.json()["id"])


def begin(client: TestClient, set_id: str, **more: Any) -> str:  # noqa: ANN401  any JSON
    """Begin a run; return its address."""
    begun = client.post(RUNS, json={"set": set_id, "task": "answers", **more})
    assert begun.status_code == 201, begun.text
    return f"{RUNS}/{begun.json()['id']}"


def ended(client: TestClient, run: str) -> dict[str, Any]:
    """Return a run once it is over."""
    wait_until(lambda: not client.get(run).json()["running"])
    told: dict[str, Any] = client.get(run).json()
    return told


def finished(client: TestClient, *questions: str) -> str:
    run = begin(client, add(client, *questions))
    assert ended(client, run)["finished"], client.get(run).text
    return run
