"""A library whose graph is told beforehand: what a sentence states is looked up, not extracted."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from indexes.records import Extraction, Mention, MentionRelation
from indexes.text import sentences
from kgrag import KnowledgeBase
from tests.fakes import open_knowledge_base, write_files

Facts = Sequence[tuple[str, str, str, float]]
"""(subject, relation, object, score), in the words of the documents."""


class Told:
    """Finds names from a list, and states the facts whose names stand in one sentence."""

    name = "told"
    fingerprint = "told-1"

    def __init__(self, types: Mapping[str, str], facts: Facts) -> None:
        self._types = types
        self._facts = facts

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        return [self._extract(text) for text in texts]

    def _extract(self, text: str) -> Extraction:
        mentions: list[Mention] = []
        relations: list[MentionRelation] = []
        for start, end in sentences(text):
            first = len(mentions)
            mentions += sorted(self._names(text, start, end), key=lambda mention: mention.start)
            here = {mentions[at].text: at for at in range(first, len(mentions))}
            relations += [
                MentionRelation(here[one], relation, here[two], start, end, score)
                for one, relation, two, score in self._facts
                if one in here and two in here
            ]
        return Extraction(tuple(mentions), tuple(relations))

    def _names(self, text: str, start: int, end: int) -> list[Mention]:
        found: list[Mention] = []
        for name in sorted(self._types, key=len, reverse=True):
            at = text.find(name, start, end)
            if at >= 0 and not any(
                at < known.end and known.start < at + len(name) for known in found
            ):
                found.append(Mention(at, at + len(name), name, self._types[name], 0.9))
        return found


def told(
    folder: Path, documents: Mapping[str, str], types: Mapping[str, str], facts: Facts
) -> KnowledgeBase:
    """Open a library of these documents, in which these facts hold where a sentence has them."""
    write_files(folder / "documents", dict(documents))
    extractor: Callable[[], Told] = lambda: Told(types, facts)  # noqa: E731
    kb = open_knowledge_base(folder / "library", chroma=False, extractor=extractor)
    kb.add(folder / "documents")
    return kb
