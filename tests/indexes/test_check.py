import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexes.check import find_problems, repair, state_hash
from indexes.library import DATABASE, Library
from tests.indexes.samples import add, said

NAMES = [("Euler", "Q7604"), ("Leonhard", "person|leonhard")]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a closed, whole library."""
    folder = tmp_path_factory.mktemp("sound")
    library = Library.open(folder)
    with library.writing():
        for number in range(3):
            text = f"Euler met Leonhard in year {number}."
            same = [("Q7604", "person|leonhard")]
            add(library, f"{number}.txt", said(text, NAMES, facts=[(0, "P26", 1)], same_as=same))
    library.close()
    return folder


@pytest.fixture
def library(sound: Path, tmp_path: Path) -> Iterator[Library]:
    shutil.copytree(sound, tmp_path / "library")
    opened = Library.open(tmp_path / "library")
    yield opened
    opened.close()


def test_a_whole_library_has_no_problems_and_a_repair_changes_nothing(library: Library) -> None:
    before = state_hash(library)
    assert find_problems(library) == []
    assert repair(library) == []
    assert state_hash(library) == before


def test_an_empty_library_has_no_problems(tmp_path: Path) -> None:
    for chroma in (True, False):
        library = Library.open(tmp_path, use_chroma=chroma)
        assert find_problems(library) == []
        library.close()


MENDED = {
    "DELETE FROM passage_stems WHERE rowid = 1": "1 passages are missing from the lexical index",
    "INSERT INTO passage_stems (rowid, stems) VALUES (99, 'x')": "lexical index holds 1 passages",
    "UPDATE passage_stems SET stems = 'x' WHERE rowid = 1": "1 passages are wrongly indexed",
    "UPDATE passage_stems_content SET c0 = 'x'": "the lexical index is damaged",
    "DELETE FROM passage_stems_data WHERE id > 10": "the lexical index is damaged",
    "UPDATE passages SET text = upper(text) WHERE row = 1": "1 quotations differ",
    "UPDATE evidence SET quote = upper(quote)": "3 quotations differ",
    "UPDATE surfaces SET count = count + 1": "counts of surfaces differ",
    "INSERT INTO surfaces VALUES (1, 'Ghost', 'person', 'ghost', 1)": "counts of surfaces differ",
    "UPDATE identities SET entity = 'e:1' WHERE row = 1": "1 names belong to another entity",
}

TOLD = {
    "DELETE FROM vectors WHERE passage = 1": "1 passages are missing from the vector store",
    "UPDATE vectors SET vector = x'00' WHERE passage = 1": "1 vectors are damaged",
    f"UPDATE vectors SET vector = x'{'00' * 252}0000c07f'": "3 vectors are damaged",
    "DELETE FROM identities WHERE row = 1": "rows refer to rows that do not exist",
    "UPDATE evidence SET start = 8, quote = substr(quote, 9) WHERE row = 1": "1 facts are not",
    "UPDATE mentions SET identity = 3 - identity WHERE row = 1": "1 facts are not stated",
    "UPDATE originals SET content = x'00' WHERE document = 1": "originals of 1 documents are lost",
    "DELETE FROM originals": "the originals of 3 documents are lost",
}


def damage(library: Library, statement: str) -> None:
    library.db.execute("PRAGMA foreign_keys = OFF")
    library.db.execute(statement)
    library.db.execute("PRAGMA foreign_keys = ON")


@pytest.mark.parametrize("statement", MENDED)
def test_damage_to_what_is_derived_is_found_and_mended(library: Library, statement: str) -> None:
    before = state_hash(library)
    damage(library, statement)
    assert any(MENDED[statement] in problem for problem in find_problems(library))
    assert repair(library) == []
    assert state_hash(library) == before


@pytest.mark.parametrize("statement", TOLD)
def test_damage_to_what_is_not_derived_is_told_with_the_remedy(
    library: Library, statement: str
) -> None:
    damage(library, statement)
    (problem,) = [line for line in find_problems(library) if TOLD[statement] in line]
    assert "kgrag rebuild" in problem or "add their files again" in problem
    assert problem in repair(library)


def test_searches_go_on_where_a_vector_is_damaged(library: Library) -> None:
    _, matrix = library.vectors.load(64)
    damage(library, "UPDATE vectors SET vector = x'00' WHERE passage = 2")
    assert [row for row, _ in library.nearest(matrix[0], 3)][0] == 1


def test_a_damaged_index_of_the_database_is_mended(library: Library) -> None:
    library.db.execute("PRAGMA writable_schema = ON")
    library.db.execute(
        "UPDATE sqlite_master SET sql = replace(sql, '(document, start)', '(document, end)') "
        "WHERE name = 'mentions_document'"
    )
    library.db.execute("PRAGMA writable_schema = RESET")
    library.close()
    assert any("mentions_document" in problem for problem in find_problems(library))
    assert repair(library) == []


@pytest.mark.parametrize("name", ["chroma", "chroma.seal", "chroma/*/chroma.sqlite3"])
def test_a_missing_chroma_is_found_and_built_anew(library: Library, name: str) -> None:
    (path,) = library.folder.glob(name)
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert find_problems(library) == [
        "Chroma is missing, stale or damaged: search is exact until a repair"
    ]
    assert repair(library) == []
    assert library.chroma_is_usable()


@pytest.mark.parametrize("table", ["documents", "mentions", "vectors", "passage_stems_data"])
def test_a_zeroed_page_is_told_and_not_crashed_on(library: Library, table: str) -> None:
    query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
    (page,) = library.db.execute(query, (table,)).fetchone()
    library.close()
    with (library.folder / DATABASE).open("r+b") as file:
        file.seek(4096 * (page - 1))
        file.write(bytes(4096))
    assert any("damaged" in problem for problem in find_problems(library))


def test_a_repair_that_is_cut_off_changes_nothing(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(library, "DELETE FROM passage_stems")
    damaged = state_hash(library)

    def cut_off(_: object) -> None:
        raise sqlite3.OperationalError("cut off")

    with monkeypatch.context() as patch:
        patch.setattr("indexes.check._rebuild_surfaces", cut_off)
        with pytest.raises(Exception, match="cut off"):
            repair(library)
    assert state_hash(library) == damaged
    assert repair(library) == []
