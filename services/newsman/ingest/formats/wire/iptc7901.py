"""IPTC 7901 (The IPTC Recommended Message Format): wires of European agencies."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from newsman.ingest.formats.model import Defaults, Draft
from newsman.ingest.formats.wire.framing import WireMessage, plain_line, read_drafts, refused
from newsman.ingest.formats.wire.identity import killed, uri_of_number
from newsman.ingest.formats.wire.moments import date_time_group
from newsman.ingest.formats.wire.paragraphs import (
    held,
    paragraphs,
    place_of,
    plain_lines,
    without_notes,
)
from newsman.ingest.formats.wire.tables import category_name, category_subject

NAME = "iptc7901"
MEDIA_TYPES = ("application/x-iptc7901", "text/vnd.iptc.iptc7901")
SCHEME = "iptc7901-category"
MAX_HEAD_LINES = 8
MAX_KILLED = 100
_SOURCE = re.compile(r"([A-Za-z][A-Za-z&-]{0,11}?) ?-? ?(\d{1,8})(?= |$)")
_REFERENCE = re.compile(r"\b([A-Za-z][A-Za-z&-]{0,12}) ?(\d{1,8})\b")
_BYLINE = re.compile(r"(?:von|by|par|por|di|av|af|van)\s+(.{3,120})$", re.IGNORECASE)
_KILL = re.compile(
    r"\W*(?:(?:mandatory |bulletin )?kill|annullierung|annulliert|r(?:ü|ue)ckruf|annulation|"
    r"anulaci(?:ó|o)n|annullamento)\s*(?:$|[:!(=-].*)",
    re.IGNORECASE,
)
"""A keyword or headline that is just this word, or begins with it and a colon."""


@dataclass(frozen=True)
class _Header:
    """The first line of a message: `bdt0123 3 pl 200 dpa 0456`."""

    service: str
    number: str
    priority: str
    category: str
    words: str
    rest: str


def read(body: bytes, defaults: Defaults) -> list[Draft]:
    """The drafts of all messages; raises BadDocument if there are none."""
    return read_drafts(body, defaults, _header, _drafts)


def _drafts(message: WireMessage, header: _Header, defaults: Defaults) -> list[Draft]:
    at = date_time_group(message.trailer, defaults)
    keywords = [plain_line(line) for line in message.header_lines[1:]]
    head, body_lines = _head(plain_lines(message.text))
    if any(_KILL.match(word) for word in (*_keywords(keywords), *keywords, *head[:1])):
        return _kill(header, at, " ".join((*keywords, *head, *body_lines)))
    texts, notes = without_notes(paragraphs(body_lines))
    fields: dict[str, Any] = {
        "uri": uri_of_number(NAME, header.service, header.number, at, message.text),
        **_titles(head),
        "slug": keywords[0].rstrip("/ ") if keywords else None,
        "keywords": _keywords(keywords),
        "body_text": "\n\n".join(texts),
        "editorial_note": notes,
        "located": place_of(texts),
        "urgency": int(header.priority) if header.priority else None,
        "section": category_name(header.category) if header.category else None,
        "subjects": [category_subject(header.category, SCHEME)] if header.category else [],
        "published_at": at or _date_words(message) or None,
        "version_created": at,
        **held((*keywords, *head), defaults),
        "extra": {NAME: _said(header, keywords, message)},
    }
    return [Draft(fields)]


def _header(lines: Sequence[str]) -> _Header | None:
    line = plain_line(lines[0]) if lines else ""
    source = _SOURCE.match(line)
    if source is None:
        return None
    words = line[source.end() :].split()
    taken = {}
    for name, fits in (("priority", _is_priority), ("category", str.isalpha), ("words", _is_count)):
        taken[name] = words.pop(0) if words and fits(words[0]) else ""
    return _Header(source[1].lower(), source[2], **taken, rest=" ".join(words))


def _is_priority(word: str) -> bool:
    return len(word) == 1 and word in "123456789"


def _is_count(word: str) -> bool:
    return word.isdecimal() and len(word) <= 5


def _head(lines: list[str]) -> tuple[list[str], list[str]]:
    """Headlines and byline, each of which ends with `=`, and the lines of the text.

    Where no line ends so, a first line that stands alone is the headline.
    """
    begin = next((n for n, line in enumerate(lines) if line.strip()), len(lines))
    lines = lines[begin:]
    ends = [n for n, line in enumerate(lines[:MAX_HEAD_LINES]) if line.endswith("=")]
    if not ends:
        is_alone = len(lines) > 1 and not lines[1].strip()
        return ([lines[0].strip()], lines[1:]) if is_alone else ([], lines)
    head: list[str] = [""]
    for line in lines[: ends[-1] + 1]:
        head[-1] = f"{head[-1]} {line.strip()}".strip()
        if line.endswith("="):
            head[-1] = head[-1].rstrip("= ")
            head.append("")
    return [line for line in head if line], lines[ends[-1] + 1 :]


def _titles(head: list[str]) -> dict[str, str]:
    """Headline, byline and subheadline of the lines above the text."""
    titles: dict[str, str] = {}
    for line in head:
        byline = _BYLINE.match(line)
        if byline and len(line) < 120 and titles:
            titles.setdefault("byline", byline[1].strip())
        elif "headline" not in titles:
            titles["headline"] = line
        else:
            titles.setdefault("subheadline", line)
    return titles


def _keywords(lines: list[str]) -> list[str]:
    words = [word.strip() for line in lines for word in line.split("/")]
    return list(dict.fromkeys(word for word in words if word and not word.startswith("(")))


def _kill(header: _Header, at: datetime | None, text: str) -> list[Draft]:
    """The kills of all messages of the service that the text names, of that day and the day before.

    Nothing for readers is in it.
    """
    service = header.service.lower()
    named = (found.groups() for found in _REFERENCE.finditer(text))
    numbers = {number for name, number in named if name.rstrip("-").lower() == service}
    numbers.discard(header.number)
    if not 0 < len(numbers) <= MAX_KILLED or at is None:
        detail = f"a kill names what it kills, such as {header.service}0123, and its date"
        return [refused("/text", detail)]
    days = (at, at - timedelta(days=1))
    return [
        killed(uri_of_number(NAME, header.service, number, day, ""), at)
        for number in sorted(numbers)
        for day in days
    ]


def _said(header: _Header, keywords: list[str], message: WireMessage) -> dict[str, Any]:
    said = {
        "service": header.service,
        "number": header.number,
        "priority": header.priority,
        "category": header.category,
        "word_count": header.words,
        "note": header.rest,
        "keyword_lines": keywords,
        "date": _date_words(message),
    }
    return {name: value for name, value in said.items() if value}


def _date_words(message: WireMessage) -> str:
    """The date-time group as it was sent; an unreadable one is later reported as a wrong date."""
    return " ".join(plain_line(message.trailer.replace("\n", " ")).split())
