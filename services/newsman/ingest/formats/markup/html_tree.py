"""Reading a page into a tree; libxml2's tokenizer follows WHATWG HTML, section 13.2.5."""

import re
from collections.abc import Mapping
from itertools import islice

from lxml import etree

from newsman.ingest.formats.markup.tokens import (
    ATTRIBUTE_NAME,
    MAX_ATTRIBUTES,
    NAME,
    StepLimit,
    most_steps,
    refuse_references,
)
from newsman.ingest.formats.markup.tree import HTML, Node, TreeBuilder, read_markup

CHARACTERS_PER_STEP = 30
"""Of newspapers' pages that are longer than 60 kB; smaller ones have few tags in any case."""
DEEPEST = 500
"""For each end tag libxml2 searches all open elements."""
MAX_NAMES = 1_000
"""Names of attributes that are remembered as fit; a page has some fifty."""
PIECE_BYTES = 64 * 1024
"""libxml2 finishes a piece even if the page has been refused within it."""
_CDATA = "[CDATA["
_PROLOGUE = re.compile(
    r"(?:\s+|<!doctype[^>]*>|<\?[^>]*>|<!--(?:-?>|.*?--!?>))*", re.IGNORECASE | re.DOTALL
)
_HTML_TAG = re.compile(r"<html\s[^<>]{1,2000}>", re.IGNORECASE)


class _TooDeep(Exception):
    """More levels than libxml2 can read in linear time."""


def read_html(text: str) -> Node:
    """The page under a nameless root; one nested deeper than real pages is read by our tokeniser.

    Raises BadDocument where there is more in it than anything good has.
    """
    refuse_references(text)
    most = most_steps(text, CHARACTERS_PER_STEP)
    # Size limits are set elsewhere: without `huge_tree` a page of 10 MB would be cut off.
    parser = etree.HTMLParser(
        target=_Target(StepLimit(most)),
        encoding="utf-8",
        recover=True,
        no_network=True,
        huge_tree=True,
    )
    try:
        page = _html_first(text).encode("utf-8", "replace")
        for start in range(0, len(page) or 1, PIECE_BYTES):
            parser.feed(page[start : start + PIECE_BYTES])
        root: Node = parser.close()
    except _TooDeep:
        return read_markup(text, HTML, most=most)
    return root


def _html_first(text: str) -> str:
    """The page with its html tag first, before anything else such as server warnings.

    Behind these libxml2 tells no attributes of the tag, and the page would have no language.
    """
    prologue = _PROLOGUE.match(text)
    start = prologue.end() if prologue else 0
    tag = _HTML_TAG.search(text, start)
    if tag is None or tag.start() == start:
        return text
    return text[:start] + tag[0] + text[start : tag.start()] + text[tag.end() :]


class _Target:
    """Receives tags and texts from libxml2, which closes whatever it opens."""

    def __init__(self, limit: StepLimit) -> None:
        self._builder = TreeBuilder(HTML)
        self._limit = limit
        self._depth = 0
        self._usual_names: set[str] = set()
        """Names of attributes that have been looked at, and are fit to be written."""
        self._pieces: list[str] = []
        """Text that libxml2 delivers in pieces: each reference and each stray `<` is one."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._limit.count(1 + len(attributes))
        self._depth += 1
        if self._depth > DEEPEST:
            raise _TooDeep
        usable = dict(attributes)
        if not usable.keys() <= self._usual_names:
            self._look_at(usable)
        if len(usable) > MAX_ATTRIBUTES or not usable.keys() <= self._usual_names:
            usable = _usable(usable)
        if self._pieces:
            self._flush()
        self._builder.start(_usual(name), usable, is_closed=False)

    def end(self, name: str) -> None:
        self._depth -= 1
        if self._pieces:
            self._flush()
        self._builder.end(_usual(name))

    def data(self, text: str) -> None:
        if text == "<":  # references have a bound of their own
            self._limit.count()
        self._pieces.append(text)

    def comment(self, content: str) -> None:
        # A comment to HTML, and text to XHTML.
        if content.startswith(_CDATA):
            self._pieces.append(content.removeprefix(_CDATA).removesuffix("]]"))

    def close(self) -> Node:
        self._flush()
        return self._builder.root

    def _look_at(self, attributes: Mapping[str, str]) -> None:
        """Learns the names that are fit, as long as there are no more than pages have."""
        if len(attributes) + len(self._usual_names) <= MAX_NAMES:
            self._usual_names.update(filter(ATTRIBUTE_NAME.fullmatch, attributes))

    def _flush(self) -> None:
        if self._pieces:
            self._builder.text("".join(self._pieces))
            self._pieces.clear()


def _usable(attributes: Mapping[str, str]) -> dict[str, str]:
    """Without names that hold quotes or brackets, which would become tags when written out."""
    named = (item for item in attributes.items() if ATTRIBUTE_NAME.fullmatch(item[0]))
    return dict(islice(named, MAX_ATTRIBUTES))


def _usual(name: str) -> str:
    if name.isalnum():
        return name
    usual = NAME.match(name)
    return usual[0] if usual else "span"
