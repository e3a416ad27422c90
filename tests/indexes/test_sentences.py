import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexes.library import Library
from indexes.text import stems
from tests.fakes import HashEmbedder
from tests.indexes.samples import add, analysis


def test_sentences_come_back_with_offsets_stems_and_vectors(library: Library) -> None:
    text = "Euler met Gauss. He wrote «письмо». Nobody's here."
    row = library.documents.row_of(add(library, "a.txt", analysis(text)))
    assert row is not None
    rows = library.documents.passage_rows(row)
    tables = library.sentences.load([*rows, 999])
    assert sorted(tables) == rows
    for passage in library.documents.passages(rows):
        table = tables[passage.row]
        texts = [passage.text[s:e] for s, e in zip(table.starts, table.ends, strict=True)]
        assert table.stems.tolist() == [len(stems(item)) for item in texts]
        assert np.allclose(table.vectors, HashEmbedder().embed(texts), atol=1e-3)


@given(st.text(alphabet="ab'’ .-\n", max_size=60))
def test_the_stems_of_sentences_are_those_of_the_passage(text: str) -> None:
    made = analysis(text)
    for passage in made.passages:
        whole = stems(text[passage.start : passage.end])
        assert sum(len(stems(text[s:e])) for s, e in passage.sentences) == len(whole)
