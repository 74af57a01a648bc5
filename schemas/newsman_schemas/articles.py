"""The one normalised article, and the events of its life."""

from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, JsonValue, StringConstraints

from newsman_schemas.events import Event, UtcDatetime, Value, digest
from newsman_schemas.names.identity import canonical_uri, is_uri, other_scheme

ARTICLE_ID_PATTERN = r"^[a-z2-7]{16}$"

ArticleId = Annotated[str, StringConstraints(pattern=ARTICLE_ID_PATTERN)]
ShortText = Annotated[str, StringConstraints(max_length=2_000)]
Slug = Annotated[str, StringConstraints(max_length=200)]
SignedText = Annotated[str, StringConstraints(max_length=20_000)]
"""A JWS in compact serialisation (RFC 7515 section 7.1)."""


def article_id(source: str, uri: str, *, feed: str | None = None) -> str:
    """The 16 characters that name an article: a digest of who pushed it and what they call it.

    All spellings of a URI are one name (`canonical_uri`). What is no URI counts within its feed,
    where it came in one.
    """
    if feed is None or is_uri(uri):
        return digest(source, canonical_uri(uri), characters=16)
    return digest(source, canonical_uri(feed), uri, characters=16)


def former_ids(source: str, uri: str, *, feed: str | None = None) -> tuple[str, ...]:
    """The ids that an article has had by the earlier rule, which went by the letters of its uri
    alone: first that of the uri as it is, then that of an address under its other scheme."""
    now = canonical_uri(uri) if feed is None or is_uri(uri) else None
    spellings = (uri, other_scheme(uri))
    return tuple(
        digest(source, spelling, characters=16)
        for spelling in spellings
        if spelling and spelling != now
    )


class PubStatus(StrEnum):
    """IPTC ninjs `pubstatus`; `canceled` is a kill."""

    USABLE = "usable"
    WITHHELD = "withheld"
    CANCELED = "canceled"


class Author(Value):
    """Someone who wrote or contributed (ninjs 1.6 `authors`, Superdesk dialect)."""

    name: ShortText
    role: ShortText | None = None
    code: ShortText | None = None
    uri: ShortText | None = None


class Subject(Value):
    """A concept that the newsroom itself assigned."""

    name: ShortText | None = None
    code: ShortText | None = None
    scheme: ShortText | None = None


class ImageRendition(Value):
    """Another size of a picture, in pixels."""

    href: ShortText
    width: Annotated[int, Field(ge=1)]
    height: Annotated[int, Field(ge=1)] | None = None


class Image(Value):
    """A picture that belongs to the article; sizes in pixels."""

    href: ShortText
    caption: ShortText | None = None
    alt: ShortText | None = None
    """A text for who does not see it; the caption says more than what is to be seen."""
    credit: ShortText | None = None
    mimetype: ShortText | None = None
    width: int | None = None
    height: int | None = None
    renditions: tuple[ImageRendition, ...] = ()
    """Other sizes of it, of which browsers take the one that fits."""


class LogPlace(Value):
    """The place of a message in its topic, and the time that its record has there."""

    partition: Annotated[int, Field(ge=0)]
    offset: Annotated[int, Field(ge=0)]
    logged_at: UtcDatetime


class Article(Value):
    """One news story in one version, whatever format it came in (names follow IPTC ninjs)."""

    id: ArticleId
    source: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    uri: Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
    version: Annotated[int, Field(ge=0, le=2**53 - 1)] = 1
    version_created: UtcDatetime
    first_created: UtcDatetime | None = None
    published_at: UtcDatetime | None = None
    embargoed_until: UtcDatetime | None = None
    expires_at: UtcDatetime | None = None
    pubstatus: PubStatus = PubStatus.USABLE
    evolved_from: ShortText | None = None
    evolved_from_id: ArticleId | None = None
    """The id of the article that it evolved from, where that is stored under a former one."""
    ancestors: tuple[ShortText, ...] = ()
    original_id: ShortText | None = None
    headline: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
    subheadline: ShortText | None = None
    slug: Slug
    byline: ShortText | None = None
    authors: tuple[Author, ...] = ()
    language: Annotated[str, StringConstraints(max_length=35)] | None = None
    located: ShortText | None = None
    section: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    body_html: str = ""
    body_text: str = ""
    summary: str | None = None
    keywords: tuple[ShortText, ...] = ()
    subjects: tuple[Subject, ...] = ()
    urgency: Annotated[int, Field(ge=1, le=9)] | None = None
    editorial_note: str | None = None
    images: tuple[Image, ...] = ()
    associations: dict[str, JsonValue] = Field(default_factory=dict)
    canonical_url: ShortText | None = None
    canonical_at_source: bool | None = None
    """True if search engines are to index `canonical_url` instead of the page here."""
    copyright: ShortText | None = None
    usage_terms: str | None = None
    extra: dict[str, JsonValue] = Field(default_factory=dict)
    item_fields: tuple[str, ...] = ()
    """Names in `extra` that stood beside the newsroom's own `extra`; ninjs has them there again."""
    received_at: UtcDatetime | None = None
    """When this version came; `version_created` is the same where the newsroom names no time."""
    first_received_at: UtcDatetime | None = None
    """When the first version came, where that was another moment; publish fills it in."""
    corrected_at: UtcDatetime | None = None
    """When it came, if it changed the text under the time of the version before; by publish."""
    log_place: LogPlace | None = None
    """Its place in `article-received`, by which enrich tells which of two came later."""


class Span(Value):
    """Where in the text a mention stands: half-open character offsets into one field."""

    field: Literal["headline", "body_text"]
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    method: ShortText | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None


class Tag(Value):
    """A subject that enrichment assigned, with its evidence."""

    name: ShortText
    slug: Slug
    code: ShortText | None = None
    scheme: ShortText | None = None
    confidence: Annotated[float, Field(ge=0, le=1)]
    method: ShortText
    evidence: tuple[Span, ...] = ()


class Entity(Value):
    """Someone or something that the text names, with every mention of it.

    `salience` says how much the article is about it, 1 the most; `aliases` are the other
    ways in which the text writes its name, `known_as` those that the gazetteer has for it.
    """

    name: ShortText
    slug: Slug
    type: Literal["person", "place", "organisation", "event", "work"]
    mentions: Annotated[int, Field(ge=1)]
    confidence: Annotated[float, Field(ge=0, le=1)]
    method: ShortText
    identifier: ShortText | None = None
    scheme: ShortText | None = None
    salience: Annotated[float, Field(ge=0, le=1)] | None = None
    aliases: tuple[ShortText, ...] = ()
    known_as: tuple[ShortText, ...] = ()
    evidence: tuple[Span, ...] = ()


class Reading(Value):
    """Reading aids: a short summary of the text's own sentences, its size, its language.

    `seconds` is silent reading time; `ease` is Flesch's reading ease, from 0 (hard) to 100,
    where there is a formula for the language. `language` is an ISO 639-1 code, absent
    when nothing is sure.
    """

    summary: Annotated[str, StringConstraints(max_length=280)] | None = None
    words: Annotated[int, Field(ge=0)]
    seconds: Annotated[int, Field(ge=0)]
    ease: float | None = None
    language: Annotated[str, StringConstraints(max_length=35)] | None = None
    language_confidence: Annotated[float, Field(ge=0, le=1)]
    language_method: ShortText


class Story(Value):
    """Where an article belongs among others: `id` is that of the story's first article.

    `of` is the article that it is a copy, an update or a follow-up of, `similarity` how near
    the two are, from 0 to 1.
    """

    id: ArticleId
    role: Literal["original", "copy", "update", "follow-up"]
    of: ArticleId | None = None
    similarity: Annotated[float, Field(ge=0, le=1)] | None = None


class Enrichment(Value):
    """The outcome of enrichment; `status` says so when an article was published without it."""

    status: Literal["done", "partial", "failed", "skipped"]
    detail: ShortText | None = None
    method: ShortText
    duration_ms: Annotated[float, Field(ge=0)]


class Stage(Value):
    """One step of an article's way through the services."""

    stage: ShortText
    service: ShortText
    at: UtcDatetime
    version: int
    detail: ShortText | None = None


class EnrichedArticle(Article):
    """An article with what enrichment found in it."""

    tags: tuple[Tag, ...] = ()
    entities: tuple[Entity, ...] = ()
    keyphrases: tuple[Tag, ...] = ()
    genre: Tag | None = None
    event_place: Tag | None = None
    reading: Reading | None = None
    story: Story | None = None
    enrichment: Enrichment


class ArticleEvent(Event):
    """An event about one article."""

    trail: tuple[Stage, ...] = ()


class ArticleReceived(ArticleEvent):
    """A newsroom pushed one version of an article and Newsman took it."""

    NAME: ClassVar[str] = "article-received"

    article: Article
    format: ShortText
    former_ids: tuple[ArticleId, ...] = ()
    """Ids that earlier rules of identity gave the article: it may be stored under one of them."""
    keeps_earlier: bool = False
    """Until its embargo ends, what was public of the article before stays so."""

    @property
    def key(self) -> str:
        return self.article.id


class Overruled(Value):
    """A tag or an entity that enrichment found and an editor took away; `methods` are the rules and
    models that its evidence names."""

    kind: Literal["tag", "entity"]
    name: ShortText
    slug: Slug
    type: ShortText | None = None
    confidence: Annotated[float, Field(ge=0, le=1)]
    methods: tuple[ShortText, ...] = ()


class ArticleEnriched(ArticleEvent):
    """One version of an article was enriched, or is passed on without (`article.enrichment`)."""

    NAME: ClassVar[str] = "article-enriched"

    article: EnrichedArticle
    former_ids: tuple[ArticleId, ...] = ()
    keeps_earlier: bool = False
    """As in ArticleReceived."""
    overruled: tuple[Overruled, ...] = ()
    """Never shown to readers: it is no part of the article."""

    @property
    def key(self) -> str:
        return self.article.id


class ArticlePublished(ArticleEvent):
    """The public contract: what readers may see of an article has changed.

    `revision` counts the changes of one article from 1 on: a subscriber that has seen revision
    n drops every event of that article up to n. One may be missing: the topic is compacted, and
    a text whose time was over before it could be told of is not told of. `article` is absent when
    the article was killed or withdrawn.
    """

    NAME: ClassVar[str] = "article-published"

    action: Literal["published", "updated", "killed", "withdrawn"]
    revision: Annotated[int, Field(ge=1)]
    article_id: ArticleId
    source: ShortText
    uri: ShortText
    version: int
    article: EnrichedArticle | None = None
    left_terms: dict[str, int] = Field(default_factory=dict)
    """Terms such as `section:sport` that readers had it under and have it no more, each with the
    revision that took it away there."""
    aliases: tuple[ArticleId, ...] = ()
    """Other ids that lead to the article."""
    told_as: Literal["corrected", "released"] | None = None
    """`corrected`: an update that changes or takes out what readers had, or is said to correct it;
    `released`: a publication that an embargo held until now."""
    first_mentions: tuple[Slug, ...] = ()
    """Slugs of entities that this article was the first to name, of all that readers ever saw; of
    those that it names no more, the ones in `left_terms` are among them."""
    statement: SignedText | None = None
    """The site's signed statement of this revision (JWS), where it signs what it publishes."""

    @property
    def key(self) -> str:
        return self.article_id


class StatementIssued(Event):
    """A site has signed a statement of one revision of an article (`docs/provenance.md`).

    It is the one in the event of that revision, and stays when that is compacted away.
    """

    NAME: ClassVar[str] = "statement-issued"

    article_id: ArticleId
    revision: Annotated[int, Field(ge=1)]
    statement: SignedText

    @property
    def key(self) -> str:
        return self.article_id


RECEIPT = frozenset({"received_at", "first_received_at", "corrected_at", "log_place"})
"""Fields of an article in which Newsman says how it came."""


_RECEIPT_BEGINS = ',"received_at":'
"""Fields of the receipt are the last of an article, and no text in JSON holds a bare quote."""


def content_digest(article: Article, as_json: str | None = None) -> str:
    """A digest of everything that the newsroom said in this version; `as_json` is the article's
    JSON, if that is there already."""
    if article.version_created == article.received_at:
        # The moment of receipt, which nobody said.
        return digest(article.model_dump_json(exclude={*RECEIPT, "version_created"}))
    if as_json is None or type(article) is not Article or article.log_place is not None:
        return digest(article.model_dump_json(exclude={*RECEIPT}))
    return digest(as_json[: as_json.rindex(_RECEIPT_BEGINS)] + "}")


def to_public(article: Article) -> dict[str, Any]:
    """The article as the API shows it: JSON types, absent fields left out."""
    return article.model_dump(mode="json", exclude_none=True, exclude={"log_place"})
