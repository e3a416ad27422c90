"""Evidence as a language model gets it: the sentences of the best passages, numbered from 1.

A sentence is the unit of citation: what stands behind a number is one sentence of a document, known
by its offsets, and a model can say nothing about it but its number.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexes.records import Triplet
from indexes.view import View
from kgrag.candidates import Candidate
from kgrag.events import Citation

MAX_SENTENCES = 60
"""Numbers that a model is offered; the last passage that would go beyond is left out."""

MAX_NAMES = 40
"""Entities of a passage whose other names are looked up for the check of names."""


@dataclass(frozen=True, slots=True)
class NumberedPassage:
    """A passage and its numbered sentences.

    ``heading`` are title and headings above it, ``modified`` the day of the file's last change;
    ``names`` all known names of each entity in it.
    """

    document_name: str
    heading: str
    page: int | None
    modified: str | None
    text: str
    sentences: tuple[Citation, ...]
    names: tuple[tuple[str, ...], ...]

    @property
    def facts(self) -> Iterator[tuple[Triplet, int]]:
        """Yield each fact that the passage states, once, with the number of its sentence."""
        seen = set()
        for sentence in self.sentences:
            for fact in sentence.facts:
                key = (fact.subject.id, fact.relation, fact.object.id)
                if key not in seen:
                    seen.add(key)
                    yield fact, sentence.n


def number_evidence(seen: View, candidates: Sequence[Candidate]) -> tuple[NumberedPassage, ...]:
    """Number the sentences of these passages, most useful passage first."""
    rows = [item.row for item in candidates]
    stated = seen.graph.stated_in(rows)
    mentions = seen.graph.mentioned_in(rows) if rows else {}
    numbered: list[NumberedPassage] = []
    count = 0
    for item in candidates:
        spans = _spans(item)
        if not spans or count + len(spans) > MAX_SENTENCES:
            continue
        entities = [entity for _, entity in mentions.get(item.row, ())][:MAX_NAMES]
        numbered.append(_number(seen, item, spans, count, stated, entities))
        count += len(spans)
    return tuple(numbered)


def _spans(item: Candidate) -> list[tuple[int, int]]:
    """Return the [start, end) of a passage's sentences in it; headings state nothing."""
    ends = zip(item.sentences.starts.tolist(), item.sentences.ends.tolist(), strict=True)
    headings = item.passage.headings
    return [(start, end) for start, end in ends if item.passage.start + start not in headings]


def _number(
    seen: View,
    item: Candidate,
    spans: Sequence[tuple[int, int]],
    count: int,
    stated: Sequence[Triplet],
    entities: Sequence[str],
) -> NumberedPassage:
    passage = item.passage
    known = seen.graph.entities(entities)
    sources = seen.documents.sources(passage.document_id)
    changed = [modified for _, _, modified in sources if modified]
    return NumberedPassage(
        document_name=passage.document_name,
        heading=" / ".join(part for part in (passage.title, passage.context) if part),
        page=passage.page,
        modified=max(changed)[:10] if changed else None,
        text=passage.text,
        sentences=tuple(
            _sentence(seen, item, count + place, span, stated)
            for place, span in enumerate(spans, start=1)
        ),
        names=tuple((entity.name, *entity.aliases) for entity in known.values()),
    )


def _sentence(
    seen: View, item: Candidate, n: int, span: tuple[int, int], stated: Sequence[Triplet]
) -> Citation:
    passage = item.passage
    start, end = passage.start + span[0], passage.start + span[1]
    return Citation(
        n=n,
        document_id=passage.document_id,
        document_name=passage.document_name,
        page=seen.documents.page_of(passage.document_id, start),
        start=start,
        end=end,
        quote=passage.text[span[0] : span[1]],
        facts=tuple(
            fact
            for fact in stated
            if any(
                evidence.document_id == passage.document_id
                and start < evidence.end
                and evidence.start < end
                for evidence in fact.evidence
            )
        ),
    )
