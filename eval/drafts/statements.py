"""The facts of a library that a question can be made of: worded, and stated by one sentence.

What an extractor finds is not all true, so a fact counts here only where one sentence names both of
its ends and has a cue of its relation (``eval.drafts.wordings``), where no surer fact claims the
same words, and where nothing else that counts here says otherwise.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from eval.drafts.russian_names import is_nominative, nominative_of
from eval.drafts.sentence_cues import can_be_asked, cue_of, feminine_of, is_between, nearest
from eval.drafts.wordings import End, Wording, wordings
from eval.sets.questions import Expected
from indexes.records import Entity, Evidence, Mention, Triplet
from indexes.text import Language, language_of, sentences
from kgrag.knowledge_base import KnowledgeBase
from kgrag.literals import LITERAL_TYPES, read_literal
from kgrag.names import normal_name
from kgrag.ontology import load_ontology

LEAST = 0.3
"""Of a fact's confidence. In examples/ no fact below it passes everything else; all 36 that do were
read and are so stated."""

_MAX_ANSWERS = 6
_TITLED = frozenset({"work_of_art", "law"})
_LETTER = re.compile(r"[^\W\d_]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_PREPOSITION = re.compile(r"^(?:in|on|by|since|в|во|с|со|до|к)\s+", re.IGNORECASE)
_YEAR = re.compile(r"\d{3,4}")
_ARTICLE = re.compile(r"\bthe $", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statement:
    """A fact in one sentence, and how it is asked for.

    Parameters
    ----------
    fact, wording:
        What is stated, and the question for one end of it.
    named, sought:
        The entity in the question, and the one that answers it.
    name:
        What the question calls ``named``; "" where it has no name that means nothing else, so that
        it can only be asked of as what another statement leads to.
    answers:
        What ``sought`` is called, the best first.
    feminine:
        Of the name, where the question agrees with it.
    evidence:
        The sentence.
    score:
        Of the evidence, 0..1.
    """

    fact: Triplet
    wording: Wording
    named: Entity
    sought: Entity
    name: str
    answers: tuple[str, ...]
    feminine: bool
    language: Language
    evidence: Expected
    score: float

    @property
    def question(self) -> str:
        """The question in words."""
        text = self.wording.feminine if self.feminine else self.wording.masculine
        return in_question(text, self.name)

    @property
    def relation(self) -> str:
        """The id of the relation."""
        return self.fact.relation


class Sentences:
    """Finds what facts say in the sentences of a library's documents."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self._kb = kb
        self._mentions: dict[str, list[tuple[Mention, Entity]]] = {}
        for document in kb.documents():
            self._mentions[document.id] = kb.mentions(document.id)
        held = [item for found in self._mentions.values() for item in found]
        self.mentioned = Counter(entity.id for _, entity in held)
        self.entities = {entity.id: entity for _, entity in held}
        self._called: dict[str, set[str]] = defaultdict(set)
        self._bearers: dict[str, set[str]] = defaultdict(set)
        for entity in self.entities.values():
            for name in map(normal_name, {entity.name, *entity.aliases}):
                self._called[name].add(entity.id)
                for word in name.split():
                    self._bearers[word].add(entity.id)

    def statements(self) -> list[Statement]:
        """Return what can be asked of the library, surest first; see the module."""
        found = [
            statement
            for fact in self._kb.facts()
            if fact.confidence >= LEAST
            for statement in self._of_fact(fact)
        ]
        return _undisputed(_surest_of_each_answer(found))

    def _of_fact(self, fact: Triplet) -> Iterator[Statement]:
        for evidence in sorted(fact.evidence, key=lambda item: -item.score):
            statement = self._of_evidence(fact, evidence)
            if statement is not None:
                yield statement
                return

    def _of_evidence(self, fact: Triplet, evidence: Evidence) -> Statement | None:
        language = language_of(evidence.quote)
        for start, end in sentences(evidence.quote):
            first, last = evidence.start + start, evidence.start + end
            here = self._within(evidence.document_id, first, last)
            for wording in wordings(language).get(fact.relation, ()):
                statement = self._worded(fact, wording, language, here, evidence, (first, last))
                if statement is not None:
                    return statement
        return None

    def _within(self, document: str, start: int, end: int) -> list[tuple[Mention, Entity]]:
        return [
            (mention, entity)
            for mention, entity in self._mentions.get(document, ())
            if start <= mention.start and mention.end <= end and mention.antecedent is None
        ]

    def _worded(
        self,
        fact: Triplet,
        wording: Wording,
        language: Language,
        here: list[tuple[Mention, Entity]],
        evidence: Evidence,
        span: tuple[int, int],
    ) -> Statement | None:
        named, sought = fact.subject, fact.object
        if wording.asked == "subject":
            named, sought = sought, named
        if wording.types and named.type not in wording.types:
            return None
        quote = evidence.quote[span[0] - evidence.start : span[1] - evidence.start]
        pair = nearest(
            [mention for mention, entity in here if entity.id == named.id],
            [mention for mention, entity in here if entity.id == sought.id],
        )
        if pair is None or not can_be_asked(*pair) or is_between(pair, named, sought, here):
            return None
        said = cue_of(wording, quote, span[0], *pair)
        agrees = said is not None and bool(said.groupdict())
        name = self.name_of(named, pair[0].text, language, is_nominative_there=agrees)
        is_apposition = fact.relation == "P106" and language == "ru"
        if said is None or (is_apposition and not is_nominative(pair[1].text)):
            return None
        if name and named.type in _TITLED and language == "en":
            name = f"“{name}”"
        elif name and _ARTICLE.search(quote[: pair[0].start - span[0]]):
            name = f"the {name.removeprefix('the ').removeprefix('The ')}"
        agrees_with = name if wording.masculine != wording.feminine else None
        feminine = feminine_of(said, agrees_with) if agrees_with else False
        answers = answers_of(sought, pair[1].text, language)
        if feminine is None or not answers or _is_told(name or pair[0].text, answers):
            return None
        place = Expected(evidence.document_name, evidence.page, " ".join(quote.split()))
        return Statement(
            fact,
            wording,
            named,
            sought,
            name or "",
            answers,
            feminine,
            language,
            place,
            evidence.score,
        )

    def name_of(
        self,
        entity: Entity,
        surface: str,
        language: Language,
        *,
        is_nominative_there: bool = False,
    ) -> str | None:
        """Return what a question calls an entity: a whole name in its language, not declined.

        None where there is none, or where others are called so too. ``is_nominative_there``: so the
        sentence has the surface, whatever pymorphy makes of a foreign name.
        """
        there = " ".join(surface.split()) if is_nominative_there else None
        wanted = set(normal_name(surface).split())
        names = [
            " ".join(name.split())
            for name in (entity.name, surface, *entity.aliases)
            if bool(_CYRILLIC.search(name)) == (language == "ru")
            and wanted <= set(normal_name(name).split())
            and len(name.split()) <= 5
        ]
        usable = [
            name
            for name in names
            if (is_nominative(name) or (name == there and any(map(is_nominative, name.split()))))
            and not self.is_shared(entity, name)
        ]
        return max(usable, key=lambda name: len(name.split()), default=None)

    def is_shared(self, entity: Entity, name: str) -> bool:
        """Return whether a name may as well mean another entity of its kind.

        A single word («Бернулли») may mean whoever has it in a name; several only whoever is called
        so. What has no name in the nominative is the extractor's mistake, and nobody else.
        """
        normal = normal_name(name)
        bearers = self._called[normal] if " " in normal else self._bearers[normal]
        groups = load_ontology().entity_types
        rivals = [
            self.mentioned[other.id]
            for other in map(self.entities.__getitem__, bearers - {entity.id})
            if groups[other.type].group == groups[entity.type].group and is_nominative(other.name)
        ]
        return not normal or 2 * sum(rivals) >= max(self.mentioned[entity.id], 1)


def in_question(text: str, name: str) -> str:
    """Return a question with a name in it; one that is quoted there has no marks of its own."""
    name = name.strip("«»“”\"'") if "«{}»" in text else re.sub(r"^The (?=\w)", "the ", name)
    return text.replace("{}", name)


def answers_of(entity: Entity, surface: str, language: Language) -> tuple[str, ...]:
    """Return what an entity is called, the best first, as an answer; none where it says nothing."""
    if entity.type in LITERAL_TYPES:
        text = _PREPOSITION.sub("", " ".join(surface.split()))
        return (text,) if _YEAR.search(text) and read_literal(text, entity.type) else ()
    names = [" ".join(name.split()) for name in (surface, entity.name, *entity.aliases)]
    if language == "ru" and not is_nominative(names[0]):
        names.insert(0, nominative_of(names[0]) or names[0])
    first = [name for name in names if bool(_CYRILLIC.search(name)) == (language == "ru")]
    ranked = dict.fromkeys([*sorted(first, key=lambda name: not is_nominative(name)), *names])
    return tuple(name for name in ranked if _LETTER.search(name))[:_MAX_ANSWERS]


def _is_told(name: str, answers: Iterable[str]) -> bool:
    """Return whether the name in the question gives the answer away."""
    words = set(normal_name(name).split())
    return any(set(normal_name(answer).split()) <= words for answer in answers)


def _surest_of_each_answer(found: Iterable[Statement]) -> list[Statement]:
    """Keep one statement of each relation, answer and sentence: the same words state one fact."""
    best: dict[tuple[str, End, str, Expected], Statement] = {}
    for item in found:
        key = (item.relation, item.wording.asked, item.sought.id, item.evidence)
        if key not in best or best[key].score < item.score:
            best[key] = item
    return list(best.values())


def _undisputed(found: Iterable[Statement]) -> list[Statement]:
    """Keep what has one answer: whatever else answers it must say less of the same."""
    answers: dict[tuple[str, str, str], list[Statement]] = defaultdict(list)
    for item in found:
        answers[item.named.id, item.relation, item.wording.asked].append(item)
    kept = [max(items, key=lambda item: item.score) for items in answers.values() if _agree(items)]
    return sorted(kept, key=lambda item: (-item.score, item.question))


def _agree(items: list[Statement]) -> bool:
    fullest = max(items, key=lambda item: len(item.answers[0]))
    words = set(fullest.answers[0].lower().split())
    return all(
        item.sought.id == fullest.sought.id or set(item.answers[0].lower().split()) <= words
        for item in items
    )
