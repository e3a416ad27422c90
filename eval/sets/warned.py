"""What readers warn of, as lines for the user instead of the log."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class _Keeper(logging.Handler):
    def __init__(self, kept: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        self._kept.append(record.getMessage())


@contextmanager
def warned(logger_name: str) -> Iterator[list[str]]:
    """Give a list that fills with the warnings of a logger and those below it."""
    kept: list[str] = []
    logger, keeper = logging.getLogger(logger_name), _Keeper(kept)
    propagated = logger.propagate
    logger.addHandler(keeper)
    logger.propagate = False
    try:
        yield kept
    finally:
        logger.removeHandler(keeper)
        logger.propagate = propagated
