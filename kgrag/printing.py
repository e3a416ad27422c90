"""What the command line prints, as text or as JSON, on standard output."""

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kgrag.events import Answer, RankedFact


def print_json(value: Any) -> None:  # noqa: ANN401  any JSON value
    """Print one JSON document."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
    print()


def print_answer(answer: "Answer") -> None:
    """Print an answer: how it was understood, its sentences, its sources, or what comes nearest."""
    if answer.understood != answer.question:
        print(f"(understood as: {answer.understood})")
    if answer.notice:
        print(f"({answer.notice})")
    if answer.abstained:
        print(answer.why)
    for sentence in answer.sentences:
        mark = "" if sentence.supported else f"   ({sentence.verdict}: {sentence.reason})"
        struck = "" if sentence.stands else "STRUCK: "
        print(f"{struck}{sentence.cited}{mark}")
    for citation in answer.citations:
        print(f"  [{citation.n}] {place(citation.document_name, citation.page)}")
        if answer.mode == "llm":
            print(f"      “{' '.join(citation.quote.split())}”")
        for fact in citation.facts[:3]:
            print(f"      {fact_line(fact)}")
    for passage in answer.nearest:
        print(f"  nearest: {place(passage.document_name, passage.page)}")
        print(f"      {' '.join(passage.text.split())[:200]}")


def place(name: str, page: int | None) -> str:
    """Return where something stands."""
    return name if page is None else f"{name}, page {page}"


def fact_line(fact: Any) -> str:  # noqa: ANN401  a Triplet, whose module is not loaded here
    """Return a fact on one line."""
    from kgrag.shapes import relation_shape

    label = relation_shape(fact.relation)["label"]
    return f"{fact.subject.name} — {label} — {fact.object.name}  ({fact.confidence:.2f})"


def standing(item: "RankedFact") -> str:
    """Say how a fact was reached, who else states it, and what contradicts it."""
    parts = [f"{step.start} -> {step.end} ({step.relation or step.document})" for step in item.path]
    if item.documents > 1:
        parts.append(f"{item.documents} documents")
    parts += [f"but: {fact_line(rival)}" for rival in item.rivals]
    return f"   [{'; '.join(parts)}]" if parts else ""
