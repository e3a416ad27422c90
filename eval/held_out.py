"""Weights that did not see a question, for question sets that kgrag's own weights learned from.

The ranker learned from HotpotQA, 2WikiMultiHopQA, PopQA and XQuAD, the networks that judge
sentences from XQuAD. Their training commands keep the weights of each fold; a question is measured
with those that saw neither it nor, of XQuAD, its article.
"""

import json
from functools import cache
from pathlib import Path

from eval.sets.questions import Question, QuestionSet
from kgrag.answer import SHIPPED, Weights
from kgrag.retrieve.ranker import Ranker, ranker_of
from kgrag.sentence_model import FEATURES, QUESTION_FEATURES, EvidenceModel, networks_of
from kgrag.train.questions import FOLDS, SETS, fold_of

DATA = Path(__file__).parent / "data"

_SEEN = frozenset(asked.name for asked in SETS)
_XQUAD = "XQuAD"


def weights_for(questions: QuestionSet, question: Question) -> Weights:
    """Return the weights by which a question may be measured: those that ship, if none saw it."""
    if questions.name not in _SEEN:
        return SHIPPED
    evidence = None
    if questions.name.startswith(_XQUAD):
        article = min(article_of(name) for name in question.documents)
        evidence = evidence_folds()[_articles(questions)[article]]
    return Weights(rankers()[fold_of(question.id)], evidence)


def article_of(document: str) -> str:
    """Return the article of one of XQuAD's paragraphs: "xquad-03" of "xquad-03-2.txt"."""
    return document.rsplit("-", 1)[0]


@cache
def rankers() -> tuple[Ranker, ...]:
    """Return the weights that rank passages, by the fold that they did not see."""
    data = json.loads((DATA / "ranking_folds.json").read_text(encoding="utf-8"))
    return tuple(ranker_of(weights) for weights in data["folds"])


@cache
def evidence_folds() -> tuple[EvidenceModel, ...]:
    """Return the networks that judge sentences, by the fold of articles that they did not see."""
    data = json.loads((DATA / "evidence_folds.json").read_text(encoding="utf-8"))
    return tuple(
        EvidenceModel(
            networks_of(fold["sentences"], FEATURES),
            networks_of(fold["questions"], QUESTION_FEATURES),
            data["borders"],
        )
        for fold in data["folds"]
    )


def _articles(questions: QuestionSet) -> dict[str, int]:
    """Return the fold of each article, as ``kgrag.train.evidence`` divides them."""
    names = sorted({article_of(name) for name in questions.texts})
    return {name: number % FOLDS for number, name in enumerate(names)}
