"""An embedder behind a server: a real one on loopback, well and badly behaved."""

import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from indexes.errors import ConfigError, ModelError
from kgrag import KnowledgeBase, Settings
from kgrag.embed import Embedder
from kgrag.embedders import make_embedder
from kgrag.endpoint_embedder import EndpointEmbedder
from kgrag.settings import EmbedSettings
from tests.embedding_server import (
    MODEL,
    Behaviour,
    EmbeddingServer,
    Reply,
    answer,
    error,
    serving,
    well,
)
from tests.fakes import ROOT, CapitalisedExtractor, HashEmbedder, NoLinker, write_files

TEXTS = [f"Leonhard Euler wrote letter {number}." for number in range(7)]


@pytest.fixture
def served() -> Iterator[tuple[EmbeddingServer, str]]:
    with serving() as pair:
        yield pair


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kgrag.endpoint_embedder.PAUSES_S", (0.01, 0.02))


def embedder(
    url: str, *, model: str = MODEL, key_env: str = "", batch_size: int = 3, timeout_s: float = 10
) -> EndpointEmbedder:
    return EndpointEmbedder(
        EmbedSettings(
            kind="openai",
            model=model,
            endpoint=url,
            key_env=key_env,
            batch_size=batch_size,
            timeout_s=timeout_s,
        )
    )


def test_texts_are_embedded_in_batches_by_the_server_that_is_set(
    served: tuple[EmbeddingServer, str],
) -> None:
    server, url = served
    made = embedder(url)
    assert made.dimension == 64
    np.testing.assert_allclose(made.embed(TEXTS), HashEmbedder().embed(TEXTS), atol=1e-6)
    assert [len(texts) for texts in server.texts()] == [1, 3, 3, 1]
    assert server.requests[-1]["model"] == MODEL
    assert server.authorizations[-1] is None


def test_it_keeps_the_protocol(served: tuple[EmbeddingServer, str]) -> None:
    server, url = served
    made: Embedder = embedder(url)
    rows = made.embed(["one word", "", "?! —", "one word", "\ud800 word"])
    assert rows.dtype == np.float32 and rows.shape == (5, 64)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), [1, 0, 0, 1, 1], atol=1e-6)
    assert (rows[0] == rows[3]).all()
    assert (made.embed_question("one word") == rows[0]).all()
    before = len(server.requests)
    assert made.embed([]).shape == (0, 64)
    assert not made.embed([" "]).any()
    assert len(server.requests) == before


def test_rows_of_any_length_are_brought_to_one(served: tuple[EmbeddingServer, str]) -> None:
    server, url = served
    made = embedder(url)
    assert made.dimension
    server.script.append(lambda _: answer([{"index": 0, "embedding": [3.0, 4.0, *[0] * 62]}]))
    np.testing.assert_allclose(made.embed(["word"])[0, :2], [0.6, 0.8])


def test_questions_and_passages_have_their_own_prefix(served: tuple[EmbeddingServer, str]) -> None:
    server, url = served
    made = EndpointEmbedder(
        EmbedSettings(
            kind="openai", model=MODEL, endpoint=url, query_prefix="Q: ", passage_prefix="P: "
        )
    )
    made.embed(["some text"])
    made.embed_question("some text")
    assert server.texts() == [["word"], ["P: some text"], ["Q: some text"]]


def test_the_order_of_an_answer_is_that_of_its_indices(served: tuple[EmbeddingServer, str]) -> None:
    server, url = served

    def backwards(texts: list[str]) -> Reply:
        body = json.loads(well(texts).body)
        return answer(body["data"][::-1])

    server.usual = backwards
    np.testing.assert_allclose(embedder(url).embed(TEXTS), HashEmbedder().embed(TEXTS), atol=1e-6)


@pytest.mark.parametrize(
    "troubles",
    [
        [error(429, "slow down")],
        [error(503, "loading"), error(500, "oops")],
        [lambda _: Reply(0, b"")],
    ],
)
def test_a_busy_or_stumbling_server_is_asked_again(
    served: tuple[EmbeddingServer, str], troubles: list[Behaviour]
) -> None:
    server, url = served
    server.script.extend([well, *troubles])
    assert embedder(url).embed(TEXTS[:1]).any()
    assert len(server.requests) == 2 + len(troubles)


def test_a_server_that_says_how_long_to_wait_is_given_the_time(
    served: tuple[EmbeddingServer, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, url = served
    waited: list[float] = []
    monkeypatch.setattr("kgrag.endpoint_embedder.time.sleep", waited.append)
    later = [{"Retry-After": value} for value in ("7", "9999")]
    server.script.extend(error(429, "slow down", headers) for headers in later)
    assert embedder(url).dimension == 64
    assert waited == [7, 30]


def one_short(texts: list[str]) -> Reply:
    return well(texts[1:])


def twice_the_same(texts: list[str]) -> Reply:
    return answer([{"index": 0, "embedding": [1.0] * 64} for _ in texts])


def of(value: object) -> Behaviour:
    return lambda texts: answer([{"index": at, "embedding": value} for at in range(len(texts))])


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (error(429, "slow down"), r"answered 429 \(slow down\)\. It was asked several times"),
        (error(500, "out of memory"), r"answered 500 \(out of memory\)\. It was asked"),
        (lambda _: Reply(0, b""), r"broke off \(.*\)\. It was asked several times"),
        (error(401, "no"), r"answered 401 \(no\)\. Name the environment variable .* key_env"),
        (
            error(307, "there"),
            r"answered 307 \(there\)\. See that .*endpoint is the server's base URL",
        ),
        (
            error(400, "bad request"),
            r"answered 400 \(bad request\)\. See that .*model is an embedding",
        ),
        (lambda _: Reply(200, b"<html>hello</html>"), "no list of vectors: <html>hello</html>"),
        (lambda _: Reply(200, b""), "no list of vectors: nothing"),
        (lambda _: Reply(200, b"[" * 100_000), "no list of vectors"),
        (lambda _: Reply(200, b'{"data": null}'), "no list of vectors"),
        (lambda _: Reply(200, b'{"data": [{"embedding": [1.0]}]}'), "no list of vectors"),
        (of("AACAPw=="), "no list of vectors"),
        (of([[1.0] * 64]), "no list of vectors"),
        (of([]), "no list of vectors"),
        (of([10**400] * 64), "no list of vectors"),
        (of([float("nan")] * 64), "vectors that are no numbers"),
        (of([None] * 64), "vectors that are no numbers"),
        (of([1e300] * 64), "vectors that are no numbers"),
        (one_short, "2 vectors to 3 texts"),
        (twice_the_same, "3 vectors to 3 texts, or of other texts"),
        (lambda texts: well(texts, 32), "vectors of 32 numbers, after one of 64"),
    ],
)
def test_a_server_that_fails_is_told_of_in_plain_words(
    served: tuple[EmbeddingServer, str], trouble: Behaviour, told: str
) -> None:
    server, url = served
    made = embedder(url)
    assert made.dimension == 64
    server.usual = trouble
    with pytest.raises(ModelError, match=told) as caught:
        made.embed(TEXTS)
    assert url in str(caught.value)
    assert len(str(caught.value)) < 700 and "\n" not in str(caught.value)
    server.usual = well
    assert made.embed(TEXTS).any()


def test_a_model_that_is_not_served_is_named(served: tuple[EmbeddingServer, str]) -> None:
    _, url = served
    with pytest.raises(ModelError, match="may not serve the model 'e5'.*may not be its base URL"):
        embedder(url, model="e5").embed(TEXTS)
    with pytest.raises(ModelError, match="answered 404.*often ends in /v1"):
        embedder(url.removesuffix("/v1")).embed(TEXTS)


def test_a_server_that_is_not_there_is_told_at_once() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    started = time.monotonic()
    with pytest.raises(ModelError, match=re.escape(url) + " cannot be reached.*Start it, or mend"):
        embedder(url).embed(TEXTS)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("drips", [False, True])
def test_a_server_that_hangs_or_drips_is_left_at_the_deadline(
    served: tuple[EmbeddingServer, str], drips: bool
) -> None:
    server, url = served
    made = embedder(url, timeout_s=0.4)
    server.usual = (lambda _: Reply(200, b"{}" * 1000, drip_s=0.05)) if drips else server.hang
    started = time.monotonic()
    with pytest.raises(ModelError, match=r"has not answered within 0\.4 s.*timeout_s"):
        made.embed(TEXTS)
    assert time.monotonic() - started < 3
    assert len(server.requests) == 2


def test_an_endless_answer_is_not_swallowed(
    served: tuple[EmbeddingServer, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, url = served
    monkeypatch.setattr("kgrag.endpoint_embedder.MAX_ANSWER_BYTES", 1 << 20)
    server.usual = lambda _: Reply(200, b"x" * (2 << 20))
    with pytest.raises(ModelError, match="more than 1 MiB"):
        embedder(url).embed(TEXTS)


def test_a_text_that_is_too_long_for_the_model_is_embedded_by_its_beginning(
    served: tuple[EmbeddingServer, str],
) -> None:
    server, url = served

    def limited(texts: list[str]) -> Reply:
        if max(map(len, texts)) > 500:
            return error(400, "maximum context length is 500")([])
        return well(texts)

    made = embedder(url)
    server.usual = limited
    long = "Euler " * 300
    rows = made.embed([TEXTS[0], long, TEXTS[1]])
    expected = HashEmbedder().embed([TEXTS[0], long[: len(long) // 4], TEXTS[1]])
    np.testing.assert_allclose(rows, expected, atol=1e-6)


def test_the_key_comes_from_the_environment_and_stays_out_of_sight(
    served: tuple[EmbeddingServer, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, url = served
    monkeypatch.delenv("KGRAG_TEST_KEY", raising=False)
    with pytest.raises(ConfigError, match="KGRAG_TEST_KEY, which is not set"):
        embedder(url, key_env="KGRAG_TEST_KEY")
    monkeypatch.setenv("KGRAG_TEST_KEY", "sk-geheim\nx")
    with pytest.raises(ConfigError, match="does not hold a key") as caught:
        embedder(url, key_env="KGRAG_TEST_KEY")
    assert "geheim" not in str(caught.value)
    monkeypatch.setenv("KGRAG_TEST_KEY", "sk-geheim\n")
    made = embedder(url, key_env="KGRAG_TEST_KEY")
    assert made.embed(TEXTS).any()
    assert server.authorizations[-1] == "Bearer sk-geheim"
    assert "geheim" not in repr(made) + repr(vars(made)) + made.fingerprint
    server.usual = error(401, "wrong key")
    with pytest.raises(ModelError, match="KGRAG_TEST_KEY holds the right key") as refused:
        made.embed(TEXTS)
    assert "geheim" not in str(refused.value)


def test_no_proxy_of_the_environment_and_no_redirect_leads_elsewhere(
    served: tuple[EmbeddingServer, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, url = served
    with serving() as (elsewhere, other_url):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, other_url.removesuffix("/v1"))
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        made = embedder(url)
        assert made.embed(TEXTS).any()
        server.usual = error(307, "moved", {"Location": f"{other_url}/embeddings"})
        with pytest.raises(ModelError, match="answered 307"):
            made.embed(TEXTS)
        assert elsewhere.requests == []


def test_the_fingerprint_tells_model_dimension_and_prefixes_apart(
    served: tuple[EmbeddingServer, str],
) -> None:
    server, url = served

    def fingerprint(dimension: int = 64, **changes: str) -> str:
        server.usual = lambda texts: well(texts, dimension)
        settings = {"kind": "openai", "model": MODEL, "endpoint": url} | changes
        return make_embedder(EmbedSettings(**settings)).fingerprint  # type: ignore[arg-type]

    base = fingerprint()
    assert base == fingerprint() == fingerprint(endpoint=url + "/")
    others = {fingerprint(32), fingerprint(query_prefix="q: "), fingerprint(passage_prefix="q: ")}
    assert len(others | {base}) == 4
    assert base.startswith(f"openai:{MODEL}:64:")


def test_threads_share_one_embedder(served: tuple[EmbeddingServer, str]) -> None:
    _, url = served
    made = embedder(url)
    results: list[bool] = []

    def run(text: str) -> None:
        for _ in range(5):
            found = made.embed_question(text)
            results.append(np.allclose(found, HashEmbedder().embed([text])[0], atol=1e-6))

    threads = [threading.Thread(target=run, args=(text,)) for text in TEXTS[:4]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 20


def open_by(settings: Settings, folder: Path) -> KnowledgeBase:
    return KnowledgeBase.open(folder, settings, extractor=CapitalisedExtractor, linker=NoLinker)


def test_a_library_is_built_and_asked_by_the_embedder_of_its_settings(
    tmp_path: Path, served: tuple[EmbeddingServer, str]
) -> None:
    server, url = served
    write_files(tmp_path, {"documents/a.txt": "Leonhard Euler met Christian Goldbach in 1727."})
    (tmp_path / "kgrag.toml").write_text(
        f'[embed]\nkind = "openai"\nmodel = "{MODEL}"\nendpoint = "{url}"\n', encoding="utf-8"
    )
    settings = Settings.load(tmp_path / "kgrag.toml")
    with open_by(settings, tmp_path / "library") as kb:
        assert kb.documents() == [] and kb.facts() == []
        assert server.requests == []
        kb.add(tmp_path / "documents")
        assert kb.search("Whom did Euler meet?").passages[0].document_name == "a.txt"
        assert kb.library.manifest()["embedder"].startswith(f"openai:{MODEL}:64:")
        server.usual = error(500, "down")
        with pytest.raises(ModelError, match="answered 500"):
            kb.search("Who is Goldbach?")


def test_a_server_that_breaks_down_while_adding_leaves_what_was_added(
    tmp_path: Path, served: tuple[EmbeddingServer, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, url = served
    monkeypatch.setattr("kgrag.ingest.GROUP_DOCUMENTS", 1)
    write_files(tmp_path, {f"documents/{n}.txt": text for n, text in enumerate(TEXTS[:3])})
    settings = Settings(embed=EmbedSettings(kind="openai", model=MODEL, endpoint=url))
    with open_by(settings, tmp_path / "library") as kb:
        server.script.extend([well, well, *[error(500, "down")] * 3])
        with pytest.raises(ModelError, match="answered 500"):
            kb.add(tmp_path / "documents")
        assert [document.name for document in kb.documents()] == ["0.txt"]
        outcomes = [file.outcome for file in kb.add(tmp_path / "documents").files]
        assert outcomes == ["unchanged", "indexed", "indexed"]


@pytest.mark.parametrize("arguments", [["add", "a.txt"], ["ask", "Who?"]])
def test_the_command_line_says_in_one_sentence_that_the_server_is_not_there(
    tmp_path: Path, arguments: list[str], served: tuple[EmbeddingServer, str]
) -> None:
    _, url = served
    write_files(tmp_path, {"a.txt": TEXTS[0]})
    library = tmp_path / "library"
    settings = Settings(embed=EmbedSettings(kind="openai", model=MODEL, endpoint=url))
    with open_by(settings, library) as kb:
        kb.add(tmp_path / "a.txt")
    (tmp_path / "kgrag.toml").write_text(
        f'[embed]\nkind = "openai"\nmodel = "{MODEL}"\nendpoint = "http://127.0.0.1:9/v1"\n'
    )
    command: list[str | Path] = [sys.executable, "-m", "kgrag.cli", *arguments]
    command += ["--library", library, "--settings", tmp_path / "kgrag.toml"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, env={"PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("kgrag: The embedding server at http://127.0.0.1:9/v1 cannot be")
    assert len(done.stderr.splitlines()) == 1
