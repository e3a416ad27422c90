"""Do the right passages come first: recall beside four baselines, in one language and across two.

Data: examples/ by default (Apache-2.0); with --data qa/: HotpotQA (CC BY-SA 4.0), 2WikiMultiHopQA
(Apache-2.0) with the corpus of HippoRAG (MIT) as distractors, PopQA (MIT) and XQuAD (CC BY-SA 4.0);
or your own questions of your own library (docs/evaluation-sets.md). One real question: "Which film
whose director is younger, Forbidden Ground or Free Guy?", which needs the passages on both films
and on both directors. No question is scored by weights that saw it (``eval.held_out``).

In a set of short passages each is a document, and documents are ranked. In examples/ and in your
own library passages are, and a need is met by one that holds the expected quotation. Russian
vectors were aligned on the first 16 articles of XQuAD (``kgrag.train.align``), so the other 8 have
rows of their own.
"""

import time
from collections.abc import Iterator
from functools import partial

from eval.asked import Asked
from eval.held_out import article_of, weights_for
from eval.items import KGRAG, Case, Item
from eval.metrics.ranking import all_at, ndcg_at, recall_at, reciprocal_rank
from eval.ranking import Named, baselines, by_document, by_evidence, pieces, ranked_names
from eval.sets.questions import Question, QuestionSet
from eval.sets.reading import read_questions
from indexes.errors import ConfigError
from indexes.view import view
from kgrag.knowledge_base import KnowledgeBase
from kgrag.question import understand
from kgrag.retrieve import link_question, look_again, look_first, ordered
from kgrag.retrieve.ranker import load_ranker
from kgrag.train.align import FITTED_ARTICLES

DEFAULT = ("examples",)
WITH_DATA = (
    "examples",
    "hotpotqa",
    "2wiki",
    "hotpotqa-untitled",
    "2wiki-untitled",
    "2wiki-6k",
    "popqa",
    "xquad-en",
    "xquad-ru",
    "xquad-en-ru",
    "xquad-ru-en",
)
SHOWN = 10


def cases(asked: Asked) -> list[Case]:
    """Return a case for each question that expects evidence.

    Raises
    ------
    ConfigError
        A set holds no such question.
    """
    names = asked.options.sets or (WITH_DATA if asked.options.data else DEFAULT)
    found = []
    for name in names:
        questions = asked.note(read_questions(name, data=asked.options.data))
        wanted = [question for question in questions.questions if question.evidence]
        if not wanted:
            raise ConfigError(
                f"no question of {questions.name} names the document that answers it, so there is "
                "nothing to find: add it (a column “document”), or measure answers instead"
            )
        found += [
            Case(f"{questions.name}: {question.id}", partial(_measure, asked, questions, question))
            for question in wanted
        ]
    return found


def _measure(asked: Asked, questions: QuestionSet, question: Question) -> list[Item]:
    kb = asked.library(questions)
    by_passage = not questions.texts or asked.options.library is not None
    named = by_evidence(question) if by_passage else by_document
    needed = set(pieces(question)) if by_passage else set(question.documents)
    ranked, read, ms = _rank(kb, questions, question, named)
    documents = (*read, *asked.document_ids(kb, question.documents))
    return [
        Item(
            case=question.id,
            group=group,
            system=system,
            counts={
                "recall_1": (recall_at(names, needed, 1),),
                "recall_5": (recall_at(names, needed, 5),),
                "recall_10": (recall_at(names, needed, 10),),
                "all_5": (all_at(names, needed, 5),),
                "mrr": (reciprocal_rank(names, needed),),
                "ndcg_10": (ndcg_at(names, needed, 10),),
                **({"ms": (ms,)} if system == KGRAG else {}),
            },
            tags={"kind": question.kind, "language": question.language},
            shown={
                "question": question.text,
                "needed": sorted(needed),
                "found": names[:SHOWN],
            },
            documents=documents,
        )
        for system, names in ranked.items()
        for group in _groups(questions, question)
    ]


def _rank(
    kb: KnowledgeBase, questions: QuestionSet, question: Question, named: Named
) -> tuple[dict[str, list[str]], tuple[str, ...], float]:
    """Return what each system ranks, the documents of kgrag's best, and kgrag's milliseconds."""
    understood = understand(question.text)
    ranker = weights_for(questions, question).ranker or load_ranker()
    with kb.library.reading(), view(kb.library) as seen:
        started = time.perf_counter()
        entities = link_question(seen, understood)
        first = look_first(seen, kb.embedder, understood, entities)
        if not first.pool:
            return {KGRAG: []}, (), 1000 * (time.perf_counter() - started)
        again = look_again(seen, kb.embedder, first, ranker)
        best = ordered(again, ranker)
        ms = 1000 * (time.perf_counter() - started)
        ranked = {KGRAG: ranked_names(best, named)}
        ranked |= baselines(seen, kb.embedder, understood, again, named)
    return ranked, tuple({item.passage.document_id: None for item in best[:SHOWN]}), ms


def _groups(questions: QuestionSet, question: Question) -> Iterator[str]:
    """Yield what a question counts for: its set, and the part of it that no vectors saw."""
    yield questions.name
    if questions.name in _ALIGNED and all(
        int(article_of(name).partition("-")[2]) >= FITTED_ARTICLES for name in question.documents
    ):
        yield f"{questions.name}, articles not aligned on"


_ALIGNED = frozenset(
    (
        "XQuAD Russian",
        "XQuAD, English asked of Russian",
        "XQuAD, Russian asked of English",
    )
)
