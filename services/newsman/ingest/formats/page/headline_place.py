"""The place of the headline in a page; what is said of the article stands near it."""

from dataclasses import dataclass, field

from newsman.ingest.formats.markup.tree import Node
from newsman.ingest.formats.page.text.runs import key_of

MAX_HEADINGS, MAX_CHARACTERS = 60, 1_000
_HEADINGS = frozenset({"h1", "h2", "h3", "h4"})


@dataclass(frozen=True)
class HeadlinePlace:
    """The heading that is the headline, None if there is none, and the elements that hold it."""

    heading: Node | None = None
    _holders: frozenset[int] = field(default=frozenset())

    def is_in(self, node: Node) -> bool:
        """True if the headline is in this element."""
        return id(node) in self._holders


NOWHERE = HeadlinePlace()


def headline_place(root: Node, headline: str | None) -> HeadlinePlace:
    """The first heading with the words of the headline, else one that has them among others or
    some of them, else the first of the first level."""
    wanted = key_of(headline or "")
    partly = first = NOWHERE
    path: list[Node] = []
    waiting: list[tuple[Node, int]] = [(root, 0)]
    seen = 0
    while waiting and seen < MAX_HEADINGS:
        node, level = waiting.pop()
        del path[level:]
        path.append(node)
        if node.name in _HEADINGS or node.attributes.get("itemprop") == "headline":
            seen += 1
            key = key_of(node.text()[:MAX_CHARACTERS])
            if key and key == wanted:
                return _place(path)
            if partly is NOWHERE and key and wanted and (wanted in key or key in wanted):
                partly = _place(path)
            if first is NOWHERE and node.name == "h1":
                first = _place(path)
        waiting += [(child, level + 1) for child in reversed(node.elements())]
    return first if partly is NOWHERE else partly


def _place(path: list[Node]) -> HeadlinePlace:
    return HeadlinePlace(path[-1], frozenset(map(id, path)))
