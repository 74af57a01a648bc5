"""The element of a page that holds the article, judged by the paragraphs in it."""

from newsman.ingest.formats.markup.tree import Node
from newsman.ingest.formats.values.text import one_line

MIN_CHARACTERS, USUAL_CHARACTERS = 140, 600
"""Of an article's paragraphs; with fewer than usual the text may stand outside of them."""
MOST_OF_THE_PAGE = 0.75
MAX_CANDIDATES = 10
_WHOLE = ("article", "main")
"""Elements that hold an article, its lead and its pictures, by HTML's own rules."""


class Paragraphs:
    """Characters of the paragraphs in every element of a page, white space counted once."""

    def __init__(self, page: Node) -> None:
        self._page = page
        self._elements = [*page.walk()]
        self._lengths: dict[int, int] = {}
        # From the last element to the first, so that each comes behind all that it holds.
        for node in reversed(self._elements):
            inner = sum([self._lengths[id(part)] for part in node.elements()])
            own = len(one_line(node.text())) if node.name == "p" else 0
            self._lengths[id(node)] = own or inner

    def length(self, node: Node) -> int:
        """Characters of the paragraphs in this element of the page."""
        return self._lengths[id(node)]

    def article(self) -> Node | None:
        """The element marked as the article, or the one with the most text in paragraphs."""
        marked = next(
            (n for n in self._elements if n.attributes.get("itemprop") == "articleBody"), None
        )
        if marked is not None and self.length(marked) >= MIN_CHARACTERS:
            return marked
        for name in _WHOLE:
            candidates = [node for node in self._elements if node.name == name]
            best = max(candidates[:MAX_CANDIDATES], key=self.length, default=None)
            if best is not None and self.length(best) > 0:
                return best
        return self._with_most()

    def _with_most(self) -> Node | None:
        best, longest = None, 0
        for node in self._elements:
            length = sum([self.length(part) for part in node.elements() if part.name == "p"])
            if length > longest and node.name != "p":
                best, longest = node, length
        return best

    def region(self, article: Node | None) -> Node:
        """The part of the page to look for the text in: an article element that holds most of the
        page's paragraphs, with what is inside it alone, or else the page.

        An element marked as the text, or found by its paragraphs, often has the lead outside.
        """
        if article is None or article.name not in _WHOLE:
            return self._page
        length = self.length(article)
        is_most = length >= max(USUAL_CHARACTERS, MOST_OF_THE_PAGE * self.length(self._page))
        inside = Node("html", {}, [Node("body", {}, [article])])
        return Node("", {}, [inside]) if is_most else self._page
