"""ninjs 3.1, valid against the schema of the IPTC: 2.2 in camel case."""

from newsman.ninjs.camels import in_camel_case
from newsman.ninjs.pruning import prune
from newsman.outputs.listing import Listing, Site, Tombstone
from newsman.outputs.ninjs import v1 as ninjs_1
from newsman.outputs.ninjs.dialect import Item, to_json
from newsman.outputs.ninjs.v2 import plural
from newsman.redis.articles import StoredArticle

VERSION = "3.1"
STANDARD = {
    "name": "ninjs",
    "version": VERSION,
    "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json",
}


def render(listing: Listing, site: Site) -> bytes:
    """The listing as one valid composite item."""
    return to_json(prune(camel(ninjs_1.package(listing, site)), VERSION))


def render_article(stored: StoredArticle, site: Site) -> bytes:
    """One article as a valid item."""
    return to_json(prune(camel(ninjs_1.item(stored, site)), VERSION))


def render_tombstone(gone: Tombstone, _: Site) -> bytes:
    """The kill of an item."""
    return to_json(prune(camel(ninjs_1.canceled(gone)), VERSION))


def camel(item: Item) -> Item:
    """An item in the names of 1.6 in those of 3.1."""
    renamed: Item = in_camel_case(plural(item))
    return renamed | {"standard": STANDARD} if "standard" in renamed else renamed
