"""Reading XML that anyone may have written: bounded, without document types, by local names."""

import html
import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from newsman.ingest.formats.charsets import codec_name
from newsman.ingest.formats.model import BadDocument

MAX_DEPTH = 100
MAX_ELEMENTS = 200_000
MAX_ATTRIBUTES = 1_000
MAX_TAG_CHARACTERS = 256 * 1024
MAX_RENDERED_DEPTH = 12
MAX_SHORT_CHARACTERS = 2_000

# XML 1.0 appendix F: the byte order marks, then how "<" looks without one.
_STARTS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
_ENCODING = re.compile(rb"""\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
# expat reads a tag to its end before it tells of its first attribute.
_ENDLESS_TAG = re.compile(rf"<[^<>!?][^<>]{{{MAX_TAG_CHARACTERS}}}")
_ODD_START = re.compile("[\ufeff\\s]*(?=<\\?xml\\s)")
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
_DROPPED = frozenset("head link media meta object script style svg template title".split())


def read_xml(body: bytes, charset: str | None = None) -> Element:
    """The root element (XML 1.0), every name in it local; raises BadDocument.

    The byte order mark says the encoding, then the prolog, then `charset`, then it is UTF-8.
    """
    text = _decoded(body, charset)
    if _ENDLESS_TAG.search(text):
        raise BadDocument(f"a tag of more than {MAX_TAG_CHARACTERS} characters")
    odd = _ODD_START.match(text)
    skipped = odd.end() if odd else 0
    reader = _Reader()
    try:
        return reader.read(text[skipped:].encode())
    except expat.ExpatError as error:
        line, column = error.lineno + text.count("\n", 0, skipped), error.offset + 1
        reason = expat.ErrorString(error.code)
        raise BadDocument(f"not XML: {reason}, line {line}, column {column}") from None
    except (ValueError, MemoryError):
        raise BadDocument("not XML: it can't be read") from None


def _decoded(body: bytes, charset: str | None) -> str:
    name = next((codec for mark, codec in _STARTS if body.startswith(mark)), None)
    if name is None:
        declared = _ENCODING.match(body[:400])
        label = declared.group(1).decode("ascii", "replace") if declared else charset
        name = codec_name(label) if label else "utf-8"
        # What declares UTF-16 in bytes of ASCII is not in UTF-16.
        name = "utf-8" if name and name.startswith(("utf-16", "utf-32", "utf_")) else name
        if name is None:
            raise BadDocument(f"the encoding {str(label)[:40]!r} is not known")
    try:
        return body.decode(name)
    except (UnicodeError, ValueError) as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        line = body.count(b"\n", 0, start) + 1
        column = start - body.rfind(b"\n", 0, start)
        raise BadDocument(f"not XML: not {name}, line {line}, column {column}") from None


class _Reader:
    """Builds the tree and stops at the first thing that is too much."""

    def __init__(self) -> None:
        self._builder = TreeBuilder()
        self._depth = 0
        self._elements = 0
        # No namespace processing: a long address would be repeated for every name it stands for.
        self._parser = expat.ParserCreate("utf-8")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._builder.data
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.EntityDeclHandler = self._entity
        self._parser.SkippedEntityHandler = self._named_character

    def read(self, data: bytes) -> Element:
        self._parser.Parse(data, True)  # noqa: FBT003 - expat takes no name for it
        return self._builder.close()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH:
            raise self._bad(f"nested deeper than {MAX_DEPTH} levels")
        if self._elements > MAX_ELEMENTS:
            raise self._bad(f"more than {MAX_ELEMENTS} elements")
        if len(attributes) > MAX_ATTRIBUTES:
            raise self._bad(f"more than {MAX_ATTRIBUTES} attributes in one element")
        kept = {key: value for key, value in attributes.items() if not key.startswith("xmlns")}
        self._builder.start(name.rpartition(":")[2], kept)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._builder.end(name.rpartition(":")[2])

    def _doctype(self, _name: str, _system: Any, _public: Any, has_subset: Any) -> None:
        if has_subset:
            raise self._bad("declarations inside the document type are not taken")

    def _entity(self, *_: Any) -> None:
        raise self._bad("entity declarations are not taken")

    def _named_character(self, name: str, is_parameter: bool) -> None:  # noqa: FBT001 - expat's
        # A document type elsewhere may define HTML's names, as NITF's does.
        found = html.unescape(f"&{name};")
        if is_parameter or found == f"&{name};":
            raise self._bad(f"the entity {name[:40]!r} is not defined")
        self._builder.data(found)

    def _bad(self, reason: str) -> BadDocument:
        line, column = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1
        return BadDocument(f"{reason}, line {line}, column {column}")


def children(element: Element | None, *names: str) -> list[Element]:
    """The children with any of the local names, in their order."""
    return [] if element is None else [child for child in element if child.tag in names]


def child(element: Element | None, *path: str) -> Element | None:
    """The first element down the path of local names."""
    for name in path:
        if element is None:
            return None
        element = next((found for found in element if found.tag == name), None)
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
    """The same, no longer than a short field may be."""
    return short(text_of(element, *without))


def short(text: str | None) -> str | None:
    """The text cut to what a short field may hold."""
    return text[:MAX_SHORT_CHARACTERS] if text else None


def child_text(element: Element | None, *path: str) -> str | None:
    """The text of the first element down the path."""
    return text_of(child(element, *path))


def inner_html(element: Element | None) -> str | None:
    """What is in the element as HTML, None for nothing: NITF's names made HTML's, others undone."""
    if element is None:
        return None
    return "".join(_markup(element)).strip() or None


def _markup(element: Element) -> Iterator[str]:
    yield html.escape(element.text or "", quote=False)
    for inner in element:
        name = _RENAMED.get(inner.tag, inner.tag)
        if name in _VOID:
            yield f"<{name}{_attributes(inner)}>"
        elif name in _BLOCKS or name in _INLINE:
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
    found: dict[str, Any] = {f"@{name}": value for name, value in element.items()}
    if len(element) and depth < MAX_RENDERED_DEPTH:
        for inner in element:
            found.setdefault(inner.tag, []).append(rendered(inner, depth + 1))
        own = [element.text or "", *(inner.tail or "" for inner in element)]
        text = " ".join(" ".join(own).split()) or None
    else:
        text = text_of(element)
    if not found:
        return text or ""
    return {**found, "text": text} if text else found


def unmodelled(element: Element | None, modelled: frozenset[str]) -> dict[str, list[Any]]:
    """The children that no field takes, by their names."""
    found: dict[str, list[Any]] = {}
    for inner in () if element is None else element:
        if inner.tag not in modelled:
            found.setdefault(inner.tag, []).append(rendered(inner))
    return found
