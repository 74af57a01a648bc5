"""HTML that is safe to show, and the plain text in it."""

import html
import re

import nh3

from newsman.ingest.formats.markup.bounds import bounded
from newsman.ingest.formats.markup.shown_media import is_known_player
from newsman.ingest.formats.values.text import one_line

_BLOCKS = frozenset(
    "address article aside blockquote br dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 "
    "header hr li main ol p pre section table td th tr ul".split()
)
# Sanitised markup has every tag whole and no < or > in an attribute.
_BLOCK_TAG = re.compile(rf"</?(?:{'|'.join(sorted(_BLOCKS))})(?:[ /][^<>]*)?>")
_ANY_TAG = re.compile(r"<[^<>]*>")
_ONLY_LINK = re.compile(r"\s*+<a\s([^<>]*+)>([^<>]*+)</a>\s*+")
_ADDRESS = re.compile(r'\bhref="https?://(?:www\.)?([^"/?#]*+)')
_REFERENCES = (
    ("&nbsp;", "\u00a0"),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", '"'),
    ("&amp;", "&"),
)
_SCHEMES = {"http", "https", "mailto"}
_TAGS = set(
    "a abbr b blockquote br caption cite code dd del dfn div dl dt em figcaption figure h2 h3 h4 "
    "h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub sup table tbody td "
    "tfoot th thead time tr u ul".split()
)
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}


def _absolute_only(_tag: str, attribute: str, value: str) -> str | None:
    # A relative address meant the newsroom's own site; here it would lead nowhere.
    if attribute not in ("href", "src") or is_web_address(value):
        return value
    return value if value.lower().startswith("mailto:") else None


_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    attribute_filter=_absolute_only,
    url_schemes=_SCHEMES,
    clean_content_tags={"script", "style"},
    link_rel="noopener nofollow",
)

# An HTML parser ends or forgets these by itself, so they nest no deeper than what is around them.
_FLAT = frozenset("br dd dt hr img input li link meta option p td th tr wbr".split())
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)
_ALL_BUT_PARAGRAPHS = re.compile(r"<(?!/?(?:p|br|script|style)\b)/?[a-z][^<>]*>", re.IGNORECASE)
MAX_DEPTH = 200


def sanitise(markup: str) -> str:
    """The markup without scripts, styles, handlers, forms, frames or odd URL schemes.

    Of markup that nests deeper than anyone writes only the paragraphs are kept: parsing it costs
    the square of its depth.
    """
    markup = bounded(markup)
    if markup.count("<") > MAX_DEPTH and _depth(markup) > MAX_DEPTH:
        markup = _ALL_BUT_PARAGRAPHS.sub(" ", markup)
    return _CLEANER.clean(markup).strip()


def _depth(markup: str) -> int:
    """The largest number of elements that may stand open at once."""
    deepest = opened = 0
    for closes, name in _TAG.findall(markup):
        if name.lower() not in _FLAT:
            opened = max(0, opened - 1) if closes else opened + 1
            deepest = max(deepest, opened)
    return deepest


def is_web_address(url: str) -> bool:
    """True if the address is absolute and of the web."""
    return url.lstrip().lower().startswith(("http://", "https://"))


def to_text(markup: str) -> str:
    """The text of sanitised markup, a blank line between blocks.

    The link to a film without a title, which stands alone and is called by its host, is no text.
    """
    texts = [_text_of(block) for block in _BLOCK_TAG.split(markup) if block]
    return "\n\n".join([text for text in texts if text])


def _text_of(block: str) -> str:
    if "<" in block:
        block = "" if _is_nameless_film(block) else _ANY_TAG.sub("", block)
    if "&" in block:
        block = _unescaped(block)
    return one_line(block)


def _is_nameless_film(block: str) -> bool:
    link = _ONLY_LINK.fullmatch(block)
    address = _ADDRESS.search(link[1]) if link else None
    if link is None or address is None or link[2].strip() != address[1]:
        return False
    return is_known_player(f"https://{address[1]}")


def _unescaped(text: str) -> str:
    """The text without the references that sanitised markup has; there are no others in it."""
    for reference, character in _REFERENCES:
        text = text.replace(reference, character)
    return text


def to_html(text: str) -> str:
    """Plain text as paragraphs: blank lines part them, single ones break the line."""
    paragraphs = (part.strip() for part in re.split(r"\n\s*\n", text))
    return "\n".join(
        "<p>" + html.escape(part, quote=False).replace("\n", "<br>") + "</p>"
        for part in paragraphs
        if part
    )
