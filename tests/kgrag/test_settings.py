from pathlib import Path

import pytest

from indexes.errors import ConfigError
from kgrag import Settings

_OPENAI = "[embed]\nkind = 'openai'\nmodel = 'e5'\n"


def load(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "kgrag.toml"
    path.write_text(text, "utf-8")
    return Settings.load(path)


def test_what_is_not_set_keeps_its_default(tmp_path: Path) -> None:
    assert load(tmp_path, "") == Settings()
    loaded = load(tmp_path, "[parse]\ntimeout_s = 5\n[search]\nchroma = false\n")
    assert (loaded.parse.timeout_s, loaded.search.chroma) == (5, False)
    assert loaded.parse.memory_mb == Settings().parse.memory_mb


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[pars]\n", "no setting 'pars'; there are: embed, extract, link, model, parse, search"),
        ("[parse]\ntimeout = 5\n", "no setting 'parse.timeout'; there are: max_file_mb"),
        ("[parse]\ntimeout_s = 'long'\n", "parse.timeout_s is 'long', and must be float"),
        ("[parse]\nmemory_mb = 1.5\n", "parse.memory_mb is 1.5, and must be int"),
        ("[parse]\nmemory_mb = true\n", "parse.memory_mb is True, and must be int"),
        ("[link]\ncatalogue = 1\n", "link.catalogue is 1, and must be str"),
        ("[search]\nchroma = 1\n", "search.chroma is 1, and must be bool"),
        ("[parse]\nmemory_mb = 0\n", "must be above 0"),
        ("[parse]\ntimeout_s = nan\n", "timeout_s is nan, and must be a finite"),
        ("parse = 3\n", r"parse is a section, written \[parse\]"),
        ("[parse\n", "cannot be read"),
        ('[embed]\nkind = "open"\n', "kind is 'open', and must be one of: bundled, sentence-trans"),
        ('[embed]\nkind = "openai"\n', "model is missing: kind 'openai' needs a model's name"),
        (f"{_OPENAI}", "endpoint is missing.*as in http://127.0.0.1:8000/v1"),
        (
            f"{_OPENAI}endpoint = 'localhost:8000'",
            "endpoint is 'localhost:8000', and must be a base",
        ),
        (f"{_OPENAI}endpoint = 'ftp://host/v1'", "endpoint is 'ftp://host/v1', and must be a base"),
        (f"{_OPENAI}endpoint = 'http://host:x/v1'", r"\[embed\] Port could not be cast"),
        (f"{_OPENAI}endpoint = 'http://me:secret@host/v1'", "endpoint holds a name, a password"),
        (f"{_OPENAI}endpoint = 'http://host/v1?key=secret'", "endpoint holds a name, a password"),
        ("[embed]\nkind = 'sentence-transformers'\n", "model is missing"),
        ("[embed]\nmodel = 'e5'\n", "model is set, but kind is 'bundled'.*sentence-transformers"),
        ("[embed]\nquery_prefix = 'query: '\n", "query_prefix is set, but kind is 'bundled'"),
        ("[embed]\nbatch_size = 0\n", "batch_size must be above 0"),
        ("[embed]\ntimeout_s = -1\n", "timeout_s must be above 0"),
    ],
)
def test_a_wrong_setting_is_named_with_what_was_expected(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(ConfigError, match=told) as caught:
        load(tmp_path, text)
    assert "kgrag.toml" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_an_embedder_is_set_with_all_that_it_needs(tmp_path: Path) -> None:
    text = (
        f"{_OPENAI}endpoint = 'https://host:8000/v1'\nkey_env = 'KEY'\nquery_prefix = 'query: '\n"
    )
    loaded = load(tmp_path, text).embed
    assert (loaded.kind, loaded.model, loaded.endpoint) == ("openai", "e5", "https://host:8000/v1")
    assert (loaded.key_env, loaded.query_prefix, loaded.passage_prefix) == ("KEY", "query: ", "")
    assert Settings().embed.kind == "bundled"


def test_a_file_that_is_missing_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        Settings.load(tmp_path / "missing.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        Settings.load(tmp_path / "binary.toml")
