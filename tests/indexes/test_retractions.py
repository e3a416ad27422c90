"""What becomes of retracted facts; that corrections are listed, checked, and cost no index."""

from contextlib import closing
from pathlib import Path

import pytest

from indexes.check import find_problems, repair, state_hash
from indexes.errors import CorrectionError
from indexes.library import Library
from tests.indexes.correcting import (
    ANNA,
    EULER,
    GAUSS,
    LEONHARD,
    entity_of,
    joined,
    merge,
    met,
    namesakes,
    rename,
    retract,
    split,
    undo,
)
from tests.indexes.samples import plain_library


def test_a_retracted_fact_is_nowhere_and_stays_away(two: Library) -> None:
    before = state_hash(two)
    made = retract(two, EULER, "P26", ANNA)
    passages = [row for row in range(1, 5)]
    assert [f.subject.id for f in two.graph.triplets()] == [entity_of(two, LEONHARD)]
    assert {f.subject for f in two.graph.facts_in(passages)} == {entity_of(two, LEONHARD)}
    assert len(two.graph.stated_in(passages)) == 1
    assert two.graph.stating([(EULER, "P26", entity_of(two, ANNA))]) == []
    assert two.graph.rivals((EULER, "P26", "Q1")) == []
    assert {summary.name: summary.triplets for summary in two.documents.summaries()} == {
        "a.txt": 0,
        "b.txt": 1,
    }
    assert "Euler met Anna" in two.documents.get(two.documents.find("a.txt")).text
    two.remove(two.documents.find("a.txt"))
    met(two, "a.txt", ("Euler", EULER), ("Anna", ANNA))
    assert len(two.graph.triplets()) == 1
    with pytest.raises(CorrectionError, match="No document states this fact"):
        retract(two, EULER, "P26", ANNA)
    undo(two, made)
    assert len(two.graph.triplets()) == 2
    assert state_hash(two) == before


def test_what_two_corrections_retract_is_back_when_both_are_undone(two: Library) -> None:
    joined(two)
    first = retract(two, EULER, "P26", ANNA)
    two.db.execute("DELETE FROM retracted_evidence WHERE 0")
    met(two, "c.txt", ("Leonhard", LEONHARD), ("Anna", ANNA))
    apart = split(two, EULER, names=("Leonhard",))
    assert [fact.object.id for fact in two.graph.triplets()] == [GAUSS]
    undo(two, first)
    second = retract(two, EULER, "P26", ANNA)
    third = retract(two, LEONHARD, "P26", ANNA)
    assert len(two.graph.triplets()) == 1
    undo(two, second)
    undo(two, apart)
    assert len(two.graph.triplets()) == 2
    undo(two, third)
    assert sorted(len(fact.evidence) for fact in two.graph.triplets()) == [1, 2]


def test_a_split_made_later_brings_no_retracted_fact_back(library: Library) -> None:
    one, two = namesakes(library)
    first = retract(library, ANNA, "P26", GAUSS)
    split(library, ANNA, documents=(two,))
    assert [fact.object.id for fact in library.graph.triplets()] == [EULER]
    undo(library, first)
    assert len(library.graph.triplets()) == 2
    assert find_problems(library) == []
    assert one in library.documents.ids()


def test_corrections_are_listed_newest_first_and_an_id_is_never_used_again(two: Library) -> None:
    first, second = merge(two, EULER, GAUSS), rename(two, ANNA, "Annie")
    assert two.corrections.in_force() == [second, first]
    assert (second.kind, second.what, second.made[-6:]) == ("rename", "r", "+00:00")
    undo(two, second)
    assert rename(two, ANNA, "Annie").id > second.id


DAMAGE = {
    "UPDATE identities SET entity = 'e:1' WHERE key = 'person|leonhard'": "belong to another",
    "INSERT INTO evidence SELECT * FROM retracted_evidence": "although they were retracted",
    "DELETE FROM correction_keys WHERE role = 'subject'": "although nobody retracts them",
    "DELETE FROM correction_sources": "mention another entity than a split says",
    "UPDATE retracted_evidence SET quote = 'x'": "quotations differ",
    "UPDATE retracted_evidence SET object_mention = subject_mention": "are not stated where",
}


@pytest.mark.parametrize("statement", DAMAGE)
def test_what_is_not_as_the_corrections_have_it_is_found_and_mended(
    tmp_path: Path, statement: str
) -> None:
    with closing(plain_library(tmp_path)) as library:
        _, two = namesakes(library)
        met(library, "b.txt", ("Leonhard", LEONHARD), ("Gauss", GAUSS))
        merge(library, EULER, LEONHARD)
        split(library, ANNA, documents=(two,))
        retract(library, ANNA, "P26", EULER)
        assert find_problems(library) == []
        if "INSERT" in statement:
            library.db.execute("BEGIN")
        library.db.execute(statement)
        if "INSERT" in statement:
            library.db.execute("DELETE FROM retracted_evidence")
            library.db.execute("COMMIT")
        problems = find_problems(library)
        assert any(DAMAGE[statement] in problem for problem in problems)
        left = repair(library)
        assert left == [problem for problem in problems if "kgrag rebuild" in problem]


def test_a_correction_leaves_chroma_as_it_is_and_usable(tmp_path: Path) -> None:
    with closing(Library.open(tmp_path)) as library:
        with library.writing():
            met(library, "a.txt", ("Euler", EULER), ("Anna", ANNA))
        version, built = library.version, sorted((tmp_path / "chroma").iterdir())
        merge(library, EULER, ANNA)
        assert int(library.version) == int(version) + 1
        assert library.chroma_is_usable()
    with closing(Library.open(tmp_path)) as library:
        rename(library, EULER, "Leo")
        assert library.chroma_is_usable()
        assert sorted((tmp_path / "chroma").iterdir()) == built
        assert find_problems(library) == []
