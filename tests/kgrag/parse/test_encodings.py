import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgrag.parse.encodings import decode

_RUSSIAN = (
    "Однажды играли в карты у конногвардейца Нарумова. Долгая зимняя ночь прошла незаметно; "
    "сели ужинать в пятом часу утра. Те, которые остались в выигрыше, ели с большим аппетитом."
)


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
    + ["cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic"],
)
@pytest.mark.parametrize("text", [_RUSSIAN, _RUSSIAN.upper(), _RUSSIAN[:50]])
def test_russian_is_read_in_every_encoding(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("El niño nació en España, según explicó su médico.", "iso8859-1"),
        ("Désirée said “naïve” – über die Straße nach Köln.", "cp1252"),
        (
            "Zażółć gęślą jaźń. Wisława Szymborska urodziła się w Kórniku i była polską poetką, "
            "laureatką Nagrody Nobla w dziedzinie literatury.",
            "cp1250",
        ),
        ("名前,年齢,住所\n佐藤太郎,30,東京\n三木英子,25,大阪\n髙橋淳,35,名古屋", "cp932"),
        ("Київ є столицею України та найбільшим містом країни.", "koi8-u"),
    ],
)
def test_other_languages_are_read_in_their_encodings(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_a_wrong_declaration_is_not_believed() -> None:
    assert decode(_RUSSIAN.encode("cp1251"), "utf-8") == _RUSSIAN
    assert decode(_RUSSIAN.encode("cp1251"), "iso-8859-1") == _RUSSIAN
    assert decode(_RUSSIAN.encode(), "windows-1251") == _RUSSIAN
    assert decode(_RUSSIAN.encode("koi8-r"), "no-such-encoding") == _RUSSIAN


def test_a_right_declaration_decides() -> None:
    hebrew = "ירושלים היא בירת ישראל"
    assert decode(hebrew.encode("cp1255"), "windows-1255") == hebrew
    assert decode("Київ".encode("cp1251"), "windows-1251") == "Київ"


def test_a_damaged_byte_does_not_cost_the_rest_of_the_text() -> None:
    damaged = _RUSSIAN[:33].encode() + b"\xff" + _RUSSIAN[33:].encode()
    assert decode(damaged) == _RUSSIAN[:33] + "\ufffd" + _RUSSIAN[33:]


@pytest.mark.parametrize("content", [bytes(range(256)) * 4, b"\x89PNG\r\n\x1a\n" + bytes(64)])
def test_bytes_that_are_no_text_are_refused(content: bytes) -> None:
    assert decode(content) is None


@given(st.text())
def test_utf8_is_never_taken_for_anything_else(text: str) -> None:
    printable = "".join(char for char in text if char >= " " and char != "\ufeff")
    assert decode(printable.encode()) == printable
