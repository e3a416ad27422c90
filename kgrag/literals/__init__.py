"""Dates, times, numbers, money and the like as values, in English and Russian."""

from kgrag.literals.literal import (
    LITERAL_TYPES,
    Literal,
    literal_keys,
    literal_of,
    read_literal,
)

__all__ = ["LITERAL_TYPES", "Literal", "literal_keys", "literal_of", "read_literal"]
