"""Questions that are drafted from a library, and files of questions that are looked at."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from eval.sets.questions import Question
from kgrag.knowledge_base import KnowledgeBase

SAMPLE = 5


def draft_into(
    library: Path, out: Path | None, *, limit: int, seed: int, of_corrections: bool
) -> list[str]:
    """Write questions drafted from a library's graph, or implied by its corrections, to a file.

    Returns
    -------
    list of str
        What was done, in plain words.
    """
    from eval.drafts.drafting import draft_questions, write_questions
    from eval.drafts.regression import questions_of_corrections

    path = out or Path("questions.jsonl")
    with KnowledgeBase.open(library, create=False) as kb:
        questions = (
            questions_of_corrections(kb)
            if of_corrections
            else draft_questions(kb, limit=limit, seed=seed)
        )
    write_questions(questions, path)
    what = "that corrections imply" if of_corrections else "drafted from the graph"
    return [
        f"{len(questions)} questions {what}, in {path}",
        "Read and correct them: what the graph has wrong, the questions have wrong too.",
        f"kgrag-eval run answers --library {library} --set {path}",
    ]


def check_questions(path: Path, out: Path | None = None) -> dict[str, Any]:
    """Return how many questions a file holds, what was left out, and the first of them.

    With ``out``, what was read is written there, as JSON Lines.
    """
    from eval.drafts.drafting import write_questions
    from eval.sets.reading import read_questions

    found = read_questions(str(path), data=None)
    if out is not None:
        write_questions(found.questions, out)
    return {
        "questions": len(found.questions),
        "skipped": list(found.skipped),
        "sample": [_plain(question) for question in found.questions[:SAMPLE]],
    }


def _plain(question: Question) -> dict[str, Any]:
    return asdict(question)
