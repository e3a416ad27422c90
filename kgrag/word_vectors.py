"""What single words and labels are compared by, whatever embeds the passages of a library."""

from functools import lru_cache

from kgrag.embed import Embedder, StaticEmbedder


@lru_cache(maxsize=1)
def word_vectors() -> Embedder:
    """Return the bundled embedder (cached).

    For single words it is as good as another, thresholds were found with it, and a thousand words
    take it milliseconds.
    """
    return StaticEmbedder()
