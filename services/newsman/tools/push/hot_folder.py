"""A folder whose files are taken once they are whole, and put away once they are sent."""

import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from newsman.runtime.settings_error import SettingsError

LOCK_NAME = ".newsman-watch.lock"
REASON_SUFFIX = ".reason.txt"
TEMPORARY_SUFFIXES = (".tmp", ".part", ".filepart")
MAX_NAME_BYTES = 255

Clock = Callable[[], float]


@dataclass(frozen=True)
class FileSignature:
    """Values that change when a file is written to or replaced."""

    inode: int
    size_bytes: int
    mtime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> "FileSignature":
        """The signature of a file as it stands now."""
        return cls(status.st_ino, status.st_size, status.st_mtime_ns)


@dataclass
class Settling:
    """Tells which files have stopped changing, by looking at them again and again."""

    settle_seconds: float
    clock: Clock = time.monotonic
    _seen: dict[str, tuple[FileSignature, float]] = field(default_factory=dict)

    # The times on a network mount are another machine's; only our own looks are compared.
    def settled(self, present: dict[str, FileSignature]) -> list[str]:
        """The names that have been the same for long enough, those waiting longest first."""
        now = self.clock()
        self._seen = {
            name: before
            if (before := self._seen.get(name)) and before[0] == signature
            else (signature, now)
            for name, signature in present.items()
        }
        ready = [
            (since, name)
            for name, (_, since) in self._seen.items()
            if now - since >= self.settle_seconds
        ]
        return [name for _, name in sorted(ready)]


class HotFolder:
    """The watched folder with done/ and failed/ in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.done = folder / "done"
        self.failed = folder / "failed"
        self._lock: int | None = None

    def prepare(self) -> None:
        """Makes what is missing and locks the folder; raises SettingsError."""
        try:
            if not self.folder.is_dir():
                raise SettingsError(f"{self.folder} is no folder")
            self._make_folders()
            for place in (self.done, self.failed):
                if place.stat().st_dev != self.folder.stat().st_dev:
                    raise SettingsError(f"{place} must be on the same file system as its parent")
            self._lock = os.open(self.folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SettingsError(
                f"{self.folder} is being watched by another newsman (it holds {LOCK_NAME})"
            ) from error
        except OSError as error:
            raise SettingsError(f"{self.folder} cannot be watched: {error}") from error

    def release(self) -> None:
        """Gives the lock back; its file stays, since another may be waiting on it."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def present(self) -> dict[str, FileSignature]:
        """The files to be taken some time; raises OSError when the folder cannot be read."""
        with os.scandir(self.folder) as entries:
            return dict(_regular(entry for entry in entries if not is_temporary(entry.name)))

    def signature(self, name: str) -> FileSignature | None:
        """A file as it stands now; None when it is gone."""
        try:
            return FileSignature.of((self.folder / name).lstat())
        except OSError:
            return None

    def put_done(self, name: str) -> Path:
        """Moves a file to done/; never over another one."""
        self._make_folders()
        target = free_path(self.done, name, lambda path: not _exists(path))
        (self.folder / name).rename(target)
        return target

    def put_failed(self, name: str, reason: str) -> Path:
        """Moves a file to failed/ with its reason beside it; never over another one."""
        self._make_folders()

        def is_free(path: Path) -> bool:
            return not _exists(path) and not _exists(_reason_path(path))

        target = free_path(self.failed, name, is_free, room_bytes=len(REASON_SUFFIX))
        try:
            with _reason_path(target).open("x", encoding="utf-8", errors="replace") as file:
                file.write(reason)
            (self.folder / name).rename(target)
        except OSError:
            # A reason without its file helps nobody, and a full disk must not grow.
            _reason_path(target).unlink(missing_ok=True)
            raise
        return target

    def _make_folders(self) -> None:
        self.done.mkdir(exist_ok=True)
        self.failed.mkdir(exist_ok=True)


def is_temporary(name: str) -> bool:
    """True if the name is one that programs give to what they have not finished."""
    return (
        name.startswith((".", "~"))
        or name.endswith("~")
        or name.lower().endswith(TEMPORARY_SUFFIXES)
    )


def free_path(
    folder: Path, name: str, is_free: Callable[[Path], bool], *, room_bytes: int = 0
) -> Path:
    """The name in the folder, or with a number before its suffix where it is taken."""

    def numbered(number: int) -> Path:
        return folder / fitting_name(name, f".{number}" if number else "", room_bytes)

    if is_free(numbered(0)):
        return numbered(0)
    # Thousands of files may share a name, so find the last number by bisection.
    taken, free = 0, 1
    while not is_free(numbered(free)):
        taken, free = free, free * 2
    while free - taken > 1:
        middle = (taken + free) // 2
        taken, free = (taken, middle) if is_free(numbered(middle)) else (middle, free)
    return numbered(free)


def fitting_name(name: str, number: str, room_bytes: int) -> str:
    """The name with the number before its suffix, cut to what a file system takes."""
    stem, suffix = os.path.splitext(name)  # noqa: PTH122
    room = MAX_NAME_BYTES - room_bytes - len(os.fsencode(number + suffix))
    if room < 1:
        stem, suffix = name, ""
        room = MAX_NAME_BYTES - room_bytes - len(os.fsencode(number))
    while len(os.fsencode(stem)) > room:
        stem = stem[:-1]
    return f"{stem}{number}{suffix}"


def _regular(entries: Iterator["os.DirEntry[str]"]) -> Iterator[tuple[str, FileSignature]]:
    for entry in entries:
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode):
            yield entry.name, FileSignature.of(status)


def _reason_path(path: Path) -> Path:
    return path.with_name(path.name + REASON_SUFFIX)


def _exists(path: Path) -> bool:
    return os.path.lexists(path)
