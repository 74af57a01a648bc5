"""The ledger in SQLite, read from `delivery-noted`: every entry once, by article."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from newsman.kafka.progress.log_index import LogIndex
from newsman_schemas.events import unix_ms
from newsman_schemas.subscriptions import DeliveryNoted

KEPT = timedelta(days=400)
"""As long as the topic keeps them."""
_Named = tuple[str, str, str, str]
"""A target: subscriber, subscription, channel and address."""
_TABLES = """
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
"""
_SELECT = """
SELECT e.note, e.at_ms, e.delivery, t.subscription, t.subscriber, t.channel, t.target, e.event,
  e.article, e.revision, e.version, e.outcome, e.attempts, e.status, e.published_ms
FROM entries e JOIN targets t ON t.number = e.target
WHERE e.article = ? ORDER BY e.at_ms, e.revision, t.number, e.outcome
"""
_INSERT, _ROW = "INSERT OR IGNORE INTO entries VALUES ", "(?,?,?,?,?,?,?,?,?,?,?,?)"
ROWS_AT_ONCE = 50


class Ledger(LogIndex):
    """The entries, and for whom they are."""

    LAYOUT = 1
    TABLES = _TABLES
    NAMES = ("entries", "targets")

    def entries(self, article_id: str) -> tuple[DeliveryNoted, ...]:
        """Everything that was noted of an article, the oldest first."""
        with self._lock:
            rows = self._connection.execute(_SELECT, (article_id,)).fetchall()
        return tuple(map(_entry, rows))

    def write(self, entries: Iterable[DeliveryNoted], positions: Mapping[int, int]) -> None:
        """Takes in entries and how far the log was read, both or neither."""
        targets: dict[_Named, int] = {}
        with self._writing(positions):
            rows = [self._row(entry, targets) for entry in entries]
            # Python lets go of its lock at each step of SQLite; one takes in many rows.
            for start in range(0, len(rows), ROWS_AT_ONCE):
                together = rows[start : start + ROWS_AT_ONCE]
                values = tuple(chain.from_iterable(together))
                self._connection.execute(_insert(len(together)), values)

    def forget_before(self, moment: datetime) -> int:
        """Deletes what is older; the number of entries."""
        with self._lock:
            deleted = self._connection.execute(
                "DELETE FROM entries WHERE at_ms < ?", (unix_ms(moment),)
            )
            return deleted.rowcount

    def _row(self, entry: DeliveryNoted, targets: dict[_Named, int]) -> tuple[Any, ...]:
        named = (entry.subscriber, entry.subscription_id or "", entry.channel, entry.target)
        if named not in targets:
            targets[named] = self._target(named)
        return (
            entry.article_id,
            targets[named],
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

    def _target(self, named: _Named) -> int:
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


def _insert(rows: int) -> str:
    return _INSERT + ",".join([_ROW] * rows)


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
