"""Which extractor the settings ask for."""

import os

from indexes.errors import ConfigError
from kgrag.extract import Extractor
from kgrag.extract_settings import ExtractSettings
from kgrag.language_model import LanguageModel


def make_extractor(settings: ExtractSettings, model: LanguageModel | None) -> Extractor:
    """Return the extractor that the settings ask for; it loads its model.

    Raises
    ------
    ConfigError
        A language model is to extract, and the settings name none.
    ModelError
        The model's server cannot be reached.
    """
    if settings.kind == "bundled":
        from kgrag.extract.bundled import BundledExtractor

        return BundledExtractor(threads=min(os.cpu_count() or 1, 4))
    if model is None:
        raise ConfigError(
            "[extract] kind is 'llm', and there is no language model: name its server in [model] "
            "endpoint, as in http://127.0.0.1:8000/v1."
        )
    from kgrag.extract.llm import LlmExtractor

    return LlmExtractor(model, settings)
