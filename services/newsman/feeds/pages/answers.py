"""A listing in a format, with what leads on from it in its headers."""

from dataclasses import replace

from newsman.feeds.cache.stored_answers import RenderedBody, made
from newsman.feeds.subscribers.reading import tell
from newsman.feeds.subscribers.told import told_tombstones
from newsman.outputs.feed_format import FeedFormat
from newsman.outputs.listing import Listing, Site, feed_url, more_url
from newsman.outputs.pieces import gzipped, whole


def rendered(listing: Listing, chosen: FeedFormat, site: Site) -> RenderedBody:
    """The feed, with its links (RFC 8288)."""
    if chosen.version:
        listing = replace(listing, form=(*listing.form, ("version", chosen.version)))
    links = {
        "next": more_url(site, listing, chosen.extension),
        "hub": site.hub,
        "self": feed_url(site, listing, chosen.extension),
    }
    header = ", ".join(f'<{url}>; rel="{rel}"' for rel, url in links.items() if url)
    if chosen.tells_of_gone:
        tell(told_tombstones(listing.tombstones))
    since = {"Newsman-Since": listing.since} if listing.since else {}
    headers = {"Link": header, **since}
    if chosen.render_pieces is None:
        return made(chosen.render(listing, site), chosen.media_type, headers=headers)
    pieces = chosen.render_pieces(listing, site)
    body = whole(pieces)
    return made(body, chosen.media_type, headers=headers, pack=lambda: gzipped(pieces, body))
