"""HTML and XML, however broken, as a stream of tokens; in linear time, limited in number."""

import html
import re
from collections.abc import Iterator, Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import NamedTuple

from newsman.ingest.formats.model import BadDocument

MAX_STEPS = 200_000
FEWEST_STEPS = 30_000
"""As many tags and attributes as any document may have; longer ones may have more."""
MAX_REFERENCES = 200_000
MAX_ATTRIBUTES = 200
"""Attributes of one tag; parsers compare each with all others."""
NAME = re.compile(r"[A-Za-z_][^\s/><=\"']{0,99}")
_GAP = re.compile(r"[\s/]*")
_SPACE = re.compile(r"\s*")
ATTRIBUTE_NAME = re.compile(r"[^\s\"'>/=<]+")
_BARE_VALUE = re.compile(r"[^\s><]*")
_COMMENT = re.compile(r"<!--(?:-?>|.*?--!?>)", re.DOTALL)
_REFERENCE = re.compile(
    r"&(?!amp;)(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});"
)
_COMMON = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&#39;", "'"))


class Kind(Enum):
    START = auto()
    END = auto()
    TEXT = auto()
    DECLARATION = auto()


class MarkupToken(NamedTuple):
    """A tag, a text or a declaration; names in lower case, references replaced."""

    kind: Kind
    value: str
    attributes: Mapping[str, str] = MappingProxyType({})
    is_closed: bool = False


def unescape(text: str) -> str:
    """The text with character references replaced, each once; anything else stays as it is."""
    if "&" not in text:
        return text
    for reference, character in _COMMON:
        text = text.replace(reference, character)
    return _REFERENCE.sub(lambda match: html.unescape(match[0]), text).replace("&amp;", "&")


def tokens(text: str, raw: frozenset[str], most: int = MAX_STEPS) -> Iterator[MarkupToken]:
    """The tokens of a document; elements named in `raw` hold text only.

    Raises BadDocument when there are more than `most` tags and attributes.
    """
    refuse_references(text)
    return _Scanner(text, raw, StepLimit(most)).run()


def attributes_at(text: str, at: int) -> tuple[dict[str, str], bool, int]:
    """The attributes of a tag from behind its name on, True if it closes itself, and the index
    behind it."""
    scanner = _Scanner(text, frozenset(), StepLimit(MAX_STEPS))
    return scanner.attributes_from(at)


def refuse_references(text: str) -> None:
    """Raises BadDocument when there are more character references than any document needs."""
    if text.count("&") > MAX_REFERENCES:
        raise BadDocument("too many character references")


def comment_end(text: str, start: int) -> int:
    """The index behind the comment that starts there (WHATWG HTML section 13.2.5.43 to 52).

    `-->` and `--!>` end one, and so does `>` or `->` at its very beginning.
    """
    end = _COMMENT.match(text, start)
    return end.end() if end else len(text)


def most_steps(text: str, characters_per_step: int) -> int:
    """Tags and attributes that a document of such a length may have."""
    return min(MAX_STEPS, max(FEWEST_STEPS, len(text) // characters_per_step))


class StepLimit:
    """Counts tags and attributes, and raises BadDocument at one too many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._steps = 0

    def count(self, steps: int = 1) -> None:
        """Counts so many more."""
        self._steps += steps
        if self._steps > self._most:
            raise BadDocument("too many tags or attributes")


class _Scanner:
    def __init__(self, text: str, raw: frozenset[str], limit: StepLimit) -> None:
        self._text = text
        self._raw = raw
        self._at = 0
        self._limit = limit

    def run(self) -> Iterator[MarkupToken]:
        text = self._text
        while self._at < len(text):
            opening = text.find("<", self._at)
            if opening != self._at:
                end = opening if opening >= 0 else len(text)
                yield MarkupToken(Kind.TEXT, unescape(text[self._at : end]))
                self._at = end
                continue
            self._limit.count()
            token = self._markup()
            if token is not None:
                yield token
                if token.kind is Kind.START and token.value in self._raw and not token.is_closed:
                    yield self._raw_text(token.value)

    def attributes_from(self, at: int) -> tuple[dict[str, str], bool, int]:
        self._at = at
        attributes, is_closed = self._attributes()
        return attributes, is_closed, self._at

    def _markup(self) -> MarkupToken | None:
        text, at = self._text, self._at
        if text.startswith("<!", at):
            return self._declaration()
        if text.startswith("<?", at):
            self._skip_past("?>" if text.startswith("<?xml", at) else ">")
            return None
        is_end = text.startswith("</", at)
        name = NAME.match(text, at + 2 if is_end else at + 1)
        if name is None:
            self._at = at + 1
            return MarkupToken(Kind.TEXT, "<")
        self._at = name.end()
        attributes, is_closed = self._attributes()
        return MarkupToken(
            Kind.END if is_end else Kind.START, name[0].lower(), attributes, is_closed
        )

    def _declaration(self) -> MarkupToken | None:
        start = self._at
        if self._text.startswith("<!--", start):
            self._at = comment_end(self._text, start)
            return None
        if self._text.startswith("<![CDATA[", start):
            self._skip_past("]]>")
            content = self._text[start + 9 : self._at]
            return MarkupToken(Kind.TEXT, content.removesuffix("]]>"))
        self._skip_past(">")
        return MarkupToken(Kind.DECLARATION, self._text[start : self._at])

    def _skip_past(self, mark: str) -> None:
        end = self._text.find(mark, self._at)
        self._at = end + len(mark) if end >= 0 else len(self._text)

    def _raw_text(self, name: str) -> MarkupToken:
        closing = re.compile(f"</{re.escape(name)}(?=[\\s/>])", re.IGNORECASE)
        end = closing.search(self._text, self._at)
        stop = end.start() if end else len(self._text)
        content, self._at = self._text[self._at : stop], stop
        return MarkupToken(
            Kind.TEXT, unescape(content) if name in ("title", "textarea") else content
        )

    def _attributes(self) -> tuple[dict[str, str], bool]:
        text, attributes = self._text, dict[str, str]()
        while True:
            self._at = self._past(_GAP)
            if self._at >= len(text) or text[self._at] == "<":
                return attributes, False
            if text[self._at] == ">":
                self._at += 1
                return attributes, text[self._at - 2] == "/"
            self._limit.count()
            name = ATTRIBUTE_NAME.match(text, self._at)
            if name is None:
                self._at += 1
                continue
            self._at = name.end()
            value = self._value()
            if len(attributes) < MAX_ATTRIBUTES:
                attributes.setdefault(name[0].lower(), value)

    def _past(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self._text, self._at)
        return match.end() if match else self._at

    def _value(self) -> str:
        text = self._text
        after = self._past(_SPACE)
        if not text.startswith("=", after):
            return ""
        self._at = after + 1
        self._at = self._past(_SPACE)
        quote = text[self._at : self._at + 1]
        if quote and quote in "\"'":
            end = text.find(quote, self._at + 1)
            end = end if end >= 0 else len(text)
            value, self._at = text[self._at + 1 : end], min(end + 1, len(text))
            return unescape(value)
        start, self._at = self._at, self._past(_BARE_VALUE)
        value = text[start : self._at]
        if value.endswith("/") and text.startswith(">", self._at):
            value = value[:-1]
        return unescape(value)
