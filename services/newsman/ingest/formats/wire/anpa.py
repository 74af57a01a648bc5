"""ANPA-1312: wires of American agencies."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from html import escape
from typing import Any

from newsman.ingest.formats.model import Defaults, Draft
from newsman.ingest.formats.wire.anpa_text import AnpaStory, read_story
from newsman.ingest.formats.wire.framing import (
    SOH,
    US,
    WireMessage,
    plain_line,
    read_drafts,
    refused,
)
from newsman.ingest.formats.wire.identity import killed, uri_of_keyword, uri_of_number
from newsman.ingest.formats.wire.moments import filing_day, transmitted_at
from newsman.ingest.formats.wire.paragraphs import held, place_of, without_notes
from newsman.ingest.formats.wire.slugs import Slug, is_reference, is_reused, read_slug, released_on
from newsman.ingest.formats.wire.tables import (
    ANPA_CATEGORIES,
    ANPA_URGENCIES,
    category_subject,
)

NAME = "anpa"
MEDIA_TYPES = ("application/x-anpa-1312", "text/vnd.iptc.anpa")
SCHEME = "anpa-1312"
TABULAR = "\x12"
_FIRST = re.compile(rf"([A-Za-z]?)-?(\d{{1,5}})([^{US}]{{0,15}}){US}?(.{{0,40}})$")
_SECOND = re.compile(r"([A-Za-z]) +([A-Za-z])[\x11-\x14 ]* ([^ ]{1,60})( .*)?$")
_START = re.compile(r"\x01[A-Za-z]?\d{1,5}[^\n]{0,60}\r?\n?[A-Za-z] +[A-Za-z][\x11-\x14 ]")


@dataclass(frozen=True)
class _Header:
    """Service level, number and selector; priority, category, keyword, version, day and words."""

    service: str
    number: str
    origin: str
    selector: str
    priority: str
    category: str
    keyword: str
    version: str
    reference: str
    day: str
    words: str


def is_anpa(body: bytes) -> bool:
    """True if the first message's header is ANPA-1312 rather than IPTC 7901."""
    start = body[:4_000].replace(b"\0", b"").decode("latin-1")
    start = start[max(start.find(SOH), 0) :]
    return US in start.partition("\n")[0] or _START.match(start) is not None


def read(body: bytes, defaults: Defaults) -> list[Draft]:
    """The drafts of all messages; raises BadDocument if there are none."""
    return read_drafts(body, defaults, _header, _drafts)


def _drafts(message: WireMessage, header: _Header, defaults: Defaults) -> list[Draft]:
    is_table = TABULAR in message.header
    story = read_story(message.text, header.keyword, is_table=is_table)
    at = transmitted_at(message.trailer, defaults) or transmitted_at(story.end, defaults)
    filed = _filed(header.day, at, defaults)
    slug = read_slug(header.version or story.version, story.head)
    uri = _uri(header, story, slug, filed, message.text)
    if slug.is_kill:
        return _kills(story, filed, at)
    texts, notes = without_notes(story.paragraphs)
    fields: dict[str, Any] = {
        "uri": uri,
        "version": slug.version,
        "headline": story.headline,
        "byline": story.byline,
        "summary": story.summary,
        "slug": story.keyword,
        "keywords": story.keywords,
        "body_text": "\n\n".join(texts),
        "body_html": f"<pre>{escape(chr(10).join(texts), quote=False)}</pre>" if is_table else None,
        "editorial_note": "\n\n".join(filter(None, (story.note, notes))) or None,
        "located": place_of(texts),
        "urgency": ANPA_URGENCIES.get(header.priority),
        "section": ANPA_CATEGORIES.get(header.category),
        "subjects": [category_subject(header.category, SCHEME)],
        "published_at": at or _date_words(message, story) or None,
        "version_created": at,
        **_held(header, story, filed, defaults),
        "extra": {NAME: _said(header, story, message)},
    }
    return [Draft(fields)]


def _header(lines: Sequence[str]) -> _Header | None:
    first = _FIRST.match(lines[0]) if lines else None
    second = _SECOND.match(lines[1]) if len(lines) > 1 else None
    if first is None or second is None:
        return None
    fields = (second[4] or "").split(" ")[1:]
    words = fields.pop() if fields and fields[-1].isdecimal() else ""
    day = fields.pop() if fields and re.fullmatch(r"\d{1,2}-\d{1,2}", fields[-1]) else ""
    if fields and is_reference(fields[0]):
        fields.insert(0, "")
    version = fields[0] if fields else ""
    return _Header(
        service=first[1].lower(),
        number=first[2],
        origin=first[3].strip(" -"),
        selector=plain_line(first[4]).strip(" -"),
        priority=second[1].lower(),
        category=second[2].lower(),
        keyword=plain_line(second[3]),
        version=plain_line(version),
        reference=" ".join(" ".join(fields[1:]).split()),
        day=day,
        words=words,
    )


def _filed(day: str, at: datetime | None, defaults: Defaults) -> date | None:
    """The day of the filing date nearest to the transmission, or else of the transmission."""
    if at is None:
        return filing_day(day, defaults)
    numbers = [int(number) for number in day.split("-") if number.isdecimal()]
    for month, number in (numbers, numbers[::-1]) if len(numbers) == 2 else ():
        for sent in (at.date(), at.date() - timedelta(days=1), at.date() + timedelta(days=1)):
            if (sent.month, sent.day) == (month, number):
                return sent
    return at.date()


def _uri(header: _Header, story: AnpaStory, slug: Slug, filed: date | None, text: str) -> str:
    """Named by the keyword, which a story keeps, or by the number if many stories share it."""
    if filed is None or is_reused(story.keyword):
        return uri_of_number(NAME, header.service or "-", header.number, filed, text)
    return uri_of_keyword(NAME, _squeezed(story.keyword), filed, slug.part)


def _kills(story: AnpaStory, filed: date | None, at: datetime | None) -> list[Draft]:
    """The kills of that keyword's story, of that day and the day before."""
    if filed is None or is_reused(story.keyword):
        detail = "a kill names the story by its keyword and day"
        return [refused("/header", detail)]
    days = (filed, filed - timedelta(days=1))
    return [killed(uri_of_keyword(NAME, _squeezed(story.keyword), day, ""), at) for day in days]


def _held(
    header: _Header, story: AnpaStory, filed: date | None, defaults: Defaults
) -> dict[str, datetime | str]:
    """The embargo of an advance, from its day or its wording."""
    day = released_on(header.version or story.version, filed)
    if day is not None:
        return {"embargoed_until": datetime.combine(day, time(), defaults.timezone).astimezone(UTC)}
    return held(story.head, defaults)


def _squeezed(keyword: str) -> str:
    return "".join(keyword.split()).lower()


def _said(header: _Header, story: AnpaStory, message: WireMessage) -> dict[str, Any]:
    said = {
        "service_level": header.service,
        "number": header.number,
        "origin": header.origin,
        "selector": header.selector,
        "priority": header.priority,
        "category": header.category,
        "version": header.version or story.version,
        "reference": header.reference,
        "filing_date": header.day,
        "word_count": header.words,
        "head": story.head,
        "date": _date_words(message, story),
    }
    return {name: value for name, value in said.items() if value}


def _date_words(message: WireMessage, story: AnpaStory) -> str:
    """The date as it was sent; an unreadable one is later reported as a wrong date."""
    return " ".join(plain_line(message.trailer.replace("\n", " ")).split()) or story.end
