"""A passage of the text is found in the PDF's own characters, whatever the parser laid out anew."""

from hypothesis import given
from hypothesis import strategies as st

from kgrag.parse.aligned import places_of


def found(text: str, passage: str, page: str) -> str:
    start = text.index(passage)
    return "".join(page[at] for at in places_of(text, start, start + len(passage), page))


def test_wrapped_words_and_lines_are_seen_through() -> None:
    page = "The acad\x02emy of Saint\r\nPetersburg, founded in 1724."
    text = "The academy of Saint\nPetersburg, founded in 1724."
    assert found(text, "academy of Saint\nPetersburg", page) == "academyofSaintPetersburg"


def test_letters_that_were_composed_are_their_parts() -> None:
    page = "Й был знаком. Cafe\u0301 ﬁn."
    text = "Й был знаком. Café ﬁn."
    assert found(text, "Й был", page) == "Йбыл"
    assert found(text, "Café ﬁn", page).startswith("Cafe")


def test_of_repeated_passages_the_right_one_is_found() -> None:
    text = "He wrote. He wrote. He wrote."
    assert places_of(text, 10, 19, text)[0] == 10
    # With something between that only one of them has.
    page = "He wrote. \u2020 He wrote. He wrote."
    assert places_of(text, 10, 19, page)[0] == page.index("He", 5)


def test_what_is_not_there_is_not_found() -> None:
    assert places_of("abc", 0, 3, "") == []
    assert places_of("", 0, 0, "abc") == []
    assert places_of("  ", 0, 2, "abc") == []
    assert places_of("abc", 0, 3, "xyz") == []


def test_a_long_page_that_differs_much_is_searched_for_the_passage() -> None:
    text = "".join(f"Line {n} says this. " for n in range(1_500))
    page = text.replace("Line 7 says", "Line 7, amended, says").replace("Line 1400", "L. 1400")
    assert found(text, "Line 700 says this.", page) == "Line700saysthis."


words = st.lists(st.text("abcдей\u0301fi-", min_size=1, max_size=6), min_size=1, max_size=30)


@given(words, st.data())
def test_what_is_found_is_always_the_passage(parts: list[str], data: st.DataObject) -> None:
    text = " ".join(parts)
    page = "\r\n".join(parts).replace("-", "\x02")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    got = "".join(page[at] for at in places_of(text, start, end, page))
    kept = "".join(c for c in text[start:end] if c not in " -\u0301")
    assert "".join(c for c in got if c not in "\u0301") == kept
