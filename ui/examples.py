"""Questions that a library can answer, made from its facts: what the empty conversation offers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from indexes.records import Triplet
from indexes.text import language_of
from kgrag.ontology import load_ontology

if TYPE_CHECKING:
    from indexes.documents import DocumentSummary
    from kgrag import KnowledgeBase

MAX_EXAMPLES = 4
MAX_DOCUMENTS = 6
"""Documents whose facts are read for examples: the page must open at once on a large library."""

_ENGLISH = {
    "P19": "Where was {} born?",
    "P20": "Where did {} die?",
    "P569": "When was {} born?",
    "P26": "Whom did {} marry?",
    "P69": "Where did {} study?",
    "P108": "Whom did {} work for?",
    "P50": "Who wrote {}?",
    "P112": "Who founded {}?",
    "P166": "What award did {} receive?",
    "P571": "When was {} founded?",
}
"""By Wikidata property. Russian names would have to be inflected, so Russian asks who or what."""


def example_questions(
    knowledge_base: "KnowledgeBase", summaries: Sequence["DocumentSummary"]
) -> list[str]:
    """Return up to ``MAX_EXAMPLES`` questions, about different things, from different documents."""
    with_facts = [summary for summary in summaries if summary.triplets][:MAX_DOCUMENTS]
    questions: dict[str, str] = {}
    for summary in with_facts:
        facts = knowledge_base.facts(document_id=summary.id)
        fresh = [fact for fact in facts if fact.subject.id not in questions]
        best = max(fresh, key=_worth, default=None)
        if best is not None and _worth(best) > 0:
            questions[best.subject.id] = _question(best)
    return list(questions.values())[:MAX_EXAMPLES]


def _worth(fact: Triplet) -> float:
    """Rank facts: sure ones about a person with a full name; 0 for what nobody would ask."""
    kind = load_ontology().entity_types.get(fact.subject.type)
    if kind is None or kind.group not in ("person", "organization", "place", "work", "event"):
        return 0.0
    fits = fact.relation in _ENGLISH and _language(fact) == "en"
    liked = fits, kind.group == "person", " " in fact.subject.name
    return fact.confidence + 0.2 * sum(liked)


def _question(fact: Triplet) -> str:
    person = fact.subject.type == "person"
    if _language(fact) == "ru":
        return f"{'Кто' if person else 'Что'} это: {fact.subject.name}?"
    template = _ENGLISH.get(fact.relation, "Who is {}?" if person else "What is {}?")
    return template.format(fact.subject.name)


def _language(fact: Triplet) -> str:
    return language_of(fact.subject.name)
