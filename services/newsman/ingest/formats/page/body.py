"""Finding the words of the article among those of the page."""

import importlib
import re
from collections.abc import Iterator
from typing import Any

from newsman.ingest.formats.markup.tree import UNSEEN, Node
from newsman.ingest.formats.values.text import one_line
from newsman_schemas.slugs import stream_safe

MAX_EXTRACTED_CHARACTERS = 1_000_000
MAX_EXTRACTED_ELEMENTS = 10_000
MIN_CHARACTERS = 140
AROUND = UNSEEN | frozenset(
    "nav aside footer header form button select input textarea dialog menu audio video".split()
)
_HEADING = re.compile(r"\s*<h1[^>]{0,500}>(.{0,3000}?)</h1>", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")


def find_body(root: Node, headline: str | None) -> str:
    """The article's markup: what the page marks as such, else what is most likely it."""
    marked = next((n for n in root.walk() if n.attributes.get("itemprop") == "articleBody"), None)
    if marked is not None and _length(marked) >= MIN_CHARACTERS:
        return marked.inner_markup(AROUND)
    own = _own(root)
    markup = _extracted(root)
    # An extractor that lost most of the article's paragraphs is not believed.
    if markup is None or 3 * len(words(markup)) < (_length(own) if own else 0):
        markup = own.inner_markup(AROUND) if own is not None else ""
    return _without_headline(markup, headline)


def _own(root: Node) -> Node | None:
    """The article element with most in its paragraphs, else main, else whatever has most."""
    for name in ("article", "main"):
        candidates = [n for n in root.walk() if n.name == name]
        best = max(candidates[:10], key=_length, default=None)
        if best is not None and _length(best) > 0:
            return best
    return _with_most_paragraphs(root)


def _with_most_paragraphs(root: Node) -> Node | None:
    best, longest = None, 0
    for node in _outside_paragraphs(root):
        length = sum(len(one_line(p.text())) for p in node.elements() if p.name == "p")
        if length > longest:
            best, longest = node, length
    return best


def _length(node: Node) -> int:
    return sum(len(one_line(p.text())) for p in _outside_paragraphs(node) if p.name == "p")


def _outside_paragraphs(root: Node) -> Iterator[Node]:
    """Every element but those within a paragraph, in the order of the document."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        if node.name != "p":
            waiting.extend(reversed(node.elements()))


def _extracted(root: Node) -> str | None:
    """The text that trafilatura finds, where that is installed and the page is of a usual size."""
    if sum(1 for _ in root.walk()) > MAX_EXTRACTED_ELEMENTS:
        return None
    page = root.inner_markup(frozenset({"script", "style", "noscript", "template", "svg"}))
    if len(page) > MAX_EXTRACTED_CHARACTERS:
        return None
    try:
        trafilatura: Any = importlib.import_module("trafilatura")
    except ImportError:
        return None
    markup = trafilatura.extract(
        stream_safe(page),
        output_format="html",
        include_comments=False,
        include_formatting=True,
        include_images=True,
        include_links=True,
    )
    return _in_body(markup or "")


def _in_body(page: str) -> str | None:
    """The markup between the tags of the body."""
    start = page.find(">", page.find("<body")) if "<body" in page else -1
    end = page.rfind("</body>")
    return page[start + 1 : end].strip() if 0 <= start < end else None


def words(markup: str) -> str:
    """The words of some markup in one line."""
    return one_line(_TAG.sub(" ", markup))


def _without_headline(markup: str, headline: str | None) -> str:
    heading = _HEADING.match(markup)
    if heading and headline and words(heading[1]).casefold() == one_line(headline).casefold():
        return markup[heading.end() :].lstrip()
    return markup
