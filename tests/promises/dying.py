"""A process that ends where a test wants it to."""

import os
import sys

KILLED = 9


def die_at(event: str, number: int) -> None:
    """End this process, without any clearing up, at the n-th occurrence of an audit event."""
    left = number

    def die(name: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if name == event:
            left -= 1
            if left == 0:
                os._exit(KILLED)

    sys.addaudithook(die)
