"""Strings that make a backtracking expression work hard, derived from its own parse tree."""

import re
from collections.abc import Iterator, Sequence
from re import _constants as c
from re import _parser as parser
from typing import Any, NamedTuple

VARIANTS = 4
ENDS = ("", "\0", "\n<")
CANDIDATES = 'a 0\n<.-"é,A(&\0'
GENERIC = (
    *" \t\n\r\0aA0<>&-\"'(.,:/=_!é\xa0一“’",
    *("a ", "A ", "A.", "a-", "a'", "<a", "<a ", "1 ", " \n", "\r\n", "&a", "&#", "<!--", "-->"),
    *(
        " ,",
        "(A",
        "A, ",
        "a.",
        "of ",
        "Mr ",
        "“A",
        "0:",
        "0-",
        "a@",
        "a=",
        '="',
        "</",
        "{a",
        "A-A ",
    ),
)
Node = tuple[Any, Any]


class Pumped(NamedTuple):
    """A string of any length: a start, what is repeated behind it, and how it ends."""

    start: str
    body: str
    end: str

    def filled(self, length: int) -> str:
        """The string of about that length."""
        times = max(0, length - len(self.start) - len(self.end)) // max(1, len(self.body))
        return self.start + self.body * times + self.end


def strings(pattern: str, flags: int) -> set[Pumped]:
    """What the expression may take long for."""
    return set(_pumped(parser.parse(pattern, flags)))


def _pumped(tree: Any) -> Iterator[Pumped]:
    for each in GENERIC:
        for end in ENDS:
            yield Pumped("", each, end)
    for variant in range(VARIANTS):
        whole = _example(tree, variant)
        yield Pumped("", whole, "")
        yield Pumped("", whole[:-1], "\0")
    for before, body in _repeats(tree, ""):
        bodies = [_example(body, variant) for variant in range(VARIANTS)]
        yield Pumped("", before, "\0")
        for each in (*bodies, "".join(bodies)):
            for end in ENDS:
                yield Pumped("", each, end)
                yield Pumped(before, each, end)
            yield Pumped("", before + each, "\0")
            yield Pumped("", before + each * 30, "\0")


def _repeats(nodes: Any, before: str) -> Iterator[tuple[str, Any]]:
    """Every part that may repeat, with a text that leads up to it."""
    for node in nodes:
        for inner in _inner(node):
            if node[0] in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
                yield before, inner
            yield from _repeats(inner, before)
        before += _example([node], 0)


def _inner(node: Node) -> Sequence[Any]:
    op, value = node
    if op in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
        return [value[2]]
    if op is c.SUBPATTERN:
        return [value[3]]
    if op is c.ATOMIC_GROUP:
        return [value]
    if op is c.BRANCH:
        return list(value[1])
    if op in (c.ASSERT, c.ASSERT_NOT):
        return [value[1]]
    if op is c.GROUPREF_EXISTS:
        return [part for part in value[1:] if part]
    return []


def _example(nodes: Any, variant: int) -> str:
    """A text that the nodes match, or nearly; another one for another variant."""
    return "".join(_example_of(node, variant) for node in nodes)


def _example_of(node: Node, variant: int) -> str:
    op, value = node
    if op is c.LITERAL:
        return chr(value)
    if op is c.NOT_LITERAL:
        return _pick([each for each in CANDIDATES if each != chr(value)], variant)
    if op is c.ANY:
        return _pick(CANDIDATES, variant)
    if op is c.IN:
        return _pick(_members(value), variant)
    if op in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
        least, most, body = value
        return _example(body, variant) * min(max(least, variant % 2), most)
    if op is c.BRANCH:
        return _example(_pick(value[1], variant), variant)
    if op in (c.SUBPATTERN, c.ATOMIC_GROUP):
        return _example(_inner(node)[0], variant)
    return ""


def _members(items: Any) -> list[str]:
    found = [one for item in items for one in _members_of(item)]
    if items[0][0] is c.NEGATE:
        excluded = re.compile("[" + re.escape("".join(found)) + "]") if found else None
        return [each for each in CANDIDATES if not excluded or not excluded.match(each)]
    return found


def _members_of(item: Node) -> list[str]:
    op, value = item
    if op is c.LITERAL:
        return [chr(value)]
    if op is c.RANGE:
        return [chr(value[0]), chr(value[1])]
    if op is c.CATEGORY:
        return list(_CATEGORIES.get(value, "a"))
    return []


_CATEGORIES = {
    c.CATEGORY_DIGIT: "07",
    c.CATEGORY_NOT_DIGIT: "a ",
    c.CATEGORY_SPACE: " \n",
    c.CATEGORY_NOT_SPACE: "a<",
    c.CATEGORY_WORD: "aA0",
    c.CATEGORY_NOT_WORD: " -",
}


def _pick(choices: Sequence[Any], variant: int) -> Any:
    return choices[variant % len(choices)] if choices else ""
