"""The rows of the catalogue that follow from one event."""

import sqlite3
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from newsman.feeds.query.selection import assets_of
from newsman.matching.words import searched_fields
from newsman_schemas.article_rules import (
    ALL_KINDS,
    STANDING,
    TermNames,
    chain_id,
    named_terms,
    parent_of,
)
from newsman_schemas.articles import ArticlePublished, EnrichedArticle
from newsman_schemas.events import unix_ms

KINDS = (*ALL_KINDS, STANDING)
"""The kinds of terms that articles are kept under."""
# Not INSERT OR REPLACE: what may undo a part of itself has FTS5 write out all that it holds.
_ADD = (
    "INSERT INTO articles (part, at, revision, told_ms, action, uri, version, chain, id) "
    "VALUES (?,?,?,?,?,?,?,?,?)"
)
_CHANGE = (
    "UPDATE articles SET part = ?, at = ?, revision = ?, told_ms = ?, action = ?, uri = ?, "
    "version = ?, chain = ? WHERE id = ?"
)


@dataclass(frozen=True)
class LoggedEvent:
    """An event of article-published and where it stands in the log; `names_assets` is False where
    its bytes are known to hold no address of an asset, and parts of it may have been left out."""

    part: int
    offset: int
    event: ArticlePublished
    names_assets: bool = True


WordsRow = tuple[int, str, str, str, str]
"""Number, headline, summary, text, and the marks of the terms."""
PUT_WORDS = "INSERT INTO words (rowid, headline, summary, text, terms) VALUES (?,?,?,?,?)"
DROP_WORDS = "DELETE FROM words WHERE rowid = ?"


@dataclass(frozen=True)
class PutArticle:
    """An article whose own row was written: whether there was one before, the terms that it stands
    under and the words that it is found by, none where it went, and the numbers of those whose
    words are no longer to be found."""

    was_known: bool
    terms: TermNames
    words: WordsRow | None
    wordless: tuple[int, ...]


def put_article(connection: sqlite3.Connection, logged: LoggedEvent) -> PutArticle | None:
    """Writes what there is one row of for each article, its place in the log, and its assets.

    None of an event that is older than what is known.
    """
    event, run = logged.event, connection.execute
    known = "SELECT number, revision, chain FROM articles WHERE id = ?"
    prior = run(known, (event.article_id,)).fetchone()
    if prior and prior[1] >= event.revision:
        return None
    article = event.article
    row = (
        logged.part,
        logged.offset,
        event.revision,
        unix_ms(event.occurred_at),
        event.action,
        event.uri,
        event.version,
        chain_id(article) if article else prior[2] if prior else event.article_id,
        event.article_id,
    )
    number = int(prior[0] if prior else run(_ADD, row).lastrowid or 0)
    wordless = [number] if prior else []
    if prior:
        run(_CHANGE, row)
    if article is None:
        return PutArticle(prior is not None, {}, None, tuple(wordless))
    if prior or logged.names_assets:
        _put_assets(connection, article)
    wordless += _replace_parent(connection, article)
    terms = named_terms(article, KINDS)
    is_replaced = run("SELECT 1 FROM replaced WHERE id = ?", (article.id,)).fetchone()
    marks = " ".join(map(mark, terms))
    words = None if is_replaced else (number, *searched_fields(article), marks)
    return PutArticle(prior is not None, terms, words, tuple(wordless))


@lru_cache(maxsize=10_000)
def mark(term: str) -> str:
    """The word that stands for a term among the words of an article."""
    return f"t{blake2b(term.encode(), digest_size=8).hexdigest()}"


def _replace_parent(connection: sqlite3.Connection, article: EnrichedArticle) -> list[int]:
    """Notes which article this one follows up; the number of that one, if it is known: of an update
    chain the words of the head alone are kept."""
    parent = parent_of(article)
    if parent is None:
        return []
    # A follow-up that was published replaces its parent, even if it is withdrawn later.
    connection.execute("INSERT OR IGNORE INTO replaced VALUES (?)", (parent,))
    rows = connection.execute("SELECT number FROM articles WHERE id = ?", (parent,)).fetchall()
    return [number for (number,) in rows]


def _put_assets(connection: sqlite3.Connection, article: EnrichedArticle) -> None:
    # Rows of a withdrawn article stay: it may return, and the store knows its status.
    connection.execute("UPDATE assets SET shown = 0 WHERE id = ?", (article.id,))
    shows = [(asset, article.source, article.id) for asset in sorted(assets_of(article))]
    connection.executemany("INSERT OR REPLACE INTO assets VALUES (?,?,?,1)", shows)
