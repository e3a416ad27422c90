"""The pool: passages that may matter, looked up by words, vectors and names, and read."""

from collections.abc import Sequence

import numpy as np

from indexes.sentences import SentenceTable, cut
from indexes.view import View
from kgrag.candidates import Candidate
from kgrag.embed import Embedder
from kgrag.retrieve.asked import Asked

LEXICAL, DENSE, DENSE_ACROSS = 40, 30, 15
"""Passages that each way of looking gives; ``DENSE_ACROSS`` of another language than the question's
own, which would be crowded out otherwise: as wholes, passages of its own language are nearer."""

DENSE_LOOKED_AT = 120
OF_ENTITY = 8
"""Of each entity that the question names: the passages that mention it first."""

MAX_OF_ENTITIES = 40


def look_up(view: View, asked: Asked) -> list[int]:
    """Return the rows of the passages that may matter, each once."""
    terms = sorted(asked.place)
    found = [row for row, _ in view.lexical.search(terms, LEXICAL)]
    if asked.vector.any():
        found += _nearest(view, asked)
    entities = sorted(asked.named, key=lambda entity: -asked.named[entity])
    about = view.graph.passages_of(entities, OF_ENTITY)
    found += [row for _, row, _ in sorted(about, key=lambda item: item[2])[:MAX_OF_ENTITIES]]
    return list(dict.fromkeys(found))


def read(view: View, embedder: Embedder, rows: Sequence[int]) -> list[Candidate]:
    """Fetch all that the looks need to know of these passages."""
    passages = view.documents.passages(rows)
    stems = view.lexical.stems_of(rows)
    tables = view.sentences.load(rows)
    mentions = view.graph.placed_in(rows)
    vectors = view.vectors_of(rows, embedder.dimension)
    none = np.zeros(embedder.dimension, np.float32)
    candidates = []
    for passage in passages:
        table = tables.get(passage.row) or _cut(passage.text, embedder)
        own = stems.get(passage.row, [])
        candidates.append(
            Candidate(
                passage,
                own,
                _sentence_of(table, len(own)),
                table,
                vectors.get(passage.row, none),
                mentions.get(passage.row, []),
            )
        )
    return candidates


def _nearest(view: View, asked: Asked) -> list[int]:
    own = asked.question.language
    other = "en" if own == "ru" else "ru"
    if not view.documents.has_language(other):
        return [row for row, _ in view.nearest(asked.vector, DENSE)]
    hits = [row for row, _ in view.nearest(asked.vector, DENSE_LOOKED_AT)]
    languages = view.documents.languages(hits)
    same = [row for row in hits if languages.get(row) == own]
    across = [row for row in hits if languages.get(row) != own]
    # A library without the question's own language gives the other all places.
    return same[:DENSE] + across[: max(DENSE_ACROSS, DENSE - len(same))]


def _sentence_of(table: SentenceTable, count: int) -> list[int]:
    """Return the sentence of each of ``count`` stems."""
    found: list[int] = np.repeat(np.arange(len(table.stems)), table.stems).tolist()[:count]
    return found + [max(len(table.stems) - 1, 0)] * (count - len(found))


def _cut(text: str, embedder: Embedder) -> SentenceTable:
    """Make the table of a passage that was stored before sentences were."""
    columns = cut(text)
    texts = [text[start:end] for start, end, _ in columns.tolist()]
    return SentenceTable(columns[:, 0], columns[:, 1], columns[:, 2], embedder.embed(texts))
