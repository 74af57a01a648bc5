"""Every format that listings and articles are served in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from newsman.feeds.core import Listing, Site, Tombstone
from newsman.feeds.formats import atom, jsonfeed, newsml, nitf, plain_text, rss
from newsman.feeds.formats.ninjs import dialect as ninjs
from newsman.feeds.formats.ninjs import v1 as ninjs_1
from newsman.feeds.formats.ninjs import v2 as ninjs_2
from newsman.feeds.formats.ninjs import v3 as ninjs_3
from newsman.redis.articles import StoredArticle


@dataclass(frozen=True)
class FeedFormat:
    """An output format by its extension; `versions` are those that `?version=` can name.

    `render` writes listings; a format that has documents of single articles writes those, and
    the kills of them, too.
    """

    extension: str
    media_type: str
    render: Callable[[Listing, Site], bytes]
    render_article: Callable[[StoredArticle, Site], bytes] | None = None
    render_tombstone: Callable[[Tombstone, Site], bytes] | None = None
    versions: Mapping[str, "FeedFormat"] = field(default_factory=dict)
    article_media_type: str | None = None
    """Of single articles, where theirs is another one."""

    def in_version(self, version: str | None) -> "FeedFormat | None":
        """The format in one version, itself if none is named; None if it has no such version."""
        return self if version is None else self.versions.get(version)


def _ninjs() -> FeedFormat:
    extension, media_type = "ninjs", ninjs.MEDIA_TYPE
    versions = {
        found.VERSION: FeedFormat(
            extension, media_type, found.render, found.render_article, found.render_tombstone
        )
        for found in (ninjs_1, ninjs_2, ninjs_3)
    }
    return FeedFormat(
        extension,
        media_type,
        ninjs.render,
        ninjs.render_article,
        ninjs.render_tombstone,
        versions,
    )


FORMATS = {
    found.extension: found
    for found in (
        FeedFormat("rss", rss.MEDIA_TYPE, rss.render),
        FeedFormat("atom", atom.MEDIA_TYPE, atom.render),
        FeedFormat("json", jsonfeed.MEDIA_TYPE, jsonfeed.render),
        _ninjs(),
        FeedFormat(
            "newsml",
            newsml.MEDIA_TYPE,
            newsml.render,
            newsml.render_article,
            newsml.render_tombstone,
            article_media_type=newsml.ITEM_MEDIA_TYPE,
        ),
        FeedFormat(
            "nitf",
            nitf.MEDIA_TYPE,
            nitf.render,
            nitf.render_article,
            nitf.render_tombstone,
        ),
        FeedFormat(
            "txt",
            plain_text.MEDIA_TYPE,
            plain_text.render,
            plain_text.render_article,
            plain_text.render_tombstone,
        ),
    )
}
