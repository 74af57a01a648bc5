"""A file that is read again when it changes, and whose last good content holds while it is
wrong."""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
Stamp = tuple[tuple[int, int, int] | None, ...]
"""Of each file the time of change in ns, size and inode; None where there is none."""

T = TypeVar("T")


class WatchedFile(Generic[T]):
    """The content of a file, looked at once a second at most, and how often it has changed."""

    def __init__(
        self,
        path: Path | None,
        read: Callable[[Path], T],
        *,
        empty: T,
        what: str,
        files_of: Callable[[Path, T], tuple[Path, ...]] = lambda path, _: (path,),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises ValueError where the file is wrong; `empty` is the content of no file, and
        `files_of` says which files the content came from."""
        self._path = path
        self._read = read
        self._what = what
        self._files_of = files_of
        self._clock = clock
        self._content = read(path) if path else empty
        self._stamp = self._stamp_now()
        self._looked_at = clock()
        self._changes = 0

    @property
    def content(self) -> T:
        """The last content that made sense."""
        self._look()
        return self._content

    @property
    def changes(self) -> int:
        """The number of contents before this one."""
        self._look()
        return self._changes

    def _look(self) -> None:
        if self._path is None or (now := self._clock()) - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        if self._stamp_now() == self._stamp:
            return
        try:
            self._content = self._read(self._path)
        except ValueError as error:
            log.warning("%s is wrong, so what it said before holds: %s", self._what, error)
            return
        finally:
            self._stamp = self._stamp_now()
        self._changes += 1
        log.info("%s has been read again", self._path)

    def _stamp_now(self) -> Stamp:
        files = self._files_of(self._path, self._content) if self._path else ()
        return tuple(map(_file_stamp, files))


def _file_stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
