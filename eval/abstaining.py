"""Questions that should be declined, beside those that should not."""

from functools import partial
from typing import Any

from eval.answer_items import answer_item
from eval.answering import answer_timed
from eval.asked import Asked
from eval.held_out import weights_for
from eval.items import Case, Item
from eval.sets.questions import Question, QuestionSet
from eval.sets.reading import read_questions
from indexes.scope import Filter
from kgrag.answer import ask

PARAGRAPHS = ("xquad-en", "xquad-ru")

WANTED = ("abstention", "answered", "risk")
"""What is counted here; ``answers`` counts the rest."""


def unanswerable_cases(asked: Asked) -> list[Case]:
    """Return the questions of examples/, of which some have no answer there."""
    questions = asked.note(read_questions("examples", data=asked.options.data))
    return [
        Case(
            f"{questions.name}: {question.id}",
            partial(_ask, asked, questions, question, f"{questions.name}, abstention"),
        )
        for question in questions.questions
    ]


def paragraph_cases(asked: Asked) -> list[Case]:
    """Return XQuAD's questions, each asked with its paragraph and without it.

    Without it passages are ranked anew; what is left is 119 paragraphs of 24 articles, the other
    four paragraphs of its own among them.
    """
    found = []
    for name in PARAGRAPHS:
        questions = asked.note(read_questions(name, data=asked.options.data))
        group = f"{questions.name}, with and without the paragraph"
        for question in questions.questions:
            found += [
                Case(
                    f"{group}: {question.id}",
                    partial(_ask_twice, asked, questions, question, group),
                )
            ]
    return found


def _ask_twice(asked: Asked, questions: QuestionSet, question: Question, group: str) -> list[Item]:
    without = Question(
        id=f"{question.id}, without",
        text=question.text,
        answerable=False,
        kind=question.kind,
        language=question.language,
    )
    rest = tuple(sorted(set(questions.texts) - question.documents))
    return [
        *_ask(asked, questions, question, group),
        *_ask(asked, questions, without, group, documents=rest, like=question),
    ]


def _ask(
    asked: Asked,
    questions: QuestionSet,
    question: Question,
    group: str,
    *,
    documents: tuple[str, ...] = (),
    like: Question | None = None,
) -> list[Item]:
    kb = asked.library(questions)

    def events() -> Any:  # noqa: ANN401  an iterator of events
        with kb.library.reading():
            yield from ask(
                kb.library,
                kb.embedder,
                question.text,
                wanted=Filter(documents=documents) if documents else None,
                weights=weights_for(questions, like or question),
            )

    answer, ms, _ = answer_timed(events(), None)
    item = answer_item(question, answer, group, ms=ms)
    counts = {name: item.counts[name] for name in WANTED if name in item.counts}
    return [Item(item.case, group, counts, tags=item.tags, shown=item.shown)]
