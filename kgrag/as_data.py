"""A document's text in a prompt: data, in which nothing looks like markup or like the prompt.

Brackets are exchanged: square ones could pass for numbers to cite, the others for the tokens of a
chat template, which some servers read wherever they stand.
"""

_HARMLESS = str.maketrans("[]<>{}", "()‹›()")


def as_data(text: str) -> str:
    """Return a text of as many characters, without brackets that mean something to a model."""
    return text.translate(_HARMLESS)


def as_line(text: str) -> str:
    """Return such a text on one line."""
    return " ".join(as_data(text).split())
