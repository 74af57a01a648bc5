"""An article without some of its pictures, wherever in it they stand."""

import html
import re
from collections.abc import Iterator
from typing import Any

from newsman_schemas.articles import Article

_ADDRESSES = ("href", "src")
_ATTRIBUTE = re.compile(r' [\w-]{1,40}="([^"]*)"')
_TAG = re.compile(r"<[^<>]*>")


def addresses_in(value: Any) -> Iterator[str]:
    """Every address of a picture or another file in a JSON value."""
    waiting = [value]
    while waiting:
        at = waiting.pop()
        if isinstance(at, (list, tuple)):
            waiting += at
        elif isinstance(at, dict):
            yield from (at[name] for name in _ADDRESSES if isinstance(at.get(name), str))
            waiting += at.values()


def without_addresses(article: Article, addresses: set[str]) -> dict[str, Any]:
    """The fields of an article that lead to some addresses, without what does."""
    markup, captions = _without_figures(article.body_html, addresses)
    lines = [line for line in article.body_text.split("\n") if line.strip() not in captions]
    return {
        "associations": _pruned(article.associations, addresses),
        "extra": _pruned(article.extra, addresses),
        "images": tuple(image for image in article.images if image.href not in addresses),
        "body_html": _without_attributes(_without_images(markup, addresses), addresses),
        "body_text": "\n".join(lines) if captions else article.body_text,
    }


def _pruned(value: Any, addresses: set[str]) -> Any:
    if isinstance(value, list):
        return [_pruned(entry, addresses) for entry in value if not _leads(entry, addresses)]
    if isinstance(value, dict):
        return {k: _pruned(v, addresses) for k, v in value.items() if not _leads(v, addresses)}
    return value


def _leads(value: Any, addresses: set[str]) -> bool:
    return isinstance(value, dict) and any(
        isinstance(value.get(name), str) and value[name] in addresses for name in _ADDRESSES
    )


def _without_figures(markup: str, addresses: set[str]) -> tuple[str, set[str]]:
    """The HTML without figures of the pictures, and the lines that stood in them."""
    first, *others = markup.split("<figure")
    parts, captions = [first], set[str]()
    for other in others:
        figure, end, rest = other.partition("</figure>")
        if not end or not _shows(figure, addresses):
            parts.append("<figure" + other)
            continue
        captions.update(line.strip() for line in _TAG.sub("\n", "<" + figure).split("\n"))
        parts.append(rest)
    return "".join(parts), {html.unescape(line) for line in captions if line}


def _without_images(markup: str, addresses: set[str]) -> str:
    first, *others = markup.split("<img")
    parts = [first]
    for other in others:
        end = _tag_end(other)
        shows = _shows(other[:end], addresses)
        parts.append(other[end:] if shows else "<img" + other)
    return "".join(parts)


def _tag_end(rest: str) -> int:
    """Where a tag ends of which this is the rest: behind the first `>` outside of quotes."""
    at = 0
    for number, piece in enumerate(rest.split('"')):
        end = piece.find(">") if number % 2 == 0 else -1
        if end >= 0:
            return at + end + 1
        at += len(piece) + 1
    return len(rest)


def _shows(markup: str, addresses: set[str]) -> bool:
    return any(html.unescape(text) in addresses for text in _ATTRIBUTE.findall(markup))


def _without_attributes(markup: str, addresses: set[str]) -> str:
    return _ATTRIBUTE.sub(
        lambda match: "" if html.unescape(match[1]) in addresses else match[0], markup
    )
