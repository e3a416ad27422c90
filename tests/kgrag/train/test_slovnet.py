import numpy as np
import pytest

torch = pytest.importorskip("torch")

from kgrag.extract.words import WordTable, outline_number  # noqa: E402
from kgrag.static_vectors import package_folder  # noqa: E402
from kgrag.train.slovnet import TAGGERS, load_slovnet  # noqa: E402

WORDS = (
    "Президент России Владимир Путин прибыл в Хрюкозаводск 12 мая 2011 года , пишет РБК .".split()
)


@pytest.mark.parametrize(("number", "name"), [(0, "ner"), (1, "syntax"), (2, "morph")])
def test_the_convolutions_compute_what_slovnet_computes(number: int, name: str) -> None:
    slovnet = pytest.importorskip("slovnet")
    navec = pytest.importorskip("navec")
    folder = package_folder("natasha") / "data"
    kinds = {"ner": slovnet.NER, "syntax": slovnet.Syntax, "morph": slovnet.Morph}
    tagger = kinds[name].load(str(folder / f"model/slovnet_{name}_news_v1.tar"))
    vectors = navec.Navec.load(str(folder / "emb/navec_news_v1_1B_250K_300d_100q.tar"))
    tagger.navec(vectors)
    encoder, network = tagger.infer.encoder, tagger.infer.model
    given = encoder.input([encoder.item(WORDS)])
    expected = network.encoder(network.emb(given.word_id, given.shape_id), given.pad_mask)
    table = WordTable("ru")
    arrays = (*table.take(table.rows(WORDS)), np.arange(len(WORDS))[None], np.array([len(WORDS)]))
    found = load_slovnet()(*(torch.from_numpy(array) for array in arrays))
    assert TAGGERS[number] == name
    states = found[0, :, 64 * number : 64 * (number + 1)].numpy()
    np.testing.assert_allclose(states, expected[0], atol=1e-2)


@pytest.mark.parametrize(
    "word", "Россия в В ООН iPhone Apple a USA 2011 … « » — - № ♥ 漢字 ёж Ёлка ГАЗель".split()
)
def test_outlines_have_the_numbers_that_slovnet_gives_them(word: str) -> None:
    shape = pytest.importorskip("slovnet.shape")
    shapes = ["<pad>", *shape.SHAPES]
    expected = shape.word_shape(word)
    assert shapes[outline_number(word)] in (expected, "OTHER")
    assert shapes[outline_number(word)] == expected or expected == "PUNCT_OTHER"
