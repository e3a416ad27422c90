"""The process that reads files: locks itself in, then answers a message per file to the end.

Started by ``pool``. What it answers: ``media_type``, ``title``, ``pages``, ``headings`` and, as the
body, the text; or ``reason`` and ``cause``.
"""

import json
import os
import sys

from indexes.errors import ParseError
from kgrag.parse.blocks import Blocks, one_line
from kgrag.parse.formats import FORMATS
from kgrag.parse.limits import ParseLimits
from kgrag.parse.messages import Header, receive, send
from kgrag.parse.sandbox import allow_cpu, enter
from kgrag.parse.sniff import sniff

_MAX_TITLE_CHARS = 300


def main() -> None:
    """Serve files from standard input until it is closed."""
    limits = ParseLimits(**json.loads(sys.argv[2]))
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # C libraries print to 1 and 2: neither may get into an answer or on the user's screen.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    # Python packages that format libraries use if they can, at a cost in seconds and memory.
    sys.modules.update({"numpy": None, "PIL": None})  # type: ignore[dict-item]
    send(answers, {"guards": enter(limits.memory_mb)})
    while True:
        try:
            header, content = receive(requests, limits.max_file_mb << 20)
        except (EOFError, KeyboardInterrupt):
            return
        allow_cpu(limits.timeout_s)
        send(answers, *_answer(header["name"], content, limits))


def _answer(name: str, content: bytes, limits: ParseLimits) -> tuple[Header, bytes]:
    try:
        return _read(name, content, limits)
    except ParseError as error:
        return {"reason": error.reason, "cause": str(error)}, b""
    except MemoryError:
        cause = f"reading it takes more than {limits.memory_mb} MiB of memory"
        return {"reason": "memory", "cause": cause}, b""
    except Exception as error:  # the boundary of one document; libraries raise anything
        return {"reason": "corrupt", "cause": f"it is damaged ({type(error).__name__})"}, b""


def _read(name: str, content: bytes, limits: ParseLimits) -> tuple[Header, bytes]:
    media_type, read = FORMATS[sniff(name, content)]
    blocks = Blocks(limits.max_text_chars)
    title = read(content, blocks)
    text, pages, headings = blocks.finish()
    if title is None and headings:
        title = text[headings[0].start : headings[0].end]
    header = {
        "media_type": media_type,
        "title": one_line(title or "")[:_MAX_TITLE_CHARS] or None,
        "pages": [(page.number, page.start, page.end) for page in pages],
        "headings": [(heading.level, heading.start, heading.end) for heading in headings],
    }
    return header, text.encode()
