"""Page images that were drawn a moment ago, within a bound of bytes; of a library as it is now."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 48 << 20


@dataclass(frozen=True, slots=True)
class PictureKey:
    """What an image shows. With the library's version, which each write raises, nothing that was
    removed is shown again.
    """

    folder: Path
    version: str
    document: str
    page: int
    start: int
    end: int
    width_px: int


class PictureCache:
    """The images used last; safe to share between threads."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._images: OrderedDict[PictureKey, bytes] = OrderedDict()
        self._bytes = 0

    def get(self, key: PictureKey) -> bytes | None:
        """Return an image; what is left of an earlier state of its library goes."""
        with self._lock:
            self._forget_earlier(key)
            if (image := self._images.get(key)) is not None:
                self._images.move_to_end(key)
            return image

    def put(self, key: PictureKey, image: bytes) -> None:
        """Keep an image, in place of those that were used least lately."""
        if len(image) > self._max_bytes:
            return
        with self._lock:
            self._forget_earlier(key)
            self._drop(key)
            self._images[key] = image
            self._bytes += len(image)
            while self._bytes > self._max_bytes:
                self._drop(next(iter(self._images)))

    def forget(self, folder: Path) -> None:
        """Let go of every image of a library."""
        with self._lock:
            for key in [key for key in self._images if key.folder == folder]:
                self._drop(key)

    @property
    def held_bytes(self) -> int:
        """How much is held."""
        return self._bytes

    def _forget_earlier(self, now: PictureKey) -> None:
        for key in [
            key for key in self._images if key.folder == now.folder and key.version != now.version
        ]:
            self._drop(key)

    def _drop(self, key: PictureKey) -> None:
        self._bytes -= len(self._images.pop(key, b""))
