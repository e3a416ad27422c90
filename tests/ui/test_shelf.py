import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexes.errors import ConfigError, LibraryNotFoundError
from kgrag.model_settings import ModelSettings
from kgrag.parts import Parts
from kgrag.settings import Settings
from tests.fakes import NoLinker, write_files
from tests.ui.library import HANDLIST, PatternExtractor, open_library
from ui.accounts import LOCAL, User
from ui.shelf import MAIN, NAME_CHARS, Shelf

ANNA, BORIS = User("a1", "anna", False), User("b2", "boris", False)


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Shelf]:
    """The shelf of a service with accounts."""
    shelf = Shelf(Parts(Settings(), extractor=PatternExtractor, linker=NoLinker), tmp_path / "home")
    yield shelf
    shelf.close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Shelf]:
    """The shelf around the one library that kgrag was started on."""
    with open_library(tmp_path / "library") as first:
        shelf = Shelf.around(first)
        yield shelf
        shelf.close()


def test_everybody_has_a_first_library_and_makes_others_that_come_by_name(shared: Shelf) -> None:
    shared.create(ANNA, "Zoology")
    made = shared.create(ANNA, "  Botany  of Riga ")
    found = [(item.name, item.documents) for item in shared.libraries(ANNA)]
    assert found == [("", 0), ("Botany of Riga", 0), ("Zoology", 0)]
    assert shared.libraries(ANNA)[0].id == MAIN
    shared.rename(ANNA, made.id, "Plants")
    assert [item.name for item in shared.libraries(ANNA)] == ["", "Plants", "Zoology"]


def test_nobody_reaches_or_learns_of_what_is_somebody_elses(shared: Shelf) -> None:
    made = shared.create(ANNA, "Secret")
    said = []
    for wanted in (made.id, "0123456789ab", "../a1", f"../a1/{made.id}", "", "MAIN"):
        for attempt in (
            lambda id_=wanted: shared.get(BORIS, id_),
            lambda id_=wanted: shared.rename(BORIS, id_, "Mine"),
            lambda id_=wanted: shared.delete(BORIS, id_),
        ):
            with pytest.raises(LibraryNotFoundError) as refused:
                attempt()
            said.append(str(refused.value).replace(repr(wanted), "it"))
    assert set(said) == {"You have no library it."}
    assert shared.get(ANNA, MAIN) is not shared.get(BORIS, MAIN)
    assert [item.name for item in shared.libraries(BORIS)] == [""]
    shared.create(BORIS, "Secret")


@pytest.mark.parametrize("name", ["", "   ", "x" * (NAME_CHARS + 1), "secret", " SECRET "])
def test_a_name_that_is_empty_too_long_or_taken_is_refused(shared: Shelf, name: str) -> None:
    shared.create(ANNA, "Secret")
    with pytest.raises(ConfigError):
        shared.create(ANNA, name)
    assert len(shared.libraries(ANNA)) == 2


def test_a_deleted_library_is_gone_with_its_folder_and_the_first_one_stays(
    shared: Shelf, tmp_path: Path
) -> None:
    made = shared.create(ANNA, "Letters")
    write_files(tmp_path / "documents", {"a.txt": HANDLIST})
    shared.get(ANNA, made.id).add(tmp_path / "documents")
    assert [item.documents for item in shared.libraries(ANNA)] == [0, 1]
    shared.delete(ANNA, made.id)
    assert [item.id for item in shared.libraries(ANNA)] == [MAIN]
    assert not list((tmp_path / "home").rglob(made.id))
    names = json.loads((tmp_path / "home" / "users" / "a1" / "names.json").read_text("utf-8"))
    assert names == {}
    with pytest.raises(ConfigError, match="stays"):
        shared.delete(ANNA, MAIN)


def test_libraries_and_their_names_are_there_after_a_new_start(shared: Shelf) -> None:
    made = shared.create(ANNA, "Письма")
    again = Shelf(shared.parts, shared._home)
    assert [(item.id, item.name) for item in again.libraries(ANNA)] == [
        (MAIN, ""),
        (made.id, "Письма"),
    ]
    again.close()


def test_without_accounts_the_first_library_is_the_one_that_was_given(
    own: Shelf, tmp_path: Path
) -> None:
    assert own.get(LOCAL, MAIN).library.folder == tmp_path / "library"
    made = own.create(LOCAL, "Botany")
    assert own.get(LOCAL, made.id).library.folder == tmp_path / "library-more" / made.id


def test_a_model_that_was_chosen_is_used_after_a_new_start_unless_settings_name_one(
    own: Shelf, tmp_path: Path
) -> None:
    chosen = ModelSettings(endpoint="http://127.0.0.1:9/v1", model='the "large" один')
    own.use_model(chosen)
    for named, expected in (
        (ModelSettings(), chosen),
        (ModelSettings(endpoint="http://127.0.0.1:10/v1"), None),
    ):
        with open_library(tmp_path / "library", Settings(model=named)) as opened:
            shelf = Shelf.around(opened)
            shelf.restore_model()
            assert opened.settings.model == (expected or named)
            shelf.close()
