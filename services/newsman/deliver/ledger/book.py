"""The ledger in SQLite, read from `delivery-noted`: every entry once, by article."""

import sqlite3
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from newsman_schemas.events import unix_ms
from newsman_schemas.subscriptions import DeliveryNoted

LAYOUT = 1
KEPT = timedelta(days=400)
"""As long as the topic keeps them."""
TABLES = """
CREATE TABLE IF NOT EXISTS targets (
  number INTEGER PRIMARY KEY, subscriber TEXT NOT NULL, subscription TEXT NOT NULL,
  channel TEXT NOT NULL, target TEXT NOT NULL,
  UNIQUE (subscriber, subscription, channel, target));
CREATE TABLE IF NOT EXISTS entries (
  article TEXT NOT NULL, target INTEGER NOT NULL, revision INTEGER NOT NULL,
  outcome TEXT NOT NULL, delivery TEXT NOT NULL, event TEXT NOT NULL, version INTEGER NOT NULL,
  attempts INTEGER NOT NULL, status INTEGER, at_ms INTEGER NOT NULL, published_ms INTEGER NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY (article, target, revision, outcome, delivery)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ages ON entries (at_ms);
CREATE TABLE IF NOT EXISTS positions (part INTEGER PRIMARY KEY, at INTEGER NOT NULL);
"""
NAMES = ("entries", "targets", "positions")
_SELECT = """
SELECT e.note, e.at_ms, e.delivery, t.subscription, t.subscriber, t.channel, t.target, e.event,
  e.article, e.revision, e.version, e.outcome, e.attempts, e.status, e.published_ms
FROM entries e JOIN targets t ON t.number = e.target
WHERE e.article = ? ORDER BY e.at_ms, e.revision, t.number, e.outcome
"""


class Ledger:
    """One database that threads share; a file that is not named is temporary.

    `is_whole` is true once all is in it that the log held at the start.
    """

    def __init__(self, file: str = "") -> None:
        self._connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._lock = threading.Lock()
        self.is_whole = False
        with self._lock:
            self._make()

    def entries(self, article_id: str) -> tuple[DeliveryNoted, ...]:
        """Everything that was noted of an article, the oldest first."""
        with self._lock:
            rows = self._connection.execute(_SELECT, (article_id,)).fetchall()
        return tuple(map(_entry, rows))

    def positions(self) -> dict[int, int]:
        """The next offset to read of every partition that was read."""
        with self._lock:
            return dict(self._connection.execute("SELECT part, at FROM positions"))

    def write(self, entries: Iterable[DeliveryNoted], positions: Mapping[int, int]) -> None:
        """Takes in entries and how far the log was read, both or neither."""
        with self._lock, self._connection:
            self._connection.execute("BEGIN")
            for entry in entries:
                self._connection.execute(
                    "INSERT OR IGNORE INTO entries VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
                    self._row(entry),
                )
            self._connection.executemany(
                "INSERT OR REPLACE INTO positions VALUES (?, ?)", positions.items()
            )

    def forget_before(self, moment: datetime) -> int:
        """Deletes what is older; the number of entries."""
        with self._lock:
            deleted = self._connection.execute(
                "DELETE FROM entries WHERE at_ms < ?", (unix_ms(moment),)
            )
            return deleted.rowcount

    def clear(self) -> None:
        """Forgets everything: the log is another one."""
        with self._lock:
            for table in NAMES:
                self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names

    def close(self) -> None:
        """Closes the database."""
        with self._lock:
            self._connection.close()

    def _make(self) -> None:
        layout = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if layout not in (0, LAYOUT):
            for table in NAMES:
                self._connection.execute(f"DROP TABLE IF EXISTS {table}")
        self._connection.executescript(TABLES)
        self._connection.execute(f"PRAGMA user_version = {LAYOUT}")

    def _row(self, entry: DeliveryNoted) -> tuple[Any, ...]:
        return (
            entry.article_id,
            self._target(entry),
            entry.revision,
            entry.outcome,
            entry.delivery_id,
            entry.event,
            entry.version,
            entry.attempts,
            entry.status,
            unix_ms(entry.occurred_at),
            unix_ms(entry.published_at),
            entry.event_id,
        )

    def _target(self, entry: DeliveryNoted) -> int:
        named = (entry.subscriber, entry.subscription_id or "", entry.channel, entry.target)
        self._connection.execute(
            "INSERT OR IGNORE INTO targets (subscriber, subscription, channel, target) "
            "VALUES (?,?,?,?)",
            named,
        )
        found = self._connection.execute(
            "SELECT number FROM targets WHERE subscriber = ? AND subscription = ? "
            "AND channel = ? AND target = ?",
            named,
        ).fetchone()
        return int(found[0])


def _entry(row: tuple[Any, ...]) -> DeliveryNoted:
    note, at_ms, delivery, subscription, subscriber, channel, target, event, *rest = row
    article, revision, version, outcome, attempts, status, published_ms = rest
    return DeliveryNoted(
        event_id=note,
        occurred_at=_moment(at_ms),
        delivery_id=delivery,
        subscription_id=subscription or None,
        subscriber=subscriber,
        channel=channel,
        target=target,
        event=event,
        article_id=article,
        revision=revision,
        version=version,
        outcome=outcome,
        attempts=attempts,
        status=status,
        published_at=_moment(published_ms),
    )


def _moment(unix_milliseconds: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=unix_milliseconds)
