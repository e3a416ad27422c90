"""What a language model's answer can lack, and how an extractor tells of texts it could not read.

ModelError
└── UnreadTextsError    some texts of several could not be read; carries what the others gave
"""

from collections.abc import Sequence

from indexes.errors import ModelError
from indexes.records import Extraction


class Fault(Exception):  # noqa: N818  never leaves the extractor
    """An answer that cannot be used.

    Parameters
    ----------
    what:
        What came back, to go on from "the model ...".
    advice:
        What a user can do about it.
    too_long:
        A shorter text may help.
    """

    def __init__(self, what: str, advice: str, *, too_long: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice
        self.too_long = too_long


class UnreadTextsError(ModelError):
    """Some texts could not be read: nothing of those may be stored.

    ``found`` holds, for each text that was given, its extraction or what went wrong with it.
    """

    def __init__(self, found: Sequence[Extraction | ModelError]) -> None:
        errors = [item for item in found if isinstance(item, ModelError)]
        super().__init__(f"{len(errors)} of {len(found)} texts could not be read. {errors[0]}")
        self.found = tuple(found)
