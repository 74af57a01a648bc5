"""Listings and articles as readers see them: their addresses, names, dates and texts. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from urllib.parse import urlencode

from newsman.redis.articles import StoredArticle
from newsman_schemas.article_order import changed_at
from newsman_schemas.article_rules import chain_id
from newsman_schemas.articles import Article, EnrichedArticle
from newsman_schemas.events import unix_ms
from newsman_schemas.names.languages import language_tag, shared_language

SUMMARY_CHARACTERS = 280
QUERIED = "/feed"


@dataclass(frozen=True)
class Site:
    """The site's address and name; `url` has no slash at its end.

    `hub` is the address of the WebSub hub that tells of its feeds, `language` the tag of most of
    its texts. `updated_prefix` begins the titles of updated articles in feeds. Its pages tell times
    in `zone`.
    """

    url: str
    name: str
    hub: str | None = None
    language: str | None = None
    updated_prefix: str = ""
    zone: tzinfo = UTC


@dataclass(frozen=True)
class Tombstone:
    """The remains of an article that readers may not see any more; `uri` where it is known.

    `revision` is the one that took it away; 0 where it is there and has only left a listing.
    """

    article_id: str
    uri: str | None
    version: int
    at: datetime
    status: str
    chain_id: str = ""
    """The id of the first of its update chain, where it was a follow-up."""
    revision: int = 0


@dataclass(frozen=True)
class Others:
    """The other articles of a story: how many readers may see, and the newest of them."""

    count: int = 0
    newest: tuple[StoredArticle, ...] = ()


@dataclass(frozen=True)
class Listing:
    """Articles under one heading, newest first.

    `path` is the page's, `feed_path` the feeds' without an extension (QUERIED where the format
    is a parameter), `query` what both end with; `term` is what the live stream calls it, as
    (filter, slug). `tombstones` are of what went lately, `more` the parameter that goes on,
    `since` the cursor of what changes from here on. `others` are those that an article stands
    for, by its id.
    """

    title: str
    path: str
    feed_path: str
    articles: tuple[StoredArticle, ...]
    query: str = ""
    term: tuple[str, str] | None = None
    tombstones: tuple[Tombstone, ...] = ()
    more: tuple[str, str] | None = None
    since: str = ""
    others: Mapping[str, Others] = field(default_factory=dict)
    form: tuple[tuple[str, str], ...] = ()
    """Parameters of the address of this very feed: how many articles, which version of a format."""

    @property
    def updated_at(self) -> datetime:
        """The moment of the newest change; the epoch for an empty listing, so that it is stable."""
        moments = [updated_at(stored) for stored in self.articles]
        moments += [gone.at for gone in self.tombstones]
        return max(moments, default=datetime.fromtimestamp(0, UTC))


def page_url(site: Site, listing: Listing) -> str:
    """The address of a listing's page."""
    return site.url + listing.path + listing.query


def feed_url(site: Site, listing: Listing, extension: str) -> str:
    """The one address of a listing's feed in one format, however it was asked for.

    A place in the listing (`before`, `since`) is no part of it: pages of a feed are of one feed.
    """
    is_queried = listing.feed_path == QUERIED
    path = QUERIED if is_queried else f"{listing.feed_path}.{extension}"
    form = ((("format", extension),) if is_queried else ()) + listing.form
    url = f"{site.url}{path}{listing.query}"
    return f"{url}{_joint(url)}{urlencode(form)}" if form else url


def more_url(site: Site, listing: Listing, extension: str) -> str | None:
    """The address of the next page of the feed; None on the last."""
    if listing.more is None:
        return None
    url = feed_url(site, listing, extension)
    return f"{url}{_joint(url)}{urlencode([listing.more])}"


def _joint(url: str) -> str:
    return "&" if "?" in url else "?"


def article_url(site: Site, article_id: str) -> str:
    """The address of an article's page."""
    return f"{site.url}/articles/{article_id}"


def canonical_url(site: Site, article: Article) -> str:
    """The address that search engines are to index: the article's page, or the newsroom's own page
    where its source is set so."""
    if article.canonical_at_source and article.canonical_url:
        return article.canonical_url
    return article_url(site, article.id)


def urn(article_id: str) -> str:
    """The name of an article in feeds, the same for all its versions."""
    return f"urn:newsman:article:{article_id}"


def entry_urn(article: Article) -> str:
    """The name of an article's entry, the same for all that follow up one another."""
    return urn(chain_id(article))


def gone_urns(listing: Listing) -> dict[str, Tombstone]:
    """Articles that left a listing, by their entries' names, but for entries that others have
    taken."""
    shown = {entry_urn(stored.article) for stored in listing.articles}
    gone = {urn(entry.chain_id or entry.article_id): entry for entry in listing.tombstones}
    return {name: entry for name, entry in gone.items() if name not in shown}


def related_links(listing: Listing, stored: StoredArticle, site: Site) -> list[dict[str, str]]:
    """Links to the others of its story that an article stands for in a listing."""
    others = listing.others.get(stored.article.id, Others())
    return [
        {
            "rel": "related",
            "href": article_url(site, other.article.id),
            "title": f"{other.article.source}: {other.article.headline}",
        }
        for other in others.newest
    ]


def published_at(stored: StoredArticle) -> datetime:
    """The moment at which readers could first see the article, as far as the newsroom says."""
    return datetime.fromtimestamp(stored.published_at_ms / 1000, UTC)


def updated_at(stored: StoredArticle) -> datetime:
    """The moment of the newest change of the article."""
    return changed_at(stored.article)


def was_updated(stored: StoredArticle) -> bool:
    """True if readers saw an earlier version.

    A revision alone may be only what enrichment added.
    """
    is_later = unix_ms(updated_at(stored)) > stored.published_at_ms
    return stored.revision > 1 and (is_later or stored.article.first_received_at is not None)


def feed_title(stored: StoredArticle, site: Site) -> str:
    """The headline as feeds show it: marked where the article was updated and the site says so."""
    headline = stored.article.headline
    is_marked = site.updated_prefix and was_updated(stored)
    return f"{site.updated_prefix} {headline}" if is_marked else headline


def language_of(stored: StoredArticle) -> str | None:
    """The tag of the article's language."""
    return article_language(stored.article)


def article_language(article: EnrichedArticle) -> str | None:
    """The tag of the language: the newsroom's, else the one that the text reads like."""
    return language_tag(article.language) or language_tag(
        article.reading.language if article.reading else None
    )


def listing_language(listing: Listing, site: Site) -> str | None:
    """The language that the articles of a listing share, else the site's."""
    return shared_language(map(language_of, listing.articles)) or language_tag(site.language)


def summary(stored: StoredArticle, characters: int = SUMMARY_CHARACTERS) -> str:
    """The newsroom's own summary, else the beginning of the text, cut between words."""
    text = stored.article.summary or stored.article.body_text
    text = " ".join(text.split())
    if len(text) <= characters:
        return text
    return text[:characters].rsplit(" ", 1)[0].rstrip(",;:–- ") + " …"
