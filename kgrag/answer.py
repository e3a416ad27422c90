"""The read path: a question in, a cited answer out.

    understand -> link -> rank passages, facts -> judge sentences -+-> number -> write -> verify
                                                                   +-> quote
                                                                   +-> say what is missing

With a language model the answer is written from numbered sentences; each of its sentences is
checked against those that it cites, and what they do not support is struck. Without one, or where
it fails, the answer is made of the documents' own sentences. Whatever happens, a citation is made
from offsets into a stored document, never from generated text.
"""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from indexes.errors import ModelError
from indexes.library import Library
from indexes.records import Triplet
from indexes.scope import Filter
from indexes.text import language_of
from indexes.view import View, view
from kgrag.candidates import Candidate, NamedEntity
from kgrag.cited import Written
from kgrag.draft import Draft
from kgrag.embed import Embedder
from kgrag.events import (
    Answer,
    Citation,
    Event,
    RankedPassage,
    Retrieved,
    SearchResult,
    Sentence,
    Token,
)
from kgrag.evidence import rank_facts
from kgrag.follow_up import stand_alone
from kgrag.generate import Writing
from kgrag.language_model import LanguageModel, never
from kgrag.literals import literal_keys
from kgrag.names import normal_name
from kgrag.numbered import number_evidence
from kgrag.question import Question, understand
from kgrag.quote import (
    Quotable,
    choose,
    judge_sentences,
    missing_words,
    sufficiency,
    to_read,
)
from kgrag.retrieve import Ranked, link_question, rank_passages
from kgrag.retrieve.ranker import Ranker
from kgrag.sentence_model import EvidenceModel
from kgrag.strangers import unknown_names
from kgrag.verify import Ground, verify

RETRIEVED_PASSAGES = 8

SUFFICIENT = 0.05
"""Sufficiency under which an answer must be supported in full to stand: of XQuAD's questions
without their paragraph six in ten are under it, of those with it one in twenty-five."""

READ_FOR_NAMES = 20
"""Passages in which a name that the library does not know may stand in another spelling."""

READ_BESIDES = 2
"""Passages that a model gets beyond the best ones, for their sentences seem to answer."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What ranks passages and judges sentences; None is what ships."""

    ranker: Ranker | None = None
    evidence: EvidenceModel | None = None


SHIPPED = Weights()


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
    _settle_memory("read")
    return result


def ask(
    library: Library,
    embedder: Embedder,
    text: str,
    *,
    history: Sequence[Answer] = (),
    wanted: Filter | None = None,
    model: LanguageModel | None = None,
    stopped: Callable[[], bool] = never,
    turn: AbstractContextManager[object] | None = None,
    weights: Weights = SHIPPED,
) -> Iterator[Event]:
    """Answer a question: yield ``Retrieved``, ``Token`` for each sentence, and ``Answered``.

    Once ``stopped`` says so, nothing more is asked of the model, and no ``Answered`` comes.
    ``turn`` is held while the library is read and judged: see ``kgrag.parts.Parts``. ``weights``
    other than those that ship are for measuring.
    """
    started = time.perf_counter()
    understood = stand_alone(text, history, model, stopped)
    question = understand(understood)
    with turn or nullcontext(), view(library, wanted) as seen:
        named = link_question(seen, question)
        ranked = rank_passages(seen, embedder, question, named, ranker=weights.ranker)
        result = _search_result(seen, question, named, ranked, RETRIEVED_PASSAGES, started)
        judged = judge(seen, question, named, ranked, weights.evidence)
        unknown = unknown_names(seen, question, named, ranked.candidates[:READ_FOR_NAMES])
        chosen = [] if unknown else choose(judged)
        quotable = [(_citation(seen, item), item.span) for item in chosen]
        evidence = number_evidence(seen, _worth_numbering(ranked, judged)) if model else ()
    _settle_memory("read")
    yield Retrieved(result)
    sufficient = 0.0 if unknown else sufficiency(judged)
    draft = Draft(text, understood, result, started, sufficient)
    notice = None
    if model is not None and evidence and not unknown and not stopped():
        try:
            writing = Writing(model, question, evidence)
            yield from _write(draft, writing, understood, stopped)
            _settle_memory("written")
            if stopped():
                return
            is_sure = any(sentence.supported for sentence in draft.sentences)
            if draft.stands and (is_sure or sufficient >= SUFFICIENT):
                yield draft.finish("llm")
                return
            if draft.stands or writing.says_nothing:
                draft.drop_standing()
                yield draft.decline("llm", _why(question, judged, unknown))
                return
            notice = _words(question, _STRUCK)
        except ModelError as error:
            draft.begin_again()
            notice = str(error)
    if stopped():
        return
    for citation, answer in quotable:
        yield draft.quote(citation, answer)
    if notice and quotable:
        notice = f"{notice} {_words(question, _QUOTED)}"
    yield (
        draft.finish("quote", notice)
        if quotable
        else draft.decline("quote", _why(question, judged, unknown), notice)
    )


def judge(
    seen: View,
    question: Question,
    named: Sequence[NamedEntity],
    ranked: Ranked,
    model: EvidenceModel | None = None,
) -> list[Quotable]:
    """Judge the sentences of the passages that are worth reading, in both languages."""
    read, facts = read_passages(seen, question, ranked)
    return judge_sentences(question, read, named, facts, ranked, model)


def read_passages(
    seen: View, question: Question, ranked: Ranked
) -> tuple[list[Candidate], list[Triplet]]:
    """Return the passages that are worth reading, with their mentions, and what they state."""
    read = to_read(ranked.candidates, question.language)
    rows = [item.row for item in read]
    mentions = seen.graph.mentioned_in(rows)
    for item in read:
        item.mentions = mentions.get(item.row, [])
    return read, seen.graph.stated_in(rows)


def find_facts(library: Library, about: str) -> list[Triplet]:
    """Return the facts about whatever a name can mean, most confident first."""
    entities = library.graph.named([normal_name(about), *literal_keys(about)])
    ids = sorted({entity for meant in entities.values() for entity in meant})
    return library.graph.triplets(entities=ids) if ids else []


def _write(
    draft: Draft, writing: Writing, question: str, stopped: Callable[[], bool]
) -> Iterator[Token]:
    """Yield what the model writes, checked; where nothing of it stands, let it try once more."""
    for written in writing.sentences(stopped):
        yield draft.add(_check(draft, writing, written, question))
    if draft.sentences and not draft.stands and not writing.says_nothing and not stopped():
        faults = [f"“{item.text}”: {item.reason or item.verdict}" for item in draft.sentences]
        for number, written in enumerate(writing.again(faults, stopped)):
            if number == 0:
                draft.begin_again()
            yield draft.add(_check(draft, writing, written, question))


def _check(draft: Draft, writing: Writing, written: Written, question: str) -> Sentence:
    """Return a written sentence with what its sources make of it."""
    sources = [writing.source(n) for n in written.numbers]
    verdict = verify(
        written.text,
        [
            Ground(
                text=citation.quote,
                context=passage.text,
                title=f"{passage.document_name} {passage.heading}",
                names=passage.names,
            )
            for citation, passage in sources
        ],
        question,
    )
    numbers = tuple(draft.cite(citation) for citation, _ in sources)
    if written.unknown and verdict.status == "supported":
        verdict = replace(verdict, status="partly", reason=_unknown(written))
    return Sentence(written.text, numbers, verdict.status, verdict.reason)


def _unknown(written: Written) -> str:
    listed = " ".join(f"({n})" for n in written.unknown)
    told = {
        "en": f"It also cited what was never retrieved: {listed}.",
        "ru": f"Кроме того, указан источник, которого нет: {listed}.",
    }
    return told[language_of(written.text)]


@lru_cache(maxsize=2)
def _settle_memory(_done: Literal["read", "written"]) -> None:
    """After the first answer of a kind, take what it loaded out of garbage collection.

    Models and libraries live as long as the process; looking through their objects again and again
    took the slowest questions (95th percentile, 7,000 passages) 68 ms instead of 45, and where a
    language model writes, one in twenty-five 160 ms.
    """
    gc.collect()
    gc.freeze()


def _worth_numbering(ranked: Ranked, judged: Sequence[Quotable]) -> list[Candidate]:
    """Return the best passages, and those of the sentences that seem to answer best."""
    best = ranked.candidates[:RETRIEVED_PASSAGES]
    beyond = {item.row: item for item in ranked.candidates[RETRIEVED_PASSAGES:]}
    rows = dict.fromkeys(item.passage.row for item in judged if item.passage.row in beyond)
    return [*best, *(beyond[row] for row in list(rows)[:READ_BESIDES])]


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


def _citation(seen: View, item: Quotable) -> Citation:
    row = seen.documents.row_of(item.passage.document_id)
    return Citation(
        n=0,
        document_id=item.passage.document_id,
        document_name=item.passage.document_name,
        page=seen.documents.page_of(item.passage.document_id, item.start),
        start=item.start,
        end=item.end,
        quote=item.text,
        facts=tuple(seen.graph.triplets(document=row, span=(item.start, item.end))),
    )


_QUOTED = {
    "en": "Quoted from your documents instead.",
    "ru": "Вместо её ответа приведены цитаты из документов.",
}
_STRUCK = {
    "en": "The sources do not support what the language model wrote.",
    "ru": "Источники не подтверждают того, что написала модель.",
}
_NO_ANSWER = {"en": "The documents do not say.", "ru": "В документах нет ответа на этот вопрос."}
_MISSING = {"en": "Nothing in them covers", "ru": "В них не найдено"}


def _words(question: Question, said: dict[str, str]) -> str:
    return said[question.language]


def _why(question: Question, judged: Sequence[Quotable], unknown: Sequence[str]) -> str:
    missing = unknown or missing_words(question, judged)
    start = _words(question, _NO_ANSWER)
    return f"{start} {_words(question, _MISSING)}: {', '.join(missing)}." if missing else start
