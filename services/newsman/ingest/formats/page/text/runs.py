"""The runs of text and pictures in a page, each a block of its own to the reader."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from newsman.ingest.formats.markup.tree import UNSEEN, Node
from newsman_schemas.names.slugs import stream_safe

SMALL_PIXELS = 60
INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd mark picture q s "
    "samp small source span strike strong sub sup time tt u var wbr".split()
)
_DROPPED = UNSEEN | {"button", "form", "select", "input", "textarea"}
_LETTERS = re.compile(r"\w+")
_SOURCES = ("src", "srcset", "data-src", "data-srcset", "data-lazy-src", "data-original")
_ORNAMENT = re.compile(
    r"(?:^|[\s_-])(?:avatar|icon|logo|emoji|smiley|pixel|tracking|spacer|share|social|author|"
    r"byline|gravatar)(?:$|[\s_-])"
)


@dataclass(frozen=True)
class Run:
    """Text, links and pictures that follow one another in one block; `block` holds them."""

    key: str
    """Its letters, which identify it in other markup; empty if it holds only pictures."""
    parts: tuple[Node | str, ...]
    block: Node


def key_of(text: str) -> str:
    """The letters of a text in lower case."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", stream_safe(text))
    return "".join(_LETTERS.findall(text.casefold()))


def runs(root: Node) -> Iterator[Run]:
    """Every run under an element that has letters or pictures, in the order of the page."""
    simple = _simple(root)
    run: list[Node | str] = []
    waiting: list[tuple[Node | str | None, Node]] = [(None, root)]
    waiting += [(child, root) for child in reversed(root.children)]
    while waiting:
        part, block = waiting.pop()
        if isinstance(part, str) or (part is not None and id(part) in simple):
            run.append(part)
            continue
        if run:
            yield from _run(run, block)
            run = []
        if part is not None and part.name not in _DROPPED:
            waiting.append((None, part))
            waiting += [(child, part) for child in reversed(part.children)]


def _run(parts: list[Node | str], block: Node) -> Iterator[Run]:
    key = key_of("".join(part if isinstance(part, str) else part.text() for part in parts))
    if key or any(isinstance(part, Node) and pictures(part) for part in parts):
        yield Run(key, tuple(parts), block)


def _simple(root: Node) -> set[int]:
    """The inline elements that hold only inline elements."""
    simple: set[int] = set()
    waiting: list[tuple[Node, bool]] = [(root, False)]
    while waiting:
        node, is_read = waiting.pop()
        inner = node.elements()
        if not is_read:
            waiting.append((node, True))
            waiting.extend((part, False) for part in inner)
        elif node.name in INLINE and all(id(part) in simple for part in inner):
            simple.add(id(node))
    return simple


def pictures(node: Node) -> list[Node]:
    """The pictures in an element that show something."""
    return [image for image in node.walk() if image.name == "img" and is_picture(image)]


def is_picture(image: Node) -> bool:
    """True unless it is an ornament or too small to show anything."""
    attributes = image.attributes
    if not any(attributes.get(name, "").strip() for name in _SOURCES):
        return False
    named = f"{attributes.get('class', '')} {attributes.get('id', '')}".lower()[:300]
    if named != " " and _ORNAMENT.search(named):
        return False
    return all(_is_large(attributes.get(name, "")) for name in ("width", "height"))


def _is_large(said: str) -> bool:
    digits = said.strip().removesuffix("px")
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= len("9999")
    return not is_number or int(digits) >= SMALL_PIXELS
