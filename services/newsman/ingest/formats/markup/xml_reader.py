"""Reading XML from anyone: within bounds, by local names, without reading the document type."""

import html
import re
from html.entities import html5
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from newsman.ingest.formats.markup.document_type import find_document_type
from newsman.ingest.formats.markup.tokens import FEWEST_STEPS, most_steps
from newsman.ingest.formats.model import BadDocument
from newsman.ingest.formats.values.charsets import (
    codec_name,
    decode_text,
    honest_label,
    xml_charset,
)

MAX_DEPTH = 100
CHARACTERS_PER_ELEMENT = 20
"""Of a document with many short elements, such as tables of results."""
MAX_ATTRIBUTES = 1_000
MAX_TAG_CHARACTERS = 256 * 1024
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
# expat reads a tag to its end before it reports its first attribute.
_ENDLESS_TAG = re.compile(rf"<[^<>!?][^<>]{{{MAX_TAG_CHARACTERS}}}")
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_OF_XML = frozenset(("amp", "lt", "gt", "quot", "apos"))
UNDEFINED_ENTITY = expat.errors.codes[expat.errors.XML_ERROR_UNDEFINED_ENTITY]
_ODD_START = re.compile("[\ufeff\\s]*(?=<\\?xml\\s)")


def read_xml(body: bytes, charset: str | None = None) -> Element:
    """The root element (XML 1.0), with local names throughout; raises BadDocument.

    The byte order mark says the encoding, then the prolog, then `charset`, then it is UTF-8.
    """
    text = _decoded(body, charset)
    if _ENDLESS_TAG.search(text):
        raise BadDocument(f"a tag of more than {MAX_TAG_CHARACTERS} characters")
    odd = _ODD_START.match(text)
    skipped = odd.end() if odd else 0
    try:
        return _read(text[skipped:])
    except expat.ExpatError as error:
        line, column = error.lineno + text.count("\n", 0, skipped), error.offset + 1
        reason = expat.ErrorString(error.code)
        raise BadDocument(f"not XML: {reason}, line {line}, column {column}") from None
    except (ValueError, MemoryError):
        raise BadDocument("not XML: it can't be read") from None


def _decoded(body: bytes, charset: str | None) -> str:
    name = next((codec for mark, codec in _STARTS if body.startswith(mark)), None)
    if name is None:
        label = honest_label(xml_charset(body) or charset, body)
        name = codec_name(label) or "utf-8"
        # A document that declares UTF-16 in ASCII bytes is not in UTF-16.
        is_wide = name.startswith(("utf-16", "utf-32", "utf_"))
        return decode_text(body, charset="utf-8" if is_wide else label)
    try:
        return body.decode(name)
    except (UnicodeError, ValueError) as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        line = body.count(b"\n", 0, start) + 1
        column = start - body.rfind(b"\n", 0, start)
        raise BadDocument(f"not XML: not {name}, line {line}, column {column}") from None


def _read(text: str) -> Element:
    kind = find_document_type(text)
    if kind is not None:
        # An external part may define HTML's names, as NITF's does.
        text = _NAMED.sub(_character, kind.blanked(text))
    try:
        return _Reader().read(text)
    except expat.ExpatError as error:
        if error.code != UNDEFINED_ENTITY or not (named := _NAMED.sub(_character, text)) != text:
            raise
        # XHTML in XML often uses HTML's names without a document type that defines them.
        return _Reader().read(named)


def _character(reference: re.Match[str]) -> str:
    if reference[1] in _OF_XML:
        return reference[0]
    return html.escape(html.unescape(reference[0])) if reference[1] + ";" in html5 else reference[0]


class _Reader:
    """Builds the tree and stops as soon as a limit is exceeded."""

    def __init__(self) -> None:
        self._builder = TreeBuilder()
        self._depth = 0
        self._elements = 0
        self._most = FEWEST_STEPS
        # No namespace processing: a long address would be repeated for every name it stands for.
        self._parser = expat.ParserCreate("utf-8")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._builder.data
        self._parser.StartDoctypeDeclHandler = self._doctype

    def read(self, text: str) -> Element:
        self._most = most_steps(text, CHARACTERS_PER_ELEMENT)
        data = text.encode()
        self._parser.Parse(data, True)  # noqa: FBT003 - expat takes no name for it
        return self._builder.close()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH:
            raise self._bad(f"nested deeper than {MAX_DEPTH} levels")
        if self._elements > self._most:
            raise self._bad(f"more than {self._most} elements")
        if len(attributes) > MAX_ATTRIBUTES:
            raise self._bad(f"more than {MAX_ATTRIBUTES} attributes in one element")
        own = {key: value for key, value in attributes.items() if not key.startswith("xmlns")}
        self._builder.start(name.rpartition(":")[2], own)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._builder.end(name.rpartition(":")[2])

    def _doctype(self, *_: Any) -> None:
        raise self._bad("a document type stands where none is read")

    def _bad(self, reason: str) -> BadDocument:
        line, column = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1
        return BadDocument(f"{reason}, line {line}, column {column}")
