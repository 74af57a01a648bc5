"""What an answer tells a subscriber of an article, for the ledger. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from newsman.outputs.listing import Tombstone, updated_at
from newsman.redis.articles import Gone, StoredArticle
from newsman_schemas.article_rules import Status

KILLED = "article.killed"
WITHDRAWN = "article.withdrawn"


@dataclass(frozen=True, slots=True)
class ToldVersion:
    """One revision of an article, or that it is gone; `event` is one of ARTICLE_EVENTS, and `at`
    when readers could first know of it."""

    article_id: str
    event: str
    revision: int
    version: int
    at: datetime

    @property
    def takes_away(self) -> bool:
        """True if nobody is to have the article any more."""
        return self.event in (KILLED, WITHDRAWN)


def told_article(stored: StoredArticle) -> ToldVersion:
    """A published article."""
    article = stored.article
    event = "article.published" if stored.revision == 1 else "article.updated"
    return ToldVersion(article.id, event, stored.revision, article.version, updated_at(stored))


def told_gone(gone: Gone) -> ToldVersion:
    """An article of which nothing more is said than that it is gone."""
    last = gone.trail[-1]
    return ToldVersion(gone.article_id, _gone(gone.status), gone.revision, last.version, last.at)


def told_tombstones(tombstones: Iterable[Tombstone]) -> tuple[ToldVersion, ...]:
    """Articles that were taken away; what has only left a listing is still there."""
    return tuple(
        ToldVersion(gone.article_id, _gone(gone.status), gone.revision, gone.version, gone.at)
        for gone in tombstones
        if gone.revision
    )


def _gone(status: str) -> str:
    return KILLED if status == Status.KILLED else WITHDRAWN
