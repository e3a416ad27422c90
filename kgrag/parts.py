"""What reads, extracts, embeds, links and writes: made when first needed, once, for any number of
libraries.

Nothing heavy is loaded before it is needed: listing documents loads no model.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from kgrag.clusters import Linker
from kgrag.embed import Embedder
from kgrag.embedders import make_embedder
from kgrag.extract import Extractor
from kgrag.extractors import make_extractor
from kgrag.language_model import LanguageModel
from kgrag.model_settings import ModelSettings
from kgrag.settings import Settings


class Parts:
    """The models that ``settings`` name, or those that are given; safe to share between threads.

    Parameters
    ----------
    settings:
        Which models, and how they run.
    extractor, embedder, linker, model:
        Make another extractor, embedder, linker or language model than the ones that ship or that
        the settings name; called when first needed.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        extractor: Callable[[], Extractor] | None = None,
        embedder: Callable[[], Embedder] | None = None,
        linker: Callable[[], Linker] | None = None,
        model: Callable[[], LanguageModel | None] | None = None,
    ) -> None:
        self.settings = settings
        self.come_from_settings = not any((extractor, embedder, linker))
        """Whether another process would make the same ones that add documents from the settings."""
        self._make_extractor = extractor or self._set_extractor
        self._make_embedder = embedder or partial(make_embedder, settings.embed)
        self._make_linker = linker or partial(_open_linker, settings.link.catalogue)
        self._make_model = model or self._set_model
        self.turn = threading.Lock()
        """Held by the one question that is being read and judged: many at once would only pass
        Python's lock back and forth: 75 of them took a third more processor time, measured."""
        self._loading = threading.RLock()
        self._extractor: Extractor | None = None
        self._embedder: Embedder | None = None
        self._linker: Linker | None = None
        self._model: LanguageModel | None = None

    @property
    def extractor(self) -> Extractor:
        """What finds mentions and relations."""
        with self._loading:
            self._extractor = self._extractor or self._make_extractor()
            return self._extractor

    @property
    def embedder(self) -> Embedder:
        """What turns text into vectors."""
        with self._loading:
            self._embedder = self._embedder or self._make_embedder()
            return self._embedder

    @property
    def linker(self) -> Linker:
        """What links names to a catalogue of entities."""
        with self._loading:
            self._linker = self._linker or self._make_linker()
            return self._linker

    @property
    def model(self) -> LanguageModel | None:
        """The language model that answers; None where the settings name none, and kgrag quotes."""
        with self._loading:
            self._model = self._model or self._make_model()
            return self._model

    def use_model(self, model: ModelSettings) -> None:
        """Let another language model answer from now on; what the last one writes is given up."""
        with self._loading:
            last, self._model = self._model, None
            self.settings = replace(self.settings, model=model)
            self._make_model = self._set_model
            if self.settings.extract.kind == "llm":
                self._extractor = None
        if last is not None:
            last.close()

    def close(self) -> None:
        """Give up what the language model is writing."""
        with self._loading:
            if self._model is not None:
                self._model.close()

    def _set_extractor(self) -> Extractor:
        return make_extractor(self.settings.extract, self.model)

    def _set_model(self) -> LanguageModel | None:
        return LanguageModel(self.settings.model) if self.settings.model.endpoint else None


def _open_linker(catalogue: str) -> Linker:
    from kgrag.link import open_linker

    return open_linker(catalogue)
