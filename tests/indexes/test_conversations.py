import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from indexes import conversations as limits
from indexes.additions import Addition
from indexes.check import find_problems, repair, state_hash
from indexes.conversations import StoredTurn
from indexes.errors import ConversationError
from indexes.library import DATABASE, Library
from tests.fakes import ROOT
from tests.indexes.samples import add, analysis, plain_library

SECRET = "The Cyclops of Groningen"


def test_a_conversation_is_kept_with_its_turns_in_order(library: Library) -> None:
    cited = add(library, "a.txt", analysis("Euler came."))
    version = library.version
    first = library.conversations.begin("  Who\n came? ")
    library.conversations.append(first, "Who came?", '{"a": 1}', [cited, cited])
    library.conversations.append(first, "When?", '{"a": 2}', [])
    second = library.conversations.begin("Another")
    library.conversations.rename(second, "Something else")
    assert library.conversations.turns(first) == [
        StoredTurn("Who came?", '{"a": 1}'),
        StoredTurn("When?", '{"a": 2}'),
    ]
    assert [(c.id, c.title, c.turns) for c in library.conversations.list()] == [
        (second, "Something else", 0),
        (first, "Who came?", 2),
    ]
    assert library.conversations.get(first).begun <= library.conversations.get(first).changed
    assert library.version == version, "what is searched has not changed"
    library.conversations.remove(first)
    assert [c.id for c in library.conversations.list()] == [second]
    assert find_problems(library) == []


def test_a_conversation_that_is_spoken_in_again_comes_first(library: Library) -> None:
    ids = [library.conversations.begin(f"Conversation {number}") for number in range(3)]
    library.conversations.append(ids[0], "Well?", "{}", [])
    assert library.conversations.list()[0].id == ids[0]


def test_ids_cannot_be_guessed(library: Library) -> None:
    ids = {library.conversations.begin("Title") for _ in range(20)}
    assert len(ids) == 20
    assert {len(id_) for id_ in ids} == {16}


def test_what_is_not_there_or_has_no_title_is_told(library: Library) -> None:
    store = library.conversations
    for call in (
        lambda: store.turns("0"),
        lambda: store.get("\ud800"),
        lambda: store.append("0", "q", "{}", []),
        lambda: store.rename("0", "t"),
        lambda: store.remove("0"),
    ):
        with pytest.raises(ConversationError, match="There is no such conversation"):
            call()
    for title in ("", " \n"):
        with pytest.raises(ConversationError, match="needs a title"):
            store.begin(title)


def test_there_are_limits_and_a_long_title_is_cut(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_CONVERSATIONS", 2)
    monkeypatch.setattr(limits, "MAX_TURNS", 1)
    store = library.conversations
    one, _ = store.begin("t" * 1000), store.begin("Two")
    assert store.get(one).title == "t" * 199 + "…"
    with pytest.raises(ConversationError, match="2 conversations already"):
        store.begin("Three")
    with pytest.raises(ConversationError, match="no more than 8000000"):
        store.append(one, "q", "x" * 8_000_001, [])
    store.append(one, "a \ud800 half", "{}", [])
    assert store.turns(one)[0].question == "a \ufffd half"
    with pytest.raises(ConversationError, match="begin another one"):
        store.append(one, "q", "{}", [])


def removed(library: Library, document: str) -> None:
    library.remove(document)


def replaced(library: Library, document: str) -> None:
    add(library, "a.txt", analysis("Nobody came."))


@pytest.mark.parametrize("take", [removed, replaced])
def test_an_answer_that_cites_a_document_goes_with_it_to_the_last_byte(
    tmp_path: Path, take: object
) -> None:
    with closing(plain_library(tmp_path)) as library:
        cited = add(library, "a.txt", analysis(f"{SECRET} came. " + "He stayed. " * 40))
        other = add(library, "b.txt", analysis("Gauss came."))
        id_ = library.conversations.begin("Who came?")
        content = f'{{"quote": "{SECRET} came."}}'
        library.conversations.append(id_, "Who came?", content * 500, [cited, other])
        library.conversations.append(id_, "And then?", '{"quote": "Gauss came."}', [other])
        assert callable(take)
        take(library, cited)
        assert library.conversations.turns(id_) == [
            StoredTurn("Who came?", None),
            StoredTurn("And then?", '{"quote": "Gauss came."}'),
        ]
        assert find_problems(library) == []
    content_of = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for trace in (SECRET, cited.removeprefix("sha256:"), "Cyclops"):
        assert trace.encode() not in content_of
    assert b"Gauss came." in content_of


def test_an_answer_about_a_document_that_went_meanwhile_is_not_kept(library: Library) -> None:
    cited = add(library, "a.txt", analysis("Euler came."))
    id_ = library.conversations.begin("Who came?")
    library.remove(cited)
    library.conversations.append(id_, "Who came?", "Euler came.", [cited])
    assert library.conversations.turns(id_) == [StoredTurn("Who came?", None)]


def test_a_removal_that_fails_blanks_nothing(library: Library) -> None:
    cited = add(library, "a.txt", analysis("Euler came."))
    id_ = library.conversations.begin("Who came?")
    library.conversations.append(id_, "Who came?", "{}", [cited])
    library.db.execute(
        "CREATE TEMP TRIGGER stop BEFORE DELETE ON documents BEGIN SELECT raise(ABORT, 'no'); END"
    )
    with pytest.raises(Exception, match="no"):
        library.remove(cited)
    assert library.conversations.turns(id_) == [StoredTurn("Who came?", "{}")]


def test_an_answer_that_cites_what_is_gone_is_found_and_blanked(library: Library) -> None:
    cited = add(library, "a.txt", analysis("Euler came."))
    id_ = library.conversations.begin("Who came?")
    library.conversations.append(id_, "Who came?", "{}", [cited])
    library.db.execute("UPDATE turn_documents SET document = 'sha256:0'")
    (problem,) = find_problems(library)
    assert problem.startswith("1 kept answers cite documents that are gone")
    assert repair(library) == []
    assert library.conversations.turns(id_)[0].content is None


_CHAT = """
import sys
from pathlib import Path
from indexes.library import Library
library = Library.open(Path(sys.argv[1]), use_chroma=False)
library.conversations.append(sys.argv[2], "From afar?", "{}", [])
"""


def test_chat_goes_on_while_documents_are_being_added(library: Library) -> None:
    """Another thread and another process append while this one holds the library for writing."""
    id_ = library.conversations.begin("Chat")
    with library.writing():
        add(library, "a.txt", analysis("Euler came."))
        thread = threading.Thread(
            target=lambda: library.conversations.append(id_, "Here?", "{}", [])
        )
        thread.start()
        thread.join()
        command = [sys.executable, "-c", _CHAT, str(library.folder), id_]
        subprocess.run(command, cwd=ROOT, check=True)
        add(library, "b.txt", analysis("Gauss came."))
    assert [turn.question for turn in library.conversations.turns(id_)] == ["Here?", "From afar?"]


def test_chat_waits_for_a_group_that_is_being_stored(library: Library) -> None:
    """What is appended within the transaction of another thread is there after it."""
    id_ = library.conversations.begin("Chat")
    threads: list[threading.Thread] = []

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "kgrag.stored" and arguments == ("waited.txt",):
            threads.append(
                threading.Thread(target=lambda: library.conversations.append(id_, "Now?", "{}", []))
            )
            threads[-1].start()

    sys.addaudithook(hook)
    library.add([Addition("w", "waited.txt", analysis("Euler came."))])
    threads[0].join()
    assert [turn.question for turn in library.conversations.turns(id_)] == ["Now?"]


def test_conversations_stay_when_another_library_takes_the_place(tmp_path: Path) -> None:
    library, other = plain_library(tmp_path / "a"), plain_library(tmp_path / "b")
    with closing(library), closing(other):
        old = add(library, "old.txt", analysis("Old words."))
        both = add(library, "both.txt", analysis("Words of both."))
        add(other, "both.txt", analysis("Words of both."))
        id_ = library.conversations.begin("Chat")
        library.conversations.append(id_, "Both?", "both", [both])
        library.conversations.append(id_, "Old?", "old", [both, old])
        listed = library.conversations.list()
        library.replace_with(other)
        assert library.conversations.list() == listed
        assert library.conversations.turns(id_) == [
            StoredTurn("Both?", "both"),
            StoredTurn("Old?", None),
        ]
        assert state_hash(library) == state_hash(other)
        assert find_problems(library) == []
        assert (tmp_path / "a" / DATABASE).is_file()
