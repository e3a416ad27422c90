"""R7: a language model that is down, slow, hangs mid-stream or sends garbage costs bounded time.

kgrag then quotes, and says so; nothing of what the model wrote before it failed is left.
"""

import time
from collections.abc import Iterator

import pytest

from kgrag import KnowledgeBase, Settings
from kgrag.events import Answered
from kgrag.model_settings import ModelSettings
from tests.chat_server import (
    Behaviour,
    ChatServer,
    break_off_after,
    drip,
    hang,
    hang_after,
    refuse,
    rubbish,
    say,
    serving,
)
from tests.fakes import CapitalisedExtractor

TEXT = "Ada Lovelace was born in London in 1815. She wrote notes on the Analytical Engine."
WHEN = "When was Ada Lovelace born?"
SLACK_S = 4.0
"""Retrieval, and a machine that is busy with other tests."""


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[KnowledgeBase, ChatServer]]:
    folder = tmp_path_factory.mktemp("failing")
    (folder / "ada.txt").write_text(TEXT, encoding="utf-8")
    with serving() as (server, endpoint):
        limits = ModelSettings(
            endpoint=endpoint, connect_s=0.5, first_token_s=0.5, gap_s=0.3, total_s=1.5
        )
        with KnowledgeBase.open(
            folder / "library", Settings(model=limits), extractor=CapitalisedExtractor
        ) as kb:
            kb.add(folder / "ada.txt")
            kb.ask(WHEN)  # what is loaded once does not count
            yield kb, server


@pytest.mark.parametrize(
    ("behaviour", "bound_s"),
    [
        (refuse(500), 2.0),
        (refuse(404), 0.5),
        (hang, 0.5),
        (hang_after("Ada was born in 18"), 0.5),
        (drip(b": alive\n\n", 0.1), 0.5),
        (drip(b'data: {"choices":[{"index":0,"delta":{"content":"Ada "}}]}\n\n', 0.1), 1.5),
        (break_off_after("Ada Lovelace was born in London. [1] And"), 0.5),
        (rubbish(b"<html>502</html>"), 0.5),
        (rubbish(b"\x00\xff\xfe"), 0.5),
        (rubbish(b"data: {]\n\n"), 0.5),
        (rubbish(b'data: {"choices":[{"delta":{"content":"' + b"a" * 10_000_000 + b'"}}]}'), 1.5),
        (say("word " * 2_000_000, size=9_000_000), 1.5),
    ],
)
def test_a_failing_model_costs_bounded_time_and_the_documents_are_quoted(
    served: tuple[KnowledgeBase, ChatServer], behaviour: Behaviour, bound_s: float
) -> None:
    kb, server = served
    server.usual = behaviour
    started = time.monotonic()
    answer = kb.ask(WHEN)
    assert time.monotonic() - started < bound_s + SLACK_S
    assert answer.mode == "quote" and "1815" in answer.text
    assert answer.notice is not None and "Quoted from your documents instead" in answer.notice
    assert all(sentence.stands for sentence in answer.sentences)


def test_a_model_that_comes_back_is_used_again(
    served: tuple[KnowledgeBase, ChatServer],
) -> None:
    kb, server = served
    server.usual = refuse(404)
    assert kb.ask(WHEN).notice is not None
    server.usual = say("The documents do not say.")
    answer = kb.ask(WHEN)
    assert (answer.mode, answer.notice) == ("llm", None)


def test_a_model_that_is_not_there_is_said_once_and_in_plain_words(
    served: tuple[KnowledgeBase, ChatServer], tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = Settings(model=ModelSettings(endpoint="http://127.0.0.1:9/v1"))
    folder = served[0].library.folder
    with KnowledgeBase.open(folder, settings, extractor=CapitalisedExtractor) as kb:
        answer = kb.ask(WHEN)
    assert answer.mode == "quote" and answer.notice is not None
    assert answer.notice.startswith("The language model at http://127.0.0.1:9/v1 cannot be reached")
    assert "Traceback" not in answer.notice and "Error" not in answer.notice


@pytest.mark.parametrize("written", ["Ada", "Ada Lovelace was born in London in 1815. [1] And she"])
def test_a_stopped_answer_leaves_the_server_at_once_and_has_no_end(
    served: tuple[KnowledgeBase, ChatServer], written: str
) -> None:
    kb, server = served
    server.left.clear()
    server.usual = hang_after(written)
    stop = time.monotonic() + 0.2
    events = list(kb.stream(WHEN, stopped=lambda: time.monotonic() > stop))
    assert not any(isinstance(event, Answered) for event in events)
    assert server.left.wait(2)
