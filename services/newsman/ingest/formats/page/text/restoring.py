"""Restoring links, emphasis and pictures to the plain text that was found in a page."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import takewhile

from newsman.ingest.formats.markup.shown_media import is_known_player
from newsman.ingest.formats.markup.tree import Node
from newsman.ingest.formats.page.text.runs import INLINE, Run, key_of, pictures, runs

MOST_PICTURES = 100
NEAR_LEVELS = 3
"""A picture above or below the text is the article's if an element this near holds both."""


def restored(blocks: Sequence[Node], page: Node) -> list[Node]:
    """The blocks with the page's own markup in them, and its pictures between them.

    The words stay as they are: a piece of text that the page has otherwise stays plain.
    """
    page_runs = list(runs(page))
    places = _Places(page_runs)
    result: list[tuple[Node, int | None]] = []
    for block in blocks:
        before = places.last
        result.append((_rewritten(block, places), places.last if places.last != before else None))
    return _with_pictures(result, page_runs, page)


class _Places:
    """Finds runs by their letters, continuing after the one that was found last."""

    def __init__(self, page_runs: Sequence[Run]) -> None:
        self._runs = page_runs
        self._numbers: dict[str, list[int]] = defaultdict(list)
        for number, run in reversed(list(enumerate(page_runs))):
            if run.key:
                self._numbers[run.key].append(number)
        self.last = -1

    def parts(self, text: str) -> Sequence[Node | str] | None:
        """The parts of the next run with these letters, or else of the first such run."""
        numbers = self._numbers.get(key_of(text))
        if not numbers:
            return None
        while len(numbers) > 1 and numbers[-1] <= self.last:
            numbers.pop()
        self.last = max(self.last, numbers[-1])
        return self._runs[numbers[-1]].parts


def _rewritten(block: Node, places: _Places) -> Node:
    """A copy of the block, with each run of text as it is in the page."""
    children: list[Node | str] = []
    run: list[Node | str] = []
    for child in [*block.children, None]:
        if isinstance(child, str) or (child is not None and child.name in INLINE):
            run.append(child)
            continue
        children += _as_in_page(run, places)
        run = []
        if child is not None:
            children.append(_rewritten(child, places) if child.children else child)
    return Node(block.name, {}, children)


def _as_in_page(run: list[Node | str], places: _Places) -> Sequence[Node | str]:
    text = "".join(part if isinstance(part, str) else part.text() for part in run)
    parts = places.parts(text) if text.strip() else None
    return run if parts is None else [_without_ornaments(part) for part in parts]


def _without_ornaments(part: Node | str) -> Node | str:
    if isinstance(part, str) or not any(node.name == "img" for node in part.walk()):
        return part
    shown = pictures(part)
    if part.name == "img":
        return part if shown else ""
    return Node(part.name, part.attributes, [_without_ornaments(child) for child in part.children])


def _with_pictures(
    blocks: Sequence[tuple[Node, int | None]], page_runs: Sequence[Run], page: Node
) -> list[Node]:
    """The blocks, each followed by the pictures that follow it in the page."""
    numbers = [number for _, number in blocks if number is not None]
    if not numbers:
        return [block for block, _ in blocks]
    first, last = min(numbers), max(numbers)
    near = _Nearness(page, page_runs[first].block, page_runs[last].block)
    result = _figures(_beside(page_runs[:first][::-1])[::-1], near)[:MOST_PICTURES]
    left = MOST_PICTURES - len(result)
    current = None
    for block, number in blocks:
        if number is None:
            result.append(block)
            continue
        if current is not None:
            shown = _figures(page_runs[current + 1 : number])[:left]
            left -= len(shown)
            result += shown
        result.append(block)
        current = number
    return result + _figures(_beside(page_runs[last + 1 :]), near)[:left]


def _beside(page_runs: Sequence[Run]) -> list[Run]:
    """The runs before the first one with words."""
    return list(takewhile(lambda run: not run.key, page_runs))


def _figures(page_runs: Sequence[Run], near: "_Nearness | None" = None) -> list[Node]:
    """The pictures of runs without words, each in a figure, and the links to films."""
    shown: list[Node] = []
    for run in page_runs:
        if near is not None and not near.holds(run.block):
            continue
        nodes = [part for part in run.parts if isinstance(part, Node)]
        if not run.key:
            of_run = [picture for node in nodes for picture in pictures(node)]
            shown += [Node("figure", {}, [picture]) for picture in of_run]
        elif _is_film(run):
            shown.append(Node("p", {}, [*nodes]))
    return shown


def _is_film(run: Run) -> bool:
    """True for a run that is a link to a player and nothing else."""
    return all(
        part.name == "a" and is_known_player(part.attributes.get("href", ""))
        if isinstance(part, Node)
        else not part.strip()
        for part in run.parts
    )


class _Nearness:
    """Tells whether an element shares a nearby ancestor with the text."""

    def __init__(self, page: Node, first: Node, last: Node) -> None:
        self._parents: dict[int, Node] = {}
        for node in page.walk():
            for part in node.elements():
                self._parents[id(part)] = node
        self._around = self._ancestors(first) & self._ancestors(last)

    def _ancestors(self, node: Node) -> set[int]:
        above: set[int] = set()
        current: Node | None = node
        while current is not None:
            if current.name not in ("body", "html", "main", ""):
                above.add(id(current))
            current = self._parents.get(id(current))
        return above

    def holds(self, block: Node) -> bool:
        """True if the block, or what is a few levels above it, holds the text as well."""
        current: Node | None = block
        for _ in range(NEAR_LEVELS):
            if current is None:
                return False
            if id(current) in self._around:
                return True
            current = self._parents.get(id(current))
        return False
