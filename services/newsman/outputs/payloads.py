"""Bodies of deliveries in the formats that feeds serve articles in, kills among them."""

from newsman.outputs import newsml, ninjs, nitf
from newsman.outputs.feed_format import FeedFormat
from newsman.outputs.listing import Site, Tombstone
from newsman.redis.articles import StoredArticle

_FORMATS: dict[str, FeedFormat] = {
    "ninjs-superdesk": ninjs.FORMAT,
    **{f"ninjs-{version}": strict for version, strict in ninjs.FORMAT.versions.items()},
    "newsml-g2": newsml.FORMAT,
    "nitf": nitf.FORMAT,
}
FORMAT_PAYLOADS = tuple(_FORMATS)
"""The payloads that are documents of a format, which says itself what it is of."""


def render(payload: str, told: StoredArticle | Tombstone, site: Site) -> tuple[bytes, str]:
    """A payload of FORMAT_PAYLOADS of an article, or of one that readers may see no more, and its
    media type."""
    chosen = _FORMATS[payload]
    article, tombstone = chosen.render_article, chosen.render_tombstone
    assert article is not None, "each of these formats has documents of articles"
    assert tombstone is not None, "and of their kills"
    content = tombstone(told, site) if isinstance(told, Tombstone) else article(told, site)
    return content, chosen.article_media_type or chosen.media_type
