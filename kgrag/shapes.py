"""The JSON shapes of the command line (DESIGN.md): stable, because others build on them."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from indexes.documents import DocumentSummary
from indexes.records import Document, Entity, Evidence, Extraction, Mention, Triplet
from kgrag.events import Answer, Citation, RankedFact, RankedPassage, SearchResult, Sentence
from kgrag.ingest import AddReport
from kgrag.ontology import load_ontology, relation_label

Json = dict[str, Any]


def relation_shape(relation: str) -> Json:
    """Return {"label", "wikidata"} of a relation; a foreign one is its own label."""
    known = load_ontology().relation_types.get(relation)
    wikidata = known.wikidata if known else None
    return {"label": relation_label(relation, "en"), "wikidata": wikidata}


def entity_shape(entity: Entity) -> Json:
    """Return {"name", "type", "wikidata"}."""
    return {"name": entity.name, "type": entity.type, "wikidata": entity.wikidata}


def evidence_shape(item: Evidence | Citation) -> Json:
    """Return where a quotation stands, and the quotation."""
    return {
        "document": item.document_name,
        "document_id": item.document_id,
        "page": item.page,
        "start": item.start,
        "end": item.end,
        "quote": item.quote,
    }


def fact_shape(fact: Triplet) -> Json:
    """Return a triplet with all its evidence."""
    return {
        "subject": entity_shape(fact.subject),
        "relation": relation_shape(fact.relation),
        "object": entity_shape(fact.object),
        "confidence": round(fact.confidence, 4),
        "evidence": [evidence_shape(item) for item in fact.evidence],
    }


def ranked_fact_shape(item: RankedFact) -> Json:
    """Return a fact with its rank, the way to it, and what contradicts it."""
    return fact_shape(item.fact) | {
        "score": round(item.score, 4),
        "documents": item.documents,
        "path": [asdict(step) for step in item.path],
        "rivals": [fact_shape(rival) for rival in item.rivals],
    }


def sentence_shape(sentence: Sentence) -> Json:
    """Return a sentence of an answer with what its sources make of it."""
    return {
        "text": sentence.text,
        "citations": list(sentence.citations),
        "supported": sentence.supported,
        "verdict": sentence.verdict,
        "reason": sentence.reason,
        "highlight": list(sentence.highlight) if sentence.highlight else None,
    }


def answer_shape(answer: Answer) -> Json:
    """Return what ``ask`` prints."""
    return {
        "question": answer.question,
        "understood": answer.understood,
        "answer": answer.text,
        "sentences": [sentence_shape(sentence) for sentence in answer.sentences],
        "citations": [
            {"n": citation.n}
            | evidence_shape(citation)
            | {"facts": [_short_fact(fact) for fact in citation.facts]}
            for citation in answer.citations
        ],
        "abstained": answer.abstained,
        "why": answer.why,
        "nearest": [_passage_shape(passage) for passage in answer.nearest],
        "mode": answer.mode,
        "notice": answer.notice,
        "seconds": round(answer.seconds, 4),
        "sufficiency": None if answer.sufficiency is None else round(answer.sufficiency, 4),
    }


def search_shape(result: SearchResult) -> Json:
    """Return what ``search`` prints."""
    return {
        "question": result.question,
        "passages": [_passage_shape(passage) for passage in result.passages],
        "facts": [ranked_fact_shape(item) for item in result.ranked_facts],
        "seconds": round(result.seconds, 4),
    }


def report_shape(report: AddReport) -> Json:
    """Return what ``add`` prints."""
    fields = ("path", "outcome", "reason", "document_id", "passages", "mentions", "triplets")
    return {
        "files": [{name: getattr(file, name) for name in fields} for file in report.files],
        "seconds": round(report.seconds, 3),
    }


def summary_shape(summary: DocumentSummary) -> Json:
    """Return a line of ``list``."""
    return {
        "id": summary.id,
        "name": summary.name,
        "media_type": summary.media_type,
        "language": summary.language,
        "characters": summary.characters,
        "pages": summary.pages or None,
        "passages": summary.passages,
        "mentions": summary.mentions,
        "triplets": summary.triplets,
        "outcome": summary.outcome,
        "reason": summary.reason,
    }


def document_shape(
    document: Document,
    spans: Sequence[tuple[int, int]],
    mentions: Sequence[tuple[Mention, Entity]],
    facts: Sequence[Triplet],
) -> Json:
    """Return what ``show`` prints."""
    return {
        "document": {
            "id": document.id,
            "name": document.name,
            "media_type": document.media_type,
            "pages": len(document.pages) or None,
        },
        "text": document.text,
        "passages": [
            {"start": start, "end": end, "page": document.page_at(start)} for start, end in spans
        ],
        "mentions": [
            {"start": m.start, "end": m.end, "type": m.type, "entity": entity.name}
            for m, entity in mentions
        ],
        "triplets": [fact_shape(fact) for fact in facts],
    }


def extraction_shape(id_: str, extraction: Extraction, qids: Sequence[str | None]) -> Json:
    """Return what ``extract`` prints; ``qids`` has one entry for each mention.

    References ("she", "the company") stand apart from the names, and a triplet between references
    is given between the names that they stand for: its [start, end) need not hold those.
    """
    mentions = extraction.mentions
    own = [index if m.antecedent is None else m.antecedent for index, m in enumerate(mentions)]
    place = {index: number for number, index in enumerate(sorted(set(own)))}
    return {
        "id": id_,
        "mentions": [
            {
                "start": mention.start,
                "end": mention.end,
                "text": mention.text,
                "type": mention.type,
                "wikidata": qid,
                "score": round(mention.score, 4),
            }
            for mention, qid in zip(mentions, qids, strict=True)
            if mention.antecedent is None
        ],
        "references": [
            {
                "start": mention.start,
                "end": mention.end,
                "text": mention.text,
                "antecedent": place[mention.antecedent],
                "score": round(mention.score, 4),
            }
            for mention in mentions
            if mention.antecedent is not None
        ],
        "triplets": [
            {
                "subject": place[own[item.subject]],
                "relation": relation_shape(item.relation),
                "object": place[own[item.object]],
                "start": item.start,
                "end": item.end,
                "score": round(item.score, 4),
            }
            for item in extraction.relations
        ],
    }


def _short_fact(fact: Triplet) -> Json:
    return {
        "subject": fact.subject.name,
        "relation": relation_shape(fact.relation)["label"],
        "object": fact.object.name,
    }


def _passage_shape(passage: RankedPassage) -> Json:
    return {
        "document": passage.document_name,
        "document_id": passage.document_id,
        "page": passage.page,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "score": round(passage.score, 4),
    }
