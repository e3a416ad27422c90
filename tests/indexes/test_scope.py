"""Limiting a question to some documents: what is not chosen does not exist."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from indexes.scope import Filter, choose
from indexes.text import stems
from indexes.view import View, view
from kgrag.knowledge_base import KnowledgeBase
from tests.fakes import HashEmbedder, open_knowledge_base, write_files

FILES: dict[str, str | bytes] = {
    "2023/euler.txt": "Leonhard Euler met Christian Goldbach in Basel.",
    "2024/euler.md": "# Letters\n\nLeonhard Euler wrote to Christian Goldbach.",
    "2024/ru.txt": "Леонард Эйлер написал Гольдбаху письмо из Берлина.",
}
DAYS = dict(zip(FILES, (1_700_000_000, 1_710_000_000, 1_720_000_000), strict=True))


@pytest.fixture
def kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    folder = tmp_path / "papers"
    for path, name in zip(write_files(folder, FILES), FILES, strict=True):
        os.utime(path, (DAYS[name], DAYS[name]))
    with open_knowledge_base(tmp_path / "library", chroma=False) as opened:
        opened.add(folder)
        yield opened


def chosen(kb: KnowledgeBase, wanted: Filter) -> set[str]:
    with choose(kb.library.db, wanted) as scope:
        assert scope is not None
        rows = [row for (row,) in kb.library.db.execute(scope.passages)]
    return {passage.document_name for passage in kb.library.documents.passages(rows)}


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Filter(documents=("2023/euler.txt",)), {"2023/euler.txt"}),
        (Filter(folder="2024"), {"2024/euler.md", "2024/ru.txt"}),
        (Filter(folder="2024/"), {"2024/euler.md", "2024/ru.txt"}),
        (Filter(folder="202"), set()),
        (Filter(language="ru"), {"2024/ru.txt"}),
        (Filter(media_type="markdown"), {"2024/euler.md"}),
        (Filter(since="2024-03-09"), {"2024/euler.md", "2024/ru.txt"}),
        (Filter(until="2024-03-09"), {"2023/euler.txt", "2024/euler.md"}),
        (Filter(since="2024-01-01", until="2024-06-01"), {"2024/euler.md"}),
        (Filter(folder="2024", language="en"), {"2024/euler.md"}),
        (Filter(documents=("nobody.txt",)), set()),
        (Filter(folder="%"), set()),
        (Filter(documents=("' OR 1=1 --",)), set()),
    ],
)
def test_each_part_of_a_filter_limits(kb: KnowledgeBase, wanted: Filter, names: set[str]) -> None:
    assert chosen(kb, wanted) == names


def test_a_whole_path_is_a_folder_too(kb: KnowledgeBase, tmp_path: Path) -> None:
    assert chosen(kb, Filter(folder=str(tmp_path / "papers" / "2023"))) == {"2023/euler.txt"}


@pytest.mark.parametrize(
    "day", ["yesterday", "2024-13-01", "1", "20240131", "2024-W05", "2024-01-31 18:30"]
)
def test_what_is_no_day_is_refused(day: str) -> None:
    with pytest.raises(ValueError, match="since.*2024-01-31"):
        Filter(since=day)


def test_nothing_is_left_of_a_scope(kb: KnowledgeBase) -> None:
    with pytest.raises(RuntimeError), choose(kb.library.db, Filter(language="ru")):
        raise RuntimeError
    assert kb.library.db.execute("SELECT count(*) FROM temp.chosen").fetchone() == (0,)


def test_two_scopes_at_once_do_not_meet(kb: KnowledgeBase) -> None:
    first, second = Filter(language="ru"), Filter(language="en")
    with choose(kb.library.db, first), choose(kb.library.db, second):
        assert chosen(kb, first) == {"2024/ru.txt"}
        assert chosen(kb, second) == {"2023/euler.txt", "2024/euler.md"}


def what_is_seen(view: View) -> object:
    """Return what every store of a view gives for the words and names of the texts."""
    terms = stems(" ".join(str(text) for text in FILES.values()))
    names = {row: p.document_name for row in range(9) for p in view.documents.passages([row])}
    entities = view.graph.named(["leonhard euler", "christian goldbach", "гольдбах"])
    meant = {entity for found in entities.values() for entity in found}
    question = HashEmbedder().embed(["Leonhard Euler"])[0]
    return (
        [(names[row], round(score, 3)) for row, score in view.nearest(question, 9)],
        sorted(names[row] for row, _ in view.lexical.search(terms, 9)),
        view.lexical.frequencies(sorted(set(terms))),
        view.lexical.passage_count(),
        sorted(names[row] for row, _ in view.lexical.opening_with("euler", 9)),
        {normal: sorted(found) for normal, found in entities.items()},
        sorted((names[row], place) for _, row, place in view.graph.passages_of(meant, 9)),
    )


def test_a_scope_sees_what_a_library_of_its_documents_alone_would(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    with open_knowledge_base(tmp_path / "alone", chroma=False) as alone:
        alone.add(tmp_path / "papers" / "2024")
        with view(alone.library) as whole:
            expected = str(what_is_seen(whole))
    with view(kb.library, Filter(folder="2024")) as limited:
        assert str(what_is_seen(limited)).replace("2024/", "") == expected


def test_an_empty_scope_gives_nothing(kb: KnowledgeBase) -> None:
    with view(kb.library, Filter(documents=("nobody",))) as nothing:
        assert nothing.nearest(np.ones(64, np.float32), 5) == []
        assert nothing.lexical.search(["euler"], 5) == []
        assert nothing.lexical.passage_count() == 0
    result = kb.search("Leonhard Euler", where=Filter(documents=("nobody",)))
    assert (result.passages, result.facts) == ((), ())


def test_what_is_read_stays_as_it_was_when_the_reading_began(kb: KnowledgeBase) -> None:
    before = kb.library.documents.passage_count()

    def remove_all() -> None:
        for document in kb.documents():
            kb.remove(document.id)

    with view(kb.library) as seen:
        assert seen.documents.passage_count() == before > 0
        remover = threading.Thread(target=remove_all)
        remover.start()
        remover.join()
        assert seen.documents.passage_count() == before
    assert kb.library.documents.passage_count() == 0
