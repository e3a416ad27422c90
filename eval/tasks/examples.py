"""The questions of examples/: is the expected evidence among the citations, are the rest declined?

Data: examples/questions.jsonl (Apache-2.0, written for this project). One real line:
{"id": "en-02", "question": "In which town and year was Euler born?", "answerable": true,
"evidence": [{"document": "euler-lecture-notes.pdf", "quote": "Leonhard Euler was born in Basel
on 15 April 1707."}], "kind": "single"}. Evidence counts as cited where the quote and a citation in
the same document hold one another, white space aside. A question may need several pieces of
evidence: ``any`` counts one, ``all`` every one of them.
"""

import json
import tempfile
from argparse import Namespace
from collections import defaultdict
from pathlib import Path
from typing import Any

from eval.intervals import wilson
from kgrag import KnowledgeBase
from kgrag.events import Answer

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(arguments: Namespace) -> dict[str, Any]:
    """Ask every question of the examples, in a library of its own."""
    del arguments
    questions = read_questions()
    with tempfile.TemporaryDirectory() as folder, KnowledgeBase.open(folder) as kb:
        report = kb.add(EXAMPLES / "documents")
        outcomes = [judge(question, kb.ask(question["question"])) for question in questions]
    answerable = [outcome for outcome in outcomes if outcome["answerable"]]
    unanswerable = [outcome for outcome in outcomes if not outcome["answerable"]]
    by_kind: dict[str, list[bool]] = defaultdict(list)
    for outcome in outcomes:
        by_kind[outcome["kind"]].append(outcome["any"])
    return {
        "documents": len(report.files),
        "evidence_cited_any": share([outcome["any"] for outcome in answerable]),
        "evidence_cited_all": share([outcome["all"] for outcome in answerable]),
        "declined": share([outcome["any"] for outcome in unanswerable]),
        "by_kind": {kind: share(found) for kind, found in sorted(by_kind.items())},
        "questions": outcomes,
    }


def read_questions() -> list[dict[str, Any]]:
    """Return the example questions."""
    lines = (EXAMPLES / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def judge(question: dict[str, Any], answer: Answer) -> dict[str, Any]:
    """Return what became of one question; an unanswerable one is right when it is declined."""
    found = [
        any(
            citation.document_name == expected["document"]
            and holds(expected["quote"], citation.quote)
            for citation in answer.citations
        )
        for expected in question["evidence"]
    ]
    right = answer.abstained if not question["answerable"] else any(found)
    return {
        "id": question["id"],
        "kind": question["kind"],
        "question": question["question"],
        "answerable": question["answerable"],
        "any": right,
        "all": answer.abstained if not question["answerable"] else all(found),
        "answer": answer.text or answer.why,
    }


def holds(expected: str, cited: str) -> bool:
    """Return whether one of two quotations holds the other, white space aside."""
    one, other = " ".join(expected.split()), " ".join(cited.split())
    return one in other or other in one


def share(found: list[bool]) -> dict[str, Any]:
    """Return a proportion with its n and 95 % interval."""
    low, high = wilson(sum(found), len(found))
    value = sum(found) / len(found) if found else 0.0
    return {"value": round(value, 4), "n": len(found), "low": round(low, 4), "high": round(high, 4)}
