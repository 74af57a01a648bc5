"""The way in which a refused push was read, kept in its headers so that it can be read again."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from starlette.requests import Request

from newsman.ingest.formats.envelopes import HEADER_PREFIX
from newsman.ingest.formats.model import FieldProblem

MAX_RANGES = 2_000
EVENTS = "events"
"""Stands for a format where a body is one of EventGate's events."""
_RANGE = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?")


@dataclass(frozen=True)
class HowRead:
    """The request's account of its body; `refused` are the items that were not taken.

    None of them means that nothing was taken.
    """

    content_type: str | None = None
    format_name: str | None = None
    event_headers: Mapping[str, str] | None = None
    refused: tuple[int, ...] | None = None
    place: str = ""
    location: str | None = None

    def headers(self) -> dict[str, str]:
        """The headers of the parked message, by their names without `newsman-`."""
        told = {
            "content-type": self.content_type,
            "format": self.format_name,
            "refused": None if self.refused is None else ranges(self.refused),
            "place": self.place,
            "location": self.location,
        }
        if self.event_headers is not None:
            told["event-headers"] = json.dumps(dict(self.event_headers))
        return {name: value for name, value in told.items() if value}


def how_asked(request: Request, format_name: str | None) -> HowRead:
    """The way that a request asks for."""
    event = {
        name: value for name, value in request.headers.items() if name.startswith(HEADER_PREFIX)
    }
    kind = request.headers.get("content-type")
    return HowRead(kind, format_name, event or None)


def how_refused(how: HowRead, refused: Sequence[tuple[int, Sequence[FieldProblem]]]) -> HowRead:
    """A copy for a push whose items were refused in part, with the place of the first problem."""
    place = next((place_of(each.pointer) for _, problems in refused for each in problems), "")
    return replace(how, refused=tuple(index for index, _ in refused), place=place)


def how_read(headers: Mapping[str, str]) -> HowRead:
    """The way that headers tell of; those of older messages tell nothing."""
    event = headers.get("event-headers")
    refused = headers.get("refused")
    return HowRead(
        content_type=headers.get("content-type"),
        format_name=headers.get("format"),
        event_headers=json.loads(event) if event else None,
        refused=None if refused is None else tuple(in_ranges(refused)),
        place=headers.get("place", ""),
        location=headers.get("location"),
    )


def ranges(numbers: Iterable[int]) -> str | None:
    """`0-2,7` for 0, 1, 2 and 7; None where they would be too many to keep."""
    found: list[list[int]] = []
    for number in sorted(set(numbers)):
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    if len(found) > MAX_RANGES:
        return None
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in found)


def in_ranges(text: str) -> Iterable[int]:
    """The numbers in `0-2,7`."""
    for low, high in _RANGE.findall(text):
        yield from range(int(low), int(high or low) + 1)


def place_of(pointer: str) -> str:
    """A pointer without the numbers of items: `/3/headline` is `/*/headline`."""
    steps = ("*" if step.isdecimal() else step for step in pointer[:200].split("/"))
    return "/".join(steps)
