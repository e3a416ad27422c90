"""The read path: a question in, a cited answer out.

    understand -> link -> rank passages, facts -> judge sentences -> quote, or say what is missing

Without a language model an answer is made of the documents' own sentences. Whatever happens, a
citation is made from offsets into a stored document, never from generated text.
"""

import gc
import time
from collections.abc import Iterator, Sequence
from functools import lru_cache

from indexes.library import Library
from indexes.records import Triplet
from indexes.scope import Filter
from indexes.view import View, view
from kgrag.candidates import NamedEntity
from kgrag.embed import Embedder
from kgrag.events import (
    Answer,
    Answered,
    Citation,
    Event,
    RankedPassage,
    Retrieved,
    SearchResult,
    Sentence,
    Token,
)
from kgrag.evidence import rank_facts
from kgrag.literals import literal_keys
from kgrag.names import normal_name
from kgrag.question import Question, understand
from kgrag.quote import Quotable, choose, judge_sentences, missing_words, to_read
from kgrag.retrieve import Ranked, link_question, rank_passages

RETRIEVED_PASSAGES = 8


def retrieve(
    library: Library, embedder: Embedder, text: str, *, limit: int, wanted: Filter | None = None
) -> SearchResult:
    """Return the best passages and facts for a question, each fact with its evidence."""
    started = time.perf_counter()
    question = understand(text)
    with view(library, wanted) as seen:
        named = link_question(seen, question)
        ranked = rank_passages(seen, embedder, question, named)
        result = _search_result(seen, question, named, ranked, limit, started)
    _settle_memory()
    return result


def ask(
    library: Library,
    embedder: Embedder,
    text: str,
    *,
    history: Sequence[Answer] = (),
    wanted: Filter | None = None,
) -> Iterator[Event]:
    """Answer a question: yield ``Retrieved``, ``Token`` for each piece, and ``Answered``."""
    started = time.perf_counter()
    question = understand(_with_history(text, history))
    with view(library, wanted) as seen:
        named = link_question(seen, question)
        ranked = rank_passages(seen, embedder, question, named)
        yield Retrieved(_search_result(seen, question, named, ranked, RETRIEVED_PASSAGES, started))
        judged = judge(seen, question, named, ranked)
        chosen = choose(judged)
        citations = tuple(_citation(seen, n, item) for n, item in enumerate(chosen, start=1))
    sentences = tuple(
        Sentence(" ".join(citation.quote.split()), (citation.n,), supported=True)
        for citation in citations
    )
    _settle_memory()
    answer = Answer(
        question=text,
        sentences=sentences,
        citations=citations,
        abstained=not chosen,
        why=None if chosen else _why(question, judged),
        mode="quote",
        seconds=time.perf_counter() - started,
    )
    for sentence in sentences:
        yield Token(f"{sentence.text} [{sentence.citations[0]}] ")
    yield Answered(answer)


@lru_cache(maxsize=1)
def _settle_memory() -> None:
    """After the first answer, take the models' objects out of garbage collection.

    They live as long as the process; looking through them again and again took the slowest
    questions (95th percentile, 7,000 passages) 68 ms instead of 45.
    """
    gc.collect()
    gc.freeze()


def judge(
    seen: View, question: Question, named: Sequence[NamedEntity], ranked: Ranked
) -> list[Quotable]:
    """Judge the sentences of the passages that are worth reading, in both languages."""
    read = to_read(ranked.candidates, question.language)
    rows = [item.row for item in read]
    mentions = seen.graph.mentioned_in(rows)
    for item in read:
        item.mentions = mentions.get(item.row, [])
    facts = seen.graph.stated_in(rows)
    return judge_sentences(question, read, named, facts, ranked)


def find_facts(library: Library, about: str) -> list[Triplet]:
    """Return the facts about whatever a name can mean, most confident first."""
    entities = library.graph.named([normal_name(about), *literal_keys(about)])
    ids = sorted({entity for meant in entities.values() for entity in meant})
    return library.graph.triplets(entities=ids) if ids else []


def _search_result(
    seen: View,
    question: Question,
    named: Sequence[NamedEntity],
    ranked: Ranked,
    limit: int,
    started: float,
) -> SearchResult:
    best = ranked.candidates[:limit]
    passages = [
        RankedPassage(
            document_id=item.passage.document_id,
            document_name=item.passage.document_name,
            page=item.passage.page,
            start=item.passage.start,
            end=item.passage.end,
            text=item.passage.text,
            score=item.score,
        )
        for item in best
    ]
    return SearchResult(
        question=question.text,
        passages=tuple(passages),
        ranked_facts=rank_facts(seen, named, best, ranked.near, question.language),
        seconds=time.perf_counter() - started,
    )


def _citation(seen: View, n: int, item: Quotable) -> Citation:
    row = seen.documents.row_of(item.passage.document_id)
    facts = seen.graph.triplets(document=row, span=(item.start, item.end))
    document = seen.documents.get(item.passage.document_id)
    return Citation(
        n=n,
        document_id=document.id,
        document_name=document.name,
        page=document.page_at(item.start),
        start=item.start,
        end=item.end,
        quote=document.text[item.start : item.end],
        facts=tuple(facts),
    )


def _why(question: Question, judged: Sequence[Quotable]) -> str:
    missing = missing_words(question, judged)
    if question.language == "ru":
        start = "В документах нет ответа на этот вопрос."
        return f"{start} В них не найдено: {', '.join(missing)}." if missing else start
    start = "The documents do not say."
    return f"{start} Nothing in them covers: {', '.join(missing)}." if missing else start


def _with_history(text: str, history: Sequence[Answer]) -> str:
    """Carry the names of the last question over to one that names nothing itself."""
    if not history or any(word.is_name for word in understand(text).words):
        return text
    names = [word.text for word in understand(history[-1].question).words if word.is_name]
    return " ".join([text, *names])
