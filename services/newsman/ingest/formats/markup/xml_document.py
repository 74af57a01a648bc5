"""Contents of an XML tree: children, texts, HTML, and JSON for `extra`, by local names."""

import html
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

MAX_RENDERED_DEPTH = 12
MAX_SHORT_CHARACTERS = 2_000

_RENAMED = {
    # NITF 3.x names and what HTML calls the same.
    **{f"hl{level}": f"h{level}" for level in (2, 3, 4)},
    "hl1": "h2",
    "block": "div",
    "bq": "blockquote",
    "credit": "cite",
    "datasource": "p",
    "fn": "p",
    "h1": "h2",
    "note": "blockquote",
    "tagline": "p",
    "byline": "p",
    "dateline": "p",
    "abstract": "div",
    "para": "p",
}
_BLOCKS = frozenset(
    "address article aside blockquote dd div dl dt figcaption figure footer h2 h3 h4 h5 h6 header "
    "li main ol p pre section table caption tbody td tfoot th thead tr ul".split()
)
_INLINE = frozenset(
    "a abbr b cite code del dfn em i ins kbd mark q s samp small span strong sub sup time u".split()
)
_PARTS = frozenset(("byttl", "function", "location", "story.date"))
_VOID = frozenset(("br", "hr", "img"))
_DROPPED = frozenset("head link media meta script style svg template title".split())
_PLAYERS = frozenset("audio embed iframe noscript object param picture source video".split())


def children(element: Element | None, *names: str) -> list[Element]:
    """The children with any of the local names, in their order."""
    return [] if element is None else [child for child in element if child.tag in names]


def child(element: Element | None, *path: str) -> Element | None:
    """The first element down the path of local names."""
    for name in path:
        if element is None:
            return None
        element = next((inner for inner in element if inner.tag == name), None)
    return element


def attribute(element: Element | None, name: str) -> str | None:
    """The attribute's value, None where it is absent or blank."""
    value = "" if element is None else element.get(name, "").strip()
    return value or None


def text_of(element: Element | None, *without: str) -> str | None:
    """All text in the element, white space collapsed, None for none; `without` names are left out.

    Blocks and line breaks part words.
    """
    if element is None:
        return None
    return " ".join("".join(_texts(element, frozenset(without))).split()) or None


def _texts(element: Element, without: frozenset[str]) -> Iterator[str]:
    yield element.text or ""
    for inner in element:
        if inner.tag not in without:
            name = _RENAMED.get(inner.tag, inner.tag)
            parting = " " if name in _BLOCKS or name in _VOID or name in _PARTS else ""
            yield parting
            yield from _texts(inner, without)
            yield parting
        yield inner.tail or ""


def short_text(element: Element | None, *without: str) -> str | None:
    """The element's text, no longer than a short field may be."""
    return short(text_of(element, *without))


def short(text: str | None) -> str | None:
    """The text cut to what a short field may hold."""
    return text[:MAX_SHORT_CHARACTERS] if text else None


def child_text(element: Element | None, *path: str) -> str | None:
    """The text of the first element down the path."""
    return text_of(child(element, *path))


def inner_html(element: Element | None) -> str | None:
    """The element's content as HTML, None if it is empty: NITF's names made HTML's, others
    undone."""
    if element is None:
        return None
    return "".join(_markup(element)).strip() or None


def _markup(element: Element) -> Iterator[str]:
    yield html.escape(element.text or "", quote=False)
    for inner in element:
        name = _RENAMED.get(inner.tag, inner.tag)
        if name in _VOID:
            yield f"<{name}{_attributes(inner)}>"
        elif name in _BLOCKS or name in _INLINE or name in _PLAYERS:
            yield f"<{name}{_attributes(inner)}>"
            yield from _markup(inner)
            yield f"</{name}>"
        elif name not in _DROPPED:
            yield from _markup(inner)
        yield html.escape(inner.tail or "", quote=False)


def _attributes(element: Element) -> str:
    return "".join(
        f' {name}="{html.escape(value)}"' for name, value in element.items() if ":" not in name
    )


def rendered(element: Element, depth: int = 1) -> Any:
    """The element as JSON for `extra`: its bare text, or its attributes, text and children."""
    members: dict[str, Any] = {f"@{name}": value for name, value in element.items()}
    if len(element) and depth < MAX_RENDERED_DEPTH:
        for inner in element:
            members.setdefault(inner.tag, []).append(rendered(inner, depth + 1))
        own = [element.text or "", *(inner.tail or "" for inner in element)]
        text = " ".join(" ".join(own).split()) or None
    else:
        text = text_of(element)
    if not members:
        return text or ""
    return {**members, "text": text} if text else members


def unmodelled(element: Element | None, modelled: frozenset[str]) -> dict[str, list[Any]]:
    """The children that no field takes, by their names."""
    by_name: dict[str, list[Any]] = {}
    for inner in () if element is None else element:
        if inner.tag not in modelled:
            by_name.setdefault(inner.tag, []).append(rendered(inner))
    return by_name
