"""How long kgrag takes to answer by itself, and what it adds to a model that answers at once.

The second is the time until the first checked sentence is there: retrieval, the prompt, counting
its tokens, the grammar, the way to a server on loopback and back, and the check.
"""

import re
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.scripted_model import Exchange, say, serving
from kgrag import KnowledgeBase, Settings
from kgrag.events import Answered, Event, Token
from kgrag.model_settings import ModelSettings

_FIRST = re.compile(r"^\[(\d+)\] (.+)$", re.MULTILINE)


def probe(library: Path, questions: Sequence[str]) -> dict[str, Any]:
    """Return the milliseconds of quoted answers, and until the first sentence of written ones.

    Each question is asked once in a running process that was asked two others before.
    """
    with KnowledgeBase.open(library, create=False) as kb:
        quoted = _times(kb, questions, Answered)
    with serving() as (server, endpoint):
        server.usual = _repeat_first
        server.context_tokens = 32_768
        settings = Settings(model=ModelSettings(endpoint=endpoint))
        with KnowledgeBase.open(library, settings, create=False) as kb:
            written = _times(kb, questions, Token)
    return {"quote_answer": _percentiles(quoted), "first_written_sentence": _percentiles(written)}


def _repeat_first(exchange: Exchange) -> None:
    """Write the first sentence of the evidence, as a model would that answers at once."""
    found = _FIRST.search(exchange.prompt)
    say(f"{found.group(2)} [{found.group(1)}]" if found else "No.", size=1_000)(exchange)


def _times(kb: KnowledgeBase, questions: Sequence[str], until: type[Event]) -> list[float]:
    for question in questions[:2]:
        kb.ask(question)
    return [_time(kb, question, until) for question in questions]


def _time(kb: KnowledgeBase, question: str, until: type[Event]) -> float:
    started = time.perf_counter()
    for event in kb.stream(question):
        if isinstance(event, until | Answered):
            return 1000 * (time.perf_counter() - started)
    raise AssertionError(f"no {until.__name__} came")


def _percentiles(times: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=20)
    return {
        "n": len(times),
        "p50_ms": round(statistics.median(times), 1),
        "p95_ms": round(cuts[-1], 1),
    }
