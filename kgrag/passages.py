"""Cut a document into passages: runs of whole sentences under one heading."""

from collections import deque
from collections.abc import Sequence
from itertools import groupby

from indexes.records import Heading, Passage
from indexes.text import sentences

MAX_CHARS = 800
"""A longer section is cut into passages of about one length. The passages of HotpotQA and
2WikiMultiHopQA, on which static vectors and BM25 were measured, are seldom longer."""

Span = tuple[int, int]


def split_passages(text: str, headings: Sequence[Heading] = ()) -> tuple[Passage, ...]:
    """Return the passages of a text, in order; every sentence lies in exactly one.

    A passage may be longer than ``MAX_CHARS`` only where a single sentence is.
    """
    starts = {heading.start for heading in headings}
    passages: list[Passage] = []
    above: list[Heading] = []
    waiting = deque(headings)
    for section in _sections(sentences(text), starts):
        for run in _balanced(section):
            start, end = run[0][0], run[-1][1]
            while waiting and waiting[0].start < start:
                heading = waiting.popleft()
                above = [*(other for other in above if other.level < heading.level), heading]
            is_headed = waiting and waiting[0].start == start
            over = [other for other in above if not is_headed or other.level < waiting[0].level]
            context = " › ".join(text[heading.start : heading.end] for heading in over)
            passages.append(Passage(len(passages), start, end, tuple(run), context))
    return tuple(passages)


def _sections(spans: Sequence[Span], headings: set[int]) -> list[list[Span]]:
    """Cut before each heading, unless nothing but headings stands above it."""
    sections: list[list[Span]] = []
    for is_heading, run in groupby(spans, lambda span: span[0] in headings):
        if is_heading or not sections:
            sections.append([])
        sections[-1] += run
    return sections


def _balanced(section: Sequence[Span]) -> list[list[Span]]:
    """Cut a section into as few runs as ``MAX_CHARS`` admits, of about one length."""
    length = section[-1][1] - section[0][0]
    aim = length / -(-length // MAX_CHARS)
    runs: list[list[Span]] = [[]]
    for span in section:
        run = runs[-1]
        if run and (run[-1][1] - run[0][0] >= aim or span[1] - run[0][0] > MAX_CHARS):
            runs.append([])
        runs[-1].append(span)
    return runs
