"""Reads brat's standoff files (``.txt`` with ``.ann``) into the records of the annotated corpora.

An annotation file is written by hand, so a line that says nothing sensible is named in a warning
and left out; the rest of its file is read. NEREL v1.1 has cut lines, ids that are none (``MULL``,
``P634``, ``(Q15180``), links of mentions that are gone, relations stated twice and mentions with
several links, of which the last stands. Mentions in several pieces keep them as ``fragments``.
"""

import logging
import re
from importlib.resources.abc import Traversable
from typing import Any

logger = logging.getLogger(__name__)

Record = dict[str, Any]

_MENTION = re.compile(r"(T\d+)\t(\S+) (\d+ \d+(?:;\d+ \d+)*)\t(.+)")
_RELATION = re.compile(r"R\d+\t(\S+) \S+:(T\d+) \S+:(T\d+)\s*")
_LINK = re.compile(r"N\d+\tReference (T\d+) Wikidata:(\S+)\t?(.*)")
_QID = re.compile(r"\(?(Q\d+)\)?")
_NOT_READ = re.compile(r"(?:[AEM]\d+|#\d+|\*)\t.*")
"""Attributes, events, notes and equivalences: sound lines, of no use here."""


def read_brat(folder: Traversable) -> list[Record]:
    """Read each annotated text of a folder, in order of its name.

    Parameters
    ----------
    folder:
        Holds ``NAME.txt`` and ``NAME.ann``, UTF-8: a ``pathlib.Path`` or a ``zipfile.Path``.

    Returns
    -------
    list of dict
        ``id`` (NAME), ``text``, ``tokenized`` (False), ``entities`` (``id``, ``start``, ``end``,
        ``text``, ``type``, where in pieces ``fragments``, where linked ``link``) and ``relations``
        (``type``, ``head``, ``tail``), as in ``ie/`` of the corpora. Offsets are half-open code
        points; those of a mention in pieces reach from its first character to its last.
    """
    files = {file.name: file for file in folder.iterdir()}
    records = []
    for name in sorted(name for name in files if name.endswith(".ann")):
        text = files.get(name.removesuffix(".ann") + ".txt")
        if text is None:
            logger.warning("%s: left out, it has no text beside it", name)
            continue
        # Decoded from bytes: reading as text would turn \r\n into \n, and offsets count both.
        annotation = files[name].read_bytes().decode("utf-8")
        records.append(_record(name, text.read_bytes().decode("utf-8"), annotation.split("\n")))
    return records


def _record(name: str, text: str, lines: list[str]) -> Record:
    entities: dict[str, Record] = {}
    relations: dict[tuple[str, str, str], None] = {}
    numbered = [(number, line.rstrip("\r")) for number, line in enumerate(lines, 1)]
    # Relations and links come after all mentions, wherever their lines stand.
    for number, line in sorted(numbered, key=lambda pair: not pair[1].startswith("T")):
        wrong = None
        if match := _MENTION.fullmatch(line):
            wrong = _add_mention(entities, text, match)
        elif match := _RELATION.fullmatch(line):
            type_, head, tail = match.groups()
            wrong = _missing(entities, head, tail)
            if wrong is None:
                relations[type_, head, tail] = None
        elif match := _LINK.fullmatch(line):
            wrong = _add_link(entities, *match.groups())
        elif line.strip() and not _NOT_READ.fullmatch(line):
            wrong = "neither a mention nor a relation nor a link"
        if wrong:
            logger.warning("%s line %d: %s: %r", name, number, wrong, line[:80])
    return {
        "id": name.removesuffix(".ann"),
        "text": text,
        "tokenized": False,
        "entities": list(entities.values()),
        "relations": [
            {"type": type_, "head": head, "tail": tail} for type_, head, tail in relations
        ],
    }


def _add_mention(entities: dict[str, Record], text: str, match: re.Match[str]) -> str | None:
    """Add a mention, or say why not: its wording must be what its offsets hold."""
    id_, type_, spans, quoted = match.groups()
    pieces = [tuple(map(int, span.split())) for span in spans.split(";")]
    found = " ".join(text[start:end] for start, end in pieces)
    if found.replace("\n", " ") != quoted or id_ in entities:
        return f"given twice, or not what the text holds there ({found[:40]!r})"
    pieces.sort()
    start, end = pieces[0][0], max(end for _, end in pieces)
    entity = {"id": id_, "start": start, "end": end, "text": text[start:end], "type": type_}
    if len(pieces) > 1:
        entity["fragments"] = [list(piece) for piece in pieces]
    entities[id_] = entity
    return None


def _add_link(entities: dict[str, Record], id_: str, target: str, name: str) -> str | None:
    """Add a link, or say what is wrong with it: ``NULL`` says that Wikidata has no such thing."""
    missing = _missing(entities, id_)
    if missing:
        return missing
    if target.upper() == "NULL":
        entities[id_]["link"] = {"wikidata": None, "nil": True}
        return None
    match = _QID.fullmatch(target)
    if match is None:
        return f"{target!r} is no id of Wikidata's"
    name, *rest = name.split("\t")
    entities[id_]["link"] = {"wikidata": match[1], "name": name}
    return "two lines run together, only the first is read" if rest else None


def _missing(entities: dict[str, Record], *ids: str) -> str | None:
    unknown = [id_ for id_ in ids if id_ not in entities]
    return f"no mention is called {unknown[0]}" if unknown else None
