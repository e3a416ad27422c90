import re

from indexes import errors
from indexes.errors import KgragError, ParseError


def test_the_tree_that_is_drawn_is_the_tree_that_is_there() -> None:
    drawn = {
        match.group(2): len(match.group(1)) // 4
        for match in re.finditer(r"^    ([│├└─ ]*)(\w+)", errors.__doc__ or "", re.MULTILINE)
    }
    there = {
        name: len(kind.__mro__) - len(KgragError.__mro__)
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, KgragError)
    }
    assert drawn == there


def test_a_parse_error_carries_its_reason() -> None:
    error = ParseError("encrypted", "a.pdf could not be read: it is encrypted.")
    assert (error.reason, str(error)) == ("encrypted", "a.pdf could not be read: it is encrypted.")
