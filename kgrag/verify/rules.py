"""What in a claim plainly does not agree with its sources: values, names, denials, parts.

Each finding says how far the claim can still be supported; the worst one decides.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kgrag.verify.align import Alignment
from kgrag.verify.names import find_names
from kgrag.verify.negation import Cue, cues_of
from kgrag.verify.opposites import is_converse, is_opposite
from kgrag.verify.records import Status
from kgrag.verify.roles import exchanged
from kgrag.verify.slots import slot_of
from kgrag.verify.sources import Sources
from kgrag.verify.values import Value
from kgrag.verify.words import Word, words_of

_ROMAN = "I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX XXI".split()

SEVERITY: tuple[Status, ...] = ("contradicted", "unsupported", "partly", "supported")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that fails: ``kind`` and ``parts`` are those of ``reasons.reason``."""

    kind: str
    status: Status
    parts: Mapping[str, str] = field(default_factory=dict)


def findings(sources: Sources) -> list[Finding]:
    """Return all that fails, the worst first."""
    found = [
        *_values(sources),
        *_names(sources),
        *_denials(sources),
        *_roles(sources),
        *_opposites(sources),
    ]
    return sorted(found, key=lambda item: SEVERITY.index(item.status))


def _values(sources: Sources) -> Iterator[Finding]:
    titled = {value.literal for value in sources.titled}
    for item in sources.matches:
        if item.match in ("same", "within") or item.value.literal in titled:
            continue
        if _is_part_of_name(item.value, sources) or _is_roman(item.value, sources):
            continue
        parts = {"claimed": item.value.text}
        if item.nearest is None:
            yield Finding("no_value", "unsupported", parts)
        elif item.match == "finer":
            yield Finding("finer", "partly", parts | {"stated": item.nearest.text})
        else:
            yield Finding("value", "contradicted", parts | {"stated": item.nearest.text})


def _is_part_of_name(value: Value, sources: Sources) -> bool:
    """Return whether a number belongs to a name that the passage has too: AS-278, Apollo 8."""
    before = re.search(r"([^\W\d_]+)[- ]$", sources.claim[: value.start])
    if before is None or not before[1][0].isupper():
        return False
    pattern = rf"{re.escape(before[1])}[- ]?{re.escape(value.text)}\b"
    return any(re.search(pattern, text, re.IGNORECASE) for text in sources.contexts)


def _is_roman(value: Value, sources: Sources) -> bool:
    """Return whether a small number stands in a source as a Roman numeral."""
    digits = value.literal.value
    if not (digits.isdigit() and 0 < int(digits) <= len(_ROMAN)):
        return False
    numeral = _ROMAN[int(digits) - 1]
    return any(word.text == numeral for text in sources.sentences for word in words_of(text))


def _names(sources: Sources) -> Iterator[Finding]:
    for item in find_names(sources.claim, sources.known):
        if not item.missing and not item.is_mixed:
            continue
        whole = item.is_whole or item.is_mixed
        # Between scripts a name that sounds otherwise there is not found without its aliases.
        status: Status = "unsupported" if whole and not sources.is_translated else "partly"
        named = item.name.text if whole else " ".join(item.missing)
        yield Finding("name", status, {"claimed": named})


def _denials(sources: Sources) -> Iterator[Finding]:
    said = cues_of(sources.claim)
    for sentence, alignment in zip(sources.sentences, sources.aligned, strict=True):
        yield from _denials_of_one(sources, sentence, alignment, said)


def _denials_of_one(
    sources: Sources, sentence: str, alignment: Alignment, said: Sequence[Cue]
) -> Iterator[Finding]:
    stated = cues_of(sentence)
    there = words_of(sentence)
    denied_there = {word.start for cue in stated if cue.denies for word in cue.about}
    for cue in (cue for cue in said if cue.denies):
        places = [alignment.partner[sources.words.index(word)] for word in cue.about]
        first = next((there[place] for place in places if place is not None), None)
        if first is not None and first.start not in denied_there:
            yield Finding("denies", "contradicted", {"word": cue.text})
    denied_here = {word.start for cue in said if cue.denies for word in cue.about}
    for cue in stated:
        claimed = _claimed(sources, alignment, there, cue)
        if claimed is None:
            continue
        if cue.denies and claimed.start not in denied_here:
            yield Finding("denied", "contradicted", {"word": cue.text})
        elif not cue.denies and not any(not other.denies for other in said):
            yield Finding("hedged", "partly", {"word": cue.text})


def _claimed(
    sources: Sources, alignment: Alignment, there: Sequence[Word], cue: Cue
) -> Word | None:
    """Return the word of the claim that says what a cue of the source is about: its first word."""
    if not cue.about:
        return None
    first = cue.about[0]
    if sum(bool(word.keys & first.keys) for word in there) > 1:
        return None  # said twice, perhaps once without the cue
    place = there.index(first)
    found = (w for w, p in zip(sources.words, alignment.partner, strict=True) if p == place)
    return next(found, None)


def _roles(sources: Sources) -> Iterator[Finding]:
    for sentence, alignment in zip(sources.sentences, sources.aligned, strict=True):
        found = exchanged(sources.claim, sentence, alignment, sources.titles)
        if found:
            yield Finding("roles", "contradicted", {"one": found.one, "other": found.other})


def _opposites(sources: Sources) -> Iterator[Finding]:
    """Find words of the claim that the sources lack, where the opposite stands in their place."""
    sentences = [words_of(sentence) for sentence in sources.sentences]
    known = {key for words in sentences for word in words for key in word.keys}
    said = {key for word in sources.words for key in word.keys}
    for index, word in enumerate(sources.words):
        if word.kind not in ("content", "function") or word.keys & known:
            continue
        for words in sentences:
            for place, other in enumerate(words):
                if other.keys & said or not is_opposite(word, other) or is_converse(word, other):
                    continue
                if slot_of(sources.words, index, index).meets(slot_of(words, place, place)):
                    parts = {"claimed": word.text, "stated": other.text}
                    yield Finding("opposite", "contradicted", parts)
