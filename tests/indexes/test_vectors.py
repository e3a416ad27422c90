import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexes.library import Library
from indexes.vectors import ChromaIndex, ExactIndex, Vectors
from tests.indexes.samples import add, analysis


def unit_vectors(count: int, dimension: int, seed: int = 0) -> Vectors:
    drawn = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    unit: Vectors = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return unit


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "chroma"


def test_exact_search_ranks_by_cosine_and_equals_by_row() -> None:
    rows: NDArray[np.int64] = np.array([7, 3, 9], np.int64)
    index = ExactIndex(rows, np.array([[1, 0], [1, 0], [0, 1]], np.float32))
    assert index.search(np.array([1, 0], np.float32), 2) == [(3, 1.0), (7, 1.0)]
    assert index.search(np.array([0, 1], np.float32), 9) == [(9, 1.0), (3, 0.0), (7, 0.0)]


def test_vectors_come_back_to_the_bit_and_by_row(library: Library) -> None:
    add(library, "a.txt", analysis("One. Two. Three."))
    rows, matrix = library.vectors.load(64)
    assert matrix.tolist() == analysis("One. Two. Three.").vectors.tolist()
    some, part = library.vectors.load(64, [int(rows[2]), 999])
    assert some.tolist() == [rows[2]]
    assert part.tolist() == [matrix[2].tolist()]
    assert library.vectors.load(64, [])[1].shape == (0, 64)


def test_more_rows_than_a_statement_takes_variables_are_loaded(library: Library) -> None:
    add(library, "a.txt", analysis("One."))
    rows, _ = library.vectors.load(64, range(1, 300_000))
    assert len(rows) == 1


def test_chroma_finds_what_exact_search_finds(folder: Path) -> None:
    matrix = unit_vectors(1500, 32)  # beyond Chroma's threshold of 1,000 for writing segments
    rows = np.arange(10, 1510)
    exact, chroma = ExactIndex(rows, matrix), ChromaIndex(folder)
    chroma.rebuild(rows, matrix, "1")
    for query in unit_vectors(30, 32, seed=1):
        wanted = [row for row, _ in exact.search(query, 10)]
        assert set(chroma.search(query, 10)) == set(wanted)
    chroma.change(added=[5], vectors=matrix[:1], removed=[10, 11], version="2")
    assert chroma.search(matrix[0], 2)[0] == 5
    assert 11 not in chroma.search(matrix[1], 50)
    assert len(chroma.search(matrix[0], 9999)) == 1499
    chroma.close()


def test_equals_come_in_one_order_whichever_index_answers(tmp_path: Path) -> None:
    with_chroma = Library.open(tmp_path / "a")
    without = Library.open(tmp_path / "b", use_chroma=False)
    for library in (with_chroma, without):
        with library.writing():
            for number in range(6):
                text = f"The same words again. Number {number} differs. " * 2
                add(library, f"{number}.txt", analysis(text))
    assert with_chroma.chroma_is_usable()
    assert not without.chroma_is_usable()
    for query in analysis("The same words again. Number 3 differs.").vectors:
        for limit in (1, 3, 8, 100):
            assert with_chroma.nearest(query, limit) == without.nearest(query, limit)
    with_chroma.close()
    without.close()


def test_only_what_was_sealed_is_opened_again(folder: Path) -> None:
    matrix = unit_vectors(20, 8)
    index = ChromaIndex(folder)
    index.rebuild(np.arange(20), matrix, "1")
    index.close()
    assert not index.open("1"), "never sealed"
    index.rebuild(np.arange(20), matrix, "1")
    index.seal()
    index.close()
    assert not index.open("2"), "another version"
    for _ in range(3):
        assert index.open("1")
        assert index.search(matrix[3], 1) == [3]
    copy = folder.parent / "copy"
    shutil.copytree(folder, copy)
    index.change(added=[99], vectors=matrix[:1], removed=[], version="2")
    index.close()
    assert not index.open("2"), "changed after it was sealed"
    assert not index.open("1"), "changed after it was sealed"


def test_an_empty_collection_answers(folder: Path) -> None:
    index = ChromaIndex(folder)
    index.rebuild(np.empty(0, np.int64), np.empty((0, 1), np.float32), "1")
    assert index.search(np.ones(8, np.float32), 3) == []
    index.close()
