"""What the models know of a word by itself: a static vector or word pieces, and its spelling.

All are computed once for each distinct word and kept in a table that is emptied when it is full.
"""

import re
import zlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexes.text import Language, stems
from kgrag.static_vectors import cyrillic

FEATURE_SIZES = (16384, 4096, 8192, 16384, 1024, 66, 16384)
"""Buckets for the word, its first three, last three and last four letters, its shape, its outline
(``outline_number``) and its stem."""

OUTLINE_COLUMN = 5

VECTOR_SIZES: dict[Language, int] = {"en": 0, "ru": 300}
"""Russian words have navec's vectors; English ones have word pieces, which MiniLM reads."""

MAX_PIECES = 6
"""Word pieces kept of one English word; fewer than one word in a thousand has more."""

PIECE_COLUMNS: dict[Language, int] = {"en": MAX_PIECES, "ru": 0}
"""Further columns of the features: ids of the word's pieces, padded with PAD."""

PAD, UNKNOWN_PIECE = 0, 100

PIECES_FILE = Path(__file__).parent.parent / "models/en/tokenizer.json"
"""The word pieces of BERT (uncased), as all-MiniLM-L6-v2 has them (Apache-2.0)."""

MAX_TABLE_WORDS = 30_000
"""About 20 MB at float16 for Russian."""

MAX_WORD_CHARS = 40
"""Longer runs of letters are no words; bounds the cost of one."""

_REPEATED = re.compile(r"(.)\1+")
_UNSEEN = re.compile("[\u0300-\u036f\ud800-\udfff]")
"""Stress marks, and halves of surrogate pairs, which no tokenizer takes."""

_PLAIN = {'"': "“”«»„‟", "'": "’‘`´ʼ", "-": "–—‐‑−"}
_SLOVNET_MARKS = "!#$%&()[]\\/*+,.:;<=>?@^_{|}~-‐−‒⁃–—―`\"'«»„“ʼʻ”№…"
_MARKS = {mark: number for number, mark in enumerate(_SLOVNET_MARKS, start=15)}
_NUMBER, _OTHER = 64, 65

_FOLD = str.maketrans({odd: plain for plain, chars in _PLAIN.items() for odd in chars})


class WordTable:
    """Vectors and features of words, filled as words are met.

    Parameters
    ----------
    language:
        Decides which vectors or pieces are loaded, on first use.
    capacity:
        Words kept before the table starts afresh.
    """

    def __init__(self, language: Language, capacity: int = MAX_TABLE_WORDS) -> None:
        self.language = language
        self.capacity = capacity
        self._rows: dict[str, int] = {}
        self._size = 0
        self._vectors = np.zeros((1024, VECTOR_SIZES[language]), np.float16)
        columns = len(FEATURE_SIZES) + PIECE_COLUMNS[language]
        self._features = np.zeros((1024, columns), np.int32)

    def rows(self, words: Sequence[str]) -> NDArray[np.int64]:
        """Return the row of each word; rows stay valid until the next call."""
        fresh = [word for word in dict.fromkeys(words) if word not in self._rows]
        if self._size + len(fresh) > self.capacity:
            self._rows.clear()
            self._size = 0
            fresh = list(dict.fromkeys(words))
        if fresh:
            self._add(fresh)
        table = self._rows
        return np.fromiter((table[word] for word in words), np.int64, len(words))

    def take(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return vectors, float32 (n, VECTOR_SIZES), and features of these rows.

        Features are int64 (n, FEATURE_SIZES and PIECE_COLUMNS).
        """
        return self._vectors[rows].astype(np.float32), self._features[rows].astype(np.int64)

    def _add(self, words: list[str]) -> None:
        folded = [fold(word) for word in words]
        needed = self._size + len(words)
        if needed > len(self._vectors):
            grow = max(needed, 2 * len(self._vectors)) - len(self._vectors)
            self._vectors = np.pad(self._vectors, ((0, grow), (0, 0)))
            self._features = np.pad(self._features, ((0, grow), (0, 0)))
        place = slice(self._size, needed)
        spelled = len(FEATURE_SIZES)
        self._features[place, :spelled] = [hashed_features(word) for word in folded]
        if self.language == "ru":
            self._vectors[place] = _russian(folded).astype(np.float16)
        else:
            self._features[place, spelled:] = _pieces(folded)
        self._rows.update(zip(words, range(self._size, needed), strict=True))
        self._size = needed


def fold(word: str) -> str:
    """Return the word without stress marks, with plain quotes and dashes, cut to 40 letters."""
    word = word[:MAX_WORD_CHARS]
    if word.isascii():
        return word
    return _UNSEEN.sub("", word).translate(_FOLD)


def hashed_features(word: str) -> tuple[int, ...]:
    """Return one bucket for each of FEATURE_SIZES (CRC-32 of the piece of spelling)."""
    lower = word.lower()
    pieces = (lower, "^" + lower[:3], lower[-3:] + "$", lower[-4:] + "$$", word_shape(word))
    hashed = map(_bucket, pieces, FEATURE_SIZES)
    stem = _bucket("=" + "".join(stems(word)), FEATURE_SIZES[-1])
    return (*hashed, outline_number(word), stem)


def _bucket(piece: str, size: int) -> int:
    return zlib.crc32(piece.encode("utf-8", "surrogatepass")) % size


def word_shape(word: str) -> str:
    """Return the casing of a word (``Xx``, ``X``, ``xXx``), its digits (``dd``), or itself."""
    if word.isdigit():
        return "d" * min(len(word), 5)
    if not word[:1].isalpha():
        return word
    if len(word) == 1:
        return "X1" if word.isupper() else "x1"
    kinds = "".join("X" if char.isupper() else "x" for char in word)
    return _REPEATED.sub(r"\1", kinds)[:6]


def outline_number(word: str) -> int:
    """Return script and casing of a token as the number that slovnet's models know it by, 1..65."""
    first = word[:1].lower()
    if first.isdigit():
        return _NUMBER
    if not first.isalpha():
        return _MARKS.get(word, _OTHER)
    script = 1 if "а" <= first <= "я" or first == "ё" else 8 if "a" <= first <= "z" else None
    if script is None:
        return _OTHER
    if len(word) == 1:
        return script + (0 if word.isupper() else 1)
    if word.isupper():
        return script + 2
    return script + (3 if word.islower() else 4 if word.istitle() else 6)


def _russian(words: list[str]) -> NDArray[np.float32]:
    table = cyrillic()
    unknown = -1
    ids = np.fromiter((_navec_row(table.index, word) for word in words), np.int64, len(words))
    vectors = np.zeros((len(words), VECTOR_SIZES["ru"]), np.float32)
    known = ids != unknown
    if known.any():
        vectors[known] = table.rows(ids[known])
    return vectors


def _navec_row(index: dict[str, int], word: str) -> int:
    lower = word.lower()
    row = index.get(lower)
    return index.get(lower.replace("ё", "е"), -1) if row is None else row


def _pieces(words: list[str]) -> NDArray[np.int32]:
    """Return the ids of each word's pieces, int32 (n, MAX_PIECES)."""
    rows = np.full((len(words), MAX_PIECES), PAD, np.int32)
    encoded = _tokenizer().encode_batch(words, add_special_tokens=False)
    for row, pieces in zip(rows, encoded, strict=True):
        ids = (pieces.ids or [UNKNOWN_PIECE])[:MAX_PIECES]
        row[: len(ids)] = ids
    return rows


@lru_cache(maxsize=1)
def _tokenizer() -> Any:  # noqa: ANN401
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(PIECES_FILE))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer
