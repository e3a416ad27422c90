"""Any server that speaks OpenAI's protocol for embeddings (vLLM does) as an embedder.

Nothing but that server is reached: no proxy of the environment, no redirect. What it answers is
checked before it is believed: how many vectors, of which text, how long, and whether they are
numbers. LlamaIndex' class for such servers does none of that and does not look at ``index``, which
says whose vector it is; hence httpx.
"""

import hashlib
import json
import time
import weakref
from collections.abc import Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import numpy as np

from indexes.errors import ModelError
from kgrag.embed import Embedder, embed_worded
from kgrag.model_errors import BUSY, BusyError, RefusedError, message_of, pause_of, shown
from kgrag.settings import EmbedSettings
from kgrag.static_vectors import Vectors

if TYPE_CHECKING:
    from httpx import Client, Response

CONNECT_TIMEOUT_S = 5.0
PAUSES_S = (0.5, 1.0, 2.0, 4.0)
"""Before each further try, where a server is busy or broken for the moment."""

MAX_PAUSE_S = 30.0
"""Longer pauses that a server asks for are cut to this."""

MAX_ANSWER_BYTES = 256 << 20
SHORTEST_CHARS = 200
"""A text is too long for a model only if it is longer; then its first half stands for it."""

_TOO_LONG = frozenset({400, 413, 422})
"""What servers answer where a text is longer than the model can read."""

_TRIED = "It was asked several times; try again later."


class EndpointEmbedder(Embedder):
    """A model behind an OpenAI-compatible server, which is asked at once how long its vectors are.

    Equal names are taken for equal vectors: whoever serves another model under a name that a
    library was built with must run ``kgrag rebuild``.

    Raises
    ------
    ModelError
        The server cannot be reached, refuses, or answers wrongly.
    ConfigError
        The environment variable that is to hold the key does not.
    """

    def __init__(self, settings: EmbedSettings) -> None:
        self._settings = settings
        self._url = settings.endpoint.rstrip("/") + "/embeddings"
        self._client = _connect(settings)
        weakref.finalize(self, self._client.close)
        self.dimension = int(self._ask(["word"]).shape[1])
        prefixes = json.dumps([settings.query_prefix, settings.passage_prefix])
        digest = hashlib.sha256(prefixes.encode()).hexdigest()[:8]
        self.fingerprint = f"openai:{settings.model}:{self.dimension}:{digest}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (n, dimension); rows have length 1, or 0 for a text without words.

        Raises
        ------
        ModelError
            The server cannot be reached, refuses, or answers wrongly.
        """
        return self._embed(texts, self._settings.passage_prefix)

    def embed_question(self, text: str) -> Vectors:
        """Return float32 (dimension,): the vector by which passages that answer are found."""
        row: Vectors = self._embed([text], self._settings.query_prefix)[0]
        return row

    def _embed(self, texts: Sequence[str], prefix: str) -> Vectors:
        size = self._settings.batch_size

        def encode(worded: list[str]) -> Vectors:
            batches = [worded[start : start + size] for start in range(0, len(worded), size)]
            return np.concatenate([self._embed_batch(batch, prefix) for batch in batches])

        return embed_worded(texts, self.dimension, encode)

    def _embed_batch(self, texts: list[str], prefix: str) -> Vectors:
        """Embed a batch; a text that is too long for the model by as much as it can read."""
        try:
            rows = self._ask([prefix + text for text in texts])
        except RefusedError:
            if len(texts) > 1:
                middle = len(texts) // 2
                halves = (texts[:middle], texts[middle:])
                return np.concatenate([self._embed_batch(half, prefix) for half in halves])
            if len(texts[0]) <= SHORTEST_CHARS:
                raise
            return self._embed_batch([texts[0][: len(texts[0]) // 2]], prefix)
        if rows.shape[1] != self.dimension:
            raise self._wrong(f"vectors of {rows.shape[1]} numbers, after one of {self.dimension}")
        return rows

    def _ask(self, texts: list[str]) -> Vectors:
        """Return the vectors of these texts as the server gives them, float32 (n, any)."""
        for pause in PAUSES_S:
            try:
                return self._ask_once(texts)
            except BusyError as busy:
                time.sleep(min(max(pause, busy.pause_s), MAX_PAUSE_S))
        return self._ask_once(texts)

    def _ask_once(self, texts: list[str]) -> Vectors:
        import httpx

        question = {"model": self._settings.model, "input": texts, "encoding_format": "float"}
        try:
            with self._client.stream("POST", self._url, json=question) as answer:
                body = self._read(answer)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise ModelError(
                f"{self._server} cannot be reached ({error}). Start it, or mend [embed] endpoint "
                "in the settings."
            ) from error
        except httpx.TimeoutException as error:
            raise ModelError(
                f"{self._server} has not answered within {self._settings.timeout_s:g} s. Try "
                "again, or raise [embed] timeout_s."
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise BusyError(f"{self._server} broke off ({error}). {_TRIED}") from error
        if answer.status_code != HTTPStatus.OK:
            raise self._refusal(answer.status_code, answer.headers.get("retry-after", ""), body)
        return self._vectors(body, len(texts))

    def _read(self, answer: "Response") -> bytes:
        """Read a body, however slowly it comes, within the time and size that one may take."""
        import httpx

        deadline = time.monotonic() + self._settings.timeout_s
        body = bytearray()
        for chunk in answer.iter_bytes():
            body += chunk
            if time.monotonic() > deadline:
                raise httpx.ReadTimeout("the answer is too slow")
            if len(body) > MAX_ANSWER_BYTES:
                raise self._wrong(f"more than {MAX_ANSWER_BYTES >> 20} MiB")
        return bytes(body)

    def _vectors(self, body: bytes, count: int) -> Vectors:
        try:
            items: list[Any] = json.loads(body)["data"]
            places = [item["index"] for item in items]
            rows = [item["embedding"] for item in items]
            with np.errstate(over="ignore"):
                matrix = np.array(rows, np.float32)
        except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as error:
            raise self._wrong(f"what is no list of vectors: {shown(body)}") from error
        if sorted(map(str, places)) != sorted(map(str, range(count))):
            raise self._wrong(f"{len(items)} vectors to {count} texts, or of other texts")
        if matrix.ndim != 2 or not matrix.shape[1]:
            raise self._wrong(f"what is no list of vectors: {shown(body)}")
        if not np.isfinite(matrix).all():
            raise self._wrong("vectors that are no numbers")
        return matrix[np.argsort([int(place) for place in places])]

    def _refusal(self, status: int, retry_after: str, body: bytes) -> ModelError:
        told = f"{self._server} answered {status} ({message_of(body)})."
        if status in BUSY:
            return BusyError(f"{told} {_TRIED}", pause_of(retry_after))
        if status in _TOO_LONG:
            return RefusedError(
                f"{told} See that [embed] model is an embedding model that it serves."
            )
        if status == HTTPStatus.NOT_FOUND:
            return ModelError(
                f"{told} It may not serve the model {self._settings.model!r}, or [embed] endpoint "
                "may not be its base URL, which often ends in /v1."
            )
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            key_env = self._settings.key_env
            return ModelError(
                f"{told} See that the environment variable {key_env} holds the right key."
                if key_env
                else f"{told} Name the environment variable that holds the key in [embed] key_env."
            )
        return ModelError(f"{told} See that [embed] endpoint is the server's base URL.")

    def _wrong(self, what: str) -> ModelError:
        return ModelError(
            f"{self._server} answered for the model {self._settings.model!r} with {what}. See that "
            "[embed] names an embedding model and the base URL of its server."
        )

    @property
    def _server(self) -> str:
        return f"The embedding server at {self._settings.endpoint}"


def _connect(settings: EmbedSettings) -> "Client":
    import httpx

    key = settings.read_key()
    return httpx.Client(
        headers={"Authorization": f"Bearer {key}"} if key else {},
        timeout=httpx.Timeout(settings.timeout_s, connect=CONNECT_TIMEOUT_S),
        trust_env=False,
    )
