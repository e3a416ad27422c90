"""Any sentence-transformers model as an embedder: it runs here, by the extra ``models``.

Only safetensors and configuration are read or fetched, no code and no pickle. A name on the hub is
fetched once; from then on the copy on this machine is used, and nobody is asked.
"""

import hashlib
import json
import re
import threading
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from indexes.errors import ModelError
from kgrag.embed import Embedder, embed_worded
from kgrag.settings import EmbedSettings
from kgrag.static_vectors import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_READ = ("*.json", "*.txt", "*.model", "*.safetensors", "*.jinja")
"""What a model is made of; nothing else is fetched."""

_PICKLES = ("*.bin", "*.pt", "*.pth", "*.pkl", "*.ckpt")
_COMMIT = re.compile(r"[0-9a-f]{40}")
"""The name of the folder of a model that came from the hub."""

_LOADING_ERRORS = (OSError, ValueError, TypeError, LookupError, RuntimeError, ImportError)
"""What torch, transformers and sentence-transformers raise for a model that they cannot read."""


class SentenceTransformerEmbedder(Embedder):
    """A sentence-transformers model.

    Where the settings give no prefix, the model's own prompts are used, if it has some.

    Raises
    ------
    ModelError
        sentence-transformers is not installed; or the model is not to be had, is damaged, or has no
        safetensors.
    """

    def __init__(self, settings: EmbedSettings) -> None:
        if not all(map(find_spec, ("sentence_transformers", "torch"))):
            raise ModelError(
                "The embedder sentence-transformers is not installed; install it with: "
                'pip install "kgrag[models]"'
            )
        self._settings = settings
        self._lock = threading.Lock()
        folder = _find(settings.model)
        _refuse_pickles(folder, settings.model)
        self.fingerprint = f"sentence-transformers:{_digest(folder, settings)}"
        self._model = _load(folder, settings.model)
        self.dimension = len(self._encode_passages(["word"])[0])

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (n, dimension); rows have length 1, or 0 for a text without words."""
        return embed_worded(texts, self.dimension, self._encode_passages)

    def embed_question(self, text: str) -> Vectors:
        """Return float32 (dimension,): the vector by which passages that answer are found."""
        row: Vectors = embed_worded([text], self.dimension, self._encode_questions)[0]
        return row

    def _encode_passages(self, texts: list[str]) -> Vectors:
        return self._encode(self._model.encode_document, self._settings.passage_prefix, texts)

    def _encode_questions(self, texts: list[str]) -> Vectors:
        return self._encode(self._model.encode_query, self._settings.query_prefix, texts)

    def _encode(self, encode: Callable[..., Any], prefix: str, texts: list[str]) -> Vectors:
        try:
            with self._lock:  # A tokenizer is changed while it is used: one thread at a time.
                rows = encode(
                    texts,
                    prompt=prefix or None,
                    batch_size=self._settings.batch_size,
                    show_progress_bar=False,
                )
        except RuntimeError as error:
            raise ModelError(
                f"The model {self._settings.model} failed ({_first_line(error)}). Where memory is "
                f"short, lower [embed] batch_size ({self._settings.batch_size})."
            ) from error
        vectors = np.asarray(rows, np.float32)
        if not np.isfinite(vectors).all():
            raise ModelError(f"The model {self._settings.model} gave vectors that are no numbers.")
        return vectors


def _load(folder: Path, model: str) -> "SentenceTransformer":
    from safetensors import SafetensorError
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(
            str(folder),
            trust_remote_code=False,
            local_files_only=True,
            model_kwargs={"use_safetensors": True},
        )
    except (*_LOADING_ERRORS, SafetensorError) as error:
        raise ModelError(f"The model {model} cannot be loaded: {_first_line(error)}") from error


def _digest(folder: Path, settings: EmbedSettings) -> str:
    """Return a model's name with a digest of its revision on the hub or its files, and prefixes."""
    digest = hashlib.sha256(f"{settings.query_prefix}\0{settings.passage_prefix}\0".encode())
    if _COMMIT.fullmatch(folder.name):
        digest.update(folder.name.encode())
    else:
        for path in _files(folder):
            digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return f"{Path(settings.model).name}:{digest.hexdigest()[:16]}"


def _find(model: str) -> Path:
    """Return the model's folder; a name on the hub is fetched unless it is here already."""
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        try:
            held = Path(snapshot_download(model, local_files_only=True))
            is_whole = any(held.rglob("*.safetensors"))  # The largest files come last.
        except LocalEntryNotFoundError:
            is_whole = False
        if is_whole:
            return held
        return Path(snapshot_download(model, allow_patterns=list(_READ)))
    except (HFValidationError, HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ModelError(
            f"The model {model} is no folder, and could not be fetched from the hub "
            f"({_first_line(error)}). Set [embed] model to the folder of a sentence-transformers "
            "model."
        ) from error


def _refuse_pickles(folder: Path, model: str) -> None:
    """Refuse weights that can hold code: those that no safetensors stand beside."""
    for part in _parts(folder):
        pickles = [path for pattern in _PICKLES for path in part.glob(pattern)]
        if pickles and not any(part.glob("*.safetensors")):
            raise ModelError(
                f"The model {model} has its weights in {pickles[0].name}, which may hold code and "
                "is not read. Take a version of it that has model.safetensors."
            )


def _files(folder: Path) -> list[Path]:
    """Return the files on which a model's vectors depend."""
    found = {path for part in _parts(folder) for like in _READ for path in part.glob(like)}
    return sorted(path for path in found if path.is_file())


def _parts(folder: Path) -> list[Path]:
    """Return the folder of a model and those of its modules."""
    try:
        listed = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        return [folder, *(folder / str(module["path"]) for module in listed if module["path"])]
    except (OSError, ValueError, TypeError, LookupError):
        return [folder]  # A plain transformer, or no model: loading it will tell.


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
