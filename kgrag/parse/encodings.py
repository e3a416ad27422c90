"""Bytes become text: byte order mark, then valid UTF-8, then what was declared, then a guess.

Cyrillic is guessed here, by how common the letters are that an encoding yields: charset-normalizer
takes cp866 for cp1125, and short texts for neighbours. Everything else is its guess.
"""

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CYRILLIC = ("cp1251", "koi8-u", "cp866", "iso8859-5", "mac-cyrillic")
# Letters that make up two thirds of running Russian, Ukrainian, Bulgarian and Serbian text.
_COMMON = re.compile("[оеаинтсрвлкмдпуОЕАИНТСРВЛКМДПУ]")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_LETTER = re.compile("[\u0400-\u045f\u0490\u0491]")
# What a wrong choice among the five yields: capitals inside words, letters next to drawn lines.
_ODD = re.compile(
    r"[а-яё][А-ЯЁ]|[a-zA-Z][А-Яа-яЁё]|[А-Яа-яЁё][a-zA-Z]|[\u2500-\u259f\u0080-\u009f]"
)
# Often declared out of habit.
_WESTERN = {"cp1252", "iso8859-1", "iso8859-15", "ascii", "utf-8"}
_WESTERN_TEXT = re.compile(
    r"[\s!-~ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜßàáâãäåæçèéêëìíîïñòóôõöøùúûüœŒ"
    r"¡¿«»“”„‘’‚–—…•°§©®™€£·ªº\xa0\xad]*"
)
_BINARY = bytes({*range(0x20)} - {*b"\t\n\v\f\r\x1b"})

_SAMPLE_BYTES = 65_536
_MAX_BINARY_SHARE = 0.01
"""Of control bytes; random bytes have 0.11, text with stray NULs well under 0.001."""
_MAX_BROKEN_SHARE = 0.05
"""Of the non-ASCII sequences: a UTF-8 text with a few damaged bytes is still UTF-8."""
_MAX_WESTERN_SHARE = 0.25
"""Of letters with accents; more of them are letters of another script."""
_MIN_CYRILLIC_SCORE = 0.6
"""Measured on the sample files: whole Russian texts 0.80 to 0.86, 99 in 100 runs of 60 letters
above 0.61; Western, Greek and East Asian texts read as Cyrillic under 0.45 (Hebrew 0.69: it must
declare itself)."""


def decode(content: bytes, declared: str | None = None) -> str | None:
    """Return the text, or None where the bytes are no text.

    Parameters
    ----------
    content:
        The bytes of a text file.
    declared:
        The encoding that the file says it has; believed where it fits the bytes.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, errors="replace")
    wide = _utf16_without_mark(content)
    if wide:
        return content.decode(wide, errors="replace")
    if len(content) - len(content.translate(None, _BINARY)) > _MAX_BINARY_SHARE * len(content):
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        pass
    if _is_damaged_utf8(content):
        return content.decode(errors="replace")
    return content.decode(_encoding_of(_sample(content), declared), errors="replace")


def _utf16_without_mark(content: bytes) -> str | None:
    """UTF-16 shows as zeros (of spaces and ASCII) at every second place only."""
    sample = content[:_SAMPLE_BYTES]
    pairs = len(sample) // 2
    if pairs < 2:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.05 * pairs and even < 0.02 * odd:
        return "utf-16-le"
    return "utf-16-be" if even > 0.05 * pairs and odd < 0.02 * even else None


def _is_damaged_utf8(content: bytes) -> bool:
    text = content.decode(errors="replace")
    broken = text.count("\ufffd")
    whole = len(_NOT_ASCII.findall(text)) - broken
    return broken <= _MAX_BROKEN_SHARE * whole


def _sample(content: bytes) -> bytes:
    """Return the first lines that tell encodings apart: those with bytes outside ASCII."""
    lines, size = [], 0
    for line in content.splitlines():
        if line.isascii():
            continue
        lines.append(line[:_SAMPLE_BYTES])
        size += len(lines[-1])
        if size > _SAMPLE_BYTES:
            break
    return b"\n".join(lines)


def _encoding_of(sample: bytes, declared: str | None) -> str:
    scores = {encoding: _cyrillic_score(sample, encoding) for encoding in _CYRILLIC}
    best = max(scores, key=lambda encoding: scores[encoding])
    known = _known(declared) if declared else None
    if known and _fits(sample, known):
        doubted = known in _WESTERN or known in scores
        if not doubted or scores[best] < _MIN_CYRILLIC_SCORE or scores.get(known) == scores[best]:
            return known
    if scores[best] >= _MIN_CYRILLIC_SCORE:
        return best
    from charset_normalizer import from_bytes

    western = sample.decode("cp1252", errors="replace")
    few = len(_NOT_ASCII.findall(western)) < _MAX_WESTERN_SHARE * len(western)
    if few and _WESTERN_TEXT.fullmatch(western):
        return "cp1252"
    guess = from_bytes(sample).best()
    return guess.encoding if guess else "cp1252"


def _known(encoding: str) -> str | None:
    """Return Python's name of a text encoding, or None where it knows none of that name."""
    try:
        "".encode(encoding)  # LookupError too for those that are no text encodings
        return codecs.lookup(encoding).name
    except LookupError:
        return None


def _fits(sample: bytes, encoding: str) -> bool:
    try:
        sample.decode(encoding)
    except UnicodeError:
        return False
    return True


def _cyrillic_score(sample: bytes, encoding: str) -> float:
    """Return the share of non-ASCII characters that are common letters, less the odd ones."""
    text = sample.decode(encoding, errors="replace")
    foreign = len(_NOT_ASCII.findall(text))
    if not _LETTER.search(text):
        return 0.0
    return (len(_COMMON.findall(text)) - 2 * len(_ODD.findall(text))) / foreign
