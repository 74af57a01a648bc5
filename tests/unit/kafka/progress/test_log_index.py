"""An index in SQLite whose disk is full keeps what it had, and goes on when there is room."""

import sqlite3
from contextlib import closing

import pytest

from newsman.kafka.progress.log_index import IndexUnwritable, LogIndex


class Words(LogIndex):
    """Of each offset a text."""

    LAYOUT = 1
    TABLES = "CREATE TABLE IF NOT EXISTS words (at INTEGER PRIMARY KEY, text TEXT NOT NULL);"
    NAMES = ("words",)

    def write(self, at: int, text: str) -> None:
        with self._writing({0: at + 1}):
            self._connection.execute("INSERT INTO words VALUES (?, ?)", (at, text))

    def limit(self, pages: int) -> None:
        self._connection.execute(f"PRAGMA max_page_count = {pages}")


@pytest.fixture
def words(tmp_path):
    with closing(Words(str(tmp_path / "words"))) as words:
        words.write(0, "first")
        yield words


def test_a_full_disk_is_an_outage_that_changes_nothing(words):
    words.limit(1)
    for _ in range(2):
        with pytest.raises(IndexUnwritable, match="full"):
            words.write(1, "x" * 100_000)
    assert words.positions() == {0: 1}
    words.limit(1_000)
    words.write(1, "x" * 100_000)
    assert words.positions() == {0: 2}


def test_a_mistake_is_not_taken_for_a_full_disk(words):
    words.write(1, "second")
    with pytest.raises(sqlite3.IntegrityError):
        words.write(1, "again")
    with pytest.raises(sqlite3.OperationalError, match="no such table"), words._writing({}):
        words._connection.execute("INSERT INTO pictures VALUES (1)")
    assert words.positions() == {0: 2}
