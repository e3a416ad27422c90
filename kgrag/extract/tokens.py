"""Cuts a text into tokens, sentences and windows, the same way in training and at run time.

A token is a run of letters (with its combining accents), a run of digits, or one other visible
character, so every border of an entity in the training corpora is a border of a token. A *part* is
a run of whole sentences in one language; a *window* is what the encoder sees at once.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from indexes.text import Language, language_of, sentences

MAX_WINDOW_TOKENS: dict[Language, int] = {"en": 192, "ru": 384}
"""Longest input of the encoder. English is read by attention, whose cost grows with the length, and
which takes 512 word pieces; Russian by convolutions, which see 37 tokens either side."""

MAX_PART_TOKENS = 4096
"""Relations are looked for within a part; bounds memory at about 40 MB."""

MIN_BLOCK_LETTERS = 20
"""A shorter block (a name, a heading) does not change the language of what surrounds it."""

MAX_HEADING_TOKENS = 20

_END_MARKS = ".!?…:;"
_TOKEN = re.compile(r"(?:[^\W\d_][\u0300-\u036f]*)+|\d+|\S")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_LETTER = re.compile(r"[^\W\d_]")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Part:
    """Sentences of one language; offsets count code points of the whole text.

    ``tokens`` in text order, ``sentence_of`` the sentence of each token (index into ``sentences``),
    ``windows`` half-open ranges of token indices that follow one another.
    """

    language: Language
    tokens: tuple[Span, ...]
    sentences: tuple[Span, ...]
    sentence_of: tuple[int, ...]
    windows: tuple[Span, ...]


def tokenize(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """Return the [start, end) of each token of ``text[start:end]``, in order."""
    stop = len(text) if end is None else end
    return [match.span() for match in _TOKEN.finditer(text, start, stop)]


def split(text: str, language: Language | None = None) -> list[Part]:
    """Return the parts of a text, in order.

    Parameters
    ----------
    text:
        Any text.
    language:
        Taken for the whole text; None decides for each block between blank lines.
    """
    parts: list[Part] = []
    pending: list[tuple[Span, list[Span]]] = []
    size, current = 0, language
    runs = [(0, len(text), language)] if language else _language_runs(text)
    run = 0
    for start, end in sentences(text):
        while start >= runs[run][1]:
            run += 1
        tokens = tokenize(text, start, end)
        spoken = runs[run][2]
        if pending and (spoken != current or size + len(tokens) > MAX_PART_TOKENS):
            parts.append(_part(text, pending, current or "en"))
            pending, size = [], 0
        current = spoken
        pending.append(((start, end), tokens))
        size += len(tokens)
    return [*parts, _part(text, pending, current or "en")] if pending else parts


def block_of(text: str, part: Part) -> list[int]:
    """Return the block of each token, counted from 0: blank lines part them."""
    blocks: list[int] = []
    block = end = 0
    for sentence, (start, stop) in zip(part.sentence_of, part.tokens, strict=True):
        new = blocks and sentence != part.sentence_of[len(blocks) - 1]
        if new and _BLANK_LINE.search(text, end, start):
            block += 1
        blocks.append(block)
        end = stop
    return blocks


def _part(text: str, pieces: list[tuple[Span, list[Span]]], language: Language) -> Part:
    """Pack whole sentences into windows of about one length; a longer sentence is cut.

    A heading ends its window: read in one breath with the text below, both become one odd sentence.
    """
    total = sum(len(piece) for _, piece in pieces)
    longest = MAX_WINDOW_TOKENS[language]
    aim = -(-total // -(-total // longest)) if total else 0
    tokens: list[Span] = []
    sentence_of: list[int] = []
    windows: list[Span] = []
    begin = 0
    for number, (_, piece) in enumerate(pieces):
        grown = len(tokens) + len(piece) - begin
        if len(tokens) > begin and (
            grown > longest
            or len(tokens) - begin >= aim
            or _is_heading(text, pieces[number - 1], pieces[number])
        ):
            windows.append((begin, len(tokens)))
            begin = len(tokens)
        tokens.extend(piece)
        sentence_of.extend([number] * len(piece))
        while len(tokens) - begin > longest:
            windows.append((begin, begin + longest))
            begin += longest
    if len(tokens) > begin:
        windows.append((begin, len(tokens)))
    return Part(
        language=language,
        tokens=tuple(tokens),
        sentences=tuple(span for span, _ in pieces),
        sentence_of=tuple(sentence_of),
        windows=tuple(windows),
    )


def _is_heading(text: str, piece: tuple[Span, list[Span]], below: tuple[Span, list[Span]]) -> bool:
    """Return whether a block is short and without an end mark, and a whole sentence follows."""
    (_, end), tokens = piece
    return (
        len(tokens) <= MAX_HEADING_TOKENS
        and text[end - 1] not in _END_MARKS
        and text[below[0][1] - 1] in _END_MARKS
        and _BLANK_LINE.match(text, end) is not None
    )


def _language_runs(text: str) -> list[tuple[int, int, Language]]:
    """Return [start, end) and language of each run of blocks that agree."""
    cuts = [0, *(match.end() for match in _BLANK_LINE.finditer(text)), len(text)]
    runs: list[tuple[int, int, Language]] = []
    decided = False
    for start, end in pairwise(cuts):
        block = text[start:end]
        spoken = language_of(block)
        enough = len(_LETTER.findall(block[:4000])) >= MIN_BLOCK_LETTERS
        if runs and (spoken == runs[-1][2] or not enough):
            runs[-1] = (runs[-1][0], end, runs[-1][2])
        elif runs and not decided:
            runs[-1] = (runs[-1][0], end, spoken)
        else:
            runs.append((start, end, spoken))
        decided = decided or enough
    return runs
