"""Filling an empty catalogue: terms in bulk first, in order and with their indexes at the end.

A process that dies meanwhile leaves a file that says so, and the next one goes on: what is staged
is written in the transactions that say how far the log was read.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from newsman.feeds.catalogue.article_rows import (
    DROP_WORDS,
    PUT_WORDS,
    LoggedEvent,
    WordsRow,
    put_article,
)
from newsman_schemas.article_rules import listed_ms
from newsman_schemas.names.entity_names import aliases_of

STAGED = ("building", "staged_terms", "staged_aliases", "staged_again")
STAGED_TABLES = """
CREATE TABLE IF NOT EXISTS building (begun INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS staged_terms (
  term TEXT NOT NULL, at_ms INTEGER NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS staged_aliases (
  alias TEXT NOT NULL, slug TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS staged_again (id TEXT PRIMARY KEY) WITHOUT ROWID;
"""
"""`building` has a row while a catalogue is filled; articles of several events are in `again`."""
INDEXES = (
    "CREATE INDEX IF NOT EXISTS terms_of ON terms (id, term)",
    "CREATE INDEX IF NOT EXISTS aliases_of ON aliases (id)",
    """CREATE TRIGGER IF NOT EXISTS counted AFTER INSERT ON terms BEGIN
  INSERT INTO sizes VALUES (NEW.term, NEW.shown, 1)
  ON CONFLICT (term) DO UPDATE SET shown = shown + excluded.shown, ever = ever + 1;
END""",
    """CREATE TRIGGER IF NOT EXISTS discounted AFTER DELETE ON terms BEGIN
  UPDATE sizes SET shown = shown - OLD.shown, ever = ever - 1 WHERE term = OLD.term;
END""",
)
"""Indexes and triggers that a first build does without until its end."""
COMMITTED_ARTICLES = 2_000
"""What is read between two commits; so much is read again after a crash."""
MOST_NAMES = 20_000
BULK = (
    "INSERT INTO words (words, rank) VALUES ('automerge', 0)",
    "INSERT INTO words (words, rank) VALUES ('hashsize', 8388608)",
    "PRAGMA cache_size = -8000",
)
USUAL = (
    "INSERT INTO words (words, rank) VALUES ('automerge', 4)",
    "INSERT INTO words (words, rank) VALUES ('hashsize', 1048576)",
    "PRAGMA cache_size = -2000",
)
"""Settings of FTS5 (https://sqlite.org/fts5.html#configuration_options_config_table_) and of the
page cache, in KiB: fewer and larger pieces of the index of words, and what is SQLite's default."""
_PLACED = """
INSERT INTO terms
SELECT term, 1 AS shown, at_ms, id FROM staged_terms
WHERE id NOT IN (SELECT id FROM staged_again)
UNION ALL
SELECT s.term, s.revision = a.revision, iif(s.revision = a.revision, s.at_ms, a.told_ms), s.id
FROM (SELECT term, id, at_ms, max(revision) AS revision FROM staged_terms
      WHERE id IN (SELECT id FROM staged_again) GROUP BY id, term) s
JOIN articles a ON a.id = s.id
ORDER BY 1, 2, 3, 4
"""
"""Under terms that its newest event has no more, an article stands as having left then."""
_NAMED = """
INSERT OR IGNORE INTO aliases
SELECT alias, slug, id FROM staged_aliases WHERE id NOT IN (SELECT id FROM staged_again)
UNION ALL
SELECT s.alias, s.slug, s.id FROM staged_aliases s
JOIN articles a ON a.id = s.id AND a.revision = s.revision
WHERE s.id IN (SELECT id FROM staged_again)
ORDER BY 1, 2, 3
"""
FINISHING = (
    "DROP INDEX IF EXISTS terms_of",
    "DROP INDEX IF EXISTS aliases_of",
    "DROP TRIGGER IF EXISTS counted",
    "DROP TRIGGER IF EXISTS discounted",
    _PLACED,
    _NAMED,
    # In this order, so that the indexes take the room of what was staged.
    *(f"DELETE FROM {table}" for table in STAGED),  # noqa: S608 - names of our own
    "INSERT INTO sizes SELECT term, sum(shown), count(*) FROM terms GROUP BY term",
    *INDEXES,
)


@dataclass
class Staged:
    """Rows of the articles since the last commit; words by the numbers of their articles."""

    articles: int = 0
    terms: list[tuple[str, int, str, int]] = field(default_factory=list)
    aliases: list[tuple[str, str, str, int]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    words: dict[int, WordsRow] = field(default_factory=dict)


class FirstBuild:
    """The filling of one catalogue, whose connection it uses under the catalogue's lock."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._names: dict[str, str] = {}
        self._staged = Staged()
        connection.execute("INSERT OR IGNORE INTO building VALUES (1)")
        self._run(BULK)

    def take(self, events: Iterable[LoggedEvent], positions: Mapping[int, int]) -> None:
        """Takes in events and how far the log was read, committed together now and then."""
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN")
        try:
            for event in events:
                self._stage(event)
            self._connection.executemany(
                "INSERT OR REPLACE INTO positions VALUES (?, ?)", positions.items()
            )
            if self._staged.articles >= COMMITTED_ARTICLES:
                self._commit()
        except BaseException:
            self._connection.execute("ROLLBACK")
            self._staged = Staged()
            raise

    def finish(self) -> None:
        """Puts what was staged where queries look for it, all of it or nothing."""
        self._commit()
        self._connection.execute("BEGIN")
        try:
            self._run(FINISHING)
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self.give_up()

    def give_up(self) -> None:
        """Goes back to the usual settings."""
        self._commit()
        self._run(USUAL)
        self._connection.execute("PRAGMA shrink_memory")

    def _stage(self, logged: LoggedEvent) -> None:
        put, staged = put_article(self._connection, logged), self._staged
        staged.articles += 1
        if put is None:
            return
        for number in put.wordless:
            if staged.words.pop(number, None) is None:
                self._connection.execute(DROP_WORDS, (number,))
        event = logged.event
        if put.was_known:
            again = "INSERT OR IGNORE INTO staged_again VALUES (?)"
            self._connection.execute(again, (event.article_id,))
        if event.article is None:
            return
        if put.words:
            staged.words[put.words[0]] = put.words
        at_ms, revision = listed_ms(event.article), event.revision
        staged.terms += [(term, at_ms, event.article_id, revision) for term in put.terms]
        aliases = aliases_of(event.article)
        staged.aliases += [(*alias, event.article_id, revision) for alias in aliases]
        staged.names.update({term: name for term, (name, _) in put.terms.items()})

    def _commit(self) -> None:
        """Writes what is staged, each table by itself: FTS5 writes all that it holds to the file
        before some other statements."""
        if not self._connection.in_transaction:
            return
        staged, run_many = self._staged, self._connection.executemany
        run_many("INSERT INTO staged_terms VALUES (?,?,?,?)", staged.terms)
        run_many("INSERT INTO staged_aliases VALUES (?,?,?,?)", staged.aliases)
        named = [pair for pair in staged.names.items() if self._names.get(pair[0]) != pair[1]]
        run_many("INSERT OR REPLACE INTO names VALUES (?,?)", named)
        if len(self._names) + len(named) > MOST_NAMES:
            self._names.clear()
        self._names.update(named)
        run_many(PUT_WORDS, staged.words.values())
        self._connection.execute("COMMIT")
        self._staged = Staged()

    def _run(self, statements: Iterable[str]) -> None:
        for statement in statements:
            self._connection.execute(statement)
