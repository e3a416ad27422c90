"""What is counted of an answer, and what a reader of the report sees of it.

Where an answer is quoted, the words that it marks within a sentence are held against the expected
answer; where nothing is marked, only whether the expected answer stands in it. What a model has
written is held against it whole. A declined question counts as not answered, never as missing.
"""

from collections.abc import Mapping
from typing import Any

from eval.items import KGRAG, Item
from eval.metrics.abstention import abstention_counts, answered_counts
from eval.metrics.answers import contains, exact_match, token_f1, without_citations
from eval.metrics.citations import Cited, citation_counts, citations_right, pieces_cited
from eval.sets.questions import Question
from kgrag.events import Answer
from kgrag.kept import documents_of

Counts = dict[str, tuple[float, ...]]


def answer_item(
    question: Question,
    answer: Answer,
    group: str,
    *,
    system: str = KGRAG,
    ms: float,
    first_ms: float | None = None,
    documents: tuple[str, ...] = (),
) -> Item:
    """Return an item of one answer.

    Parameters
    ----------
    question, answer:
        What was asked, with what is expected, and what came.
    group, system:
        See ``Item``.
    ms, first_ms:
        Milliseconds until the answer was whole, and until its first sentence was there.
    documents:
        Ids of the documents that the expected evidence quotes, of a user's library.
    """
    right = is_right(question, answer)
    counts = _counts(question, answer, right) | {"ms": (ms,)}
    if first_ms is not None:
        counts["first_ms"] = (first_ms,)
    return Item(
        case=question.id,
        group=group,
        system=system,
        counts=counts,
        tags={
            "kind": question.kind,
            "language": question.language,
            "outcome": _outcome(question, answer, right),
        },
        shown=_shown(question, answer),
        documents=tuple(dict.fromkeys((*documents_of(answer), *documents))),
    )


def is_right(question: Question, answer: Answer) -> bool:
    """Return whether an answer is one: evidence cited, or else an expected answer in its words."""
    if answer.abstained:
        return not question.answerable
    if not question.answerable:
        return False
    if question.evidence:
        return any(pieces_cited(question.evidence, _cited(answer)))
    if question.answers:
        return contains(_words(answer), question.answers, language=question.language)
    return not _says_wrong(question, answer)


def _counts(question: Question, answer: Answer, right: bool) -> Counts:
    counts: Counts = {
        "abstention": abstention_counts(declined=answer.abstained, answerable=question.answerable),
        "answered": answered_counts(declined=answer.abstained, answerable=question.answerable),
    }
    if answer.sufficiency is not None:
        counts["risk"] = (answer.sufficiency, float(_would_be_wrong(question, answer, right)))
    if answer.mode == "llm" and answer.sentences:
        supported = sum(sentence.supported for sentence in answer.sentences)
        counts["sentences"] = (float(supported), float(len(answer.sentences)))
    if question.wrong:
        counts["wrong_avoided"] = (float(not _says_wrong(question, answer)),)
    if question.answerable and question.evidence:
        counts |= _of_evidence(question, answer)
    if question.answerable and question.answers:
        counts |= _of_words(question, answer)
    return counts


def _of_evidence(question: Question, answer: Answer) -> Counts:
    cited = _cited(answer)
    pieces = pieces_cited(question.evidence, cited)
    counts: Counts = {
        "evidence_any": (float(any(pieces)),),
        "evidence_all": (float(all(pieces)),),
        "citations": citation_counts(question.evidence, cited),
    }
    if cited:
        counts["first_sentence"] = (float(citations_right(question.evidence, cited)[0]),)
    return counts


def _of_words(question: Question, answer: Answer) -> Counts:
    counts: Counts = {
        "contains": (float(contains(_words(answer), question.answers, language=question.language)),)
    }
    told = _words(answer) if answer.mode == "llm" else _marked(answer)
    if answer.mode == "llm" or told:
        counts["exact"] = (float(exact_match(told, question.answers, language=question.language)),)
        counts["answer_f1"] = (token_f1(told, question.answers, language=question.language),)
    return counts


def _cited(answer: Answer) -> list[Cited]:
    return [Cited(item.document_name, item.page, item.quote) for item in answer.citations]


def _words(answer: Answer) -> str:
    return without_citations(answer.text)


def _marked(answer: Answer) -> str:
    """Return what stands out in the first sentence; empty where nothing does."""
    first = next((sentence for sentence in answer.sentences if sentence.stands), None)
    if first is None or first.highlight is None:
        return ""
    return first.text[slice(*first.highlight)]


def _says_wrong(question: Question, answer: Answer) -> bool:
    return any(
        contains(_words(answer), [wrong], language=question.language) for wrong in question.wrong
    )


def _would_be_wrong(question: Question, answer: Answer, right: bool) -> bool:
    """Return whether answering was wrong, or would have been where kgrag declined.

    What was declined counts as if what comes nearest had been quoted; so risk is known at any
    coverage. Whatever answers an unanswerable question is wrong.
    """
    if not question.answerable:
        return True
    if not answer.abstained:
        return not right
    nearest = [Cited(item.document_name, item.page, item.text) for item in answer.nearest[:1]]
    return not any(pieces_cited(question.evidence, nearest))


def _outcome(question: Question, answer: Answer, right: bool) -> str:
    if answer.abstained:
        return "declined" if question.answerable else "declined rightly"
    return "right" if right else "wrong"


def _shown(question: Question, answer: Answer) -> Mapping[str, Any]:
    rights = citations_right(question.evidence, _cited(answer))
    return {
        "question": question.text,
        "expected": list(question.answers),
        "evidence": [
            {"document": piece.document, "page": piece.page, "quote": piece.quote}
            for piece in question.evidence
        ],
        "answer": answer.text,
        "why": answer.why,
        "mode": answer.mode,
        "confidence": answer.sufficiency,
        "citations": [
            {
                "n": item.n,
                "document": item.document_name,
                "page": item.page,
                "quote": item.quote,
                "right": right,
            }
            for item, right in zip(answer.citations, rights, strict=True)
        ],
        "sentences": [
            {"text": item.text, "verdict": item.verdict, "reason": item.reason}
            for item in (answer.sentences if answer.mode == "llm" else ())
        ],
    }
