"""Document types of XML (XML 1.0 section 2.8): passed over unread, refused where they define text.

No declaration is carried out and no address fetched. A parameter entity that stands elsewhere, as
NewsML's own document type wants for NITF's, names declarations only; a general entity would
put text into the document, its own or that of a file.
"""

import re
from dataclasses import dataclass

from newsman.ingest.formats.model import BadDocument

MAX_DECLARATIONS = 10_000
_PROLOG = re.compile(r"(?:\s|<\?.*?\?>|<!--(?:-?>|.*?--!?>))*+", re.DOTALL)
_START = re.compile(r"<!DOCTYPE\s++([^\s<>\[\"']{1,200})", re.IGNORECASE)
_QUOTED = r"\"[^\"]*+\"|'[^']*+'"
_EXTERNAL = re.compile(rf"(?:[^\[\]<>\"']|{_QUOTED})*+")
_BETWEEN = re.compile(r"(?:\s|%[^\s;<>]{1,200};|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_DECLARATION = re.compile(rf"<!([A-Z]+)\s(?:[^<>\"']|{_QUOTED})*+>")
_PARAMETER = re.compile(r"<!ENTITY\s++%\s++(\S{1,200})\s++(SYSTEM|PUBLIC)?")
_GENERAL = re.compile(r"<!ENTITY\s++([^\s\"'<>]{1,200})")
_HARMLESS = frozenset(("ELEMENT", "ATTLIST", "NOTATION"))
_END = re.compile(r"\]\s*+>")
_SEEN = re.compile(r"[^\n]")


@dataclass(frozen=True)
class DocumentType:
    """A document type, the name of the root that it is for, and its place in the text."""

    root: str
    start: int
    end: int

    def blanked(self, text: str) -> str:
        """The text with spaces in its place, so that everything else keeps its line and column."""
        blank = _SEEN.sub(" ", text[self.start : self.end])
        return text[: self.start] + blank + text[self.end :]


def find_document_type(text: str) -> DocumentType | None:
    """The document type before the root; raises BadDocument, with the reason, for a bad one."""
    prolog = _PROLOG.match(text)
    start = prolog.end() if prolog else 0
    opening = _START.match(text, start)
    if opening is None:
        return None
    external = _EXTERNAL.match(text, opening.end())
    at = external.end() if external else opening.end()
    if text.startswith("[", at):
        at = _subset_end(text, at + 1)
    elif text.startswith(">", at):
        at += 1
    else:
        raise BadDocument("the document type has no end")
    return DocumentType(opening[1], start, at)


def _subset_end(text: str, at: int) -> int:
    """The index after a document type whose internal subset begins there."""
    for _ in range(MAX_DECLARATIONS):
        gap = _BETWEEN.match(text, at)
        at = gap.end() if gap else at
        if end := _END.match(text, at):
            return end.end()
        declaration = _DECLARATION.match(text, at)
        if declaration is None:
            raise BadDocument("the declarations inside the document type can't be read")
        _refuse_texts(declaration)
        at = declaration.end()
    raise BadDocument(f"more than {MAX_DECLARATIONS} declarations inside the document type")


def _refuse_texts(declaration: re.Match[str]) -> None:
    if declaration[1] in _HARMLESS:
        return
    if parameter := _PARAMETER.match(declaration[0]):
        if parameter[2] is None:
            raise BadDocument(
                f"the document type gives the parameter entity {parameter[1][:40]!r} a text of "
                "its own; only those that stand elsewhere are passed over"
            )
        return
    if general := _GENERAL.match(declaration[0]):
        raise BadDocument(
            f"the document type declares the general entity {general[1][:40]!r}; documents with "
            "entities of their own are not taken"
        )
    raise BadDocument(f"the document type has a declaration {declaration[1][:40]!r}")
