import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexes.library import Library
from indexes.text import stems
from tests.indexes.samples import add, analysis

TEXTS = (
    "The academy's letters were read aloud.",
    "Эйлер переписывался с Гольдбахом.",
    "NEAR the AND gate NOT far OR so.",
)


def search(library: Library, question: str) -> list[str]:
    rows = [row for row, _ in library.lexical.search(stems(question), 10)]
    return [passage.text for passage in library.documents.passages(rows)]


@pytest.fixture
def filled(library: Library) -> Library:
    for number, text in enumerate(TEXTS):
        add(library, f"{number}.txt", analysis(text))
    return library


@pytest.mark.parametrize(
    ("question", "found"),
    [("letter of academies", 0), ("Эйлера и Гольдбаха", 1), ("ЭЙЛЕРУ", 1), ("not near", 2)],
)
def test_inflected_words_meet(filled: Library, question: str, found: int) -> None:
    assert search(filled, question) == [TEXTS[found]]


@pytest.mark.parametrize(
    "question", ['"', "a OR", "NEAR(", "stems:x", "x*", "^x", "-academy", "(", "AND", "'; DROP"]
)
def test_operators_of_the_query_language_are_words(filled: Library, question: str) -> None:
    search(filled, question)
    assert filled.lexical.frequencies([question, ""])[""] == 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.text(max_size=60))
def test_no_text_breaks_the_query(filled: Library, text: str) -> None:
    filled.lexical.search(stems(text), 3)
    filled.lexical.search([text], 3)
    filled.lexical.frequencies([*stems(text), text])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_every_text_with_a_word_is_found_by_its_own_words(library: Library, text: str) -> None:
    library.lexical.remove([1])
    library.lexical.add([1], [text])
    letters = [stem for stem in stems(text) if stem.isascii()]
    assert [row for row, _ in library.lexical.search(letters, 1)] == ([1] if letters else [])


def test_better_matches_come_first_with_a_positive_score(library: Library) -> None:
    add(library, "a.txt", analysis("Stars and many other words about nothing much at all."))
    add(library, "b.txt", analysis("Stars, stars."))
    add(library, "c.txt", analysis("Nothing."))
    add(library, "d.txt", analysis("Ships and sails."))
    add(library, "e.txt", analysis("Bread."))
    (best, high), (_, low) = library.lexical.search(stems("stars"), 5)
    assert library.documents.passages([best])[0].text == "Stars, stars."
    assert high > low > 0
    assert library.lexical.frequencies(stems("stars ships iron")) == {
        "star": 2,
        "ship": 1,
        "iron": 0,
    }


def test_a_removed_document_is_not_found(filled: Library) -> None:
    for id_ in filled.documents.ids():
        filled.remove(id_)
    assert search(filled, "letters Эйлер gate") == []
