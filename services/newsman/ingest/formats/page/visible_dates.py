"""Dates in the visible text, in the languages whose month names are known."""

import re
from datetime import datetime
from typing import Any

from newsman.ingest.formats.markup.tree import UNSEEN, Node
from newsman.ingest.formats.page.headline_place import HeadlinePlace
from newsman.ingest.formats.page.metadata import Metas, first_of
from newsman.ingest.formats.values.month_names import month_number
from newsman.ingest.formats.values.text import one_line
from newsman.ingest.formats.values.zone_names import is_zone

MAX_LINE, MAX_PLAIN = 200, 60
"""Most characters of a line that is marked as a date, and of one that is not."""
MAX_LINES, MAX_OTHERS = 60, 500
NEXT, NEAR, ABOVE = 3, 12, 8
"""Lines right below, below and above the headline in which its date may stand."""
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_ISO = re.compile(
    rf"(?<!\d){_YEAR}(?P<mark>[-/.])\s?(?P<month>\d\d?)(?P=mark)\s?(?P<day>\d\d?)(?!\d)"
)
_EASTERN = re.compile(
    rf"(?<!\d){_YEAR}\s?[年년]\s?(?P<month>\d\d?)\s?[月월]\s?(?P<day>\d\d?)\s?[日일]"
)
_NUMBERS = re.compile(
    rf"(?<![\d.])(?P<first>\d\d?)(?P<mark>[./-])\s?(?P<second>\d\d?)(?P=mark)\s?{_YEAR}(?!\d)"
)
_DAY_MONTH = re.compile(
    r"(?<!\d)(?P<day>\d\d?)(?:st|nd|rd|th|er|º|°|\.|o)?\s(?:de\s|of\s)?"
    rf"(?P<name>[^\W\d]{{3,12}})\.?,?\s(?:de\s|del\s)?{_YEAR}(?!\d)",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"(?<!\w)(?P<name>[^\W\d]{{3,12}})\.?\s(?P<day>\d\d?)(?:st|nd|rd|th)?,?\s{_YEAR}(?!\d)",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(
    rf"(?<!\d){_YEAR}\.?\s(?:m\.\s)?(?P<name>[^\W\d]{{3,12}})\s(?P<day>\d\d?)(?!\d)",
    re.IGNORECASE,
)
_SHORT_YEAR = re.compile(
    r"(?<![\d.])(?P<day>\d\d)\.(?P<month>\d\d)\.(?P<short>[0-4]\d)(?![\d.]|\s?[%€$])"
)
_TIME = re.compile(
    r"(?<![\d:.])(?P<hour>[01]?\d|2[0-3])[:h](?P<minute>[0-5]\d)(?!\d)"
    r"(?::[0-5]\d)?\s?(?P<half>[ap])?\.?(?(half)m\.?)(?:\s?(?P<zone>[a-z]{2,4})\b)?",
    re.IGNORECASE,
)
_PATTERNS = (_ISO, _EASTERN, _DAY_MONTH, _MONTH_DAY, _YEAR_FIRST, _NUMBERS, _SHORT_YEAR)
_LAST_MONTH = 12
_DAY_FIRST_ENGLISH = ("en-gb", "en-au", "en-nz", "en-ie", "en-in", "en-za")
_MARKED = re.compile(
    r"(?:^|[\s_-])(?:pub)?(?:date|datum|fecha|time|timestamp|dateline|published|posted|"
    r"byline|pubtime|entry-meta|article-meta|post-meta|article-info)(?:$|[\s_-])"
)
_OF_THE_ARTICLE = re.compile(r"(?:^|[\s_-])(?:meta|byline|author|dateline|pubdate)(?:$|[\s_-])")
_LABELLED = re.compile(
    r"\b(?:published|posted|written|date|datum|stand|ver[öo]e?ffentlich\w{0,4}|erschienen|"
    r"pressemitteilung|meldung|press release|publi(?:é|ée|cado|cada|cato|cata)|communiqué|fecha|"
    r"data|gepubliceerd|publicerad|publisert|udgivet|julkaistu|опубликовано|дата)\b[^\d]{0,12}\d",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"\W{0,3}(?:\d\d?[./-]\s?\d\d?[./-]\s?\d{4}|\d{4}-\d\d-\d\d|"
    r"\d\d?\.?\s[^\W\d]{3,10}\.?,?\s\d{4}|[^\W\d]{3,10}\.?\s\d\d?,?\s\d{4})(?!\d)"
)
"""A date at the beginning of a line, as in a dateline."""
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_OF_THE_VISIT = re.compile(
    r"aktuell\w{0,3} (?:datum|zeit)|current (?:date|time)|today is|heute ist|nous sommes|"
    r"fecha actual|hoy es|oggi è",
    re.IGNORECASE,
)
_AROUND = UNSEEN | {"nav", "footer", "aside", "form", "select"}
_RUN = "#run"
"""The children between two blocks, as if they were an element."""
_BLOCKS = frozenset("#run div p section header article h1 h2 h3 ul li dl dd span time td".split())
_OWN_LINES = _BLOCKS - {"span", "time"}
"""Elements that stand on lines of their own."""
_UPDATED = re.compile(
    r"updat|modif|aktualis|actuali|mis à jour|bijgewerkt|修改|更新", re.IGNORECASE
)


def find_date(line: str, *, is_day_first: bool | None) -> str | None:
    """The first date in a line as ISO 8601, with its time of day if there is one.

    Of two numbers that both may be the month nothing is made unless it is known which comes first.
    """
    short = line[:MAX_LINE]
    for pattern in _PATTERNS:
        for match in pattern.finditer(short):
            day = _day(match, is_day_first=is_day_first)
            if day:
                return day + _time_of_day(short[match.end() :])
    return None


def marked_lines(root: Node, place: HeadlinePlace) -> list[str]:
    """Short lines that may hold the date, the likeliest first.

    What is marked as a date near the headline comes before the other lines there, and those
    before what is marked elsewhere: other articles have dates too, and a date high up is the day
    on which the page was asked for.
    """
    above, below = _Lines(), _Lines()
    current = above
    waiting = [root]
    while waiting and below.count < MAX_LINES:
        node = waiting.pop()
        if is_around(node) and not place.is_in(node):
            continue
        if node is place.heading:
            current = below
        elif place.is_in(node):
            waiting.extend(reversed(_in_order(node)))
            continue
        current.read(node, is_below=current is below)
        waiting.extend(reversed(node.elements()))
    if current is above:
        return above.marked()
    near = below.marked(last=NEAR) + below.others[:NEXT]
    near += above.marked(first=above.length - ABOVE)
    others = below.others[NEXT:NEAR] + above.others[-ABOVE:]
    return [*dict.fromkeys(near + others + below.marked() + above.marked())]


def is_around(node: Node) -> bool:
    """True for what is not of the article; some sites put its byline and date into an aside or a
    footer of their own."""
    named = node.attributes.get("class", "").lower()[:300]
    if "comment" in named:
        return True
    return node.name in _AROUND and not (named and _OF_THE_ARTICLE.search(named))


def day_first(root: Node, metas: Metas) -> bool | None:
    """True if the page's language puts the day before the month; None if that is not known."""
    page = next((node.attributes for node in root.walk() if node.name == "html"), {})
    said = page.get("lang") or page.get("xml:lang") or first_of(metas, "og:locale") or ""
    language = said.strip().lower().replace("_", "-")
    if not language or language == "en":
        return None
    if language.startswith("en-"):
        return language.startswith(_DAY_FIRST_ENGLISH) if language != "en-ca" else None
    return True


class _Lines:
    """Short lines, each kept once with the number of plain ones before it; those on updates come
    last. Of more than are kept the last ones stay."""

    def __init__(self) -> None:
        self._marked: dict[str, int] = {}
        self._updates: dict[str, int] = {}
        self._others: dict[str, None] = {}
        self.length = 0
        """The number of lines that are not marked as dates."""

    @property
    def count(self) -> int:
        """Lines that are marked as dates."""
        return len(self._marked) + len(self._updates)

    @property
    def others(self) -> list[str]:
        """The lines that are not marked as dates."""
        return list(self._others)

    def marked(self, *, first: int = 0, last: int = MAX_OTHERS) -> list[str]:
        """The lines that are marked as dates with so many others before them."""
        kept = [*self._marked.items(), *self._updates.items()]
        return [line for line, at in kept if first <= at <= last]

    def read(self, node: Node, *, is_below: bool) -> None:
        """Keeps the lines of an element that have few words."""
        is_marked = _is_marked(node)
        if not is_marked and node.name not in _BLOCKS:
            return
        for line in _lines(node, is_marked=is_marked, is_below=is_below):
            if not _OF_THE_VISIT.search(line):
                says_so = is_marked or (is_below and _says_when(line))
                self._keep(line[:MAX_LINE], is_marked=says_so)

    def _keep(self, line: str, *, is_marked: bool) -> None:
        if is_marked:
            lines = self._updates if _UPDATED.search(line) else self._marked
            lines.setdefault(line, min(self.length, MAX_OTHERS))
            _keep_last(lines, MAX_LINES)
        elif len(line) <= MAX_PLAIN and line not in self._others:
            self._others[line] = None
            self.length += 1
            _keep_last(self._others, MAX_OTHERS)


def _keep_last(lines: dict[str, Any], most: int) -> None:
    if len(lines) > most:
        del lines[next(iter(lines))]


def _says_when(line: str) -> bool:
    """True for a line that begins with a date, or has a word for publication before one."""
    return bool(_DATED.match(line) or _LABELLED.search(line[:MAX_PLAIN]))


def _lines(node: Node, *, is_marked: bool, is_below: bool) -> list[str]:
    """The words of an element that is marked as a date; of another one what readers see on lines
    of their own that begin in it."""
    runs = [node.children] if is_marked else _runs(node)
    starts_too = is_below and (node.name in ("p", _RUN) or len(runs) > 1)
    lines = (_short_line(run, starts_too=starts_too) for run in runs if run)
    return [line for line in lines if line]


def _runs(node: Node) -> list[list[Node | str]]:
    """Its children without those that stand on lines of their own, by line."""
    return [each.children for each in _in_order(node) if each.name == _RUN]


def _in_order(node: Node) -> list[Node]:
    """Its parts from the first to the last: what stands on lines of its own, and between that the
    rest, line by line."""
    parts: list[Node] = []
    for child in node.children:
        if isinstance(child, Node) and _parts_lines(child):
            parts.append(child)
        else:
            if not parts or parts[-1].name != _RUN:
                parts.append(Node(_RUN))
            parts[-1].children.append(child)
    return parts


def _parts_lines(node: Node) -> bool:
    if node.name == "br" or node.name in _OWN_LINES or is_around(node):
        return True
    return any(inner.name in _OWN_LINES for inner in node.elements())


def _short_line(run: list[Node | str], *, starts_too: bool) -> str:
    """The words of a run if they fit on a line. Of a longer one, where these are asked for too,
    the first words if they say when: a press release has its date there. Otherwise nothing."""
    parts: list[str] = []
    length = 0
    waiting = run[::-1]
    while waiting and length <= MAX_LINE:
        inner = waiting.pop()
        if isinstance(inner, str):
            length += len(inner.strip())
            parts.append(inner[: 4 * MAX_LINE])
        elif inner.name not in UNSEEN:
            waiting.extend(reversed(inner.children))
    line = one_line(" ".join(parts))
    if length <= MAX_LINE:
        return line
    return line[:MAX_PLAIN] if starts_too and _says_when(line) else ""


def _is_marked(node: Node) -> bool:
    attributes = node.attributes
    if node.name == "time" or "datepublished" in attributes.get("itemprop", "").lower():
        return True
    named = f"{attributes.get('class', '')} {attributes.get('id', '')}"[:300]
    return bool(named.strip()) and _MARKED.search(_CAMEL.sub("-", named).lower()) is not None


def _day(match: re.Match[str], *, is_day_first: bool | None) -> str | None:
    parts = match.groupdict()
    month, day = parts.get("month"), parts.get("day")
    if parts.get("name"):
        month = month_number(parts["name"])
    elif parts.get("first"):
        month, day = _ordered(
            int(parts["first"]), int(parts["second"]), parts["mark"], is_day_first=is_day_first
        )
    if not month or not day:
        return None
    try:
        year = parts.get("year") or f"20{parts['short']}"
        return datetime(int(year), int(month), int(day)).date().isoformat()  # noqa: DTZ001
    except ValueError:
        return None


def _ordered(
    first: int, second: int, mark: str, *, is_day_first: bool | None
) -> tuple[int | None, int | None]:
    """Month and day from two numbers; None where either may be the month."""
    if first > _LAST_MONTH or mark == "." or first == second or is_day_first:
        return second, first
    if second > _LAST_MONTH or is_day_first is False:
        return first, second
    return None, None


def _time_of_day(rest: str) -> str:
    """The time right behind a date."""
    match = _TIME.search(rest[:30])
    if match is None:
        return ""
    hour, half = int(match["hour"]), (match["half"] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    zone = match["zone"] or ""
    return f"T{hour:02}:{match['minute']}" + (f" {zone}" if is_zone(zone) else "")
