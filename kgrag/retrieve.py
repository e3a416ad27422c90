"""Rank passages for a question: words, vectors and one hop over the graph.

Candidates come from BM25 over stems, from the nearest vectors, and from the graph: the passages
that mention the question's entities, and one hop on, the passages that mention what the best of
those mention too. What passages are then ranked by is a sum of five parts, each within 0..1. That
the best sentence's cosine carries more than the whole passage's, and that the hop pays, was
measured on HotpotQA and 2WikiMultiHopQA (shared reference, Text).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from indexes.library import Library
from indexes.text import sentences, stems
from kgrag.candidates import Candidate, NamedEntity
from kgrag.embed import Embedder
from kgrag.question import Question

LEXICAL_CANDIDATES = 60
DENSE_LOOKED_AT, DENSE_CANDIDATES, DENSE_ACROSS = 150, 40, 15
ENTITY_CANDIDATES = 60
READ = 40
"""Candidates that are read sentence by sentence."""

HOP_FROM = 4
"""Best passages of the first look from whose entities the hop goes on."""

HOP_CANDIDATES = 20


def link_question(library: Library, question: Question) -> tuple[NamedEntity, ...]:
    """Return the entities that a question names.

    A longer name wins over the shorter ones inside it; a name that several entities share is shared
    out by how often it means each.
    """
    named = library.graph.named(question.names)
    found: list[NamedEntity] = []
    covered: list[str] = []
    for name in question.names:
        if name not in named or any(f" {name} " in f" {longer} " for longer in covered):
            continue
        covered.append(name)
        total = sum(named[name].values())
        found += [NamedEntity(name, id_, count / total) for id_, count in named[name].items()]
    return tuple(found)


def rank_passages(
    library: Library, embedder: Embedder, question: Question, named: Sequence[NamedEntity]
) -> list[Candidate]:
    """Return the candidates for a question, best first; none where nothing matches."""
    entities = {item.entity: item.weight for item in named}
    terms = [word.stem for word in question.words]
    vector = embedder.embed([question.text])[0]
    candidates: dict[int, Candidate] = {}
    _look_up(candidates, "lexical", library.lexical.search(terms, LEXICAL_CANDIDATES))
    if vector.any():
        _look_up(candidates, "dense", _nearest(library, question, vector))
    _add_entities(library, candidates, entities)
    ranked = _worth_reading(library, question, candidates)
    _read(library, embedder, vector, ranked)
    for item in ranked:
        item.title = _title_share(item, terms)
    hopped = _hop(library, candidates, _best(ranked, HOP_FROM), entities)
    _read(library, embedder, vector, _best(hopped, HOP_CANDIDATES))
    read = [item for item in candidates.values() if item.passage is not None]
    return _best(read, len(read))


def _worth_reading(
    library: Library, question: Question, candidates: dict[int, Candidate]
) -> list[Candidate]:
    """Return the best of each language: their scores cannot be compared before they are read."""
    languages = library.documents.languages(list(candidates))
    same = [c for c in candidates.values() if languages.get(c.row) == question.language]
    other = [c for c in candidates.values() if languages.get(c.row) != question.language]
    return _best([*_best(same, READ), *_best(other, DENSE_ACROSS)], READ + DENSE_ACROSS)


def _nearest(
    library: Library, question: Question, vector: NDArray[np.float32]
) -> list[tuple[int, float]]:
    """Return the nearest passages, a share of them from the other language.

    Passages in the question's language are nearer to it as a whole, whatever they say: without a
    share of its own the other language would be crowded out.
    """
    hits = library.nearest(vector, DENSE_LOOKED_AT)
    languages = library.documents.languages([row for row, _ in hits])
    same = [hit for hit in hits if languages.get(hit[0]) == question.language]
    other = [hit for hit in hits if languages.get(hit[0]) != question.language]
    return same[:DENSE_CANDIDATES] + other[:DENSE_ACROSS]


def _look_up(
    candidates: dict[int, Candidate], part: str, hits: Sequence[tuple[int, float]]
) -> None:
    top = max((score for _, score in hits), default=0.0)
    for row, score in hits:
        if score > 0:
            item = candidates.setdefault(row, Candidate(row))
            setattr(item, part, score / top if part == "lexical" else score)


def _add_entities(
    library: Library, candidates: dict[int, Candidate], entities: dict[str, float]
) -> None:
    """Score passages by the share of the question's entities that they mention."""
    if not entities:
        return
    total = sum(entities.values())
    found = library.graph.mentioning(sorted(entities), ENTITY_CANDIDATES)
    for row, entity, _ in found:
        item = candidates.setdefault(row, Candidate(row))
        item.entity += entities[entity] / total


def _best(candidates: Iterable[Candidate], limit: int) -> list[Candidate]:
    return sorted(candidates, key=lambda item: (-item.score, item.row))[:limit]


def _read(
    library: Library,
    embedder: Embedder,
    vector: NDArray[np.float32],
    candidates: Sequence[Candidate],
) -> None:
    """Fetch the passages, their mentions, and the cosine of the best of their sentences."""
    new = {item.row: item for item in candidates if item.passage is None}
    if not new:
        return
    for passage in library.documents.passages(list(new)):
        new[passage.row].passage = passage
    for row, mentions in library.graph.mentioned_in(list(new)).items():
        new[row].mentions = mentions
    texts, owners = [], []
    for item in new.values():
        if item.passage is not None:
            for start, end in sentences(item.passage.text):
                texts.append(item.passage.text[start:end])
                owners.append(item)
    if texts and vector.any():
        for item, cosine in zip(owners, embedder.embed(texts) @ vector, strict=True):
            item.sentence = max(item.sentence, float(cosine))


def _title_share(item: Candidate, terms: Sequence[str]) -> float:
    """Return the share of the question's words that the document's title and name hold."""
    if item.passage is None or not terms:
        return 0.0
    held = set(stems(f"{item.passage.title} {PurePath(item.passage.document_name).stem}"))
    return len(held.intersection(terms)) / len(terms)


def _hop(
    library: Library,
    candidates: dict[int, Candidate],
    sources: Sequence[Candidate],
    entities: dict[str, float],
) -> list[Candidate]:
    """Score passages that mention what the best passages mention, the rarer the better."""
    reached: dict[str, float] = defaultdict(float)
    top = sources[0].score if sources else 0.0
    for source in sources:
        for mention, entity in source.mentions:
            if entity not in entities and not mention.text.isdigit():
                reached[entity] = max(reached[entity], source.score / top if top else 0.0)
    if not reached:
        return []
    origin = {source.row for source in sources}
    found = library.graph.mentioning(sorted(reached), HOP_CANDIDATES * 10)
    spread: dict[str, int] = defaultdict(int)
    for _, entity, _ in found:
        spread[entity] += 1
    hopped = []
    for row, entity, _ in found:
        if row not in origin:
            item = candidates.setdefault(row, Candidate(row))
            item.hop = max(item.hop, reached[entity] / (1 + np.log(spread[entity])))
            hopped.append(item)
    return hopped
