"""What can go wrong, as one tree.

A message says what failed, which value, what was expected and what to do. Callers' own mistakes
are ``ValueError`` and ``TypeError``; everything that a user can mend derives from ``KgragError``.

    KgragError
    ├── ConfigError             a setting is unknown, missing or out of range
    ├── ParseError              one file could not be read; carries ``reason``
    ├── LibraryError            the library folder as a whole
    │   ├── LibraryNotFoundError    no library in the folder
    │   ├── LibraryEmptyError       it holds no documents yet
    │   ├── LibraryLockedError      another process is writing to it
    │   ├── LibraryDamagedError     a store does not hold what it should
    │   ├── LibraryMismatchError    built with another schema, extractor or embedder
    │   └── StorageFullError        the disk took no more
    ├── DocumentNotFoundError   no document with that id or name
    ├── EntityNotFoundError     no entity with that id
    ├── FactNotFoundError       no fact of these entities and this relation
    ├── CorrectionError         the graph cannot be corrected like that
    ├── ConversationError       no conversation with that id, or it takes no more
    ├── AccountError            a user, password or token that is not accepted
    └── ModelError              a model could not be loaded or answered wrongly
"""

from typing import Literal, get_args

ParseReason = Literal[
    "encrypted", "corrupt", "unsupported", "too_large", "timeout", "memory", "crashed", "unreadable"
]
"""Why a file was not read. A file without text is not an error: its outcome is ``empty``."""

PARSE_REASONS: tuple[ParseReason, ...] = get_args(ParseReason)


class KgragError(Exception):
    """Anything that a user can mend."""


class ConfigError(KgragError):
    """A setting is unknown, missing or out of range."""


class ParseError(KgragError):
    """One file could not be read.

    Parameters
    ----------
    reason:
        One of ``PARSE_REASONS``.
    message:
        One sentence with the file's name and the cause.
    """

    def __init__(self, reason: ParseReason, message: str) -> None:
        super().__init__(message)
        self.reason: ParseReason = reason


class LibraryError(KgragError):
    """The library folder as a whole."""


class LibraryNotFoundError(LibraryError):
    """There is no library in the folder."""


class LibraryEmptyError(LibraryError):
    """The library holds no documents yet."""


class LibraryLockedError(LibraryError):
    """Another process is writing to the library."""


class LibraryDamagedError(LibraryError):
    """A store does not hold what it should."""


class LibraryMismatchError(LibraryError):
    """The library was built with another schema, extractor or embedder."""


class StorageFullError(LibraryError):
    """The disk took no more; nothing acknowledged is lost."""


class DocumentNotFoundError(KgragError):
    """No document has that id or name."""


class AccountError(KgragError):
    """A user, password or token is not accepted."""


class CorrectionError(KgragError):
    """The graph cannot be corrected like that: nothing is called so, or nothing would be left."""


class ConversationError(KgragError):
    """There is no conversation with that id, or it takes no more."""


class EntityNotFoundError(KgragError):
    """No entity has that id."""


class FactNotFoundError(KgragError):
    """No document states that fact."""


class ModelError(KgragError):
    """A model could not be loaded, or answered wrongly."""
