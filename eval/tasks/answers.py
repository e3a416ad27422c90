"""Are questions answered rightly, with the right citations, and declined where nothing answers?

Data: examples/ by default (Apache-2.0, written for this project); with --data also XQuAD's visible
half (CC BY-SA 4.0), HotpotQA and 2WikiMultiHopQA (CC BY-SA 4.0, Apache-2.0); or your own questions
(docs/evaluation-sets.md). One real question, of examples/: "In which town and year was Euler
born?", which expects "Basel, 1707" and the sentence "Leonhard Euler was born in Basel on 15 April
1707." of euler-lecture-notes.pdf. No question of XQuAD is judged by weights that saw its article.

Without --endpoint kgrag quotes; beside it stand the same pipeline over a library whose extractor
found nothing ("without the graph"), and the nearest sentences by vector alone. With --endpoint a
language model writes: kgrag as it ships, the same without the graph, from the nearest passages by
vector alone, and the model alone, which sees no document.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any

from eval.ablations import NothingFound, closed_book, nearest_sentences, vectors_only
from eval.answer_items import answer_item
from eval.answering import WatchedModel, answer_timed, as_it_ships
from eval.asked import Asked
from eval.held_out import weights_for
from eval.items import KGRAG, Case, Item
from eval.sets.questions import Question, QuestionSet
from eval.sets.reading import read_questions
from kgrag.events import Event
from kgrag.sentence_model import MODEL_PATH

DEFAULT = ("examples",)
WITH_DATA = (
    "examples",
    "xquad-en",
    "xquad-ru",
    "xquad-en-ru",
    "xquad-ru-en",
    "hotpotqa",
    "2wiki",
)

System = Callable[[Question], Iterator[Event]]


def cases(asked: Asked) -> list[Case]:
    """Return a case for each question; all systems answer it."""
    names = asked.options.sets or (WITH_DATA if asked.options.data else DEFAULT)
    model = asked.language_model()
    found = []
    for name in names:
        questions = asked.note(read_questions(name, data=asked.options.data))
        systems = (_writing if model else _quoting)(asked, questions, model)
        found += [
            Case(
                f"{questions.name}: {question.id}",
                partial(_measure, asked, questions, systems, model, question),
            )
            for question in questions.questions
        ]
    return found


def tables(asked: Asked, items: Sequence[Item]) -> dict[str, Any]:
    """Return what the networks that judge sentences got when they were fitted, articles held out.

    There every question is judged, also those that kgrag would decline.
    """
    del asked, items
    return {"fitted": json.loads(MODEL_PATH.read_text(encoding="utf-8"))["measured"]}


def _measure(
    asked: Asked,
    questions: QuestionSet,
    systems: Mapping[str, System],
    model: WatchedModel | None,
    question: Question,
) -> list[Item]:
    items = []
    documents = asked.document_ids(asked.library(questions), question.documents)
    for system, answering in systems.items():
        answer, ms, first_ms = answer_timed(answering(question), model)
        items.append(
            answer_item(
                question,
                answer,
                questions.name,
                system=system,
                ms=ms,
                first_ms=first_ms,
                documents=documents,
            )
        )
    return items


def _quoting(asked: Asked, questions: QuestionSet, model: WatchedModel | None) -> dict[str, System]:
    """Return the systems that quote."""
    return {
        **_kgrag(asked, questions, model, "quote, without the graph"),
        "quote, vectors only": lambda question: nearest_sentences(
            asked.library(questions), question.text
        ),
    }


def _writing(asked: Asked, questions: QuestionSet, model: WatchedModel | None) -> dict[str, System]:
    """Return the systems in which a model writes."""
    assert model is not None
    return {
        **_kgrag(asked, questions, model, "model, without the graph"),
        "model, vectors only": lambda question: vectors_only(
            asked.library(questions), question.text, model
        ),
        "model alone": lambda question: closed_book(question.text, model),
    }


def _kgrag(
    asked: Asked, questions: QuestionSet, model: WatchedModel | None, without: str
) -> dict[str, System]:
    """Return kgrag, and the same over a library without a graph, where one can be made."""
    bare = cache(lambda: asked.open_library(questions, extractor=NothingFound()))
    systems: dict[str, System] = {
        KGRAG: lambda question: as_it_ships(
            asked.library(questions), question.text, weights_for(questions, question), model
        )
    }
    if asked.options.library is None:
        systems[without] = lambda question: as_it_ships(
            bare(), question.text, weights_for(questions, question), model
        )
    return systems
