"""SQuAD v1.1 and v2.0, and XQuAD, as published: JSON with articles, paragraphs and questions.

{"data": [{"title": "Super_Bowl_50", "paragraphs": [{"context": "The Panthers defense gave up ...",
"qas": [{"id": "56be...", "question": "How many points ...?", "answers": [{"text": "308",
"answer_start": 34}]}]}]}]} (SQuAD and XQuAD: CC BY-SA 4.0). Each paragraph is a document; the
sentence that holds the first answer is the quote. v2.0's ``is_impossible`` is not answerable.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eval.sets.files import FileNames, Record, checksum, nothing_left, shown
from eval.sets.questions import Expected, Question, QuestionSet
from indexes.text import language_of, sentences

LICENCE = "as its file came (SQuAD and XQuAD are CC BY-SA 4.0)"


def is_squad(record: object) -> bool:
    """Return whether a whole JSON file has this form."""
    articles = record.get("data") if isinstance(record, dict) else None
    return (
        isinstance(articles, list)
        and bool(articles)
        and isinstance(articles[0], dict)
        and "paragraphs" in articles[0]
    )


def read_squad(path: Path, record: Record) -> QuestionSet:
    """Return the questions of a file that ``is_squad``.

    Raises
    ------
    ConfigError
        It holds none that can be used.
    """
    texts: dict[str, str] = {}
    questions: dict[str, Question] = {}
    skipped: list[str] = []
    names = FileNames("txt")
    for where, title, paragraph in _paragraphs(record, skipped):
        name = names.give(f"{title}-{where.rpartition(' ')[2]}")
        texts[name] = f"{paragraph['context']}\n"
        spans = sentences(paragraph["context"])
        for number, asked in enumerate(paragraph["qas"], 1):
            try:
                question = _question(asked, name, paragraph["context"], spans)
                if question.id in questions:
                    raise ValueError(f"the id {shown(question.id)} is another question's too")
                questions[question.id] = question
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                skipped.append(f"{where}, question {number}: {_reason(error)}")
    if not questions:
        raise nothing_left(path.name, skipped)
    return QuestionSet(
        name=path.stem,
        questions=tuple(questions.values()),
        licence=LICENCE,
        texts=texts,
        checksum=checksum([path]),
        skipped=tuple(skipped),
    )


def _paragraphs(record: Record, skipped: list[str]) -> Iterator[tuple[str, str, Record]]:
    """Yield (where, title of the article, paragraph); what is none is told."""
    for number, article in enumerate(record["data"], 1):
        paragraphs = article.get("paragraphs") if isinstance(article, dict) else None
        if not isinstance(paragraphs, list):
            skipped.append(f"article {number}: has no paragraphs")
            continue
        for at, paragraph in enumerate(paragraphs, 1):
            where = f"article {number}, paragraph {at}"
            whole = isinstance(paragraph, dict)
            if (
                whole
                and str(paragraph.get("context") or "").strip()
                and isinstance(paragraph.get("qas"), list)
            ):
                yield where, str(article.get("title") or number), paragraph
            else:
                skipped.append(f"{where}: has no context, or no list of questions")


def _question(
    asked: Any,  # noqa: ANN401  (whatever the file holds)
    document: str,
    context: str,
    spans: list[tuple[int, int]],
) -> Question:
    text = str(asked["question"])
    answerable = not asked.get("is_impossible", False)
    answers = asked["answers"] if answerable else []
    if not text.strip() or (answerable and not answers):
        raise ValueError("has no text, or no answer and no is_impossible")
    quote = _sentence(context, spans, answers[0]) if answers else ""
    return Question(
        id=str(asked["id"]),
        text=text.strip(),
        answers=tuple(dict.fromkeys(str(answer["text"]) for answer in answers)),
        evidence=(Expected(document, None, quote),) if answerable else (),
        answerable=answerable,
        language=language_of(text),
    )


def _sentence(context: str, spans: list[tuple[int, int]], answer: Record) -> str:
    """Return the sentence, or the sentences, in which an answer stands; "" where it does not."""
    text, start = str(answer["text"]), int(answer["answer_start"])
    if not context.startswith(text, start):
        start = context.find(text)
    return sentences_around(context, spans, start, start + len(text)) if start >= 0 else ""


def sentences_around(text: str, spans: list[tuple[int, int]], start: int, end: int) -> str:
    """Return the part of a text that its sentences around [start, end) make up."""
    met = [span for span in spans if span[0] < end and start < span[1]]
    return text[met[0][0] : met[-1][1]] if met else ""


def _reason(error: Exception) -> str:
    return f"lacks {error}" if isinstance(error, KeyError) else str(error)
