"""The cited sentences of one claim, read together."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kgrag.verify.align import Alignment, align
from kgrag.verify.names import KnownNames
from kgrag.verify.numbers import ValueMatch, compare
from kgrag.verify.orders import is_order, without_orders
from kgrag.verify.records import Ground
from kgrag.verify.values import Value, values_of
from kgrag.verify.words import Word, is_cyrillic, words_of

MAX_TITLES = 60
_QUALIFIER = re.compile(r" \([^()]*\)$")

MAX_GROUNDS = 12
"""More citations than this for one sentence are not read."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The words, values and names of the grounds, and how the claim's words align with them.

    ``sentences`` are the cited sentences, each once, ``aligned`` the claim aligned with each;
    ``cover`` is how far they cover each word of the claim together, ``around`` how far they do so
    with passages and titles. ``matches`` says how their values stand to those of the claim.
    """

    claim: str
    words: tuple[Word, ...]
    sentences: tuple[str, ...]
    aligned: tuple[Alignment, ...]
    cover: tuple[float, ...]
    around: tuple[float, ...]
    matches: tuple[ValueMatch, ...]
    titled: tuple[Value, ...]
    known: KnownNames
    contexts: tuple[str, ...]
    titles: tuple[str, ...]

    @property
    def is_translated(self) -> bool:
        """Whether no cited sentence is in the script of the claim."""
        script = is_cyrillic(self.claim)
        return all(is_cyrillic(sentence) != script for sentence in self.sentences)


def read_sources(claim: str, grounds: Sequence[Ground]) -> Sources | None:
    """Read the grounds of a claim; None where all of them are orders to the assistant."""
    usable = [item for item in grounds[:MAX_GROUNDS] if not is_order(item.text, item.context)]
    if not usable:
        return None
    words = words_of(claim)
    sentences = tuple(dict.fromkeys(item.text for item in usable))
    aligned = tuple(align(words, words_of(sentence)) for sentence in sentences)
    cover = tuple(max(item.cover[i] for item in aligned) for i in range(len(words)))
    values = tuple(value for sentence in sentences for value in values_of(sentence))
    matches = compare(values_of(claim), values)
    cover = _with_values(words, cover, matches)
    contexts = tuple(
        dict.fromkeys(
            text for item in usable for text in (without_orders(item.context), item.title)
        )
    )
    wide = [align(words, words_of(text), near=False).cover for text in contexts]
    around = tuple(max(own, *(c[i] for c in wide)) for i, own in enumerate(cover))
    return Sources(
        claim,
        words,
        sentences,
        aligned,
        cover,
        around,
        matches,
        tuple(value for item in usable for value in values_of(item.title)),
        KnownNames(
            (*sentences, *contexts), tuple(group for item in usable for group in item.names)
        ),
        contexts,
        (*_titles(usable), *_first_names((claim, *sentences), contexts)),
    )


def _with_values(
    words: Sequence[Word], cover: Sequence[float], matches: Sequence[ValueMatch]
) -> tuple[float, ...]:
    """Return the cover with the words of values that the sources state: "two million"."""
    spans = [
        (item.value.start, item.value.end) for item in matches if item.match in ("same", "within")
    ]
    return tuple(
        1.0 if any(start <= word.start < end for start, end in spans) else own
        for word, own in zip(words, cover, strict=True)
    )


def _first_names(starting: Sequence[str], contexts: Sequence[str]) -> tuple[str, ...]:
    """Return first words that are names elsewhere, though a dictionary has them: Google, Apple."""
    first = {words[0].text for text in starting if (words := words_of(text))}
    named = {w.text for text in (*starting, *contexts) for w in words_of(text) if w.kind == "name"}
    return tuple(sorted(first & named))


def _titles(grounds: Sequence[Ground]) -> tuple[str, ...]:
    """Return the names that may hold words in lower case, as they are known from elsewhere."""
    names = (name for ground in grounds for group in ground.names for name in group)
    titles = (_QUALIFIER.sub("", ground.title) for ground in grounds)
    known = dict.fromkeys((*titles, *names))
    return tuple(name for name in known if " " in name)[:MAX_TITLES]
