"""Documents of pieces: what one article adds to a listing is rendered and deflated once.

A piece is deflated by itself and ends at a byte, so that pieces one behind the other are one
deflated document (RFC 1951 section 3.2.4; zlib calls it a sync flush). It is a little larger than
one deflated as a whole.
"""

import re
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from newsman.outputs.listing import Listing
from newsman.redis.articles import StoredArticle

LEVEL = 6
MOST_KEPT = 8
"""Pieces of one article: of as many formats, or languages of feeds."""
GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"
"""No name, no time, Unix (RFC 1952 section 2.3)."""
LAST_BLOCK = b"\x03\x00"
"""An empty block that ends a deflated document (RFC 1951 section 3.2.3)."""
PLACE = "pieces"
"""The element whose place the pieces take in an XML document."""
_DECLARED = re.compile(r' xmlns:[\w.-]+="[^"]*"')


@dataclass(frozen=True)
class Piece:
    """A part of a document; `declared` are the declarations of XML namespaces that it needs."""

    raw: bytes
    declared: frozenset[str] = frozenset()

    @cached_property
    def deflated(self) -> bytes:
        """The bytes as blocks that refer to nothing before them."""
        deflating = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        return deflating.compress(self.raw) + deflating.flush(zlib.Z_SYNC_FLUSH)


Pieces = Sequence[Piece]


def whole(pieces: Pieces) -> bytes:
    """The document."""
    return b"".join(piece.raw for piece in pieces)


def gzipped(pieces: Pieces, document: bytes) -> bytes:
    """The document of these pieces in gzip (RFC 1952)."""
    blocks = b"".join(piece.deflated for piece in pieces)
    ends = zlib.crc32(document).to_bytes(4, "little") + len(document).to_bytes(8, "little")[:4]
    return GZIP_HEADER + blocks + LAST_BLOCK + ends


def kept(
    listing: Listing, stored: StoredArticle, named: Hashable, make: Callable[[], Piece]
) -> Piece:
    """The piece of an article in a listing, made once for what it is named by; anew where the
    listing says more of the article than its text."""
    if stored.article.id in listing.others:
        return make()
    # A chain may be mended while the text of the article stays.
    key = (named, stored.revision, stored.published_at_ms, stored.article.original_id)
    piece = stored.pieces.get(key)
    if not isinstance(piece, Piece):
        if len(stored.pieces) >= MOST_KEPT:
            stored.pieces.clear()
        piece = stored.pieces[key] = make()
    return piece


def xml_piece(add: Callable[[ET.Element], None]) -> Piece:
    """The XML of what is added to an element."""
    around = ET.Element(PLACE)
    add(around)
    text = ET.tostring(around, encoding="unicode")
    start, _, rest = text.partition(">")
    inner = rest.removesuffix(f"</{PLACE}>")
    return Piece(_encoded(inner), frozenset(_DECLARED.findall(start)))


def xml_document(root: ET.Element, pieces: Iterable[Piece]) -> list[Piece]:
    """A document with the pieces in place of its element PLACE; its root declares all namespaces
    by their prefixes, as ElementTree does."""
    pieces = tuple(pieces)
    before, _, after = ET.tostring(root, encoding="unicode").partition(f"<{PLACE} />")
    start, _, rest = before.partition(">")
    declared = frozenset(_DECLARED.findall(start)).union(*(piece.declared for piece in pieces))
    name, _, attributes = _DECLARED.sub("", start).partition(" ")
    opening = " ".join([name + "".join(sorted(declared)), *filter(None, [attributes])])
    beginning = f"<?xml version='1.0' encoding='utf-8'?>\n{opening}>{rest}"
    return [Piece(_encoded(beginning)), *pieces, Piece(_encoded(after))]


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "xmlcharrefreplace")
