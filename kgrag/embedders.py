"""Which embedder the settings ask for."""

from kgrag.embed import Embedder, StaticEmbedder
from kgrag.settings import EmbedSettings


def make_embedder(settings: EmbedSettings) -> Embedder:
    """Return the embedder of these settings, loaded or reached: call it when it is first needed.

    Raises
    ------
    ModelError
        A package or the model is missing, or the server cannot be reached or answers wrongly.
    ConfigError
        The environment variable that is to hold the server's key does not.
    """
    if settings.kind == "sentence-transformers":
        from kgrag.transformer_embedder import SentenceTransformerEmbedder

        return SentenceTransformerEmbedder(settings)
    if settings.kind == "openai":
        from kgrag.endpoint_embedder import EndpointEmbedder

        return EndpointEmbedder(settings)
    return StaticEmbedder()
