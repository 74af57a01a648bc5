"""Plain text: a news page as somebody copied it, or just a headline and the text below it."""

import re
from datetime import datetime

from newsman.ingest.formats.model import BadDocument, Defaults, Draft
from newsman.ingest.formats.values.charsets import decode_text
from newsman.ingest.formats.values.dates import parse_date
from newsman.ingest.formats.values.text import clean, one_line

_PARTING = re.compile(r"[>›»/|→]|::|\s[-–]\s")
_GLUE = re.compile(r"(?<=[a-z.!?”’)])(?=[A-Z])")
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "–": "-", "—": "-"})
_DATE_WORDS = re.compile(
    r"^(?:(?:published|updated|posted|last updated|date) ?:? ?(?:on )?)?(.{6,60})$", re.I
)
_PREFIX = re.compile(r"^([A-Z][\w.&’' -]{1,40}?)\s*:\s+(?=[A-Z“\"‘'])")
_BYLINE = re.compile(r"^(?:by|written by)\s+(.{3,100})$", re.IGNORECASE)
_FURNITURE = re.compile(
    r"(?:most (?:popular|read|viewed)|trending(?: now)?|related (?:articles|stories|news)|"
    r"read more|also read|share(?: this)?(?: article)?|follow us.*|subscribe.*|advertisement|"
    r"comments?|leave a (?:comment|reply)|newsletter|tags?|copyright\b.*|©.*|"
    r"all rights reserved.*|latest news|top stories|you may also like|back to top)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^(?:most (?:popular|read|viewed)|trending(?: now)?|related (?:articles|stories|news)|"
    r"you may also like|latest news|top stories)\s*:?$",
    re.IGNORECASE,
)
_ABOUT_US = re.compile(
    r"\b(?:(?:this|our) (?:mission|newsroom|outlet|publication|newspaper)|we (?:believe|are an? "
    r"(?:independent|non-?profit))|about us|our (?:readers|journalists|belief))\b",
    re.IGNORECASE,
)
_TRADE = re.compile(
    r"\b(?:journalis[mt]\w*|newsroom|reporting|readers|independent news|publication|editors?)\b",
    re.IGNORECASE,
)
MAX_HEADLINE_CHARACTERS = 300
HEAD_LINES = 6
HOME = "Home"


def read(body: bytes, defaults: Defaults) -> list[Draft]:
    """The draft of a page: its date, section, byline and text without its furniture."""
    lines = [
        one_line(line) for line in clean(decode_text(body, charset=defaults.charset)).split("\n")
    ]
    paragraphs = [line for line in lines if line]
    if not paragraphs:
        raise BadDocument("there is no text in it")
    date, paragraphs = _take_date(paragraphs, defaults)
    headline, section, rest = _take_headline(paragraphs)
    if date is None:
        date, rest = _take_date(rest, defaults)
    byline, rest = _take_byline(rest)
    rest = _without_furniture(rest)
    prefix, rest = _take_prefix(rest)
    fields = {
        "headline": headline,
        "section": section,
        "published_at": date,
        "version_created": date,
        "byline": byline or prefix,
        "body_text": "\n\n".join(rest),
    }
    return [Draft(fields)]


def _take_date(lines: list[str], defaults: Defaults) -> tuple[datetime | None, list[str]]:
    for number, line in enumerate(lines[:HEAD_LINES]):
        date = _date_in(line, defaults)
        if date is not None:
            return date, lines[:number] + lines[number + 1 :]
    return None, lines


def _date_in(line: str, defaults: Defaults) -> datetime | None:
    match = _DATE_WORDS.match(line)
    if match is None or not re.search(r"\b\d{4}\b", line) or len(line.split()) > 10:
        return None
    try:
        return parse_date(match.group(1), defaults.timezone)
    except ValueError:
        return None


def _take_headline(lines: list[str]) -> tuple[str | None, str | None, list[str]]:
    """The headline, the section in a breadcrumb, and the lines below the headline."""
    if not lines:
        return None, None, []
    for number, line in enumerate(lines[1:HEAD_LINES], start=1):
        crumbs = _before(lines[number - 1], line)
        if crumbs is not None:
            return line, _section(crumbs), lines[number + 1 :]
    crumbs_of_first = _crumbs(lines[0])
    if crumbs_of_first and len(lines) > 1 and len(lines[1]) <= MAX_HEADLINE_CHARACTERS:
        return lines[1], crumbs_of_first[-1], lines[2:]
    glued = _glued_crumbs(lines[0])
    if glued is not None:
        return glued[1], glued[0], lines[1:]
    return lines[0][:MAX_HEADLINE_CHARACTERS], None, lines[1:]


def _glued_crumbs(line: str) -> tuple[str | None, str] | None:
    """Section and headline of "HomeSportsCity wins the cup", where nothing repeats it."""
    if not line.startswith(HOME) or not line[len(HOME) : len(HOME) + 1].isupper():
        return None
    parts = _GLUE.split(line[len(HOME) :])
    if len(parts) < 2:
        return None
    return parts[0], "".join(parts[1:])


def _before(line: str, headline: str) -> str | None:
    """The text before the headline in a line that ends with it; quotes may differ."""
    plain, wanted = line.translate(_QUOTES).casefold(), headline.translate(_QUOTES).casefold()
    if len(headline) < 8 or not plain.endswith(wanted):
        return None
    return line[: len(line) - len(headline)]


def _section(crumbs: str) -> str | None:
    parts = [part for part in _split_crumbs(crumbs) if part.casefold() != HOME.casefold()]
    return parts[-1] if parts else None


def _crumbs(line: str) -> list[str] | None:
    """The sections of a breadcrumb line of its own: "Home > World > Asia"."""
    if len(line) > 120:
        return None
    parts = _split_crumbs(line)
    if not parts or parts[0].casefold() != HOME.casefold():
        return None
    return parts[1:] or None


def _split_crumbs(crumbs: str) -> list[str]:
    parts = [part for part in _PARTING.split(crumbs) if part.strip()]
    split = [piece for part in parts for piece in _GLUE.split(part)]
    return [piece.strip() for piece in split if piece.strip()]


def _take_byline(lines: list[str]) -> tuple[str | None, list[str]]:
    for number, line in enumerate(lines[:3]):
        match = _BYLINE.match(line)
        if match and not line.endswith("."):
            return match.group(1), lines[:number] + lines[number + 1 :]
    return None, lines


def _take_prefix(lines: list[str]) -> tuple[str | None, list[str]]:
    """The outlet's name, if the text begins with it: "Newsman: The minister …"."""
    if not lines:
        return None, lines
    match = _PREFIX.match(lines[0])
    if match is None or len(match.group(1).split()) > 4:
        return None, lines
    return match.group(1).strip(), [lines[0][match.end() :], *lines[1:]]


def _without_furniture(lines: list[str]) -> list[str]:
    closing = next((n for n, line in enumerate(lines) if n and _CLOSING.match(line)), len(lines))
    remaining = [line for line in lines[:closing] if not _is_furniture(line)]
    while remaining and _is_about_the_outlet(remaining[-1]):
        remaining.pop()
    return remaining


def _is_furniture(line: str) -> bool:
    return _FURNITURE.fullmatch(line.removesuffix(":").rstrip()) is not None


def _is_about_the_outlet(paragraph: str) -> bool:
    return bool(_ABOUT_US.search(paragraph) and _TRADE.search(paragraph))
