"""Which article a push means that names it by no URI, such as `54`.

Such a guid counts within its feed, so a feed's item has an id of its feed and its guid, and a push
beside the feed has one of the guid alone. `docs/decisions/0078-one-story-one-article.md` has the
rule. Pure: the order is that of the log, so it does not depend on the order of arrival.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from newsman_schemas.articles import Article, ArticleEnriched, PubStatus, article_id
from newsman_schemas.identity import canonical_uri, is_uri

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
    """What is known of one name: who has it, and the kills and holds that were pushed under it."""

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
        """The same with an article that has the name from a moment on."""
        others = [one for one in self.bearers if one.article_id != bearer.article_id]
        return replace(self, bearers=(*others, bearer))

    def meant_by(self, event: ArticleEnriched) -> tuple[str, ...]:
        """The ids of the articles that a push under the name means; raises Ambiguous.

        What has no text may come before the article that it takes away; whatever has the same
        link as that one is the same story in another feed.
        """
        moment, link = logged_at(event), link_of(event.article)
        possible = [one for one in self.bearers if _may_be(one, link)]
        before = [one for one in possible if one.since <= moment]
        if any(one.article_id == self.own for one in before):
            return (self.own,)
        if link and any(one.link == link for one in before):
            before = [one for one in before if one.link == link]
        links = {one.link for one in before}
        if len(before) > 1 and (len(links) > 1 or None in links):
            raise Ambiguous([one.article_id for one in before])
        if has_text(event.article):
            return tuple(one.article_id for one in before) or (self.own,)
        first = before[:1] or sorted(possible, key=lambda one: (one.since, one.article_id))[:1]
        return _with_link_of(first, possible) or (self.own,)

    def holds_on(self, article_id: str) -> list[ArticleEnriched]:
        """The kills and holds under the name that mean an article."""
        return [hold for hold in self.holds if self._means(hold, article_id)]

    def came_after(self, article_id: str) -> bool:
        """True if the article under the name alone was pushed after this one had it, and so is
        this one."""
        own = next((one for one in self.bearers if one.article_id == self.own), None)
        others = [one for one in self.bearers if one is not own and own and one.since <= own.since]
        return own is not None and [one.article_id for one in others] == [article_id]

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


def _may_be(bearer: Bearer, link: str | None) -> bool:
    return link is None or bearer.link is None or bearer.link == link


def _with_link_of(first: list[Bearer], others: list[Bearer]) -> tuple[str, ...]:
    same = [one for one in others if first and (one is first[0] or _is_same(one, first[0]))]
    return tuple(one.article_id for one in same)


def _is_same(one: Bearer, other: Bearer) -> bool:
    return one.link is not None and one.link == other.link
