"""Events that say by their words what they are: storms, summits, battles, editions of games."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from newsman.enrich.entities import cues
from newsman.enrich.entities.mentions import Field, Mention
from newsman.enrich.entities.name_lists import Names

METHOD = "occasions 1"
MOST_STORMS = 20

_NAME = r"[A-ZÀ-Þ][\w’'-]*"
_ACRONYM = r"(?:G7|G8|G20|EU|UN|NATO|Nato|BRICS|Brics|[A-Z]{3,6}|[A-Z]\w+[a-z]-[A-Z]\w+[a-z])"
_PATTERNS = tuple(
    re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])")
    for pattern in (
        rf"(?:19|20)\d\d\s(?:{_NAME}\s){{0,4}}(?:{cues.EVENTS}|Paralympics|Expo)",
        rf"(?:Battle|Siege|Treaty|Massacre) of (?:the )?{_NAME}(?:\s(?:of\s)?{_NAME}){{0,3}}",
        rf"{_ACRONYM} summit",
        r"COP\s?\d\d|Expo\s20\d\d|Euro\s(?:19|20)\d\d",
    )
)
_DISASTER = re.compile(
    rf"(?<=[Tt]he\s)(?:(?:19|20)\d\d\s)?{_NAME}(?:\s{_NAME})?\s"
    r"(?:earthquake|tsunami|massacre|genocide|famine|bombings?)(?!\w)"
)
_CONFERENCE = re.compile(
    rf"(?<![\w’'-])({_NAME})\s(?:Peace\s|Security\s|Climate\s)?Conference(?!\w)"
)
_OWN_KIND = re.compile(r"^(?:The|This|That|Every|Each|New)\s")


def find_occasions(texts: Mapping[Field, str], names: Names) -> Iterator[Mention]:
    """The events that the texts name so, and storms that go on under their bare names."""
    storms: dict[str, str] = {}
    for field, text in texts.items():
        for start, end in _spans(text, names):
            yield _mention(field, start, end, text)
        for storm in cues.STORM.finditer(text):
            storms.setdefault(storm.group().split()[-1], storm.group())
            yield _mention(field, *storm.span(), text)
    for bare, whole in islice(storms.items(), MOST_STORMS):
        for field, text in texts.items():
            for again in re.finditer(rf"(?<![\w-]){re.escape(bare)}(?![\w-])", text):
                yield _mention(field, *again.span(), text, name=whole)


def _spans(text: str, names: Names) -> Iterator[tuple[int, int]]:
    for pattern in (*_PATTERNS, _DISASTER):
        yield from (m.span() for m in pattern.finditer(text) if not _OWN_KIND.match(m.group()))
    for match in _CONFERENCE.finditer(text):
        if match.group(1) in names.cities:
            yield match.span()


def _mention(field: Field, start: int, end: int, text: str, name: str | None = None) -> Mention:
    surface = text[start:end]
    event_name = name or " ".join(surface.split())
    return Mention(field, start, end, surface, "event", METHOD, event_name, is_listed=False)
