"""A served language model: deadlines, second tries, giving up, and what is asked of the server."""

import asyncio
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from indexes.errors import ConfigError, ModelError
from kgrag.language_model import LanguageModel, Request
from kgrag.model_settings import ModelSettings
from kgrag.served import Message
from tests.chat_server import (
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

HELLO: list[Message] = [("user", "hello")]
ASKED = Request(HELLO, max_tokens=50)


@pytest.fixture
def server() -> Iterator[tuple[ChatServer, str]]:
    with serving() as served:
        yield served


@pytest.fixture
def model(server: tuple[ChatServer, str]) -> Iterator[LanguageModel]:
    settings = ModelSettings(
        endpoint=server[1], connect_s=1.0, first_token_s=0.6, gap_s=0.4, total_s=3.0
    )
    made = LanguageModel(settings)
    made.served()
    # What the first request loads must not count among the seconds of a test.
    import llama_index.llms.openai_like  # noqa: F401

    yield made
    made.close()


def test_the_text_comes_in_pieces_as_the_model_writes_it(
    server: tuple[ChatServer, str], model: LanguageModel
) -> None:
    server[0].usual = say("Привет, мир. [1]", size=3)
    pieces = [piece.text for piece in model.stream(ASKED)]
    # The first word at once, then no later than where a sentence may end.
    assert pieces == ["При", "вет, мир.", " [1]"]


def test_an_answer_that_reached_its_limit_is_told_from_a_whole_one(
    server: tuple[ChatServer, str], model: LanguageModel
) -> None:
    server[0].usual = say("half of it", finish="length")
    assert [piece.is_cut for piece in model.stream(ASKED)][-1]
    with pytest.raises(ModelError, match="not done after 50 tokens"):
        model.complete(ASKED)


def test_the_grammar_goes_to_a_server_that_takes_one_and_to_no_other(
    server: tuple[ChatServer, str], model: LanguageModel
) -> None:
    asked = replace(ASKED, grammar='root ::= "yes"')
    model.complete(asked)
    assert server[0].requests[-1]["structured_outputs"] == {"grammar": 'root ::= "yes"'}
    server[0].owner = "somebody"
    other = LanguageModel(model.settings)
    other.complete(asked)
    other.close()
    assert "structured_outputs" not in server[0].requests[-1]


def test_a_key_is_sent_and_never_one_that_was_not_meant_for_it(
    server: tuple[ChatServer, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("MY_KEY", "k1")
    for key_env, sent in (("", "Bearer none"), ("MY_KEY", "Bearer k1")):
        model = LanguageModel(ModelSettings(endpoint=server[1], key_env=key_env))
        model.complete(ASKED)
        model.close()
        assert server[0].authorizations[-1] == sent
    monkeypatch.delenv("MY_KEY")
    with pytest.raises(ConfigError, match="MY_KEY, which is not set"):
        LanguageModel(ModelSettings(endpoint=server[1], key_env="MY_KEY")).served()


def test_a_busy_server_is_asked_again(
    server: tuple[ChatServer, str], model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kgrag.language_model.PAUSES_S", (0.01, 0.01))
    server[0].script.extend([refuse(503), refuse(429, headers={"Retry-After": "0"})])
    server[0].usual = say("now")
    assert model.complete(ASKED) == "now"
    assert len(server[0].requests) == 3


@pytest.mark.parametrize(
    ("behaviour", "told", "within_s"),
    [
        (hang, "not sent its first word within 0.6 s", 1.5),
        (hang_after("The"), "not sent its next word within 0.4 s", 1.5),
        (drip(b": still here\n\n", 0.05), "not sent its first word within 0.6 s", 1.5),
        (drip(b'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n', 0.1),
         "longer than 3 s in all", 4.0),
        (break_off_after("The"), "broke off in the middle", 1.0),
        (refuse(500, "out of memory"), r"answered 500 \(out of memory\)", 1.0),
        (refuse(400, "too long"), r"answered 400 \(too long\)", 1.0),
        (refuse(401), "Name the environment variable", 1.0),
        (rubbish(b"<html>hello</html>"), "broke off in the middle", 1.0),
        (rubbish(b"data: {nonsense\n\n"), "no chat completion", 1.0),
        (rubbish(b'data: {"choices": 3}\n\n'), "no chat completion", 1.0),
        (rubbish(b'data: {"error": {"message": "engine died"}}\n\n'), "engine died", 1.0),
        (rubbish(b'data: {"choices":[{"delta":{"content":"' + b"a" * 10_000_000 + b'"}}]}\n\n'),
         "far more than an answer", 3.0),
        (drip(b"x" * 65536 + b"\n", 0.0), "far more than an answer|first word", 3.0),
    ],
)  # fmt: skip
def test_whatever_a_server_does_ends_in_bounded_time_and_plain_words(
    server: tuple[ChatServer, str],
    model: LanguageModel,
    monkeypatch: pytest.MonkeyPatch,
    behaviour: object,
    told: str,
    within_s: float,
) -> None:
    monkeypatch.setattr("kgrag.language_model.PAUSES_S", (0.01,))
    server[0].usual = behaviour  # type: ignore[assignment]
    started = time.monotonic()
    with pytest.raises(ModelError, match=told):
        model.complete(ASKED)
    assert time.monotonic() - started < within_s


def test_nobody_at_home_is_said_at_once_with_what_to_do() -> None:
    model = LanguageModel(ModelSettings(endpoint="http://127.0.0.1:9/v1"))
    with pytest.raises(ModelError, match="cannot be reached. Start it"):
        model.complete(ASKED)
    model.close()


def test_a_model_that_is_not_served_is_named_beside_those_that_are(
    server: tuple[ChatServer, str],
) -> None:
    model = LanguageModel(ModelSettings(endpoint=server[1], model="gpt"))
    with pytest.raises(ModelError, match="does not serve 'gpt'; it serves: scripted"):
        model.served()
    model.close()


@pytest.mark.parametrize("way", ["stopped", "closed generator", "closed model"])
def test_giving_up_closes_the_connection_so_that_the_server_stops(
    server: tuple[ChatServer, str], model: LanguageModel, way: str
) -> None:
    patient = LanguageModel(replace(model.settings, first_token_s=30, gap_s=30, total_s=60))
    server[0].usual = hang_after("Once upon")
    stop = False
    stream = patient.stream(ASKED, stopped=lambda: stop)
    assert next(stream).text == "Once upon"
    if way == "stopped":
        stop = True
        assert list(stream) == []
    elif way == "closed generator":
        stream.close()  # type: ignore[attr-defined]
    else:
        patient.close()
        with pytest.raises(ModelError, match="not waited for"):
            next(stream)
    assert server[0].left.wait(2)
    patient.close()


def test_tokens_are_counted_by_the_server_or_bounded_by_bytes(
    server: tuple[ChatServer, str], model: LanguageModel
) -> None:
    long: list[Message] = [("user", "я" * 9000)]
    assert model.count_tokens([("user", "short")]) >= len("short")
    assert model.count_tokens(long) == 3000
    server[0].owner = "somebody"
    other = LanguageModel(model.settings)
    assert other.count_tokens(long) >= 18_000
    other.close()


def test_thoughts_before_the_answer_are_no_silence_and_no_answer(
    server: tuple[ChatServer, str], model: LanguageModel
) -> None:
    def think(exchange: object) -> None:
        from tests.chat_server import Exchange

        assert isinstance(exchange, Exchange)
        exchange.begin()
        for _ in range(8):
            exchange.piece(None, reasoning_content="hm ")
            time.sleep(0.2)
        exchange.piece("Yes.")
        exchange.end()

    server[0].usual = think
    assert model.complete(ASKED) == "Yes."


def test_after_a_failure_the_server_is_asked_anew_what_it_serves(
    server: tuple[ChatServer, str], model: LanguageModel
) -> None:
    assert model.served().context_tokens == 8192
    server[0].context_tokens = 4096
    server[0].script.append(refuse(404))
    with pytest.raises(ModelError, match="answered 404"):
        model.complete(ASKED)
    assert model.served().context_tokens == 4096


def test_a_constraint_that_is_off_sends_none(server: tuple[ChatServer, str]) -> None:
    for owner in ("vllm", "somebody"):
        server[0].owner = owner
        model = LanguageModel(ModelSettings(endpoint=server[1], constraint="off"))
        model.complete(replace(ASKED, grammar='root ::= "yes"', schema={"type": "object"}))
        model.close()
        assert not {"structured_outputs", "response_format"} & server[0].requests[-1].keys()


def test_what_one_question_forgets_of_the_server_does_not_stop_another(
    server: tuple[ChatServer, str], model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It did for ever: the event loop asked what is served, and waited for itself."""
    run = asyncio.run_coroutine_threadsafe

    def forget_then_run(
        work: Coroutine[Any, Any, object], loop: asyncio.AbstractEventLoop
    ) -> Future[Any]:
        model._served = model._llm = None
        return run(work, loop)

    monkeypatch.setattr(asyncio, "run_coroutine_threadsafe", forget_then_run)
    server[0].usual = say("Yes.")
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(model.complete, ASKED)
        try:
            assert asked.result(20) == "Yes."
        finally:
            model.close()
