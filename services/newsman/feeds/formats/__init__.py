"""Every format that listings are served in."""

from collections.abc import Callable
from dataclasses import dataclass

from newsman.feeds.core import Listing, Site
from newsman.feeds.formats import atom, jsonfeed, rss


@dataclass(frozen=True)
class FeedFormat:
    """An output format by its extension."""

    extension: str
    media_type: str
    render: Callable[[Listing, Site], bytes]


FORMATS = {
    found.extension: found
    for found in (
        FeedFormat("rss", rss.MEDIA_TYPE, rss.render),
        FeedFormat("atom", atom.MEDIA_TYPE, atom.render),
        FeedFormat("json", jsonfeed.MEDIA_TYPE, jsonfeed.render),
    )
}
