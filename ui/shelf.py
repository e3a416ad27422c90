"""Whose libraries there are, and where: a folder for each user, in it a folder for each library.

    ROOT/main/        the first library; without accounts, the one that kgrag was started on
    ROOT/4f1d.../     others, named by chance; what they are called is in names.json
    ROOT/names.json
    HOME/settings.toml    the language model that was chosen in the page

A library that is not there and one that is somebody else's are told in the same words, so that
nobody learns what others have. All libraries share the models.
"""

import json
import re
import secrets
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from indexes.errors import ConfigError, LibraryNotFoundError
from kgrag import KnowledgeBase
from kgrag.parts import Parts
from kgrag.settings import Settings

if TYPE_CHECKING:
    from kgrag.model_settings import ModelSettings
    from ui.accounts import User

MAIN = "main"
"""The id of everybody's first library."""

NAME_CHARS = 80

_ID = re.compile(r"[a-z0-9]{1,32}\Z")
_NAMES = "names.json"
_SAVED = "settings.toml"


@dataclass(frozen=True, slots=True)
class LibraryInfo:
    """A library as a list shows it; ``name`` is empty for a main one that nobody has named."""

    id: str
    name: str
    documents: int


class Shelf:
    """The libraries of every user, opened when first asked for; safe to share between threads.

    Parameters
    ----------
    parts:
        The models; they outlive every library.
    home:
        With accounts, the folder that holds ``users/ID`` for each; without, the folder of the
        libraries beside the first one.
    first:
        Without accounts, the library that kgrag was started on.
    """

    def __init__(self, parts: Parts, home: Path, *, first: KnowledgeBase | None = None) -> None:
        self.parts = parts
        self._home = home
        self._first = first
        self._lock = threading.RLock()
        self._opened: dict[Path, KnowledgeBase] = {}

    @classmethod
    def around(cls, first: KnowledgeBase) -> "Shelf":
        """Return the shelf of one user without an account: this library and those beside it."""
        folder = first.library.folder
        return cls(first.parts, folder.parent / f"{folder.name}-more", first=first)

    @property
    def settings(self) -> Settings:
        """What is set for all libraries."""
        return self.parts.settings

    def use_model(self, model: "ModelSettings") -> None:
        """Let another language model answer, for everybody, from now on and after a new start."""
        self.parts.use_model(model)
        # What JSON writes as a string, TOML reads as one.
        lines = (f"{key} = {json.dumps(getattr(model, key))}\n" for key in ("endpoint", "model"))
        _replace(self._home / _SAVED, "[model]\n" + "".join(lines))

    def restore_model(self) -> None:
        """Use the model that was chosen in the page, unless the settings name one.

        Raises
        ------
        ConfigError
            What was saved cannot be read.
        """
        saved = self._home / _SAVED
        if not self.settings.model.endpoint and saved.is_file():
            found = Settings.load(saved).model
            if found.endpoint:
                self.parts.use_model(found)

    def opened(self) -> list[KnowledgeBase]:
        """Return the libraries that are open, whoever's they are."""
        with self._lock:
            return [*([self._first] if self._first else []), *self._opened.values()]

    def warm(self) -> None:
        """Load what every answer needs: by a search where there is a library to search."""
        if self._first is not None:
            self._first.search("?")
        else:
            self.parts.embedder.embed(["?"])

    def close(self) -> None:
        """Close every library that was opened here."""
        with self._lock:
            for opened in self._opened.values():
                opened.close()
            self._opened.clear()

    # -- libraries -------------------------------------------------------------------------------

    def libraries(self, user: "User") -> list[LibraryInfo]:
        """Return the libraries of a user, the main one first, then by name."""
        names = self._names(user)
        found = [
            LibraryInfo(id_, names.get(id_, ""), len(self.get(user, id_).library.documents.ids()))
            for id_ in self._ids(user)
        ]
        return sorted(found, key=lambda item: (item.id != MAIN, item.name.casefold(), item.id))

    def get(self, user: "User", library_id: str) -> KnowledgeBase:
        """Return one of a user's libraries.

        Raises
        ------
        LibraryNotFoundError
            This user has none with this id.
        """
        with self._lock:
            if library_id not in self._ids(user):
                raise LibraryNotFoundError(f"You have no library {library_id[:40]!r}.")
            if library_id == MAIN and self._first is not None:
                return self._first
            folder = self._root(user) / library_id
            if folder not in self._opened:
                self._opened[folder] = KnowledgeBase.sharing(self.parts, folder)
            return self._opened[folder]

    def create(self, user: "User", name: str) -> LibraryInfo:
        """Make an empty library.

        Raises
        ------
        ConfigError
            The name is empty, too long, or taken.
        """
        with self._lock:
            id_ = secrets.token_hex(6)
            self._name(user, id_, name)
            (self._root(user) / id_).mkdir(parents=True)
            return LibraryInfo(id_, name.strip(), 0)

    def rename(self, user: "User", library_id: str, name: str) -> None:
        """Call a library otherwise; see ``create``."""
        with self._lock:
            self.get(user, library_id)
            self._name(user, library_id, name)

    def delete(self, user: "User", library_id: str) -> None:
        """Delete a library with everything in it.

        Raises
        ------
        ConfigError
            It is the main one, which stays.
        """
        library = self.get(user, library_id)
        if library_id == MAIN:
            raise ConfigError("The first library stays; remove its documents instead.")
        with library.library.writing():  # Not while documents are being added.
            pass
        folder = self._root(user) / library_id
        with self._lock:
            self._opened.pop(folder).close()
            shutil.rmtree(folder)
            names = self._names(user)
            names.pop(library_id, None)
            self._write_names(user, names)

    # -- folders ---------------------------------------------------------------------------------

    def _root(self, user: "User") -> Path:
        if self._first is not None:
            return self._home
        if not _ID.match(user.id):
            raise ValueError(f"user id {user.id!r} is not letters and digits")
        return self._home / "users" / user.id

    def _ids(self, user: "User") -> set[str]:
        root = self._root(user)
        found = {path.name for path in root.iterdir() if path.is_dir()} if root.is_dir() else set()
        return {MAIN, *(name for name in found if _ID.match(name))}

    def _name(self, user: "User", library_id: str, name: str) -> None:
        name = " ".join(name.split())
        names = self._names(user)
        if not 0 < len(name) <= NAME_CHARS:
            raise ConfigError(f"A library's name has 1 to {NAME_CHARS} characters.")
        if any(
            other.casefold() == name.casefold() for id_, other in names.items() if id_ != library_id
        ):
            raise ConfigError(f"There is a library {name!r} already.")
        self._write_names(user, names | {library_id: name})

    def _names(self, user: "User") -> dict[str, str]:
        try:
            held = json.loads((self._root(user) / _NAMES).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(key): str(value) for key, value in dict(held).items()}

    def _write_names(self, user: "User", names: dict[str, str]) -> None:
        _replace(self._root(user) / _NAMES, json.dumps(names, ensure_ascii=False))


def _replace(path: Path, text: str) -> None:
    """Write a file in one step: whoever reads it finds the old text or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text, "utf-8")
    beside.replace(path)
