"""What words are to a sentence: verbs, active or passive, and Russian names in their cases."""

from functools import lru_cache

from kgrag.names import morphology
from kgrag.verify.words import Word, is_cyrillic

_BE = frozenset("is are was were be been being gets got get".split())
_HAVE = frozenset("has have had having".split())


@lru_cache(maxsize=20_000)
def is_verb(word: str) -> bool:
    """Return whether a word may be a finite verb or a participle."""
    if is_cyrillic(word):
        return any(
            p.tag.POS in ("VERB", "PRTS", "PRTF") and p.score >= 0.1
            for p in morphology().parse(word.lower())[:3]
        )
    return any(_is_form(word.lower(), tag) for tag in ("VBD", "VBN", "VBZ"))


def is_passive(words: tuple[Word, ...], index: int) -> bool:
    """Return whether a word is a passive participle: "was acquired", «основан»."""
    word = words[index].text.lower()
    if is_cyrillic(word):
        return _is_russian_passive(word)
    if not _is_form(word, "VBN"):
        return False
    before = {item.text.lower() for item in words[max(index - 3, 0) : index]}
    after = [item.text.lower() for item in words[index + 1 : index + 3]]
    if before & _BE or "by" in after:
        return True
    return not before & _HAVE and not _is_form(word, "VBD")


@lru_cache(maxsize=20_000)
def _is_form(word: str, tag: str) -> bool:
    """Return whether a lower-case English word is this form of a verb, by its Penn tag."""
    from lemminflect import getAllLemmas, getInflection

    lemmas = getAllLemmas(word).get("VERB", ())
    return any(word in getInflection(lemma, tag) for lemma in lemmas)


@lru_cache(maxsize=10_000)
def _is_russian_passive(word: str) -> bool:
    parse = morphology().parse(word)[0]
    return "pssv" in parse.tag


@lru_cache(maxsize=10_000)
def cases_of(words: tuple[str, ...]) -> frozenset[str]:
    """Return the cases that a Russian name may stand in; none for one that is not Russian."""
    shared: set[str] | None = None
    for word in words:
        if not is_cyrillic(word):
            continue
        parses = morphology().parse(word)
        cases = {str(p.tag.case) for p in parses if p.tag.case and p.score >= 0.05}
        cases = {{"gen2": "gent", "acc2": "accs", "loc2": "loct"}.get(c, c) for c in cases}
        shared = cases if shared is None else (shared & cases) or shared
    return frozenset(shared or ())
