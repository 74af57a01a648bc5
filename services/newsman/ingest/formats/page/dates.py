"""The dates of a page: in its metadata, in its address, and as readers see them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from newsman.ingest.formats.markup.tree import Node
from newsman.ingest.formats.page.headline import titles
from newsman.ingest.formats.page.headline_place import HeadlinePlace, headline_place
from newsman.ingest.formats.page.linked_data import text
from newsman.ingest.formats.page.metadata import Metas, first_of
from newsman.ingest.formats.page.site_names import parts_of
from newsman.ingest.formats.page.visible_dates import (
    day_first,
    find_date,
    is_around,
    marked_lines,
)
from newsman.ingest.formats.values.dates import parse_date
from newsman.ingest.formats.values.text import one_line

PUBLISHED = (
    "article:published_time og:published_time og:article:published_time article:published "
    "datepublished rnews:datepublished parsely-pub-date sailthru.date publishdate publish-date "
    "publish_date publication_date publicationdate pubdate pub_date originalpublicationdate "
    "article_date_original cxenseparse:recs:publishtime dc.date.issued dcterms.issued "
    "dcterms.created dcterms.date dc.date.created dc.created dc.date displaydate date issued "
    "datecreated article.created created uploaddate citation_publication_date release_date"
).split()
UPDATED = (
    "article:modified_time og:updated_time og:modified_time datemodified dcterms.modified "
    "dc.date.modified article_date_updated last-modified lastmod revision_date updated"
).split()
_NAMES_A_PUBLICATION = re.compile(r"publi(?:sh|cation)|pubdate|issued")
_NAMES_A_TIME = re.compile(r"date|time")
_NAMES_OTHERWISE = re.compile(r"modif|updat|expir|publisher|end|unpubl")
_SECONDS = re.compile(r"1\d{9}(?:\d{3})?")
_IN_ADDRESS = re.compile(
    r"[/_.-]((?:19|20)\d\d)([/_.-]?)(0[1-9]|1[0-2])[/_.-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)"
)
_MONTH_IN_ADDRESS = re.compile(r"/((?:19|20)\d\d)/([a-z]{3,9})/(\d{1,2})(?=/|$)", re.IGNORECASE)
_DAY_ALONE = re.compile(r"\d\d?\.\s?(?:\d\d?\.|[^\W\d]{3,10})\s?\d{4}|\d{4}-\d\d-\d\d")
MAX_ADDRESS, MAX_TITLE = 500, 400
MAX_TIMES = 200
NEAR_ELEMENTS = 80
EARLIEST_YEAR = 1990
"""No web page is older; a date in a page's words may be of anything."""


def published(
    root: Node, metas: Metas, item: dict[str, Any], address: str | None, headline: str | None
) -> Iterator[str]:
    """The texts that say when the article was published, the most reliable first; what readers see
    is only looked for once all others have been asked for."""
    yield from filter(None, (text(item.get("datePublished")), *_named(metas, PUBLISHED)))
    yield from _publications(metas)
    in_address = day_of_address(address)
    place = headline_place(root, headline)
    times = _times(root, place)
    marked = [each for each in times if each.is_publication]
    if in_address:
        # Other articles on the page have times too.
        yield from (each.said for each in marked if each.said.startswith(in_address))
        yield in_address
    near = [each.said for each in (*marked, *times) if each.is_near]
    yield from near[:1]
    if not in_address:
        yield from days_of_titles(root, metas)
        yield from shown_dates(root, metas, place)
    yield from (each.said for each in (*marked, *times[:1]))


def updated(metas: Metas, item: dict[str, Any]) -> list[str]:
    """The texts that say when the article was changed, the most reliable first."""
    return [said for said in (text(item.get("dateModified")), *_named(metas, UPDATED)) if said]


def date_text(said: str, zone: tzinfo, *, is_day_first: bool | None) -> str | None:
    """The date in a text, in a form that any reader understands; None where there is none."""
    line = one_line(said[:300])
    if _SECONDS.fullmatch(line):
        return datetime.fromtimestamp(int(line[:10]), UTC).isoformat()
    try:
        parse_date(line, zone)
    except ValueError:
        return find_date(line, is_day_first=is_day_first)
    return line


def day_of_address(address: str | None) -> str | None:
    """The day in the path of an address, where most newspapers have it."""
    path = "/" + (address or "").partition("://")[2].partition("/")[2][:MAX_ADDRESS]
    path = path.partition("?")[0].partition("#")[0]
    match = _IN_ADDRESS.search(path)
    if match:
        return _day(match[1], match[3], match[4])
    named = _MONTH_IN_ADDRESS.search(path)
    return find_date(f"{named[3]} {named[2]} {named[1]}", is_day_first=True) if named else None


def days_of_titles(root: Node, metas: Metas) -> Iterator[str]:
    """The day that is a part of the title by itself."""
    for title in (first_of(metas, "og:title") or "", *titles(root)):
        for part in parts_of(title[:MAX_TITLE])[::2]:
            if _DAY_ALONE.fullmatch(part.strip()) and (day := find_date(part, is_day_first=True)):
                yield day


def shown_dates(root: Node, metas: Metas, place: HeadlinePlace) -> list[str]:
    """The dates that readers see near the headline or in elements marked as dates."""
    is_day_first = day_first(root, metas)
    dates = (find_date(line, is_day_first=is_day_first) for line in marked_lines(root, place))
    return [date for date in dates if date and int(date[:4]) >= EARLIEST_YEAR]


def _day(year: str, month: str, day: str) -> str | None:
    try:
        return str(datetime(int(year), int(month), int(day), tzinfo=UTC).date())
    except ValueError:
        return None


def _named(metas: Metas, names: list[str]) -> Iterator[str]:
    return (metas[name][0] for name in names if name in metas)


def _publications(metas: Metas) -> Iterator[str]:
    """Contents of elements whose names mean the same in other words."""
    for name, contents in metas.items():
        short = name[:100]
        if (
            _NAMES_A_PUBLICATION.search(short)
            and _NAMES_A_TIME.search(short)
            and not _NAMES_OTHERWISE.search(short)
        ):
            yield contents[0]


@dataclass(frozen=True)
class _Time:
    """A `time` element with the moment that it is of."""

    said: str
    distance: int
    """The number of elements between it and the headline."""
    is_publication: bool

    @property
    def is_near(self) -> bool:
        return self.distance <= NEAR_ELEMENTS


def _times(root: Node, place: HeadlinePlace) -> list[_Time]:
    """The `time` elements outside comments, asides and navigation, those nearest to the headline
    first."""
    waiting, found = [root], list[tuple[int, Node]]()
    number = at = 0
    while waiting and len(found) < MAX_TIMES:
        node = waiting.pop()
        number += 1
        if node is place.heading:
            at = number
        if is_around(node) and not place.is_in(node):
            continue
        if node.name == "time" and node.attributes.get("datetime"):
            found.append((number, node))
        waiting.extend(reversed(node.elements()))
    times = [
        _Time(node.attributes["datetime"], abs(number - at) if at else 0, _is_publication(node))
        for number, node in found
    ]
    return sorted(times, key=lambda each: each.distance)


def _is_publication(time: Node) -> bool:
    attributes = time.attributes
    named = attributes.get("class", "").lower()
    return (
        "pubdate" in attributes
        or attributes.get("itemprop") == "datePublished"
        or "publish" in named
        or "entry-date" in named
    )
