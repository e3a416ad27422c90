"""English and Russian texts as unit vectors in one space, from static word vectors: no model runs.

A text is a weighted sum of its words. Latin script: wordllama's word pieces, whose lengths already
say how much a piece matters. Cyrillic: navec's words, the frequent ones damped, mapped from 300 to
256 dimensions by a matrix that ``kgrag.train.align`` fitted on parallel texts. A Cyrillic word that
navec lacks (most surnames) is read in transliteration by the Latin pieces, so that «Эйлер» and
"Euler" share something. A row depends on its own text only, to the bit.
"""

import hashlib
import io
import re
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from indexes.errors import ModelError
from kgrag.names import transliterate
from kgrag.static_vectors import Vectors, cyrillic, latin

ALIGNMENT = Path(__file__).parent / "models" / "alignment.npz"
RECIPE = "static-1"
"""Part of the fingerprint: raise it whenever a text could get another vector."""

DIMENSION = 256
CYRILLIC_DIMENSION = 300

TRANSLITERATED_WEIGHT = 0.3
"""XQuAD, recall@5 with and without: ru->ru 95.7 and 93.8, en->ru 86.9 and 84.0 (own trial)."""

_CHUNK_TEXTS = 512
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_CYRILLIC = re.compile(r"[\u0400-\u04FF]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
Ids = NDArray[np.int64]


class Embedder(Protocol):
    """Turns texts into vectors. Subclass it, and questions are embedded as passages are."""

    fingerprint: str
    """Changes whenever a vector could: pinned in the library's manifest."""

    dimension: int

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (n, dimension); rows have length 1, or 0 for a text without words."""
        ...

    def embed_question(self, text: str) -> Vectors:
        """Return float32 (dimension,): the vector by which passages that answer are found."""
        row: Vectors = self.embed([text])[0]
        return row


class StaticEmbedder(Embedder):
    """The bundled embedder: 256 dimensions, over 10,000 short sentences a second on one core.

    Parameters
    ----------
    alignment:
        The file that ``python -m kgrag.train.align`` writes.

    Raises
    ------
    ModelError
        The file is missing or is not such a file.
    """

    dimension = DIMENSION

    def __init__(self, alignment: Path = ALIGNMENT) -> None:
        try:
            content = alignment.read_bytes()
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                self._map = arrays["map"].astype(np.float32)
                self._frequent = arrays["frequent"].astype(np.int64)
                self._weights = arrays["weights"].astype(np.float32)
        except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
            raise ModelError(
                f"{alignment} is not a word alignment ({error}); "
                "write it anew with: python -m kgrag.train.align"
            ) from error
        self.fingerprint = f"{RECIPE}:{hashlib.sha256(content).hexdigest()[:16]}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (n, 256); rows have length 1, or 0 for a text without words."""
        rows = np.zeros((len(texts), DIMENSION), np.float32)
        for start in range(0, len(texts), _CHUNK_TEXTS):
            rows[start : start + _CHUNK_TEXTS] = self._sums(texts[start : start + _CHUNK_TEXTS])
        return _unit(rows)

    def _sums(self, texts: Sequence[str]) -> Vectors:
        pieces, words = sum_scripts(texts, self._word_weights)
        # einsum sums every row by itself; BLAS may round a row by where it stands in the batch.
        used = words.any(axis=1)
        pieces[used] += np.einsum("ij,jk->ik", words[used], self._map)
        return pieces

    @cached_property
    def _word_weights(self) -> Vectors:
        weights = np.ones(len(cyrillic().index), np.float32)
        weights[self._frequent] = self._weights
        return weights


def embed_worded(
    texts: Sequence[str], dimension: int, encode: Callable[[list[str]], Vectors]
) -> Vectors:
    """Embed the texts that hold a word by a model that wants some.

    Parameters
    ----------
    texts:
        Any texts.
    dimension:
        That of the model.
    encode:
        Gives float32 (n, dimension), of any length, for texts that hold words and no surrogates.

    Returns
    -------
    Float32 (n, dimension); rows have length 1, or 0 for a text without words.
    """
    rows = np.zeros((len(texts), dimension), np.float32)
    worded = [place for place, text in enumerate(texts) if _WORD.search(text)]
    if worded:
        rows[worded] = encode([_SURROGATE.sub(" ", texts[place]) for place in worded])
    return _unit(rows)


def _unit(rows: Vectors) -> Vectors:
    """Bring rows to length 1, in place, but for those of length 0."""
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    rows[lengths > 0] /= lengths[lengths > 0, None]
    return rows


def embed_once(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    """Return float32 (n, dimension); a text that comes twice is embedded once."""
    rows = {text: row for row, text in enumerate(dict.fromkeys(texts))}
    vectors = embedder.embed(list(rows))
    return vectors[[rows[text] for text in texts], :]


def sum_scripts(texts: Sequence[str], word_weights: Vectors) -> tuple[Vectors, Vectors]:
    """Return the sums of each text's Latin pieces, (n, 256), and Cyrillic words, (n, 300).

    Parameters
    ----------
    texts:
        Any texts; one may mix the scripts.
    word_weights:
        Float32, one weight (0..1) for each word of ``static_vectors.cyrillic()``.
    """
    index = cyrillic().index if any(map(_CYRILLIC.search, texts)) else {}
    parts = [_split(text, index) for text in texts]
    pieces = _sum_pieces([known for known, _, _ in parts])
    if any(unknown for _, unknown, _ in parts):
        pieces += TRANSLITERATED_WEIGHT * _sum_pieces([unknown for _, unknown, _ in parts])
    return pieces, _sum_words([ids for _, _, ids in parts], word_weights)


def _split(text: str, index: dict[str, int]) -> tuple[str, str, list[int]]:
    """Return the Latin part, unknown Cyrillic words in transliteration, known words' rows."""
    if not _CYRILLIC.search(text):
        # Kept whole: wordllama was trained on punctuated text. No word, no vector.
        return (_SURROGATE.sub(" ", text) if _WORD.search(text) else ""), "", []
    other: list[str] = []
    unknown: list[str] = []
    ids: list[int] = []
    for word in _WORD.findall(text):
        if not _CYRILLIC.search(word):
            other.append(word)
            continue
        found = index.get(word.lower())
        parts = [word] if found is not None or "-" not in word else word.split("-")
        for part in parts:
            found = index.get(part.lower())
            if found is None:
                found = index.get(part.lower().replace("ё", "е"))
            if found is None:
                unknown.append(transliterate(part))
            else:
                ids.append(found)
    return " ".join(other), " ".join(unknown), ids


def _sum_pieces(texts: Sequence[str]) -> Vectors:
    table = latin()
    encoded = table.tokenizer.encode_batch(list(texts), add_special_tokens=False)  # type: ignore[attr-defined]
    return _sum_rows(table.matrix, [encoding.ids for encoding in encoded])


def _sum_words(ids: Sequence[Sequence[int]], weights: Vectors) -> Vectors:
    """Sum the weighted vectors of words; each word that occurs is unpacked only once."""
    flat = np.array([number for row in ids for number in row], np.int64)
    if not len(flat):
        return np.zeros((len(ids), CYRILLIC_DIMENSION), np.float32)
    distinct, places = np.unique(flat, return_inverse=True)
    vectors = cyrillic().rows(distinct) * weights[distinct, None]
    lengths = np.array([len(row) for row in ids])
    return _sum_runs(vectors, places, lengths)


def _sum_rows(matrix: Vectors, ids: Sequence[Sequence[int]]) -> Vectors:
    flat = np.array([number for row in ids for number in row], np.int64)
    return _sum_runs(matrix, flat, np.array([len(row) for row in ids], np.int64))


def _sum_runs(matrix: Vectors, ids: Ids, lengths: Ids) -> Vectors:
    """Return the sum of the rows ``ids`` of ``matrix`` over consecutive runs of these lengths."""
    sums = np.zeros((len(lengths), matrix.shape[1]), np.float32)
    filled = lengths > 0  # reduceat would give an empty run the row that follows it
    if filled.any():
        starts = (np.cumsum(lengths) - lengths)[filled]
        sums[filled] = np.add.reduceat(matrix[ids], starts, axis=0)
    return sums
