"""Finding the article of a push that names it by no URI, such as `54`.

Such a guid counts within its feed, so a feed's item has an id of its feed and its guid, and a push
beside the feed has one of the guid alone. `docs/decisions/0078-one-story-one-article.md` has the
rule. Pure: the order is that of the log, so it does not depend on the order of arrival.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from newsman_schemas.articles import Article, ArticleEnriched, PubStatus, article_id
from newsman_schemas.names.identity import canonical_uri, is_uri

AMBIGUOUS = "ambiguous"
"""The reason with which a push is parked that may mean several articles."""


NEVER = datetime.max.replace(tzinfo=UTC)


class Ambiguous(Exception):
    """Several articles have the name, and nothing says which of them is meant."""

    def __init__(self, article_ids: Collection[str]) -> None:
        super().__init__(", ".join(sorted(article_ids)))


@dataclass(frozen=True)
class Bearer:
    """An article that has a name, the moment in the log since which, and its link then."""

    article_id: str
    since: datetime
    link: str | None = None


@dataclass(frozen=True)
class BareName:
    """One name: the articles that have it, and the kills and holds that were pushed under it."""

    own: str
    """The id that the name alone gives."""
    bearers: tuple[Bearer, ...] = ()
    holds: tuple[ArticleEnriched, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the articles that have the name, and the one that it gives."""
        return (self.own, *(one.article_id for one in self.bearers))

    def since(self, article_id: str) -> datetime:
        """The moment from which on the article has the name; the last of all where it has not."""
        bearers = (one.since for one in self.bearers if one.article_id == article_id)
        return next(bearers, NEVER)

    def with_bearer(self, bearer: Bearer) -> "BareName":
        """A copy with an article that has the name from a moment on."""
        others = [one for one in self.bearers if one.article_id != bearer.article_id]
        return replace(self, bearers=(*others, bearer))

    def meant_by(self, event: ArticleEnriched) -> tuple[str, ...]:
        """The ids of the articles that a push under the name means; raises Ambiguous.

        What has no text may come before the article that it takes away; whatever has the same
        link as that one is the same story in another feed. It stays with the name alone, too.
        """
        link, moment = link_of(event.article), logged_at(event)
        possible = self._possible(link)
        before = _linked([one for one in possible if one.since <= moment], link)
        if self.own in _ids(before):
            return (self.own,)
        if not _is_one_story(before):
            raise Ambiguous(_ids(before))
        if has_text(event.article):
            return _ids(before or _having(link, possible)) or (self.own,)
        same = _ids(_of_one_story(before[:1] or possible[:1], possible))
        return same if before else tuple(dict.fromkeys((self.own, *same)))

    def _possible(self, link: str | None) -> list[Bearer]:
        """Those of which the link does not say that they are another story, in their order."""
        possible = [one for one in self.bearers if link is None or one.link in (None, link)]
        return sorted(possible, key=lambda one: (one.since, one.article_id))

    def holds_on(self, article_id: str) -> list[ArticleEnriched]:
        """The kills and holds under the name that mean an article."""
        return [hold for hold in self.holds if self._means(hold, article_id)]

    def came_after(self, article_id: str) -> bool:
        """True if the article under the name alone was pushed after this one had it, and so is
        this one."""
        own = next((one for one in self.bearers if one.article_id == self.own), None)
        if own is None:
            return False
        others = [one for one in self._possible(own.link) if one is not own]
        return _ids([one for one in others if one.since <= own.since]) == (article_id,)

    def _means(self, hold: ArticleEnriched, article_id: str) -> bool:
        try:
            return article_id in self.meant_by(hold)
        except Ambiguous:
            return False


def bare_name(article: Article) -> str | None:
    """The id that the article's name alone gives; None for a name that is a URI."""
    return None if is_uri(article.uri) else article_id(article.source, article.uri)


def has_text(article: Article) -> bool:
    """True if a version shows something instead of taking it away."""
    return article.pubstatus is PubStatus.USABLE


def logged_at(event: ArticleEnriched) -> datetime:
    """The moment at which a version entered the log."""
    article = event.article
    if article.log_place is not None:
        return article.log_place.logged_at
    return article.received_at or event.occurred_at


def link_of(article: Article) -> str | None:
    """The one spelling of the article's link."""
    return canonical_uri(article.canonical_url) if article.canonical_url else None


def bearer_of(event: ArticleEnriched) -> Bearer:
    """The article of a version, as one that has its name."""
    return Bearer(event.article.id, logged_at(event), link_of(event.article))


def _linked(bearers: list[Bearer], link: str | None) -> list[Bearer]:
    """Those with the link, else all."""
    return _having(link, bearers) or bearers


def _having(link: str | None, bearers: list[Bearer]) -> list[Bearer]:
    return [one for one in bearers if link and one.link == link]


def _of_one_story(first: list[Bearer], bearers: list[Bearer]) -> list[Bearer]:
    return [one for one in bearers if _is_one_story([*first, one])]


def _ids(bearers: list[Bearer]) -> tuple[str, ...]:
    return tuple(one.article_id for one in bearers)


def _is_one_story(bearers: list[Bearer]) -> bool:
    """True of one article, of none, and of several in several feeds that have one link."""
    links = {one.link for one in bearers}
    return len(set(_ids(bearers))) <= 1 or (len(links) == 1 and None not in links)
