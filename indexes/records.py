"""The records that every stage speaks in.

Offsets are half-open code points into ``Document.text``: for every record that carries a quotation,
``document.text[record.start:record.end] == record.quote`` (or ``.text``). Records are immutable and
refuse to exist when they break that, so no store and no stage has to check again.
"""

from dataclasses import dataclass, field


def _check_span(start: int, end: int, limit: int | None = None) -> None:
    if not 0 <= start < end or (limit is not None and end > limit):
        bound = "" if limit is None else f" <= {limit}"
        raise ValueError(f"span [{start}, {end}) is not 0 <= start < end{bound}")


def _check_score(score: float) -> None:
    if not 0.0 <= score <= 1.0:
        raise ValueError(f"score {score} is not within 0..1")


@dataclass(frozen=True, slots=True)
class Page:
    """One page, slide or sheet of a document: ``number`` counts from 1."""

    number: int
    start: int
    end: int

    def __post_init__(self) -> None:
        if self.number < 1 or not 0 <= self.start <= self.end:
            raise ValueError(f"page {self.number} [{self.start}, {self.end}) is no page")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a document: ``level`` 1 is the highest."""

    level: int
    start: int
    end: int

    def __post_init__(self) -> None:
        _check_span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it is kept.

    ``id`` is derived from the bytes of the original and how they were read (``sha256:...``), so the
    same file has the same id in every library. ``pages`` and ``headings`` are in text order and lie
    within the text; a format without pages has none.
    """

    id: str
    name: str
    media_type: str
    text: str
    pages: tuple[Page, ...] = ()
    headings: tuple[Heading, ...] = ()

    def __post_init__(self) -> None:
        parts: tuple[Page | Heading, ...] = (*self.pages, *self.headings)
        for part in parts:
            if part.end > len(self.text):
                raise ValueError(f"{part} ends after the text of {self.name} ({len(self.text)})")

    def page_at(self, offset: int) -> int | None:
        """Return the number of the page that holds ``offset``, or None where there are no pages."""
        return page_at(self.pages, offset)


def page_at(pages: tuple[Page, ...], offset: int) -> int | None:
    """Return the number of the last page that starts at or before ``offset``, if there are any."""
    low, high = 0, len(pages)
    while low < high:
        middle = (low + high) // 2
        if pages[middle].start <= offset:
            low = middle + 1
        else:
            high = middle
    return pages[max(low - 1, 0)].number if pages else None


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences: the unit that retrieval ranks. ``ordinal`` counts from 0.

    ``sentences`` are its sentences, in document offsets; none given, it is one sentence itself.
    ``context`` is what it stands under: the headings above it that it does not hold itself.
    """

    ordinal: int
    start: int
    end: int
    sentences: tuple[tuple[int, int], ...] = ()
    context: str = ""

    def __post_init__(self) -> None:
        _check_span(self.start, self.end)
        if not self.sentences:
            object.__setattr__(self, "sentences", ((self.start, self.end),))
        for start, end in self.sentences:
            if not self.start <= start < end <= self.end:
                raise ValueError(f"sentence {start}-{end} lies outside {self.start}-{self.end}")


@dataclass(frozen=True, slots=True)
class Mention:
    """A span that stands for something. ``type`` is an entity type of the ontology, ``score`` 0..1.

    ``antecedent`` is None for a name. For a reference ("she", "the company") it is the name that it
    refers to, as an index into the mentions of its text in their order.
    """

    start: int
    end: int
    text: str
    type: str
    score: float
    antecedent: int | None = None

    def __post_init__(self) -> None:
        _check_span(self.start, self.end)
        _check_score(self.score)
        if self.antecedent is not None and self.antecedent < 0:
            raise ValueError(f"antecedent {self.antecedent} of {self.text!r} is no index")
        if len(self.text) != self.end - self.start:
            raise ValueError(
                f"mention {self.text!r} is not {self.end - self.start} characters long"
            )


@dataclass(frozen=True, slots=True)
class MentionRelation:
    """A relation that a text states between two of its mentions.

    ``subject`` and ``object`` index ``Extraction.mentions``; ``relation`` is an id of the ontology;
    [start, end) is the sentence, or the neighbouring sentences, that state it.
    """

    subject: int
    relation: str
    object: int
    start: int
    end: int
    score: float

    def __post_init__(self) -> None:
        _check_span(self.start, self.end)
        _check_score(self.score)


@dataclass(frozen=True, slots=True)
class Extraction:
    """What an extractor found in one text, mentions in text order. No span, no edge."""

    mentions: tuple[Mention, ...] = ()
    relations: tuple[MentionRelation, ...] = ()

    def __post_init__(self) -> None:
        for mention in self.mentions:
            named = mention.antecedent
            if named is not None and (
                named >= len(self.mentions) or self.mentions[named].antecedent is not None
            ):
                raise ValueError(f"{mention} does not refer to a name among the mentions")
        for relation in self.relations:
            for index in (relation.subject, relation.object):
                mention = self.mentions[index]
                if not relation.start <= mention.start < mention.end <= relation.end:
                    raise ValueError(f"{mention} lies outside its evidence {relation}")


@dataclass(frozen=True, slots=True)
class ResolvedMention:
    """A mention and what it stands for.

    ``identity`` is the key under which every document speaks of the same thing: a QID, or
    ``group|normal name``. ``normal`` is the normal form of this mention's own surface; a reference
    has that of its antecedent.
    """

    mention: Mention
    identity: str
    normal: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """An extraction whose mentions know what they stand for.

    ``same_as`` holds pairs of identities that the document says are one (an alias, an acronym).
    It depends on nothing but the document, so that adding and removing others changes nothing.
    """

    mentions: tuple[ResolvedMention, ...] = ()
    relations: tuple[MentionRelation, ...] = ()
    same_as: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Entity:
    """Something in the world. ``wikidata`` is its QID, or None where the catalogue has none."""

    id: str
    name: str
    type: str
    aliases: tuple[str, ...] = ()
    wikidata: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The quotation that backs a triplet."""

    document_id: str
    document_name: str
    page: int | None
    start: int
    end: int
    quote: str
    extractor: str
    score: float

    def __post_init__(self) -> None:
        _check_span(self.start, self.end)
        _check_score(self.score)
        if len(self.quote) != self.end - self.start:
            raise ValueError(f"quote {self.quote!r} is not {self.end - self.start} characters long")


@dataclass(frozen=True, slots=True)
class Triplet:
    """A fact: subject, relation (an id of the ontology), object, and everything that states it.

    ``confidence`` is 0..1: one minus the product, over independent documents, of one minus the best
    score in that document (noisy or).
    """

    subject: Entity
    relation: str
    object: Entity
    evidence: tuple[Evidence, ...]
    confidence: float = field(init=False)

    def __post_init__(self) -> None:
        if not self.evidence:
            raise ValueError("a triplet needs at least one piece of evidence")
        best: dict[str, float] = {}
        for item in self.evidence:
            best[item.document_id] = max(best.get(item.document_id, 0.0), item.score)
        doubt = 1.0
        for score in best.values():
            doubt *= 1.0 - score
        object.__setattr__(self, "confidence", 1.0 - doubt)
