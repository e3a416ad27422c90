"""The corrections that a user made in the page, as questions that fail when a correction is lost.

    retract   asked by its relation: what was taken back must not be answered
    rename    asked by the new name: what is known of the entity must be found
    merge     asked by one name: what documents say under the other must be found
    split     asked by the name of one: what is true of the other must not be answered

Only corrections in force give questions, and only those of which something can be asked: not what
documents that are gone said, nor two things that were split but have no name of their own.
"""

import re
from collections.abc import Iterable, Sequence

from eval.drafts.russian_names import gender_of, is_nominative
from eval.drafts.statements import answers_of, in_question
from eval.drafts.wordings import End, wordings
from eval.sets.questions import Expected, Question
from indexes.corrected import Corrected, CorrectedReader, Rows
from indexes.records import Entity, Evidence, Triplet
from indexes.text import Language, language_of
from kgrag.knowledge_base import KnowledgeBase
from kgrag.names import normal_name
from kgrag.ontology import relation_label

_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_MAX_NAMES = 12

Asked = tuple[str, Language, Triplet, End]
"""A question, its language, the fact that answers it, and which end of the fact."""


def questions_of_corrections(kb: KnowledgeBase) -> tuple[Question, ...]:
    """Return a question for each correction in force, the oldest first.

    Ids are those of the corrections ("correction-7"): the same as long as a correction is in force.
    """
    with kb.library.reading():
        reader = _Asking(kb)
        made = {
            "retract": reader.retracted,
            "rename": reader.renamed,
            "merge": reader.merged,
            "split": reader.split,
        }
        found = [made[item.kind](item) for item in reader.corrected.all()]
    return tuple(question for question in found if question is not None)


class _Asking:
    def __init__(self, kb: KnowledgeBase) -> None:
        self._graph = kb.library.graph
        self.corrected = CorrectedReader(kb.library.db)

    def retracted(self, item: Corrected) -> Question | None:
        """Ask for what was taken back; what is stated still is right."""
        subject, object_ = self._entity(item.one), self._entity(item.other)
        assert item.relation is not None
        taken = self.corrected.retracted_evidence(item.one, item.relation, item.other)
        if subject is None or object_ is None or not taken:
            return None
        fact = Triplet(subject, item.relation, object_, tuple(taken))
        asked = self._asked([fact], subject.id, _names(subject)) or self._asked(
            [fact], object_.id, _names(object_)
        )
        if asked is None:
            return None
        text, language, _, end = asked
        named, wrong = (subject, object_) if end == "object" else (object_, subject)
        others = [
            other
            for other in self._graph.triplets(entities=[named.id])
            if other.relation == item.relation
            and _end(other, _opposite(end)).id == named.id
            and not _share(_names(_end(other, end)), _names(wrong))
        ]
        return _question(item, text, language, others, end, wrong=_whole_names(wrong))

    def renamed(self, item: Corrected) -> Question | None:
        """Ask by the new name for the surest that is known."""
        entity = self._entity(item.one)
        if entity is None or item.name is None:
            return None
        asked = self._asked(self._facts(entity), entity.id, (item.name,))
        if asked is None:
            return None
        text, language, fact, end = asked
        return _question(item, text, language, [fact], end)

    def merged(self, item: Corrected) -> Question | None:
        """Ask by a name of one for what is stated of the other by its own name."""
        kept, joined = self._entity(item.one), self._entity(item.other)
        if kept is None or joined is None or kept.id != joined.id:
            return None
        for rows, others in ((item.one, item.other), (item.other, item.one)):
            names = self._only(rows, others)
            facts = _stated_in(
                self._facts(kept),
                self.corrected.spans_stating(others),
                without=self.corrected.spans_stating(rows),
            )
            asked = self._asked(facts, kept.id, names)
            if asked is not None:
                text, language, fact, end = asked
                return _question(item, text, language, [fact], end)
        return None

    def split(self, item: Corrected) -> Question | None:
        """Ask by a name of one for what is stated only of the other."""
        stays, left = self._entity(item.one), self._entity(item.other)
        if stays is None or left is None or stays.id == left.id:
            return None
        pairs = ((stays, item.one, left, item.other), (left, item.other, stays, item.one))
        for named, rows, other, other_rows in pairs:
            asked = self._asked(self._facts(other), other.id, self._only(rows, other_rows))
            if asked is None:
                continue
            text, language, fact, end = asked
            own = [
                fact_
                for fact_ in self._facts(named)
                if fact_.relation == fact.relation
                and _end(fact_, _opposite(end)).id == named.id
                and not _share(_names(_end(fact_, end)), _names(_end(fact, end)))
            ]
            return _question(item, text, language, own, end, wrong=_whole_names(_end(fact, end)))
        return None

    def _entity(self, rows: Rows) -> Entity | None:
        id_ = self.corrected.entity_of(rows)
        return None if id_ is None else self._graph.entities([id_]).get(id_)

    def _facts(self, entity: Entity) -> list[Triplet]:
        return self._graph.triplets(entities=[entity.id])

    def _only(self, rows: Rows, others: Rows) -> tuple[str, ...]:
        """Return the names of some identities under which nobody knows the others."""
        known = {normal_name(name) for name in self.corrected.names_of(others)}
        names = self.corrected.names_of(rows)
        return tuple(name for name in names if normal_name(name) not in known)

    def _asked(self, facts: Iterable[Triplet], entity: str, names: Sequence[str]) -> Asked | None:
        """Return a question about an entity by one of these names: a worded one, or by label."""
        usable = [name for name in names if is_nominative(name)] or list(names[:1])
        by_label: Asked | None = None
        for fact in facts:
            end: End = "object" if fact.subject.id == entity else "subject"
            stated_in = language_of(fact.evidence[0].quote)
            for name in sorted(usable, key=lambda name: _script(name) != stated_in):
                language = _script(name)
                text = _worded(fact, end, name, language)
                if text is not None:
                    return text, language, fact, end
                if by_label is None and end == "object":
                    label = f"{name}: {relation_label(fact.relation, language)}?"
                    by_label = label, language, fact, end
        return by_label


def _worded(fact: Triplet, end: End, name: str, language: Language) -> str | None:
    """Return the question for one end of a fact; None where nothing says how to word it."""
    named = _end(fact, _opposite(end))
    options = [
        wording
        for wording in wordings(language).get(fact.relation, ())
        if wording.asked == end and (not wording.types or named.type in wording.types)
    ]
    if len(options) > 1:  # "founded" or "built": as the sentence has it
        quote = fact.evidence[0].quote
        options = [wording for wording in options if wording.cue.search(quote)]
    if not options:
        return None
    wording, gender = options[0], gender_of(name)
    if language == "ru" and wording.masculine != wording.feminine and gender is None:
        return None
    return in_question(wording.feminine if gender == "femn" else wording.masculine, name)


def _question(
    item: Corrected,
    text: str,
    language: Language,
    facts: Sequence[Triplet],
    end: End,
    *,
    wrong: tuple[str, ...] = (),
) -> Question:
    """Return a question that the facts answer; without any it is to be declined."""
    answers = [
        answer
        for fact in facts
        for answer in answers_of(_end(fact, end), _end(fact, end).name, language)
        or _names(_end(fact, end))
    ]
    return Question(
        id=f"correction-{item.id}",
        text=text,
        answers=tuple(dict.fromkeys(answers)),
        evidence=tuple(_expected(piece) for fact in facts[:1] for piece in _apart(fact)),
        answerable=bool(facts),
        kind=item.kind,
        language=language,
        wrong=wrong,
    )


def _apart(fact: Triplet) -> list[Evidence]:
    """Return the first piece of evidence of each document: citing any of them is right."""
    first = {piece.document_id: piece for piece in reversed(fact.evidence)}
    return list(reversed(first.values()))


def _stated_in(
    facts: Iterable[Triplet],
    spans: set[tuple[str, int, int]],
    *,
    without: set[tuple[str, int, int]],
) -> list[Triplet]:
    """Return the facts that some of these spans state, with that evidence alone."""
    found = []
    for fact in facts:
        evidence = [
            piece
            for piece in fact.evidence
            if (piece.document_id, piece.start, piece.end) in spans - without
        ]
        if evidence:
            found.append(Triplet(fact.subject, fact.relation, fact.object, tuple(evidence)))
    return found


def _expected(evidence: Evidence) -> Expected:
    return Expected(evidence.document_name, evidence.page, " ".join(evidence.quote.split()))


def _end(fact: Triplet, end: End) -> Entity:
    return fact.object if end == "object" else fact.subject


def _opposite(end: End) -> End:
    return "subject" if end == "object" else "object"


def _script(name: str) -> Language:
    return "ru" if _CYRILLIC.search(name) else "en"


def _names(entity: Entity) -> tuple[str, ...]:
    return tuple(dict.fromkeys([entity.name, *entity.aliases]))[:_MAX_NAMES]


def _whole_names(entity: Entity) -> tuple[str, ...]:
    """Return the names that mean nobody else: of «Мария-Луиза Дени» not «Мария»."""
    words = min(len(entity.name.split()), 2)
    return tuple(name for name in _names(entity) if len(name.split()) >= words)


def _share(one: Iterable[str], other: Iterable[str]) -> bool:
    return bool(set(map(normal_name, one)) & set(map(normal_name, other)))
