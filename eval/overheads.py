"""How long kgrag takes to answer by itself, and what it adds to a model that answers at once.

The second is the time until the first checked sentence is there: retrieval, the prompt, counting
its tokens, the grammar, the way to a server on loopback and back, and the check.
"""

import re
import time
import weakref

from eval.scripted_model import Exchange, say
from kgrag.events import Answered, Token
from kgrag.knowledge_base import KnowledgeBase

Timed = Token | Answered

_FIRST = re.compile(r"^\[(\d+)\] (.+)$", re.MULTILINE)

_WARM: "weakref.WeakSet[KnowledgeBase]" = weakref.WeakSet()
"""Those that were asked before: what the first question loads belongs to no question."""

WARMING = 2


def time_search(kb: KnowledgeBase, question: str) -> float:
    """Return the milliseconds of a search: passages and facts, no sentence judged."""
    _warm(kb, question)
    started = time.perf_counter()
    kb.search(question)
    return 1000 * (time.perf_counter() - started)


def time_question(kb: KnowledgeBase, question: str, until: type[Timed]) -> float:
    """Return the milliseconds until an event of this kind came, or the answer without one."""
    _warm(kb, question)
    started = time.perf_counter()
    for event in kb.stream(question):
        if isinstance(event, until | Answered):
            return 1000 * (time.perf_counter() - started)
    raise AssertionError(f"no {until.__name__} came")


def _warm(kb: KnowledgeBase, question: str) -> None:
    if kb not in _WARM:
        _WARM.add(kb)
        for _ in range(WARMING):
            kb.ask(question)


def repeat_first(exchange: Exchange) -> None:
    """Write the first sentence of the evidence, as a model would that answers at once."""
    found = _FIRST.search(exchange.prompt)
    say(f"{found.group(2)} [{found.group(1)}]" if found else "No.", size=1_000)(exchange)
