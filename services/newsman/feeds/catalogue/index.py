"""An index of article-published in SQLite: combinations of terms, words, and what changed when.

It knows which articles to show, never what is shown of them: whoever asks reads them from the
store, so that what was killed a moment ago is not shown. The words of what is gone are deleted.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from cachetools import LRUCache

from newsman.feeds.catalogue.article_rows import (
    DROP_WORDS,
    PUT_WORDS,
    LoggedEvent,
    put_article,
)
from newsman.feeds.catalogue.first_build import INDEXES, STAGED, STAGED_TABLES, FirstBuild
from newsman.kafka.progress.log_index import LogIndex
from newsman.matching.words import TOKENIZER
from newsman_schemas.article_rules import TermNames, listed_ms
from newsman_schemas.articles import EnrichedArticle
from newsman_schemas.events import unix_ms
from newsman_schemas.names.entity_names import aliases_of

MOST_COMMON_WORDS = 4_096
_TABLES = f"""
CREATE TABLE IF NOT EXISTS articles (
  number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, part INTEGER NOT NULL,
  at INTEGER NOT NULL, revision INTEGER NOT NULL, told_ms INTEGER NOT NULL,
  action TEXT NOT NULL, uri TEXT NOT NULL, version INTEGER NOT NULL, chain TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS replaced (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS changes ON articles (part, at);
CREATE TABLE IF NOT EXISTS terms (
  term TEXT NOT NULL, shown INTEGER NOT NULL, at_ms INTEGER NOT NULL, id TEXT NOT NULL,
  PRIMARY KEY (term, shown, at_ms, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sizes (
  term TEXT PRIMARY KEY, shown INTEGER NOT NULL, ever INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS assets (
  asset TEXT NOT NULL, source TEXT NOT NULL, id TEXT NOT NULL, shown INTEGER NOT NULL,
  PRIMARY KEY (asset, source, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS assets_of ON assets (id);
CREATE TABLE IF NOT EXISTS names (term TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS aliases (
  alias TEXT NOT NULL, slug TEXT NOT NULL, id TEXT NOT NULL,
  PRIMARY KEY (alias, slug, id)) WITHOUT ROWID;
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (
  headline, summary, text, terms, tokenize = '{TOKENIZER}');
{STAGED_TABLES}{";".join(INDEXES)};
"""


class Catalogue(LogIndex):
    """The index that readers ask; `generation` counts the writes."""

    LAYOUT = 7
    TABLES = _TABLES
    NAMES = (
        *("articles", "replaced", "terms", "sizes", "assets", "names", "aliases", "words"),
        *STAGED,
    )

    def __init__(self, file: str = "") -> None:
        super().__init__(file)
        self.generation = 0
        self.reached: Mapping[int, int] = self.positions()
        """The positions, for those who can't wait until a long transaction is over."""
        self.common_words: LRUCache[str, bool] = LRUCache(MOST_COMMON_WORDS)
        """Words that searches have found in so many articles that they are not weighed."""
        # A row here was left by a process that died before its first build was done.
        is_building = self.rows("SELECT 1 FROM building")
        self._build = FirstBuild(self._connection) if is_building else None

    def rows(self, query: str, *values: Any) -> list[Any]:
        """The rows of a query."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def clear(self) -> None:
        """Forgets everything: the log is another one."""
        with self._lock:
            if self._build is not None:
                self._build.give_up()
            self._build = None
        self.common_words.clear()
        super().clear()
        self.reached = {}
        self.generation += 1

    def begin(self) -> None:
        """Fills an empty catalogue in bulk until `finish`; before that no query finds anything."""
        if self._build is None and not self.positions():
            with self._lock:
                self._build = FirstBuild(self._connection)

    def finish(self) -> None:
        """Everything that was filled in bulk is found from now on."""
        with self._lock:
            if self._build is not None:
                self._build.finish()
            self._build = None
            self.generation += 1

    def write(self, events: Iterable[LoggedEvent], positions: Mapping[int, int]) -> None:
        """Takes in events and how far the log was read, both or neither."""
        if self._build is not None:
            with self._lock:
                self._build.take(events, positions)
        else:
            with self._writing(positions):
                for event in events:
                    self._take(event)
                self.generation += 1
        self.reached = {**self.reached, **positions}

    def become(self, other: LogIndex) -> None:
        """Holds from now on what another one does, whose file takes the place of this one's."""
        super().become(other)
        self.reached = self.positions()
        self.generation += 1

    def _take(self, logged: LoggedEvent) -> None:
        put = put_article(self._connection, logged)
        if put is None:
            return
        event, run = logged.event, self._connection.execute
        for number in put.wordless:
            run(DROP_WORDS, (number,))
        if put.words:
            run(PUT_WORDS, put.words)
        before: set[str] = set()
        if put.was_known:
            named = (event.article_id,)
            before = {term for (term,) in run("SELECT term FROM terms WHERE id = ?", named)}
            run("DELETE FROM terms WHERE id = ?", named)
            run("DELETE FROM aliases WHERE id = ?", named)
        if event.article:
            self._list(event.article, put.terms)
        # Readers of terms that it no longer has must learn that it left.
        told_ms = unix_ms(event.occurred_at)
        left = [(term, told_ms, event.article_id) for term in before - put.terms.keys()]
        self._connection.executemany("INSERT INTO terms VALUES (?,0,?,?)", left)

    def _list(self, article: EnrichedArticle, terms: TermNames) -> None:
        at_ms = listed_ms(article)
        rows = [(term, at_ms, article.id) for term in terms]
        self._connection.executemany("INSERT INTO terms VALUES (?,1,?,?)", rows)
        names = [(term, name) for term, (name, _) in terms.items()]
        self._connection.executemany("INSERT OR REPLACE INTO names VALUES (?,?)", names)
        aliases = [(alias, slug, article.id) for alias, slug in aliases_of(article)]
        self._connection.executemany("INSERT INTO aliases VALUES (?,?,?)", aliases)
