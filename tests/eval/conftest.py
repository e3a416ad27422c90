"""A run of answers, and somebody on loopback who judges them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from eval.items import Item
from eval.run_folder import RunFolder
from tests.chat_server import ChatServer, serving
from tests.eval.judging import judge


@pytest.fixture
def server() -> Iterator[tuple[ChatServer, str]]:
    with serving() as (judging, endpoint):
        judging.usual = judge
        yield judging, endpoint


@pytest.fixture
def begin(tmp_path: Path) -> Callable[..., Path]:
    def made(*items: Item, task: str = "answers") -> Path:
        run = RunFolder.begin(tmp_path / "run", {"task": task, "seed": 1})
        for item in items:
            run.append(item.case, [item])
        run.finish({"finished": True, "rows": [{"measure": "exact"}]})
        return run.folder

    return made
