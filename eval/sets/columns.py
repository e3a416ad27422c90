"""What the columns of a user's questions may be called, in English and Russian, and what they hold.

Names are compared without case, spaces and underscores: "Expected answer", "expected_answer" and
«Ожидаемый ответ» are one column.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

_NAMES: Mapping[str, str] = {
    "id": "id, номер, №",
    "question": "question, query, вопрос",
    "answers": "answers, answer, expected answer, expected answers, expected, ответ, ответы, "
    "ожидаемый ответ, ожидаемые ответы, правильный ответ",
    "document": "document, doc, file, source, expected document, документ, файл, источник, "
    "ожидаемый документ",
    "page": "page, expected page, страница, стр, стр.",
    "quote": "quote, quotation, цитата",
    "evidence": "evidence, supporting, основания, доказательства",
    "answerable": "answerable, has answer, есть ответ, ответ есть, отвечаемый",
    "kind": "kind, type, category, вид, тип, категория",
    "language": "language, lang, язык",
    "wrong": "wrong, wrong answer, wrong answers, неверно, неверный ответ, неверные ответы",
}

_BETWEEN = re.compile(r"[\s_-]+")
_YES = frozenset("yes y true 1 + да д истина".split())
_NO = frozenset("no n false 0 - нет н ложь".split())
_PAGE = re.compile(r"(?:p|pp|page|с|стр|страница)?\.?\s*(\d{1,9})(?:\.0+)?", re.IGNORECASE)


def _folded(name: str) -> str:
    return _BETWEEN.sub("", name.casefold()).replace("ё", "е")


_COLUMNS = {_folded(name): column for column, names in _NAMES.items() for name in names.split(",")}

COLUMNS = ", ".join(name for name in _NAMES if name != "evidence")


def column_of(name: str) -> str | None:
    """Return which column a name means, or None."""
    return _COLUMNS.get(_folded(name))


def several(value: object) -> tuple[str, ...]:
    """Return the answers in a cell: a JSON list of them, or a text of some parted by ``|``.

    Raises
    ------
    ValueError
        It is neither; the message says so in a user's words.
    """
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            pass
    if isinstance(value, list):
        if not all(isinstance(item, str | int | float) for item in value):
            raise ValueError("its answers are no list of texts")
        return _unlike([str(item) for item in value if str(item).strip()])
    return _unlike([part.strip() for part in one(value).split("|") if part.strip()])


def one(value: object) -> str:
    """Return the text in a cell, which may be a number; nothing is an empty one.

    Raises
    ------
    ValueError
        It is a list or an object.
    """
    if isinstance(value, list | dict):
        raise ValueError(f"holds {json.dumps(value, ensure_ascii=False)[:40]} where a text belongs")
    return "" if value is None else str(value)


def truth(value: object) -> bool | None:
    """Return a yes or no; None where nothing is said.

    Raises
    ------
    ValueError
        It is neither.
    """
    if isinstance(value, bool):
        return value
    text = one(value).strip().casefold()
    if text in _YES or text in _NO:
        return text in _YES
    if text:
        raise ValueError(f"answerable is “{text[:20]}”: write yes or no")
    return None


def page_number(value: object) -> int | None:
    """Return the number of a page, from 1; None where none is given.

    Raises
    ------
    ValueError
        It is no such number.
    """
    text = one(value).strip()
    if not text:
        return None
    found = _PAGE.fullmatch(text)
    if found is None or int(found[1]) < 1:
        raise ValueError(f"page is “{text[:20]}”: write one number from 1, or leave it empty")
    return int(found[1])


def _unlike(items: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def canonical(record: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return a record by its columns, and the names in it that mean none."""
    cells: dict[str, Any] = {}
    unknown = []
    for name, value in record.items():
        column = column_of(name)
        if column is None:
            unknown.append(name)
        elif cells.get(column) in (None, ""):
            cells[column] = value
    return cells, unknown
