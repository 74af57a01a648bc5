"""Time zone abbreviations that have a single meaning."""

from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

_HOURS = {
    # RFC 822 section 5.1.
    "UT": 0,
    "UTC": 0,
    "GMT": 0,
    "Z": 0,
    "EST": -5,
    "EDT": -4,
    "CST": -6,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
    # Names that only one region uses.
    "AKST": -9,
    "AKDT": -8,
    "HST": -10,
    "WET": 0,
    "WEST": 1,
    "CET": 1,
    "MEZ": 1,
    "CEST": 2,
    "MESZ": 2,
    "EET": 2,
    "EEST": 3,
    "SAST": 2,
    "MSK": 3,
    "HKT": 8,
    "AWST": 8,
    "JST": 9,
    "KST": 9,
    "ACST": 9.5,
    "ACDT": 10.5,
    "AEST": 10,
    "AEDT": 11,
    "NZST": 12,
    "NZDT": 13,
}
_REGIONS = {
    "ET": "America/New_York",
    "CT": "America/Chicago",
    "MT": "America/Denver",
    "PT": "America/Los_Angeles",
}
"""Names that stand for a region's time in summer and winter alike."""
_SUMMER_AND_WINTER = (datetime(2026, 1, 1), datetime(2026, 7, 1))  # noqa: DTZ001 - of any zone


def region_of(name: str) -> ZoneInfo | None:
    """The zone of a name that is right in summer and in winter, such as ET; None for others."""
    return ZoneInfo(_REGIONS[name]) if name in _REGIONS else None


def is_zone(name: str) -> bool:
    """True for a name, in capitals, that has a single meaning."""
    return name in _HOURS or name in _REGIONS


def offset_of(name: str, zone: tzinfo) -> timedelta:
    """A zone's offset from UTC; a name of several zones means the one that `zone` uses.

    Raises ValueError for a name that is nobody's or could be somebody else's (IST, BST).
    """
    own = (moment.replace(tzinfo=zone) for moment in _SUMMER_AND_WINTER)
    offsets = {moment.tzname(): moment.utcoffset() for moment in own}
    if (offset := offsets.get(name)) is not None:
        return offset
    if name not in _HOURS:
        raise ValueError(f"{name} is the name of several zones, or of none")
    return timedelta(hours=_HOURS[name])
