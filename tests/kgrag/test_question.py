"""What a question is read as."""

from hypothesis import given
from hypothesis import strategies as st

from kgrag.question import MAX_QUESTION_CHARS, understand


def test_function_words_ask_nothing_and_content_words_do() -> None:
    asked = [word.stem for word in understand("In which town was Euler born?").words]
    assert asked == ["town", "euler", "born"]


def test_names_and_numbers_are_told_from_other_words() -> None:
    names = {word.text: word.is_name for word in understand("When did Euler leave in 1741?").words}
    assert names == {"Euler": True, "leave": False, "1741": True}


def test_the_kind_of_answer_is_known_in_both_languages() -> None:
    for when, who in (("When did it end?", "Who won?"), ("Когда он умер?", "Кто победил?")):
        assert "date" in understand(when).expected
        assert "person" in understand(who).expected
    assert "number" in understand("How many volumes are there?").expected
    assert understand("What is graph theory?").expected == ()


def test_longer_names_come_before_those_inside_them() -> None:
    names = understand("Where did Catherine the Great live?").names
    assert names.index("catherine the great") < names.index("catherine")


@given(st.text(max_size=200) | st.just("why " * MAX_QUESTION_CHARS))
def test_any_text_is_a_question(text: str) -> None:
    question = understand(text)
    assert len(question.text) <= MAX_QUESTION_CHARS
    assert len({word.stem for word in question.words}) == len(question.words)
