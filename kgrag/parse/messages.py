"""What parent and child say to each other: one JSON object, then raw bytes; never pickle.

A message is 4 bytes (length of the header, big-endian), the header as UTF-8 JSON, then as many
bytes as its ``size`` says. Reading is bounded: a child that was taken over may say anything.
"""

import json
from typing import Any, BinaryIO

MAX_HEADER_BYTES = 64 << 20
"""Pages and headings of the largest text that is let through stay far below."""

Header = dict[str, Any]


def send(stream: BinaryIO, header: Header, body: bytes = b"") -> None:
    """Write one message."""
    encoded = json.dumps({**header, "size": len(body)}).encode()
    stream.write(len(encoded).to_bytes(4, "big") + encoded)
    stream.write(body)
    stream.flush()


def receive(stream: BinaryIO, max_body_bytes: int) -> tuple[Header, bytes]:
    """Read one message.

    Raises
    ------
    EOFError
        The other side is gone.
    ValueError
        It is no message, or is larger than allowed.
    """
    length = int.from_bytes(_read(stream, 4), "big")
    if length > MAX_HEADER_BYTES:
        raise ValueError(f"a header of {length} bytes")
    header = json.loads(_read(stream, length))
    if not isinstance(header, dict) or not isinstance(header.get("size"), int):
        raise ValueError("a header without size")
    if not 0 <= header["size"] <= max_body_bytes:
        raise ValueError(f"a body of {header['size']} bytes")
    return header, _read(stream, header["size"])


def _read(stream: BinaryIO, size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise EOFError
    return content
