"""What no document of a library says of an entity that it does name: questions to decline.

The graph not holding a fact is not enough: an extractor finds about every second one. So no passage
that names the entity, in any script, may hold a cue of the relation either, in either language.
What is left may still be said in other words: the user is asked to look.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterator

from eval.drafts.russian_names import gender_of, is_nominative
from eval.drafts.statements import Sentences
from eval.drafts.wordings import NAMED, SOUGHT, Wording, wordings
from indexes.records import Entity
from indexes.text import Language, language_of, stems
from kgrag.knowledge_base import KnowledgeBase

ASKED = ("P26", "P20", "P69", "P19", "P166", "P569", "P570")
"""What one would ask of a person. Not of organisations: a graph rarely knows that the
«Петербургская академия наук» of one document is the Academy of Sciences of another."""

_PLAIN: dict[str, dict[Language, re.Pattern[str]]] = {
    "P26": {
        "en": re.compile(r"\b(?:marri|wife|husband|wed|widow|spouse|bride)", re.I),
        "ru": re.compile(r"\b(?:жен|замуж|муж|супруг|вдов|невест|брак)", re.I),
    },
    "P166": {
        "en": re.compile(r"\b(?:award|prize|medal|won\b|honou?r|order of)", re.I),
        "ru": re.compile(r"\b(?:наград|преми|орден|медал|удосто)", re.I),
    },
    "P69": {
        "en": re.compile(r"\b(?:stud|educat|school|universit|college|pupil|taught|graduat)", re.I),
        "ru": re.compile(r"\b(?:учил|учен|учит|учёб|школ|университет|окончил|образован)", re.I),
    },
}
"""Wider than the cues of statements: here a miss makes a wrong question."""

LANGUAGES: tuple[Language, ...] = ("en", "ru")

_LEAST_MENTIONS = 2


def unstated(
    kb: KnowledgeBase, read: Sentences, draw: random.Random, limit: int
) -> list[tuple[str, Language, str]]:
    """Return (question with ``{}``, language, name), each of another entity.

    Parameters
    ----------
    kb, read:
        The library, and what was read of it.
    draw:
        Draws among what can be asked.
    limit:
        At most so many.
    """
    passages = _Passages(kb)
    stated = {
        (entity, fact.relation)
        for fact in kb.facts()
        for entity in (fact.subject.id, fact.object.id)
    }
    known = sorted(
        (entity for entity in read.entities.values() if _can_be_asked(entity, read)),
        key=lambda entity: entity.id,
    )
    draw.shuffle(known)
    found: list[tuple[str, Language, str]] = []
    counts: dict[str, int] = {}
    for entity in known:
        if len(found) >= limit:
            break
        name, language = entity.name, language_of(entity.name)
        about = passages.naming(entity)
        relations = sorted(ASKED, key=lambda relation: counts.get(relation, 0))
        for relation in relations:
            text = _worded(relation, language, name)
            if text and (entity.id, relation) not in stated and not _is_said(relation, about):
                found.append((text, language, name))
                counts[relation] = counts.get(relation, 0) + 1
                break
    return found


def _can_be_asked(entity: Entity, read: Sentences) -> bool:
    name = entity.name
    return (
        entity.type == "person"
        and name[:1].isupper()
        and " " in name
        and is_nominative(name)
        and not read.is_shared(entity, name)
        and read.mentioned[entity.id] >= _LEAST_MENTIONS
    )


class _Passages:
    """The paragraphs of all documents, each with the one after it, by the stems of their words."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self._texts: list[str] = []
        self._holding: dict[str, set[int]] = defaultdict(set)
        for document in kb.documents():
            parts = re.split(r"\n\s*\n", kb.document(document.id).text)
            for one, two in zip(parts, [*parts[1:], ""], strict=True):
                text = f"{one}\n{two}"
                for stem in set(stems(text)):
                    self._holding[stem].add(len(self._texts))
                self._texts.append(text)

    def naming(self, entity: Entity) -> list[str]:
        """Return those that have the last word of a name of an entity, in any form."""
        last = {found[-1] for name in (entity.name, *entity.aliases) if (found := stems(name))}
        numbers = {number for stem in last for number in self._holding.get(stem, ())}
        return [self._texts[number] for number in sorted(numbers)]


def _is_said(relation: str, passages: list[str]) -> bool:
    cues = list(_cues(relation))
    return any(cue.search(text) for cue in cues for text in passages)


def _cues(relation: str) -> Iterator[re.Pattern[str]]:
    yield from _PLAIN.get(relation, {}).values()
    for language in LANGUAGES:
        for wording in wordings(language).get(relation, ()):
            if NAMED not in wording.cue.pattern and SOUGHT not in wording.cue.pattern:
                yield wording.cue


def _worded(relation: str, language: Language, name: str) -> str | None:
    known: tuple[Wording, ...] = wordings(language).get(relation, ())
    if not known:
        return None
    first = known[0]
    if language == "en" or first.masculine == first.feminine:
        return first.masculine
    gender = gender_of(name)
    return None if gender is None else first.feminine if gender == "femn" else first.masculine
