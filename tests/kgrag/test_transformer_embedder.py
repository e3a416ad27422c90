"""A sentence-transformers model as an embedder: a tiny real one, made here, with random weights."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexes.errors import ConfigError, LibraryMismatchError, ModelError
from kgrag import KnowledgeBase, Settings
from kgrag.embed import Embedder
from kgrag.embedders import make_embedder
from kgrag.rebuild import rebuild
from kgrag.settings import EmbedSettings
from kgrag.transformer_embedder import SentenceTransformerEmbedder
from tests.fakes import ROOT, CapitalisedExtractor, NoLinker, write_files

HAS_MODELS = pytest.mark.skipif(
    not all(map(find_spec, ("torch", "sentence_transformers"))),
    reason='needs torch and sentence-transformers: pip install -e ".[models]"',
)
TEXTS = [
    "Leonhard Euler met Christian Goldbach.",
    "Anna Ivanova wrote a letter.",
    "Леонард Эйлер жил в Берлине.",
]


def make_model(folder: Path, *, seed: int = 1) -> Path:
    """Save a BERT of random weights with a tokenizer trained on ``TEXTS``; mean of its tokens."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=300, special_tokens=special)
    tokenizer.train_from_iterator(TEXTS, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    bert = folder.with_name(folder.name + "-bert")
    BertModel(config).save_pretrained(bert)
    fast: Any = PreTrainedTokenizerFast
    fast(
        tokenizer_object=tokenizer,
        **dict(zip(("pad_token", "unk_token", "cls_token", "sep_token"), special, strict=False)),
        model_max_length=64,
    ).save_pretrained(bert)
    reader = Transformer(str(bert))
    made = SentenceTransformer(modules=[reader, Pooling(32)], device="cpu", local_files_only=True)
    made.save(str(folder), create_model_card=False)
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def copy(model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(model, tmp_path / "copy"))


def embedder(model: Path | str, **settings: str) -> Embedder:
    made = {"kind": "sentence-transformers", "model": str(model)} | settings
    return make_embedder(EmbedSettings(**made))  # type: ignore[arg-type]


@HAS_MODELS
def test_it_keeps_the_protocol(model: Path) -> None:
    made = embedder(model)
    rows = made.embed([*TEXTS, "", "?! —", TEXTS[0], "\ud800 Euler"])
    assert rows.dtype == np.float32 and rows.shape == (7, made.dimension) == (7, 32)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), [1, 1, 1, 0, 0, 1, 1], atol=1e-5)
    np.testing.assert_allclose(rows[0], rows[5], atol=1e-5)
    assert abs(rows[0] @ rows[1]) < 0.999
    assert made.embed([]).shape == (0, 32)
    assert not made.embed_question("...").any()


@HAS_MODELS
def test_the_vectors_are_those_of_sentence_transformers(model: Path) -> None:
    from sentence_transformers import SentenceTransformer

    oracle = SentenceTransformer(str(model), device="cpu", local_files_only=True)
    expected = oracle.encode([f"passage: {text}" for text in TEXTS], normalize_embeddings=True)
    made = embedder(model, query_prefix="query: ", passage_prefix="passage: ")
    np.testing.assert_allclose(made.embed(TEXTS), expected, atol=1e-5)
    expected = oracle.encode(f"query: {TEXTS[0]}", normalize_embeddings=True)
    np.testing.assert_allclose(made.embed_question(TEXTS[0]), expected, atol=1e-5)


@HAS_MODELS
def test_without_prefixes_the_prompts_of_the_model_itself_count(model: Path, copy: Path) -> None:
    path = copy / "config_sentence_transformers.json"
    config = json.loads(path.read_text("utf-8"))
    config["prompts"] = {"query": "Euler ", "document": "Anna "}
    path.write_text(json.dumps(config), "utf-8")
    own, plain = embedder(copy), embedder(model)
    plain_row = plain.embed([f"Anna {TEXTS[0]}"])[0]
    np.testing.assert_allclose(own.embed(TEXTS[:1])[0], plain_row, atol=1e-5)
    question = own.embed_question(TEXTS[0])
    np.testing.assert_allclose(question, plain.embed_question(f"Euler {TEXTS[0]}"), atol=1e-5)
    assert own.fingerprint.split(":")[2] != plain.fingerprint.split(":")[2]


@HAS_MODELS
def test_a_text_longer_than_the_model_reads_is_no_trouble(model: Path) -> None:
    assert embedder(model).embed(["Euler met Goldbach. " * 500]).any()


@HAS_MODELS
def test_threads_share_one_model(model: Path) -> None:
    made = embedder(model)
    expected = made.embed(TEXTS)
    results: list[bool] = []

    def run(row: int) -> None:
        for _ in range(5):
            found = made.embed([TEXTS[row], "Euler"])
            results.append(np.allclose(found[0], expected[row], atol=1e-5))

    threads = [threading.Thread(target=run, args=(row,)) for row in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 15


@HAS_MODELS
def test_the_fingerprint_is_that_of_what_the_vectors_depend_on(
    model: Path, copy: Path, tmp_path: Path
) -> None:
    def digest(model: Path, **settings: str) -> str:
        return embedder(model, **settings).fingerprint.split(":")[2]

    base = digest(model)
    assert embedder(model).fingerprint == f"sentence-transformers:tiny:{base}"
    assert digest(copy) == base
    (copy / "README.md").write_text("another card")
    assert digest(copy) == base
    pooling = copy / "1_Pooling" / "config.json"
    pooling.write_text(pooling.read_text().replace("mean", "max"))
    weights = tmp_path / "weights"
    shutil.copytree(make_model(tmp_path / "other", seed=2), weights)
    digests = {
        base,
        digest(copy),
        digest(weights),
        digest(model, query_prefix="q: "),
        digest(model, passage_prefix="q: "),
    }
    assert len(digests) == 5


@HAS_MODELS
def test_the_fingerprint_of_a_model_of_the_hub_is_its_revision(copy: Path, tmp_path: Path) -> None:
    revisions = [str(number) * 40 for number in (1, 2)]
    for revision in revisions:
        shutil.copytree(copy, tmp_path / revision)
    one, two = (embedder(tmp_path / revision).fingerprint for revision in revisions)
    assert one != two
    (tmp_path / revisions[0] / "fetched_later.json").write_text("{}")
    assert embedder(tmp_path / revisions[0]).fingerprint == one


@HAS_MODELS
def test_weights_that_can_hold_code_are_refused(copy: Path) -> None:
    (copy / "training_args.bin").write_bytes(b"beside safetensors it is never read")
    assert embedder(copy).embed(TEXTS[:1]).any()
    (copy / "model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"training_args\.bin, which may hold code"):
        embedder(copy)


@HAS_MODELS
def test_code_of_a_model_is_not_run(copy: Path) -> None:
    flag = copy / "ran"
    (copy / "modeling_evil.py").write_text(f"open({str(flag)!r}, 'w')\nclass Evil: pass\n")
    listed = json.loads((copy / "modules.json").read_text())
    listed[0]["type"] = "modeling_evil.Evil"
    (copy / "modules.json").write_text(json.dumps(listed))
    with pytest.raises(ModelError, match="cannot be loaded.*modeling_evil"):
        embedder(copy).embed(TEXTS)
    assert not flag.exists()


def cut_weights(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])


def drop_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def drop_configuration(folder: Path) -> None:
    for path in folder.rglob("*.json"):
        path.unlink()


DAMAGES: list[Callable[[Path], object]] = [
    cut_weights,
    drop_weights,
    drop_configuration,
    lambda folder: (folder / "config.json").write_text("{"),
    lambda folder: (folder / "modules.json").write_text("{"),
]


@HAS_MODELS
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_model_is_told_in_one_line(copy: Path, damage: Callable[[Path], object]) -> None:
    damage(copy)
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        embedder(copy).embed(TEXTS)
    assert "\n" not in str(caught.value)


@HAS_MODELS
@pytest.mark.parametrize("name", ["no/such-model", "./nowhere", "a b", "x/y/z"])
def test_a_missing_model_is_told_with_what_to_do(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match=f"{name} is no folder, and could not.*Set .*model"):
        embedder(name)


def test_without_the_extra_the_line_to_install_it_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("kgrag.transformer_embedder.find_spec", lambda _: None)
    with pytest.raises(ModelError, match=r'pip install "kgrag\[models\]"'):
        embedder(tmp_path)


def test_a_model_is_asked_for_in_the_settings() -> None:
    with pytest.raises((ValueError, ConfigError), match="model is missing"):
        EmbedSettings(kind="sentence-transformers")


@HAS_MODELS
def test_a_library_changes_to_the_model_and_asks_by_it(tmp_path: Path, model: Path) -> None:
    def opened(embed: EmbedSettings) -> KnowledgeBase:
        return KnowledgeBase.open(
            tmp_path / "library",
            Settings(embed=embed),
            extractor=CapitalisedExtractor,
            linker=NoLinker,
        )

    write_files(tmp_path, {f"documents/{n}.txt": text for n, text in enumerate(TEXTS)})
    with opened(EmbedSettings()) as kb:
        kb.add(tmp_path / "documents")
    with opened(EmbedSettings(kind="sentence-transformers", model=str(model))) as kb:
        assert isinstance(kb.embedder, SentenceTransformerEmbedder)
        with pytest.raises(LibraryMismatchError, match="static-1.*sentence-transformers:tiny:"):
            kb.search("Euler")
        assert rebuild(kb) == 3
        numbers, rows = kb.library.vectors.load(32)
        np.testing.assert_allclose(rows, kb.embedder.embed(TEXTS), atol=1e-5)
        question = "Whom did Euler meet?"
        found = {item.document_name for item in kb.search(question).passages}
        assert "0.txt" in found
        # Which one is nearest is chance, for the weights are; it is what its vectors say.
        vector = kb.embedder.embed_question(question)
        assert kb.library.nearest(vector, 1)[0][0] == numbers[(rows @ vector).argmax()]


@HAS_MODELS
def test_embedding_reaches_for_no_network(model: Path) -> None:
    code = (
        "import sys\n"
        "from tests.network import watch\n"
        "attempts = []\n"
        "sys.addaudithook(watch(attempts))\n"
        "from kgrag.embedders import make_embedder\n"
        "from kgrag.settings import EmbedSettings\n"
        "made = make_embedder(EmbedSettings(kind='sentence-transformers', model=sys.argv[1]))\n"
        "assert made.embed(['Euler']).any()\n"
        "assert attempts == [], attempts\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, model], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
