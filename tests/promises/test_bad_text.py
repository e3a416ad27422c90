"""Any text is answered: offsets right, never a crash, time linear in the length (issue 3)."""

import math
import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgrag.extract.bundled import BundledExtractor
from kgrag.extract.tokens import split
from kgrag.ontology import load_ontology

UNITS = {
    "one letter": "x",
    "letters of two scripts": "qwжzйпbщяlфvюgнъdкэsт",
    "base64": "Q29uZ3JhdHVsYXRpb25z/MTIz+",
    "digits": "1234567890",
    "digits and dots": "1.2.3.",
    "one symbol": "|",
    "punctuation": '.,;:!?-()"«»',
    "full stops": ".",
    "ellipses": "…",
    "opening brackets": "(",
    "closing brackets": ")",
    "quotation marks": '"A" ',
    "a quotation mark a line": '"\n',
    "apostrophes": "a'",
    "underscores": "_",
    "mixed scripts": "Euler欧拉Эйлер오일러 ",
    "homoglyphs": "Рaris and Моscow аre сities of Еurope. ",
    "control characters": "".join(map(chr, range(1, 32))) + "\x7f\x80\x9b",
    "null characters": "Euler\x00Basel ",
    "emoji": "😀👩‍👩‍👧‍👦🏳️‍🌈👍🏽 ",
    "right to left": "مرحبا بالعالم من لندن שלום עולם ",
    "turned direction": "\u202eEuler\u202c was \u2067born\u2069 in Basel. ",
    "lone surrogates": "\ud800a\udfff Euler\udc80 ",
    "combining marks": "e\u0301",
    "nothing but combining marks": "\u0301",
    "stacked marks": "a" + "\u0301" * 50 + " ",
    "zero-width joiners": "\u200d",
    "joiners within words": "Eu\u200dler \u200bvisited Paris\u200b. ",
    "newlines": "\n",
    "lines of one letter": "x\n",
    "blocks of one letter": "x\n\n",
    "line ends of Windows": "Paris\r\n\r\n",
    "line ends of Unicode": "Paris\u2028\u2029\x85",
    "spaces": " ",
    "hard spaces": "\u00a0",
    "spaces and newlines": "   \n\t",
    "list items without text": "1. \n",
    "rows": "Euler | Basel |\n",
    "initials": "A. ",
    "Russian initials": "А.Б. ",
    "dialogue": "— Да? ",
    "one sentence of words": "word ",
    "one sentence of names": "Leonhard Euler Basel ",
    "a list of names": "Leonhard Euler, Paris, ",
    "sentences": "Leonhard Euler was born in Basel. ",
    "Russian sentences": "Леонард Эйлер родился в Базеле. ",
}
"""Each is repeated: what a scan, a log, a table, a chat or an attacker may hold."""

GROWTH = 2.6
"""At most so many times the CPU time for twice the text; linear is 2."""

NOISE_S = 0.05
"""What a busy neighbour may add; a quadratic cost would exceed it at these lengths."""


@pytest.fixture(scope="module")
def extractor() -> BundledExtractor:
    return BundledExtractor()


def _check(extractor: BundledExtractor, text: str) -> None:
    (extraction,) = extractor.extract([text])
    types = load_ontology().entity_types
    for mention in extraction.mentions:
        assert text[mention.start : mention.end] == mention.text
        assert not mention.text[0].isspace() and not mention.text[-1].isspace()
        assert mention.type in types
    for relation in extraction.relations:
        assert 0 <= relation.start < relation.end <= len(text)
        for index in (relation.subject, relation.object):
            mention = extraction.mentions[index]
            assert relation.start <= mention.start < mention.end <= relation.end


def _repeated(unit: str, length: int) -> str:
    return (unit * (length // len(unit) + 1))[:length]


def _assert_linear(run: Callable[[str], object], texts: list[str]) -> None:
    """Compare best times; a pair that misses the limit is measured again, twice at most."""

    def spend(text: str) -> float:
        began = time.process_time()
        run(text)
        return time.process_time() - began

    best = [spend(text) for text in texts]
    for (one, short), (two, long) in pairwise(enumerate(texts)):
        growth = GROWTH ** math.log2(len(long) / len(short))
        for _ in range(2):
            if best[two] <= growth * best[one] + NOISE_S:
                break
            best[two] = min(best[two], spend(long))
        # A short text that was slow by accident must not excuse a long one.
        best[one] = min(best[one], spend(short))
        assert best[two] <= growth * best[one] + NOISE_S, best


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_a_bad_text_is_answered_with_right_offsets(extractor: BundledExtractor, unit: str) -> None:
    _check(extractor, _repeated(unit, 300))


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "a", "Euler", ".", "\x00", "\u200d", "\ud800", "😀"]
)
def test_an_empty_text_and_a_single_token_are_answered(
    extractor: BundledExtractor, text: str
) -> None:
    _check(extractor, text)


@pytest.mark.parametrize("unit", ["x", "яX", "e\u0301", "1", "\n", " ", "\u00a0"])
def test_a_hundred_thousand_characters_without_a_word_are_answered_at_once(
    extractor: BundledExtractor, unit: str
) -> None:
    text = _repeated(unit, 100_000)
    began = time.process_time()
    _check(extractor, text)
    assert time.process_time() - began < 5.0


def test_most_names_are_found_amid_what_is_no_text(extractor: BundledExtractor) -> None:
    name, found = "Leonhard Euler was born in Basel.", 0
    for unit in UNITS.values():
        text = f"{_repeated(unit, 60)}\n\n{name}\n\n{_repeated(unit, 60)}"
        _check(extractor, text)
        found += any(mention.start == 62 for mention in extractor.extract([text])[0].mentions)
    assert found > 0.8 * len(UNITS)


ALPHABET = (
    st.sampled_from(
        "aZéяЁßİıſК 1٣½ \n\r\t\u00a0\u2028\x00\x85.,-—«»\"'’|()[]…"
        "😀👩\u200d🦰\u200b\u200e\u202e\ufeff\u0301\u0308\ud800\udfffשم欧ｱ"
    )
    | st.characters()
)
WORDS = st.sampled_from(
    ["Euler", "Basel", "Эйлер", "в Базеле", "was born in", "родился", "г.", "\n\n"]
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(ALPHABET, max_size=30) | WORDS, max_size=12), st.sampled_from(["", " "]))
def test_any_mixture_of_alphabets_is_answered_with_right_offsets(
    extractor: BundledExtractor, pieces: list[str], between: str
) -> None:
    _check(extractor, between.join(pieces))


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_a_text_is_cut_in_a_time_linear_in_its_length(unit: str) -> None:
    _assert_linear(split, [_repeated(unit, length) for length in (3_000, 12_000)])


@pytest.mark.parametrize("name", ["one symbol", "a list of names", "Russian sentences"])
def test_a_text_is_read_in_a_time_linear_in_its_length(
    extractor: BundledExtractor, name: str
) -> None:
    _check(extractor, "Euler in Basel")
    _assert_linear(
        lambda text: _check(extractor, text),
        [_repeated(UNITS[name], length) for length in (2_000, 8_000)],
    )


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_a_long_bad_text_is_read_in_a_time_linear_in_its_length(
    extractor: BundledExtractor, unit: str
) -> None:
    texts = [_repeated(unit, length) for length in (25_000, 50_000, 100_000)]
    _check(extractor, texts[0][:1_000])
    _assert_linear(split, texts)
    _assert_linear(lambda text: _check(extractor, text), texts)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("unit", ["word ", "слово ", "Euler met "])
def test_one_sentence_of_fifty_thousand_words_is_answered(
    extractor: BundledExtractor, unit: str
) -> None:
    _check(extractor, unit * (50_000 // len(unit.split())))
