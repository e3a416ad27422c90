"""Simpler systems beside kgrag, on the same questions: what its graph, words and checks are worth.

All answer through the same records as kgrag, so that the same is counted of them. None of them
declines by itself, and none checks what it writes.
"""

import time
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from indexes.records import Extraction
from indexes.view import View, view
from kgrag.candidates import Candidate
from kgrag.draft import Draft
from kgrag.events import Answer, Answered, Citation, Event, SearchResult, Sentence
from kgrag.generate import Writing
from kgrag.knowledge_base import KnowledgeBase
from kgrag.language_model import LanguageModel, Request, never
from kgrag.numbered import number_evidence
from kgrag.prompt import NOTHING
from kgrag.question import understand
from kgrag.retrieve.pool import read

PASSAGES = 10
"""Passages that a model gets, as many as kgrag gives it."""

SENTENCES = 3
"""Sentences that are quoted; kgrag quotes one to four."""

_CLOSED_BOOK = (
    "Answer the question in one short sentence, from what you know. If you do not know, write "
    "only: {nothing}"
)


class NothingFound:
    """An extractor that finds nothing: a library without a graph."""

    name = "none"
    fingerprint = "none"

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        """Return an empty extraction for each text."""
        return [Extraction() for _ in texts]


def nearest_sentences(kb: KnowledgeBase, text: str) -> Iterator[Event]:
    """Quote the sentences whose vectors are nearest to the question's."""
    draft = _draft(text)
    vector = kb.embedder.embed_question(text)
    with kb.library.reading(), view(kb.library) as seen:
        scored = [
            (float(score), item, number)
            for item in _nearest(seen, kb, vector)
            for number, score in enumerate(item.sentences.vectors @ vector)
        ]
        for _, item, number in sorted(scored, key=lambda entry: -entry[0])[:SENTENCES]:
            yield draft.quote(_citation(seen, item, number), None)
    yield draft.finish("quote")


def vectors_only(kb: KnowledgeBase, text: str, model: LanguageModel) -> Iterator[Event]:
    """Let a model write from the passages nearest by vector; cited, but checked by nobody."""
    draft = _draft(text)
    vector = kb.embedder.embed_question(text)
    with kb.library.reading(), view(kb.library) as seen:
        evidence = number_evidence(seen, _nearest(seen, kb, vector))
    writing = Writing(model, understand(text), evidence)
    for written in writing.sentences(never):
        cited = tuple(draft.cite(writing.source(n)[0]) for n in written.numbers)
        yield draft.add(Sentence(written.text, cited))
    yield (
        draft.finish("llm")
        if draft.sentences
        else draft.decline("llm", NOTHING[understand(text).language])
    )


def closed_book(text: str, model: LanguageModel) -> Iterator[Event]:
    """Let a model answer from what it knows; it cites nothing."""
    nothing = NOTHING[understand(text).language]
    started = time.perf_counter()
    told = model.complete(
        Request(
            (("system", _CLOSED_BOOK.format(nothing=nothing)), ("user", text)),
            model.settings.answer_tokens,
        )
    ).strip()
    declined = not told or nothing.rstrip(".") in told
    yield Answered(
        Answer(
            question=text,
            sentences=() if declined else (Sentence(told, ()),),
            citations=(),
            abstained=declined,
            why=nothing if declined else None,
            mode="llm",
            seconds=time.perf_counter() - started,
        )
    )


def _draft(text: str) -> Draft:
    return Draft(text, text, SearchResult(text, (), (), 0.0), time.perf_counter())


def _nearest(seen: View, kb: KnowledgeBase, vector: NDArray[np.float32]) -> list[Candidate]:
    rows = [row for row, _ in seen.nearest(vector, PASSAGES)] if vector.any() else []
    place = {row: number for number, row in enumerate(rows)}
    return sorted(read(seen, kb.embedder, rows), key=lambda item: place[item.row])


def _citation(seen: View, item: Candidate, sentence: int) -> Citation:
    passage = item.passage
    start, end = int(item.sentences.starts[sentence]), int(item.sentences.ends[sentence])
    return Citation(
        n=0,
        document_id=passage.document_id,
        document_name=passage.document_name,
        page=seen.documents.page_of(passage.document_id, passage.start + start),
        start=passage.start + start,
        end=passage.start + end,
        quote=passage.text[start:end],
    )
