"""An index of article-published in SQLite: combinations of terms, words, and what changed when.

It knows which articles to show, never what is shown of them: whoever asks reads them from the
store, so that what was killed a moment ago is not shown. The words of what is gone are deleted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from newsman.feeds.query.selection import assets_of
from newsman.kafka.progress.log_index import LogIndex
from newsman.matching.words import TOKENIZER
from newsman_schemas.article_rules import (
    ALL_KINDS,
    STANDING,
    TermNames,
    chain_id,
    listed_ms,
    named_terms,
    parent_of,
)
from newsman_schemas.articles import ArticlePublished, EnrichedArticle
from newsman_schemas.events import unix_ms
from newsman_schemas.names.entity_names import aliases_of

KINDS = (*ALL_KINDS, STANDING)
"""The kinds of terms that articles are kept under."""
_TABLES = f"""
CREATE TABLE IF NOT EXISTS articles (
  number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, part INTEGER NOT NULL,
  at INTEGER NOT NULL, revision INTEGER NOT NULL, told_ms INTEGER NOT NULL,
  action TEXT NOT NULL, uri TEXT NOT NULL, version INTEGER NOT NULL, chain TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS replaced (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS changes ON articles (part, at);
CREATE INDEX IF NOT EXISTS departures ON articles (told_ms) WHERE action IN ('killed', 'withdrawn');
CREATE TABLE IF NOT EXISTS terms (
  term TEXT NOT NULL, shown INTEGER NOT NULL, at_ms INTEGER NOT NULL, id TEXT NOT NULL,
  PRIMARY KEY (term, shown, at_ms, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS terms_of ON terms (id, term);
CREATE TABLE IF NOT EXISTS sizes (
  term TEXT PRIMARY KEY, shown INTEGER NOT NULL, ever INTEGER NOT NULL) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS counted AFTER INSERT ON terms BEGIN
  INSERT INTO sizes VALUES (NEW.term, NEW.shown, 1)
  ON CONFLICT (term) DO UPDATE SET shown = shown + excluded.shown, ever = ever + 1;
END;
CREATE TRIGGER IF NOT EXISTS discounted AFTER DELETE ON terms BEGIN
  UPDATE sizes SET shown = shown - OLD.shown, ever = ever - 1 WHERE term = OLD.term;
END;
CREATE TABLE IF NOT EXISTS assets (
  asset TEXT NOT NULL, source TEXT NOT NULL, id TEXT NOT NULL, shown INTEGER NOT NULL,
  PRIMARY KEY (asset, source, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS assets_of ON assets (id);
CREATE TABLE IF NOT EXISTS names (term TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS aliases (
  alias TEXT NOT NULL, slug TEXT NOT NULL, id TEXT NOT NULL,
  PRIMARY KEY (alias, slug, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS aliases_of ON aliases (id);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (
  headline, summary, text, tokenize = '{TOKENIZER}');
"""  # noqa: S608 - a constant of our own


@dataclass(frozen=True)
class LoggedEvent:
    """An event of article-published and where it stands in the log."""

    part: int
    offset: int
    event: ArticlePublished


class Catalogue(LogIndex):
    """The index that readers ask; `generation` counts the writes."""

    LAYOUT = 6
    TABLES = _TABLES
    NAMES = ("articles", "replaced", "terms", "sizes", "assets", "names", "aliases", "words")

    def __init__(self, file: str = "") -> None:
        super().__init__(file)
        self.generation = 0

    def rows(self, query: str, *values: Any) -> list[Any]:
        """The rows of a query."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def clear(self) -> None:
        """Forgets everything: the log is another one."""
        super().clear()
        self.generation += 1

    def write(self, events: Iterable[LoggedEvent], positions: dict[int, int]) -> None:
        """Takes in events and how far the log was read, both or neither."""
        with self._writing(positions):
            for event in events:
                self._take(event)
            self.generation += 1

    def become(self, other: LogIndex) -> None:
        """Holds from now on what another one does, whose file takes the place of this one's."""
        super().become(other)
        self.generation += 1

    def _take(self, logged: LoggedEvent) -> None:
        event, run = logged.event, self._connection.execute
        named = (event.article_id,)
        prior = run("SELECT number, revision, chain FROM articles WHERE id = ?", named).fetchone()
        if prior and prior[1] >= event.revision:
            return
        told_ms = unix_ms(event.occurred_at)
        row = (
            prior[0] if prior else None,
            event.article_id,
            logged.part,
            logged.offset,
            event.revision,
            told_ms,
            event.action,
            event.uri,
            event.version,
            _chain(event, prior[2] if prior else event.article_id),
        )
        put = run("INSERT OR REPLACE INTO articles VALUES (?,?,?,?,?,?,?,?,?,?)", row)
        run("DELETE FROM words WHERE rowid = ?", (put.lastrowid,))
        before = {term for (term,) in run("SELECT term FROM terms WHERE id = ?", named)}
        run("DELETE FROM terms WHERE id = ?", named)
        run("DELETE FROM aliases WHERE id = ?", named)
        terms = named_terms(event.article, KINDS) if event.article else {}
        if event.article:
            self._add(put.lastrowid, event.article, terms)
        # Readers of terms that it no longer has must learn that it left.
        left = [(term, 0, told_ms, event.article_id) for term in before - terms.keys()]
        self._connection.executemany("INSERT INTO terms VALUES (?,?,?,?)", left)

    def _add(self, number: int | None, article: EnrichedArticle, terms: TermNames) -> None:
        if parent := parent_of(article):
            # A follow-up that was published replaces its parent, even if it is withdrawn later.
            self._connection.execute("INSERT OR IGNORE INTO replaced VALUES (?)", (parent,))
        at_ms = listed_ms(article)
        rows = [(term, at_ms, article.id) for term in terms]
        self._connection.executemany("INSERT INTO terms VALUES (?,1,?,?)", rows)
        names = [(term, name) for term, (name, _) in terms.items()]
        self._connection.executemany("INSERT OR REPLACE INTO names VALUES (?,?)", names)
        aliases = [(alias, slug, article.id) for alias, slug in aliases_of(article)]
        self._connection.executemany("INSERT INTO aliases VALUES (?,?,?)", aliases)
        words = (number, article.headline, article.summary or "", article.body_text)
        # Rows of a withdrawn article stay: it may return, and the store knows its status.
        self._connection.execute("UPDATE assets SET shown = 0 WHERE id = ?", (article.id,))
        shows = [(asset, article.source, article.id) for asset in sorted(assets_of(article))]
        self._connection.executemany("INSERT OR REPLACE INTO assets VALUES (?,?,?,1)", shows)
        self._connection.execute(
            "INSERT INTO words (rowid, headline, summary, text) VALUES (?,?,?,?)", words
        )


def _chain(event: ArticlePublished, otherwise: str) -> str:
    return chain_id(event.article) if event.article else otherwise
