"""Markup that a parser of HTML reads in the time that its length takes.

html5ever compares each attribute of a tag with all others, and looks through the rest of a text for
each character that it escapes: both cost the square of what is written.
"""

import html
import re
from collections.abc import Iterator

from newsman.ingest.formats.markup.tokens import Kind, MarkupToken, comment_end, tokens

USUAL_TAG_CHARACTERS = 1_000
LONGEST_TEXT = 8_000
PIECE_CHARACTERS = 1_000
_RAW = frozenset({"script", "style"})
_QUOTED_SIGN = re.compile(r"=\s{0,9}[\"'][^\"'<>]*[<>]")
_ATTRIBUTES = r"(?:[^<>\"'=]++|=\s*+(?:\"[^\"<>]*+\"|'[^'<>]*+'|[^\s\"'<>][^\s\"'<>]*+|(?=>)))*+"
_CLEAN = re.compile(
    r"(?:[^<]++|<(?![A-Za-z_!?])"
    r"|<!--(?:-?>|.*?--!?>)"
    rf"|<(?!(?i:script|style)[\s/>])[A-Za-z_]{_ATTRIBUTES}>"
    rf"|<(?i:script){_ATTRIBUTES}>(?:[^<]++|<(?!/(?i:script)[\s/>]))*+(?=<)"
    rf"|<(?i:style){_ATTRIBUTES}>(?:[^<]++|<(?!/(?i:style)[\s/>]))*+(?=<))*+",
    re.DOTALL,
)
"""Texts, comments, scripts, and tags without a < or > in their attributes."""
_QUOTED = re.compile(r"=\s*+(?:\"[^\"]*+\"|'[^']*+')")
_TAG = re.compile(
    r"<([A-Za-z_][^\s/><=\"']*+)(?:[^<>\"'=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+|[\"'])*+>?"
)
_ENDS = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _RAW}
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
    return "".join(_escaped(markup)) if _QUOTED_SIGN.search(markup) else markup


def _escaped(markup: str) -> Iterator[str]:
    """The markup in pieces, those tags written anew that have signs in their attributes."""
    at = 0
    while at < len(markup):
        clean = _CLEAN.match(markup, at)
        end = clean.end() if clean else at
        yield markup[at:end]
        if end < len(markup):
            piece, end = _at_odd_tag(markup, end)
            yield piece
        at = end


def _at_odd_tag(markup: str, at: int) -> tuple[str, int]:
    """The markup that begins with the < there, and the index behind it."""
    if markup.startswith("<!--", at):
        end = comment_end(markup, at)
        return markup[at:end], end
    tag = _TAG.match(markup, at)
    if tag is None:
        end = markup.find(">", at) + 1 or len(markup)
        return markup[at:end], end
    escaped = _QUOTED.sub(_without_signs, tag[0])
    ending = _ENDS.get(tag[1].lower())
    if ending is None:
        return escaped, tag.end()
    closing = ending.search(markup, tag.end())
    end = closing.start() if closing else len(markup)
    return escaped + markup[tag.end() : end], end


def _without_signs(value: re.Match[str]) -> str:
    return value[0].replace("<", "&lt;").replace(">", "&gt;")


def _rewritten(markup: str) -> str:
    return "".join(_written(token) for token in tokens(markup, _RAW))


def _has_a_long_tag(markup: str) -> bool:
    return any(
        len(piece) - start > USUAL_TAG_CHARACTERS
        for piece in markup.split(">")
        if len(piece) > USUAL_TAG_CHARACTERS and (start := piece.find("<")) >= 0
    )


def _written(token: MarkupToken) -> str:
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
