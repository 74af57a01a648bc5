"""RSS 0.9x to 2.0, RDF (RSS 1.0) and Atom: a feed, or a single item or entry."""

import re

from newsman.ingest.formats.feed.entry import about_feed, draft
from newsman.ingest.formats.feed.identifiers import with_identity
from newsman.ingest.formats.feed.links import home_of, name_of_feed
from newsman.ingest.formats.feed.tombstones import gone_draft, tombstones
from newsman.ingest.formats.feed.tree import RULES, Entry, entries
from newsman.ingest.formats.leftovers import with_shared
from newsman.ingest.formats.markup.document_type import find_document_type
from newsman.ingest.formats.markup.tokens import most_steps
from newsman.ingest.formats.markup.tree import Node, read_markup
from newsman.ingest.formats.model import BadDocument, Defaults, Draft, FieldProblem
from newsman.ingest.formats.values.charsets import decode_text

RSS_TYPES = ("application/rss+xml", "application/rdf+xml", "application/x-rss+xml", "text/rss+xml")
"""RSS 1.0 is RDF; the last two were in use before any was common."""
RSS_ROOTS = frozenset(("rss", "item", "RDF"))
ATOM_ROOTS = frozenset(("feed", "entry"))
MAX_ENTRIES = 1_000
CHARACTERS_PER_STEP = 20
"""Of tags and attributes in a feed of many short elements."""
_CUT_OFF = "the document ends in the middle of this item; send it whole"
_HALF = Draft({}, problems=(FieldProblem("", _CUT_OFF),))
"""An entry that is cut off at the end of the document: it must be sent again, whole."""
_START = re.compile(rb"\s*(?:\xef\xbb\xbf\s*)?(?:<\?xml[^>]*>\s*)?")
_COMMENT = re.compile(rb"<!--(?:-?>|.*?--!?>)\s*", re.DOTALL)
_FRAGMENT = re.compile(rb"<(?:item|entry)[\s>]")
_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([^\"'>]{1,40})[\"']")
_DOCUMENT_TYPES = frozenset(("rss", "feed", "rdf:rdf"))
"""Roots that a document type may name; RSS 0.91 refers to Netscape's."""


def read(body: bytes, defaults: Defaults) -> list[Draft]:
    """The drafts of all entries, whatever state the markup is in.

    Raises BadDocument where there is no whole entry, where its document type is none of a feed or
    has entities of its own, and where there is more markup than a feed has use for.
    """
    text = _text(body, defaults.charset)
    text = _without_document_type(text)
    most = most_steps(text, CHARACTERS_PER_STEP)
    root = read_markup(text, RULES, refuse=_refuse_declaration, most=most)
    items, gone = entries(root), tombstones(root)
    if not items and not gone:
        raise BadDocument("no item or entry in it")
    if len(items) + len(gone) > MAX_ENTRIES:
        raise BadDocument(f"more than {MAX_ENTRIES} entries")
    channel = items[0].channel if items else _feed(root)
    drafts = _drafts(items, defaults)
    if drafts == [_HALF] and not gone:
        raise BadDocument(_CUT_OFF)
    drafts = with_identity(drafts, home=home_of(channel))
    here = {draft.fields.get("uri") for draft in drafts}
    taken = (gone_draft(node, name_of_feed(channel, defaults)) for node in gone)
    drafts += [draft for draft in taken if draft.fields["uri"] not in here]
    return with_shared(drafts, "feed", about_feed(channel))


def _drafts(items: list[Entry], defaults: Defaults) -> list[Draft]:
    channels = {id(entry.channel): entry.channel for entry in items}
    feeds = {key: name_of_feed(channel, defaults) for key, channel in channels.items()}
    return [
        _HALF if entry.node.is_unfinished else draft(entry, defaults, feeds[id(entry.channel)])
        for entry in items
    ]


def _feed(root: Node) -> Node | None:
    return next((node for node in root.walk() if node.name == "atom:feed"), None)


def is_document(body: bytes) -> bool:
    """True if it is a whole feed rather than a single item or entry."""
    start = _START.match(body)
    at = start.end() if start else 0
    while body.startswith(b"<!--", at):
        comment = _COMMENT.match(body, at)
        at = comment.end() if comment else len(body)
    return _FRAGMENT.match(body, at) is None


def _text(body: bytes, charset: str | None) -> str:
    declared = _ENCODING.search(body[:400])
    label = declared.group(1).decode("ascii", "replace") if declared else None
    text = decode_text(body, charset=_unmarked_utf16(body) or charset, in_document=label)
    return text.replace("\0", "").lstrip("\ufeff")


def _unmarked_utf16(body: bytes) -> str | None:
    """UTF-16 without a byte order mark (XML 1.0 appendix F.1)."""
    if body.startswith(b"<\0"):
        return "utf-16-le"
    return "utf-16-be" if body.startswith(b"\0<") else None


def _without_document_type(text: str) -> str:
    kind = find_document_type(text)
    if kind is None:
        return text
    if kind.root.lower() not in _DOCUMENT_TYPES:
        raise BadDocument(f"the document type is that of {kind.root[:40]!r}, which is no feed")
    return kind.blanked(text)


def _refuse_declaration(_: str) -> None:
    raise BadDocument("a document type or declaration stands where none is taken")
