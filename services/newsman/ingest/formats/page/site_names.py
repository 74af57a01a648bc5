"""The names that sites write before and behind the titles of their pages."""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from newsman.ingest.formats.page.linked_data import text
from newsman.ingest.formats.page.metadata import Metas, first_of
from newsman.ingest.formats.page.text.runs import key_of

MAX_PARTS = 6
SITE_WORDS = 5
MIN_WORDS = 3
"""A title with fewer words may be the name of a site or a section."""
_PARTING = re.compile(r"(\s(?:[-–—|·•»«›‹:/~]|--|::)\s|[|｜]|\s?：\s?)")
_GLUED = re.compile(r"([-_–—])")
_WORD = re.compile(r"\w+")


def site_names(metas: Metas, item: dict[str, Any], address: str | None) -> frozenset[str]:
    """Keys of the names that the page gives its site, and of the site's host name."""
    stated = [
        first_of(metas, "og:site_name"),
        first_of(metas, "application-name"),
        first_of(metas, "apple-mobile-web-app-title"),
        first_of(metas, "al:ios:app_name"),
        first_of(metas, "twitter:site"),
        text(item.get("publisher"), "name"),
    ]
    names = {key_of(part) for name in stated if name for part in (name, *parts_of(name)[::2])}
    for value in (address, first_of(metas, "og:url")):
        names |= set(_host_names(value or ""))
    return frozenset(name for name in names if name)


def _host_names(address: str) -> Iterator[str]:
    try:
        host = (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return
    labels = host.split(".")
    yield key_of(host)
    yield from (key_of(label) for label in labels[:-1] if len(label) > 3)


def without_site(line: str, names: frozenset[str], headings: Sequence[str]) -> str:
    """The wording without parts at either end that name the site or appear in no heading."""
    if any(key_of(line) == key_of(heading) for heading in headings):
        return line
    parts = parts_of(line)
    for first, last in _spans(len(parts)):
        middle = "".join(parts[first:last]).strip()
        if len(parts) > 1 and any(key_of(middle) == key_of(heading) for heading in headings):
            return middle
    while len(parts) > 1:
        if _is_site(parts[-1], names):
            parts = parts[:-2]
        elif _is_site(parts[0], names):
            parts = parts[2:]
        else:
            break
    return "".join(parts).strip()


def without_site_by_form(line: str, names: frozenset[str], others: list[str]) -> str:
    """A page's title without its last part, if short, even where nothing shows it is the site."""
    stripped = without_site(line, names, others)
    parts = parts_of(stripped)
    if stripped == line and len(parts) > 2:
        rest, last = "".join(parts[:-2]).strip(), parts[-1]
        if len(words_of(last)) <= SITE_WORDS and len(words_of(rest)) >= MIN_WORDS:
            return rest
    glued = _GLUED.split(stripped)
    if len(glued) > 2:
        rest = "".join(glued[:-2]).strip()
        if any(key_of(rest) == key_of(other) for other in others):
            return rest
    return stripped


def _spans(count: int) -> Iterator[tuple[int, int]]:
    """The possible starts and ends of a wording that drops some parts at either end."""
    if 1 < count < 2 * MAX_PARTS:
        for lost in range(2, count, 2):
            yield from ((first, count - lost + first) for first in range(0, lost + 1, 2))


def _is_site(part: str, names: frozenset[str]) -> bool:
    """True if the part is the site's name, alone or with few other words."""
    key = key_of(part)
    if key in names or not key:
        return True
    words = words_of(part)
    return len(words) <= SITE_WORDS and any(
        len(name) > 3 and (key.startswith(name) or key.endswith(name)) for name in names
    )


def parts_of(line: str) -> list[str]:
    """The parts of a title with the marks between them."""
    return _PARTING.split(line, maxsplit=MAX_PARTS)


def words_of(line: str) -> list[str]:
    """The words of a line, without marks."""
    return _WORD.findall(line)
