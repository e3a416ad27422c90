"""A real vLLM, started by ``kgrag vllm``: writes by a grammar, for this machine only, and goes."""

import os
import re
import signal
import time
from pathlib import Path

import pytest

from tests.vllm.conftest import make_model
from tests.vllm.server import (
    START_S,
    Serving,
    ask,
    listening_addresses,
    processes_below,
    serving,
)

pytestmark = [pytest.mark.vllm, pytest.mark.slow, pytest.mark.timeout(START_S)]

LOOPBACK = {"0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F"}

_GRAMMAR = """root ::= "{nothing}" | word (" " word){1,4} "."
word ::= [{letters}]{2,6} " [" ("2" | "71") "]"
"""
_PATTERN = r"{nothing}|[{letters}]{2,6} \[(2|71)\]( [{letters}]{2,6} \[(2|71)\]){1,4}\."
SCRIPTS = {"Latin": ("not said", "a-z"), "Cyrillic": ("не сказано", "а-яё")}


def fill(form: str, script: str) -> str:
    """Put the letters of a script into a grammar or a pattern."""
    nothing, letters = SCRIPTS[script]
    return form.replace("{nothing}", nothing).replace("{letters}", letters)


def write(endpoint: str, seed: int, **more: object) -> str:
    """Return what the model answers; only a grammar makes it end before it is cut."""
    body = {
        "model": "tiny",
        "messages": [{"role": "user", "content": "Who wrote it? Кто это написал?"}],
        "max_tokens": 200,
        "temperature": 1.0,
        "seed": seed,
        **more,
    }
    (choice,) = ask(endpoint, "/chat/completions", body)["choices"]
    assert choice["finish_reason"] == ("stop" if more else "length")
    text: str = choice["message"]["content"]
    return text


def test_the_model_is_served_under_its_folders_name(vllm_endpoint: str) -> None:
    (model,) = ask(vllm_endpoint, "/models")["data"]
    assert (model["id"], model["owned_by"], model["max_model_len"]) == ("tiny", "vllm", 4096)


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_is_written_keeps_to_the_grammar(vllm_endpoint: str, script: str) -> None:
    grammar = {"grammar": fill(_GRAMMAR, script)}
    texts = [write(vllm_endpoint, seed, structured_outputs=grammar) for seed in range(10)]
    assert all(re.fullmatch(fill(_PATTERN, script), text) for text in texts), texts
    assert len(set(texts)) > 5


def test_without_a_grammar_the_model_keeps_to_nothing(vllm_endpoint: str) -> None:
    texts = [write(vllm_endpoint, seed) for seed in range(5)]
    for script in SCRIPTS:
        assert not any(re.fullmatch(fill(_PATTERN, script), text) for text in texts)


def test_it_can_be_reached_from_this_machine_only(vllm_server: Serving) -> None:
    below = processes_below(vllm_server.process.pid)
    assert len(below) >= 2, "vLLM has processes of its own"
    addresses = listening_addresses(set(below))
    assert addresses and addresses <= LOOPBACK


def test_questions_are_not_logged(vllm_server: Serving, tiny_model: Path) -> None:
    ask(
        vllm_server.endpoint,
        "/chat/completions",
        {
            "model": "tiny",
            "messages": [{"role": "user", "content": "Is Xanthippe secret?"}],
            "max_tokens": 5,
        },
    )
    time.sleep(1.5)  # kgrag reads the log twice a second
    log = (tiny_model.parent / "vllm.log").read_text("utf-8")
    assert "Application startup complete" in log
    assert "Xanthippe" not in log and "chat/completions HTTP" not in log


def test_ctrl_c_leaves_no_process_behind(tiny_model: Path, tmp_path: Path) -> None:
    with serving(tiny_model, tmp_path / "log") as server:
        below = processes_below(server.process.pid)
        assert len(below) >= 2
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(60) == 0
        time.sleep(1)
        left = {process for process in below if _runs(process)}
        assert not left, {below[process] for process in left}


def test_the_tiny_model_is_the_same_each_time(
    vllm_python: str, tiny_model: Path, tmp_path: Path
) -> None:
    again = make_model(vllm_python, tmp_path / "again")
    for name in ("model.safetensors", "tokenizer.json", "config.json"):
        assert (again / name).read_bytes() == (tiny_model / name).read_bytes()


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return "State:\tZ" not in Path(f"/proc/{process}/status").read_text("utf-8")
