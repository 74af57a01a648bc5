"""The description of an output format, which every file of one has as its `FORMAT`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from newsman.outputs.listing import Listing, Site, Tombstone
from newsman.outputs.pieces import Pieces
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
    tells_of_gone: bool = False
    """True if its listings name what went, so that whoever reads one knows."""
    version: str = ""
    """The version that was asked for, empty if none was."""
    render_pieces: Callable[[Listing, Site], Pieces] | None = None
    """Writes listings as pieces, where an article's are kept."""

    def in_version(self, version: str | None) -> "FeedFormat | None":
        """The format in one version, itself if none is named; None if it has no such version."""
        if version is None:
            return self
        found = self.versions.get(version)
        return replace(found, version=version) if found else None
