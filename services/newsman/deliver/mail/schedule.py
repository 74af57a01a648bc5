"""When an e-mail is due: at once, at the full hour, or at an hour of the day. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from newsman_schemas.names.zones import zone_named

DIGEST, ZONE, HOUR = "digest", "timezone", "hour"
NONE, HOURLY, DAILY = "none", "hour", "day"
USUAL_HOUR = 7


class BadOption(ValueError):
    """An option that makes no sense; its name and what is wrong with it."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(name, detail)
        self.name, self.detail = name, detail


@dataclass(frozen=True)
class Schedule:
    """A digest by the hour or the day in a time zone, or none."""

    digest: str
    zone: ZoneInfo
    hour: int

    @property
    def is_digest(self) -> bool:
        """True if several articles go together."""
        return self.digest != NONE

    def next_after(self, now: datetime) -> datetime | None:
        """The first moment after `now` that a digest goes at; None: at once.

        An hour that a change of the clocks leaves out is the one after it.
        """
        local = now.astimezone(self.zone)
        if self.digest == HOURLY:
            begun = local.replace(minute=0, second=0, microsecond=0, fold=local.fold)
            return begun.astimezone(UTC) + timedelta(hours=1)
        if self.digest == DAILY:
            days = (local.date() + timedelta(days=ahead) for ahead in (0, 1))
            moments = (datetime.combine(day, time(self.hour), self.zone) for day in days)
            return next(at for each in moments if (at := each.astimezone(UTC)) > now)
        return None


def read_schedule(options: Mapping[str, str]) -> Schedule:
    """The schedule in a subscription's options; raises BadOption."""
    for name in options:
        if name not in (DIGEST, ZONE, HOUR):
            raise BadOption(name, f"there are {DIGEST}, {ZONE} and {HOUR}")
    digest = options.get(DIGEST, NONE)
    if digest not in (NONE, HOURLY, DAILY):
        raise BadOption(DIGEST, f"is {NONE}, {HOURLY} or {DAILY}")
    hour = options.get(HOUR, str(USUAL_HOUR))
    if hour not in map(str, range(24)):
        raise BadOption(HOUR, "is an hour of the day, 0 to 23")
    return Schedule(digest, _zone(options.get(ZONE, "UTC")), int(hour))


def _zone(name: str) -> ZoneInfo:
    try:
        return zone_named(name)
    except ValueError as error:
        raise BadOption(ZONE, str(error)) from error
