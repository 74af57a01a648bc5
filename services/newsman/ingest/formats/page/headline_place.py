"""The place of the headline in a page; what is said of the article stands near it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from newsman.ingest.formats.markup.tree import Node
from newsman.ingest.formats.page.text.runs import key_of

MAX_HEADINGS, MAX_CHARACTERS = 60, 1_000
_FIRST, _PARTLY, _SAME = 1, 2, 3
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
    found: dict[int, HeadlinePlace] = {}
    for path in islice(_paths_to_headings(root), MAX_HEADINGS):
        likeness = _likeness(path[-1], wanted)
        if likeness and likeness not in found:
            found[likeness] = HeadlinePlace(path[-1], frozenset(map(id, path)))
        if likeness == _SAME:
            break
    return found[max(found)] if found else NOWHERE


def _likeness(heading: Node, wanted: str) -> int:
    key = key_of(heading.text()[:MAX_CHARACTERS])
    if key and key == wanted:
        return _SAME
    if key and wanted and (wanted in key or key in wanted):
        return _PARTLY
    return _FIRST if heading.name == "h1" else 0


def _paths_to_headings(root: Node) -> Iterator[list[Node]]:
    """The elements from the root down to each heading, in document order."""
    path: list[Node] = []
    waiting: list[tuple[Node, int]] = [(root, 0)]
    while waiting:
        node, level = waiting.pop()
        del path[level:]
        path.append(node)
        if node.name in _HEADINGS or node.attributes.get("itemprop") == "headline":
            yield path
        waiting += [(child, level + 1) for child in reversed(node.elements())]
