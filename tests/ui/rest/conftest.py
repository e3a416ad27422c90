"""The service over a small library, as one who works on this machine reaches it."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from kgrag import KnowledgeBase
from tests.ui.evaluating import stand_in
from tests.ui.rest.serving import client_of
from ui.rest import rest
from ui.shelf import Shelf


@pytest.fixture
def app(knowledge_base: KnowledgeBase) -> FastAPI:
    """The application over ``knowledge_base``."""
    return rest(Shelf.around(knowledge_base))


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """Somebody who asks it."""
    with client_of(app) as opened:
        yield opened


@pytest.fixture
def evaluation_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the stand-in run instead of ``kgrag-eval``."""
    stand_in(monkeypatch)
