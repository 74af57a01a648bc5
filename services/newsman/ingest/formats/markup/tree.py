"""A small tree of a page or a feed; deep nesting is flattened, missing end tags are supplied."""

import html
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from newsman.ingest.formats.markup.tokens import MAX_STEPS, Kind, tokens

MAX_DEPTH = 100
VOID = frozenset(
    "area base br col embed frame hr img input link meta param source track wbr".split()
)
UNSEEN = frozenset("script style template noscript iframe object svg math head".split())


@dataclass(slots=True, eq=False)
class Node:
    """An element; its children are elements and texts."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[Node | str]" = field(default_factory=list)
    is_unfinished: bool = False
    """The document ended in it."""

    def elements(self) -> "list[Node]":
        """Its children that are elements."""
        children = self.children
        return [child for child in children if type(child) is Node] if children else []

    def walk(self) -> "Iterator[Node]":
        """Itself and every element below it, in document order."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            if node.children:
                waiting += [child for child in reversed(node.children) if type(child) is Node]

    def text(self) -> str:
        """All the text in it."""
        children = self.children
        if len(children) == 1 and isinstance(children[0], str):
            return children[0]
        parts: list[str] = []
        waiting: list[Node | str] = children[::-1]
        while waiting:
            node = waiting.pop()
            if isinstance(node, str):
                parts.append(node)
            else:
                waiting += node.children[::-1]
        return "".join(parts)

    def without(self, dropped: frozenset[str]) -> "Node":
        """A copy, without the elements of some names."""
        copy = Node(self.name, self.attributes)
        waiting = [(self, copy)]
        while waiting:
            node, twin = waiting.pop()
            for child in node.children:
                if isinstance(child, str):
                    twin.children.append(child)
                elif child.name not in dropped:
                    grown = Node(child.name, child.attributes)
                    twin.children.append(grown)
                    waiting.append((child, grown))
        return copy

    def inner_markup(self, dropped: frozenset[str] = UNSEEN) -> str:
        """Its content as markup, without elements of the given names."""
        parts: list[str] = []
        waiting: list[Node | str | tuple[str]] = list(reversed(self.children))
        while waiting:
            node = waiting.pop()
            if isinstance(node, tuple):
                parts.append(node[0])
            elif isinstance(node, str):
                # A > in a text ends no tag, and each reference costs a parser a step.
                parts.append(node.replace("&", "&amp;").replace("<", "&lt;"))
            elif _bare(node.name) not in dropped:
                parts.append(_start_tag(node))
                if node.name not in VOID or node.children:
                    waiting.append((f"</{_bare(node.name)}>",))
                    waiting.extend(reversed(node.children))
        return "".join(parts)


def _start_tag(node: Node) -> str:
    attributes = "".join(
        f' {name}="{html.escape(value)}"'
        for name, value in node.attributes.items()
        if not name.startswith("xmlns")
    )
    return f"<{_bare(node.name)}{attributes}>"


def _bare(name: str) -> str:
    return name.rpartition(":")[2] or name


@dataclass(frozen=True)
class Rules:
    """Rules of a markup language for tags that are left out."""

    raw: frozenset[str] = frozenset()
    void: frozenset[str] = frozenset()
    never_closed_by_slash: frozenset[str] = frozenset()
    ended_by: Mapping[str, frozenset[str]] = field(default_factory=dict)
    never_nested: frozenset[str] = frozenset()


_BLOCKS = frozenset(
    "address article aside blockquote div dl fieldset figure footer form h1 h2 h3 h4 h5 h6 header "
    "hr main nav ol p pre section table ul".split()
)
_CELLS = frozenset({"td", "th", "tr", "tbody"})
HTML = Rules(
    raw=frozenset({"script", "style", "title", "textarea", "iframe", "noframes"}),
    void=VOID,
    never_closed_by_slash=_BLOCKS | frozenset("a b body em i li script span strong style".split()),
    ended_by={
        "p": _BLOCKS,
        "li": frozenset({"li"}),
        "dt": frozenset({"dt", "dd"}),
        "dd": frozenset({"dt", "dd"}),
        "td": _CELLS,
        "th": _CELLS,
        "tr": frozenset({"tr", "tbody"}),
        "option": frozenset({"option"}),
        "head": frozenset({"body"}),
    },
)


def read_markup(
    text: str,
    rules: Rules,
    *,
    refuse: Callable[[str], None] | None = None,
    most: int = MAX_STEPS,
) -> Node:
    """The document as a tree under a nameless root; `refuse` sees every declaration.

    Raises BadDocument where it has more than `most` tags and attributes.
    """
    builder = TreeBuilder(rules)
    for token in tokens(text, rules.raw, most):
        if token.kind is Kind.TEXT:
            builder.text(token.value)
        elif token.kind is Kind.START:
            builder.start(token.value, dict(token.attributes), is_closed=token.is_closed)
        elif token.kind is Kind.END:
            builder.end(token.value)
        elif refuse is not None:
            refuse(token.value)
    return builder.finish()


class TreeBuilder:
    """Builds a tree from tags and texts as they come; missing tags are supplied by its rules."""

    def __init__(self, rules: Rules) -> None:
        self.root = Node("")
        self._rules = rules
        self._open: Counter[str] = Counter()
        self._stack = [self.root]

    def text(self, text: str) -> None:
        """Adds a text to the element that is open."""
        self._stack[-1].children.append(text)

    def start(self, name: str, attributes: dict[str, str], *, is_closed: bool) -> None:
        """Opens an element, after closing those that may not contain it."""
        rules = self._rules
        if name in rules.never_nested:
            self.end(name)
        while name in rules.ended_by.get(self._stack[-1].name, ()):
            self._pop()
        is_empty = name in rules.void or (is_closed and name not in rules.never_closed_by_slash)
        if not is_empty and len(self._stack) >= MAX_DEPTH:
            self._pop()
        node = Node(name, attributes)
        self._stack[-1].children.append(node)
        if not is_empty:
            self._stack.append(node)
            self._open[name] += 1

    def end(self, name: str) -> None:
        """Closes the element and all in it; does nothing if none of that name is open."""
        if not self._open[name]:
            return
        while self._pop() != name:
            pass

    def finish(self) -> Node:
        """The whole tree, with still open elements marked."""
        for node in self._stack:
            node.is_unfinished = True
        return self.root

    def _pop(self) -> str:
        name = self._stack.pop().name
        self._open[name] -= 1
        return name


def first(nodes: Iterable[Node], *names: str) -> Node | None:
    """The first node of the first name that occurs."""
    candidates = list(nodes)
    return next((node for name in names for node in candidates if node.name == name), None)
