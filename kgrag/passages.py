"""Cut a document into passages: runs of whole sentences that never cross a heading."""

from collections.abc import Sequence

from indexes.records import Heading, Passage
from indexes.text import sentences

TARGET_CHARS = 500
"""Aimed at: about four sentences, the length of the passages of HotpotQA and 2WikiMultiHopQA, on
which static embeddings and BM25 were measured (shared reference, Text)."""

MAX_CHARS = 800
"""A sentence that would carry a passage past this starts the next one."""


def split_passages(text: str, headings: Sequence[Heading] = ()) -> tuple[Passage, ...]:
    """Return the passages of a text, in order; every sentence lies in exactly one.

    A passage may be longer than ``MAX_CHARS`` only where a single sentence is.
    """
    breaks = {heading.start for heading in headings}
    passages: list[Passage] = []
    start = end = -1
    for sentence_start, sentence_end in sentences(text):
        is_full = start >= 0 and (
            end - start >= TARGET_CHARS
            or sentence_end - start > MAX_CHARS
            or any(edge in breaks for edge in range(end, sentence_start + 1))
        )
        if is_full:
            passages.append(Passage(len(passages), start, end))
            start = -1
        start = sentence_start if start < 0 else start
        end = sentence_end
    if start >= 0:
        passages.append(Passage(len(passages), start, end))
    return tuple(passages)
