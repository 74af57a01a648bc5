"""An index of a topic in SQLite, together with how far it was read."""

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

LOW_BYTE = 0xFF
DISK_ERRORS = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
"""Primary result codes that say something of the disk and nothing of us; they may pass."""
POSITIONS = "CREATE TABLE IF NOT EXISTS positions (part INTEGER PRIMARY KEY, at INTEGER NOT NULL);"

JOURNAL_BYTES = 64 * 1024 * 1024
"""A journal that a large transaction made longer is cut to this."""


class IndexUnwritable(OSError):
    """The disk is full, or refuses; nothing was written, and it may work again later."""


class LogIndex:
    """One connection that threads share; every call takes milliseconds.

    `is_whole` is true once all is in it that the log held at the start. A file that is not named is
    temporary; one of another layout is begun anew.
    """

    LAYOUT: ClassVar[int]
    TABLES: ClassVar[str]
    """Statements that create what is not there."""
    NAMES: ClassVar[tuple[str, ...]]
    """Of all tables but that of the positions."""

    def __init__(self, file: str = "") -> None:
        self._file = file
        self._connection = _connect(file)
        self._lock = threading.Lock()
        self.is_whole = False
        with self._lock:
            self._make()

    def positions(self) -> dict[int, int]:
        """The next offset to read of every partition that was read."""
        with self._lock:
            return dict(self._connection.execute("SELECT part, at FROM positions"))

    def clear(self) -> None:
        """Forgets everything: the log is another one."""
        with self._lock:
            for table in (*self.NAMES, "positions"):
                self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names

    @property
    def beside(self) -> str:
        """The file for one that is to take this one's place."""
        return f"{self._file}.new" if self._file else ""

    def become(self, other: "LogIndex") -> None:
        """Holds from now on what another one does, whose file takes the place of this one's."""
        with self._lock, other._lock:
            before, self._connection = self._connection, other._connection
            # Its journal lies beside the name that the other takes.
            before.close()
            if self._file:
                self._connection.close()
                Path(other._file).replace(self._file)
                self._connection = _connect(self._file)

    def close(self) -> None:
        """Closes the database."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _writing(self, positions: Mapping[int, int]) -> Iterator[None]:
        """A transaction that also says how far the log was read: both are kept, or neither.

        Raises IndexUnwritable.
        """
        with self._lock, _disk_errors():
            self._connection.execute("BEGIN")
            try:
                yield
                self._connection.executemany(
                    "INSERT OR REPLACE INTO positions VALUES (?, ?)", positions.items()
                )
                self._connection.execute("COMMIT")
            except BaseException:
                # When its disk is full SQLite has ended the transaction itself.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _make(self) -> None:
        layout = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if layout not in (0, self.LAYOUT):
            for table in (*self.NAMES, "positions"):
                self._connection.execute(f"DROP TABLE IF EXISTS {table}")
        self._connection.executescript(self.TABLES + POSITIONS)
        self._connection.execute(f"PRAGMA user_version = {self.LAYOUT}")


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & LOW_BYTE not in DISK_ERRORS:
            raise
        raise IndexUnwritable(str(error)) from error


def _connect(file: str) -> sqlite3.Connection:
    """A connection for any thread, which begins no transaction by itself.

    After a power cut the last writes may be missing, and with them that they were read.
    """
    connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA journal_size_limit = {JOURNAL_BYTES}")
    return connection
