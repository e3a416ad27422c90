"""Files sent to a library by REST, as the page sends what is dropped on it."""

import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.load.http import LoadError, opened


async def upload(url: str, paths: Sequence[Path]) -> dict[str, Any]:
    """Add files to the main library; return the report, once all of them are in.

    Raises
    ------
    LoadError
        No report came.
    """
    boundary = secrets.token_hex(16)
    headers = {
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Accept": "text/event-stream",
    }
    name, said = "", ""
    async with opened(f"{url}/api/libraries/main/documents", _form(paths, boundary), headers) as it:
        async for line in it:
            if line.startswith(b"event:"):
                name = line.removeprefix(b"event:").strip().decode()
            elif line.startswith(b"data:"):
                said = line.removeprefix(b"data:").decode()
                if name == "report":
                    report: dict[str, Any] = json.loads(said)
                    return report
    raise LoadError(f"no report of what was added; last came {name}: {said[:300]}")


def _form(paths: Sequence[Path], boundary: str) -> bytes:
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{path.name}"\r\n'
        f"Content-Type: text/plain\r\n\r\n{path.read_text(encoding='utf-8')}\r\n"
        for path in paths
    ]
    return "".join([*parts, f"--{boundary}--\r\n"]).encode()
