"""Time zones by their names in IANA's database."""

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

OF_THE_MACHINE = ("localtime", "posixrules", "Factory", "posix/", "right/")
"""Beginnings of files beside those of IANA's names: the machine's own zone, and zones that count
leap seconds."""
UTC_NAMES = frozenset({"UTC", "Etc/UTC", "GMT", "Etc/GMT", "Z"})


def zone_named(name: str) -> ZoneInfo:
    """The zone of a name such as Europe/Oslo; raises ValueError."""
    try:
        if name.startswith(OF_THE_MACHINE):
            raise ZoneInfoNotFoundError(name)
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: a folder of zones
        raise ValueError("is a time zone of IANA's database, for example Europe/Oslo") from error


def zone_of(name: str) -> tzinfo:
    """The zone of a name; UTC by any of its names is `datetime.UTC`; raises ValueError."""
    return UTC if name in UTC_NAMES else zone_named(name)
