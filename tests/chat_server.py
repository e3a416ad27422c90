"""What a chat server can do wrong: refuse, hang, break off and send rubbish."""

import json
from collections.abc import Mapping

from eval.scripted_model import MODEL, Behaviour, Body, ChatServer, Exchange, say, serving

__all__ = [
    "MODEL",
    "Behaviour",
    "Body",
    "ChatServer",
    "Exchange",
    "break_off_after",
    "drip",
    "hang",
    "hang_after",
    "refuse",
    "rubbish",
    "say",
    "serving",
]


def refuse(status: int, message: str = "no", headers: Mapping[str, str] | None = None) -> Behaviour:
    """Answer with an error."""

    def behave(exchange: Exchange) -> None:
        exchange.begin(status, {"Content-Type": "application/json", **(headers or {})})
        exchange.send(json.dumps({"error": {"message": message}}).encode())

    return behave


def hang(exchange: Exchange) -> None:
    """Never begin."""
    exchange.hang()


def hang_after(text: str) -> Behaviour:
    """Hang in the middle."""

    def behave(exchange: Exchange) -> None:
        exchange.begin()
        exchange.piece(text)
        exchange.hang()

    return behave


def break_off_after(text: str) -> Behaviour:
    """Close the connection in the middle."""

    def behave(exchange: Exchange) -> None:
        exchange.begin()
        exchange.piece(text)

    return behave


def rubbish(data: bytes) -> Behaviour:
    """Answer with 200 and these bytes."""

    def behave(exchange: Exchange) -> None:
        exchange.begin()
        exchange.send(data)

    return behave


def drip(piece: bytes, pause_s: float) -> Behaviour:
    """Send these bytes again and again, for ever."""

    def behave(exchange: Exchange) -> None:
        exchange.begin()
        while not exchange.server.released.wait(pause_s):
            exchange.send(piece)

    return behave
