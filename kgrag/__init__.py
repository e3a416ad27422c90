"""Chat with your own documents over a knowledge graph in which every edge is a quotation."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexes.scope import Filter
    from kgrag.events import Answer, Answered, Retrieved, Token
    from kgrag.knowledge_base import KnowledgeBase
    from kgrag.settings import Settings

__all__ = [
    "Answer",
    "Answered",
    "Filter",
    "KnowledgeBase",
    "Retrieved",
    "Settings",
    "Token",
    "__version__",
]

__version__ = "0.1.0"

_HOMES = {
    "Answer": "kgrag.events",
    "Answered": "kgrag.events",
    "Filter": "indexes.scope",
    "KnowledgeBase": "kgrag.knowledge_base",
    "Retrieved": "kgrag.events",
    "Settings": "kgrag.settings",
    "Token": "kgrag.events",
}


def __getattr__(name: str) -> object:
    """Load what is asked for only then: ``kgrag --help`` must not wait for numpy."""
    if name not in _HOMES:
        raise AttributeError(f"module 'kgrag' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
