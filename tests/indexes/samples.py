"""Analyses made by hand, for tests of the stores."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from indexes.library import Addition, Analysis, Library
from indexes.records import Document, Mention, MentionRelation, Passage, Resolution, ResolvedMention
from indexes.text import language_of, sentences
from tests.fakes import HashEmbedder


def document_of(text: str, name: str = "a.txt") -> Document:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Document(f"sha256:{digest}", name, "text/plain", text)


def analysis(text: str, resolution: Resolution | None = None) -> Analysis:
    """Return what is known about a text: each of its sentences is a passage."""
    spans = sentences(text)
    return Analysis(
        document=document_of(text),
        language=language_of(text),
        title=None,
        original=text.encode(),
        passages=tuple(Passage(i, start, end) for i, (start, end) in enumerate(spans)),
        vectors=HashEmbedder().embed([text[start:end] for start, end in spans]),
        sentence_vectors=HashEmbedder().embed([text[start:end] for start, end in spans]),
        resolution=resolution or Resolution(),
        extractor="hand",
        outcome="indexed",
        reason=None,
    )


def said(
    text: str,
    names: Sequence[tuple[str, str]],
    *,
    facts: Sequence[tuple[int, str, int]] = (),
    same_as: Sequence[tuple[str, str]] = (),
    score: float = 0.5,
) -> Analysis:
    """Return an analysis with a mention for each (surface, identity), in text order.

    A fact's evidence is the whole text.
    """
    mentions = []
    at = 0
    for surface, identity in names:
        at = text.index(surface, at)
        mention = Mention(at, at + len(surface), surface, "person", 0.9)
        mentions.append(ResolvedMention(mention, identity, surface.lower()))
        at += len(surface)
    relations = [MentionRelation(s, r, o, 0, len(text), score) for s, r, o in facts]
    pairs = tuple((min(pair), max(pair)) for pair in same_as)
    return analysis(text, Resolution(tuple(mentions), tuple(relations), pairs))


def add(library: Library, source: str, content: Analysis | str) -> str:
    """Add one document; return its id."""
    library.add([Addition(source, source, content)])
    return content if isinstance(content, str) else content.document.id


def remove_all(library: Library) -> None:
    for id_ in sorted(library.documents.ids()):
        library.remove(id_)


def plain_library(folder: Path) -> Library:
    """Open a library that searches vectors exactly."""
    return Library.open(folder, use_chroma=False)
