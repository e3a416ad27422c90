"""Stands in for ``vllm.entrypoints.openai.api_server``: run as a script, it acts as it is told.

``FAKE_VLLM`` says how; into the file that ``FAKE_VLLM_SAW`` names it writes what it was given and
which process it started, as vLLM does. Nothing but the standard library: it runs anywhere.
"""

import json
import os
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HOW = os.environ.get("FAKE_VLLM", "well")
LAST_WORDS = {
    "memory": "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 14.00 GiB.",
    "code": "ValueError: The repository X contains custom code which must be executed",
    "option": "api_server.py: error: unrecognized arguments: --frobnicate",
    "unknown": "RuntimeError: the flux capacitor is dry",
}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        note("asked", [self.path, request])
        if HOW == "hangs":
            time.sleep(60)
        if HOW == "starts slowly" and len(SAW["asked"]) < 3:
            self.answer(503, {"error": {"message": "not yet"}})
        elif HOW == "no template":
            self.answer(400, {"error": {"message": "the tokenizer defines no chat template"}})
        else:
            self.answer(200, {"choices": [{"message": {"content": "y"}}]})
        if HOW == "dies later":
            end("unknown")

    def answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        return


SAW: dict[str, list[object]] = {"asked": []}


def note(key: str, value: object) -> None:
    SAW.setdefault(key, []).append(value)
    path = Path(os.environ["FAKE_VLLM_SAW"])
    path.with_suffix(".new").write_text(json.dumps(SAW), encoding="utf-8")
    path.with_suffix(".new").replace(path)


def end(how: str) -> None:
    sys.stderr.write(f"{LAST_WORDS[how]}\n")
    sys.stderr.flush()
    os._exit(1)


def main() -> None:
    worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    note("worker", worker.pid)
    note("arguments", sys.argv[1:])
    note("environment", dict(os.environ))
    if HOW in LAST_WORDS:
        end(HOW)
    sys.stdout.write("INFO Starting to load model\n")
    port = int(sys.argv[sys.argv.index("--port") + 1])
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    main()
