"""Rules of an article, each of them here alone: its terms, its place in lists, how far kills
reach, and whether readers may see a version. The order of versions is in `article_order`.

Pure: the moment is a parameter. `docs/decisions/0068-one-place-for-the-rules-of-an-article.md`
says how stores that were written under other rules take these up.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from newsman_schemas.article_order import changed_at, is_later, listed_at, stated_at
from newsman_schemas.article_order import version_order as version_order
from newsman_schemas.articles import (
    Article,
    Author,
    EnrichedArticle,
    LogPlace,
    PubStatus,
    Story,
    article_id,
)
from newsman_schemas.events import unix_ms
from newsman_schemas.names.slugs import slugify

LATEST = "latest"
"""The term of every article."""
TERM_KINDS = ("section", "tag", "entity", "author", "source", "language", "story")
"""The kinds of terms that readers may ask for, in the order in which queries spell them."""
STANDING = "standing"
"""The kind of the term of articles that may stand for their whole story: all but copies."""

ALL_KINDS = (LATEST, *TERM_KINDS)

# The names of sections, sources and authors come again and again.
_slug = lru_cache(maxsize=1_000)(slugify)


TermNames = dict[str, tuple[str, str]]
"""Terms such as `tag:climate`, each with the name and the type that pages show for it."""


def term_named(kind: str, name: str) -> str:
    """The term of a kind by any spelling of its name: `language`, `pt_BR` is `language:pt-br`."""
    return f"{kind}:{slugify(name)}"


def terms_of(article: EnrichedArticle, kinds: Iterable[str] = ALL_KINDS) -> set[str]:
    """The terms of some kinds that an article stands under; a name without any letter or digit
    has none."""
    terms: set[str] = set()
    for kind in kinds:
        prefix, slugs_of, _ = _KINDS[kind]
        terms.update([prefix + slug for slug in slugs_of(article)])
        terms.discard(prefix)
    return terms


def named_terms(article: EnrichedArticle, kinds: Iterable[str] = ALL_KINDS) -> TermNames:
    """`terms_of` with the terms' names; of several names of one term the first."""
    terms: TermNames = {}
    for kind in kinds:
        prefix, slugs_of, names_of = _KINDS[kind]
        for slug, name in zip(slugs_of(article), names_of(article), strict=True):
            terms.setdefault(prefix + slug, name)
        terms.pop(prefix, None)
    return terms


def author_names(article: Article) -> tuple[str, ...]:
    """The names of those who wrote it."""
    return tuple(author.name for author in authors_of(article))


def authors_of(article: Article) -> tuple[Author, ...]:
    """Those who wrote it: the authors that the newsroom lists, else the byline as one of them."""
    if article.authors or not article.byline:
        return article.authors
    return (Author(name=article.byline),)


def provider_names(article: Article) -> tuple[str, ...]:
    """The names by which a newsroom calls itself in what it sends beside the article's fields."""
    feed = article.extra.get("feed")
    about = feed if isinstance(feed, dict) else {}
    named = [article.extra.get(name) for name in ("source", "provider", "publisher")]
    return tuple(name for name in (*named, about.get("title")) if isinstance(name, str))


def language_tags(language: str) -> tuple[str, str]:
    """A language as BCP 47 writes it, in lower case, and its primary subtag: `pt-br`, `pt`."""
    whole = language.lower().replace("_", "-")
    return whole, whole.partition("-")[0]


def listed_ms(article: Article) -> int:
    """`listed_at` as a Unix time in milliseconds, which is the score in indexes."""
    return unix_ms(listed_at(article))


@dataclass(frozen=True)
class Kill:
    """The reach of an article's kills: every version up to either bound is killed.

    Newsrooms kill without naming a version, or with the version that they last sent.
    `stated_at` is the latest time that a kill gives itself, `place` the last in the log of those
    that give none.
    """

    version: int
    version_created: datetime
    stated_at: datetime | None = None
    place: LogPlace | None = None

    def reaches(self, version: int, version_created: datetime) -> bool:
        """True if the kill takes the version of this number and creation away."""
        return self.version >= version or self.version_created >= version_created

    def takes_away(self, article: Article) -> bool:
        """True if the kill reaches the version; where neither gives a time, by the log's order."""
        if self.place is not None and is_later(self.place, article.log_place):
            return True
        stated = stated_at(article)
        if stated is not None:
            return self.reaches(article.version, stated)
        bound = self.version_created if self.place is None else self.stated_at
        return self.version >= article.version or (
            bound is not None and bound >= changed_at(article)
        )

    def joined(self, other: "Kill | None") -> "Kill":
        """The reach of this kill and another one together; it never shrinks."""
        if other is None:
            return self
        is_last = is_later(self.place, other.place)
        stated = [time for time in (self.stated_at, other.stated_at) if time]
        return Kill(
            max(self.version, other.version),
            max(self.version_created, other.version_created),
            max(stated, default=None),
            self.place if is_last else other.place,
        )


def is_kill(article: Article) -> bool:
    """True if a version takes others away instead of having a text of its own."""
    return article.pubstatus is PubStatus.CANCELED


def kill_of(article: Article) -> Kill:
    """The reach of a version that is a kill."""
    stated, place = stated_at(article), article.log_place
    moment = changed_at(article)
    if place is None:
        return Kill(article.version, moment)
    return Kill(article.version, moment, stated, place if stated is None else None)


class Status(StrEnum):
    """The answer to whether readers may see a version at a moment, and if not, why."""

    PUBLISHED = "published"
    SCHEDULED = "scheduled"
    WITHHELD = "withheld"
    EXPIRED = "expired"
    KILLED = "killed"


def status_at(article: Article, kill: Kill | None, now: datetime) -> Status:
    """The status of a version of an article whose kills reach so far; readers see what is
    PUBLISHED and nothing else."""
    if kill is not None and kill.takes_away(article):
        return Status.KILLED
    if article.pubstatus is not PubStatus.USABLE:
        return Status.KILLED if is_kill(article) else Status.WITHHELD
    if article.embargoed_until and article.embargoed_until > now:
        return Status.SCHEDULED
    if article.expires_at and article.expires_at <= now:
        return Status.EXPIRED
    return Status.PUBLISHED


def status_changes_at(article: Article, kill: Kill | None, now: datetime) -> datetime | None:
    """The moment at which time alone will next change the status of a version, or None."""
    if status_at(article, kill, now) in (Status.KILLED, Status.WITHHELD):
        return None
    moments = (article.embargoed_until, article.expires_at)
    return min((moment for moment in moments if moment and moment > now), default=None)


def parent_of(article: Article | None) -> str | None:
    """The id of the article that this one evolved from; a source's articles have only its own."""
    if article is None or not article.evolved_from or article.evolved_from == article.uri:
        return None
    parent = article.evolved_from_id or article_id(article.source, article.evolved_from)
    return parent if parent != article.id else None


def chain_id(article: Article) -> str:
    """The id of the first article of an update chain, the same for all that follow up one
    another."""
    first = article.original_id
    if first is None or first == article.uri:
        return article.id
    if first == article.evolved_from and (parent := parent_of(article)):
        return parent
    return article_id(article.source, first)


class _Kind(NamedTuple):
    """The terms of one kind that an article stands under: their slugs and, in the same order,
    their names with their types."""

    prefix: str
    slugs_of: Callable[[EnrichedArticle], Sequence[str]]
    names_of: Callable[[EnrichedArticle], Sequence[tuple[str, str]]]


def _by_name(kind: str, names_of: Callable[[EnrichedArticle], Sequence[str]]) -> _Kind:
    """A kind whose slugs are made of the names."""
    return _Kind(
        f"{kind}:",
        lambda article: [_slug(name) for name in names_of(article)],
        lambda article: [(name, kind) for name in names_of(article)],
    )


def _of_story(kind: str, story_of: Callable[[EnrichedArticle], Story | None]) -> _Kind:
    """A kind of one story; its name is not the headline, which would outlive a kill."""
    return _Kind(
        f"{kind}:",
        lambda article: (story.id,) if (story := story_of(article)) else (),
        lambda article: (("One story", kind),) if story_of(article) else (),
    )


_KINDS: Mapping[str, _Kind] = {
    LATEST: _Kind("", lambda _: (LATEST,), lambda _: (("Latest", "list"),)),
    "section": _by_name("section", lambda article: (article.section,) if article.section else ()),
    "tag": _Kind(
        "tag:",
        lambda article: [tag.slug for tag in article.tags],
        lambda article: [(tag.name, "tag") for tag in article.tags],
    ),
    "entity": _Kind(
        "entity:",
        lambda article: [entity.slug for entity in article.entities],
        lambda article: [(entity.name, entity.type) for entity in article.entities],
    ),
    "author": _by_name("author", author_names),
    "source": _by_name("source", lambda article: (article.source,)),
    "language": _by_name(
        "language", lambda article: language_tags(article.language) if article.language else ()
    ),
    "story": _of_story("story", lambda article: article.story),
    STANDING: _of_story(
        STANDING,
        lambda article: article.story if article.story and article.story.role != "copy" else None,
    ),
}
