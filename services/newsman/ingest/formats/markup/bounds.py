"""Markup that a parser of HTML reads in the time that its length takes.

html5ever compares each attribute of a tag with all others, and looks through the rest of a text for
each character that it escapes: both cost the square of what is written.
"""

import html
import re
from collections.abc import Iterator

from newsman.ingest.formats.markup.tokens import Kind, Token, tokens

USUAL_TAG_CHARACTERS = 1_000
LONGEST_TEXT = 8_000
PIECE_CHARACTERS = 4_000
_RAW = frozenset({"script", "style"})
_QUOTED_SIGN = re.compile(r"=\s{0,9}[\"'][^\"'<>]*[<>]")
_TEXT = re.compile(rf">[^<>]{{{LONGEST_TEXT},}}|\A[^<>]{{{LONGEST_TEXT},}}")
_BOUNDARY = re.compile(r"[\s&\x80-\U0010ffff]")
_LITERAL = re.compile(r"<(?:textarea|title|xmp|iframe|noembed|noframes|plaintext)", re.IGNORECASE)


def bounded(markup: str) -> str:
    """The markup, its tags with as many attributes as a token has, long texts in pieces."""
    if len(markup) < USUAL_TAG_CHARACTERS:
        return markup
    if _has_a_long_tag(markup):
        markup = _rewritten(markup)
    markup = without_quoted_signs(markup)
    if len(markup) < LONGEST_TEXT or _LITERAL.search(markup):
        return markup
    return _TEXT.sub(lambda text: "<!---->".join(_pieces(text[0])), markup)


def without_quoted_signs(markup: str) -> str:
    """The markup with every < and > within an attribute escaped."""
    return _rewritten(markup) if _QUOTED_SIGN.search(markup) else markup


def _rewritten(markup: str) -> str:
    return "".join(_written(token) for token in tokens(markup, _RAW))


def _has_a_long_tag(markup: str) -> bool:
    return any(
        len(piece) - start > USUAL_TAG_CHARACTERS
        for piece in markup.split(">")
        if len(piece) > USUAL_TAG_CHARACTERS and (start := piece.find("<")) >= 0
    )


def _written(token: Token) -> str:
    if token.kind is Kind.TEXT:
        return html.escape(token.value, quote=False)
    if token.kind is Kind.END:
        return f"</{token.value}>"
    if token.kind is Kind.DECLARATION:
        return ""
    pairs = "".join(f' {name}="{html.escape(value)}"' for name, value in token.attributes.items())
    return f"<{token.value}{pairs}>"


def _pieces(text: str) -> Iterator[str]:
    """Pieces between which a comment may stand, which the parser forgets."""
    start = 0
    while boundary := _BOUNDARY.search(text, start + PIECE_CHARACTERS):
        yield text[start : boundary.start()]
        start = boundary.start()
    yield text[start:]
