"""Reads CoNLL column files (a token and its tag on each line) into the corpora's records.

IOB1, IOB2 and BIO read alike: ``B-X`` begins a mention, ``I-X`` goes on with a mention of type X
and begins one where there is none. Which of these was meant cannot be told from a file.
"""

import logging
import re
from importlib.resources.abc import Traversable
from typing import Any

logger = logging.getLogger(__name__)

Record = dict[str, Any]

_TAG = re.compile(r"O|[BI]-.+")
_COMMENT = re.compile(r"#\s+\S+\s*=")
"""``# text = ...`` of CoNLL-U; a line of the token ``#`` has its tag there instead."""


def read_conll(
    file: Traversable, *, separator: str | None = None, token: int = 0, tag: int = -1
) -> list[Record]:
    """Read each sentence of a file, in order.

    Parameters
    ----------
    file:
        UTF-8: a ``pathlib.Path`` or a ``zipfile.Path``. A blank line or ``-DOCSTART-`` ends a
        sentence.
    separator:
        Between columns; None is a tab in lines that have one, else any white space.
    token, tag:
        Columns, from 0; negative ones count from the last.

    Returns
    -------
    list of dict
        ``id`` (the file's name and the sentence's number from 0), ``text`` (tokens joined by single
        spaces), ``tokenized`` (True), ``entities`` (``id``, ``start``, ``end``, ``text``,
        ``type``; half-open code points) and ``relations`` (none), as in ``ie/`` of the corpora.
        A line without those columns or with an odd tag is named in a warning; its token is left
        out, or read as outside of any mention.
    """
    sentences: list[list[tuple[str, str]]] = [[]]
    # Not splitlines: a token of a tweet may be one of the other line breaks of Unicode.
    for number, raw in enumerate(file.read_bytes().decode("utf-8-sig").split("\n"), 1):
        line = raw.rstrip("\r")
        if not line.strip() or line.startswith("-DOCSTART-"):
            sentences.append([])
        elif not _COMMENT.match(line):
            columns = line.split("\t" if separator is None and "\t" in line else separator)
            try:
                word, label = columns[token].strip(), columns[tag].strip()
            except IndexError:
                word, label = "", ""
            if not word or len(columns) == 1:
                logger.warning("%s line %d: no token and tag: %r", file.name, number, line[:80])
                continue
            if not _TAG.fullmatch(label):
                logger.warning("%s line %d: %r is no tag, read as O", file.name, number, label)
                label = "O"
            sentences[-1].append((word, label))
    stem = file.name.rsplit(".", 1)[0]
    filled = [sentence for sentence in sentences if sentence]
    return [_record(f"{stem}-{number}", sentence) for number, sentence in enumerate(filled)]


def _record(id_: str, sentence: list[tuple[str, str]]) -> Record:
    spans: list[tuple[int, int, str]] = []
    text, before = "", "O"
    for word, label in sentence:
        start = len(text) + bool(text)
        text = f"{text} {word}" if text else word
        if label.startswith("I-") and before[2:] == label[2:]:
            spans[-1] = (spans[-1][0], len(text), label[2:])
        elif label != "O":
            spans.append((start, len(text), label[2:]))
        before = label
    return {
        "id": id_,
        "text": text,
        "tokenized": True,
        "entities": [
            {"id": f"e{n}", "start": start, "end": end, "text": text[start:end], "type": type_}
            for n, (start, end, type_) in enumerate(spans)
        ],
        "relations": [],
    }
