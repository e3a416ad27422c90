"""How far a passage covers the words of a question, word by word.

A word is covered in full by its own stem or by a mention of the entity that it names, in part by a
word near it in the vector space, and for less by the rest of the passage or the document's title.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexes.text import language_of, stems, words
from kgrag.candidates import Candidate, NamedEntity
from kgrag.embed import Embedder
from kgrag.names import alike_across_scripts, normal_name
from kgrag.question import AskedWord

Matrix = NDArray[np.float32]

NEAR, SAME = 0.5, 1.0
NEAR_ACROSS, SAME_ACROSS = 0.12, 0.42
"""Cosines of two words between which one stands in for the other in part: within a script, and
across scripts, where translations lie further apart (library ~ библиотека 0.24, strangers below
0.1)."""

ALIKE = 0.75
"""Names of two scripts that sound this much alike are one (Diderot ~ Дидро 0.83, директор 0.53)."""

NEAR_WORTH, PASSAGE_WORTH, TITLE_WORTH = 0.8, 0.7, 0.5
"""What a near word, the rest of the passage, and the title are worth beside the word itself."""


class CoverTable:
    """How far each word of the passages covers each word of the question."""

    def __init__(
        self,
        asked: Sequence[AskedWord],
        named: Sequence[NamedEntity],
        candidates: Sequence[Candidate],
        embedder: Embedder,
    ) -> None:
        self._asked = asked
        self._by_name = [
            {item.entity for item in named if normal_name(word.text) in item.name.split()}
            for word in asked
        ]
        self.entities = {entity for entities in self._by_name for entity in entities}
        """Entities that the question names, by its single words."""
        texts = [f"{item.passage.text} {self._title(item)}" for item in candidates]
        vocabulary = sorted({w for text in texts for w in _words(text)})
        self._index = {word: row for row, word in enumerate(vocabulary)}
        self._table = self._cover_words(vocabulary, embedder)

    def of_sentence(self, item: Candidate, start: int, end: int) -> Matrix:
        """Return float32 (asked words,): how far this part of the passage covers each."""
        covers = self._of_text(item.passage.text[start:end])
        first, last = item.passage.start + start, item.passage.start + end
        inside = {entity for mention, entity in item.mentions if first <= mention.start < last}
        for index, entities in enumerate(self._by_name):
            if entities & inside:
                covers[index] = 1.0
        return covers

    def of_passage(self, item: Candidate) -> Matrix:
        """Return float32 (asked words,): how far the passage and its title cover each."""
        inside = self.of_sentence(item, 0, len(item.passage.text))
        title = self._of_text(self._title(item))
        covers: Matrix = np.maximum(PASSAGE_WORTH * inside, TITLE_WORTH * title)
        return covers

    def covers_of(self, text: str, spans: Sequence[tuple[int, int]]) -> Matrix:
        """Return float32 (spans, asked words): what each word covers, nothing where unknown."""
        covers = np.zeros((len(spans), len(self._asked)), dtype=np.float32)
        for at, (start, end) in enumerate(spans):
            row = self._index.get(text[start:end].lower())
            if row is not None:
                covers[at] = self._table[row]
        return covers

    def _title(self, item: Candidate) -> str:
        return f"{item.passage.title} {Path(item.passage.document_name).stem}"

    def _of_text(self, text: str) -> Matrix:
        rows = [self._index[word] for word in _words(text) if word in self._index]
        if not rows:
            return np.zeros(len(self._asked), dtype=np.float32)
        covers: Matrix = self._table[rows].max(axis=0)
        return covers

    def _cover_words(self, vocabulary: Sequence[str], embedder: Embedder) -> Matrix:
        asked = embedder.embed([word.text for word in self._asked])
        known = _embed_words(embedder, vocabulary)
        cosines = known @ asked.T
        scripts = np.array([language_of(word) for word in vocabulary])
        near = np.empty_like(cosines)
        for column, word in enumerate(self._asked):
            within = scripts == language_of(word.text)
            near[:, column] = np.where(
                within,
                # Names that are near in the space are other people; only another script translates.
                0.0 if word.is_name else (cosines[:, column] - NEAR) / (SAME - NEAR),
                0.0
                if word.text[0].isdigit()
                else (cosines[:, column] - NEAR_ACROSS) / (SAME_ACROSS - NEAR_ACROSS),
            )
        near = np.clip(near, 0, 1) * NEAR_WORTH
        rows_of: dict[str, list[int]] = {}
        for row, known_word in enumerate(vocabulary):
            rows_of.setdefault(stems(known_word)[0], []).append(row)
        for column, word in enumerate(self._asked):
            if word.is_name:
                for row in np.flatnonzero(scripts != language_of(word.text)).tolist():
                    likeness = alike_across_scripts(word.text, vocabulary[row], ALIKE)
                    near[row, column] = max(near[row, column], likeness * (likeness >= ALIKE))
            near[[row for form in word.forms for row in rows_of.get(form, ())], column] = 1.0
        return near.astype(np.float32)


_KEPT_WORDS = 20_000
"""Vectors of single words that stay in memory (20 MB): the words of passages recur."""

_kept: dict[tuple[str, str], Matrix] = {}


def _embed_words(embedder: Embedder, vocabulary: Sequence[str]) -> Matrix:
    """Return float32 (words, dimension); a word that was embedded lately is not embedded anew."""
    name = embedder.fingerprint
    # Several questions may be answered at once: what is taken from the shared words is taken once.
    known = {word: _kept.get((name, word)) for word in vocabulary}
    new = [word for word, vector in known.items() if vector is None]
    if new:
        found = dict(zip(new, embedder.embed(new), strict=True))
        if len(_kept) + len(found) > _KEPT_WORDS:
            _kept.clear()
        _kept.update(((name, word), vector) for word, vector in found.items())
        known.update(found)
    rows = [vector for vector in known.values() if vector is not None]
    return np.stack(rows) if rows else np.zeros((0, embedder.dimension), np.float32)


def _words(text: str) -> list[str]:
    return [text[start:end].lower() for start, end in words(text)]
