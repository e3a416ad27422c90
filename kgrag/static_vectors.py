"""The word vectors that come with installed packages: nothing is downloaded, nothing is trained
here.

Latin script: wordllama's 256 dimensions for each of 32,000 word pieces (MIT). Cyrillic: navec's 300
dimensions for 250,000 words, quantised (MIT, shipped inside the natasha package, whose own code is
not imported: it needs an old setuptools). Both are loaded on first use and shared.
"""

import importlib.util
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexes.errors import ModelError

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class PieceVectors:
    """Latin script: ``tokenizer`` gives ids of word pieces, ``matrix`` is float32 (pieces, 256)."""

    tokenizer: "object"
    matrix: Vectors


@dataclass(frozen=True)
class WordVectors:
    """Cyrillic: ``index`` maps lower-case words to rows; vectors are float32 (n, 300)."""

    index: dict[str, int]
    codes: NDArray[np.uint8]
    codebook: Vectors

    def rows(self, ids: NDArray[np.int64]) -> Vectors:
        """Return the vectors of these rows, float32 (len(ids), 300)."""
        parts = np.arange(self.codes.shape[1])
        dimension = self.codebook.shape[0] * self.codebook.shape[2]
        return self.codebook[parts, self.codes[ids]].reshape(len(ids), dimension)


@lru_cache(maxsize=1)
def latin() -> PieceVectors:
    """Load wordllama's table and tokenizer (about 0.2 s, 35 MB)."""
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    folder = package_folder("wordllama")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizers/l2_supercat_tokenizer_config.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    (matrix,) = load_file(folder / "weights/l2_supercat_256.safetensors").values()
    return PieceVectors(tokenizer=tokenizer, matrix=matrix.astype(np.float32))


@lru_cache(maxsize=1)
def cyrillic() -> WordVectors:
    """Load navec's table (about 0.2 s, 60 MB)."""
    from navec.navec import PQ_, VOCAB
    from navec.pq import PQ
    from navec.tar import Tar
    from navec.vocab import Vocab

    class Codes(PQ):  # type: ignore[misc]
        def precompute(self) -> None:
            """Skip the tables for similarities, which take half a second and are not used."""

    path = package_folder("natasha") / "data/emb/navec_news_v1_1B_250K_300d_100q.tar"
    with Tar(path) as tar:
        vocabulary = Vocab.from_file(tar.load(VOCAB))
        codes = Codes.from_file(tar.load(PQ_))
    return WordVectors(index=dict(vocabulary.word_ids), codes=codes.indexes, codebook=codes.codes)


def package_folder(name: str) -> Path:
    """Return the folder of an installed package; ModelError where it is missing."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(f"The package {name} is missing; install it with: pip install {name}")
    return Path(spec.submodule_search_locations[0])
