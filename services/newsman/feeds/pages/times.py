"""Times as pages say them: in the site's zone, and as a day where only a day was given."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo

from markupsafe import Markup

MIDNIGHT = time(0)
NO_MARK, EXACT = Markup(""), Markup(" data-exact")


@dataclass(frozen=True)
class SiteTimes:
    """Moments in the zone of a site; the script of pages puts them into the reader's own."""

    zone: tzinfo = UTC

    def element(self, moment: datetime) -> Markup:
        """The `time` of a moment, as an article says it."""
        return self._element(moment, EXACT)

    def recent(self, moment: datetime) -> Markup:
        """The `time` of a moment that may be told as "2 hours ago" while it is."""
        return self._element(moment, NO_MARK)

    def text(self, moment: datetime) -> str:
        """The moment in words: `3 November 2026, 21:00 CET`, or its day alone."""
        if day := self.day_alone(moment):
            return _day(day)
        local = moment.astimezone(self.zone)
        return f"{_day(local.date())}, {local:%H:%M} {zone_name(local)}"

    def day_alone(self, moment: datetime) -> date | None:
        """The day of a moment that says no more: a date without an hour was read as midnight, in
        the zone of the site or in UTC."""
        for zone in (self.zone, UTC):
            local = moment.astimezone(zone)
            if local.time() == MIDNIGHT:
                return local.date()
        return None

    def _element(self, moment: datetime, mark: Markup) -> Markup:
        day = self.day_alone(moment)
        said = (
            day.isoformat() if day else moment.astimezone(self.zone).isoformat(timespec="minutes")
        )
        return Markup('<time datetime="{}"{}>{}</time>').format(
            said, NO_MARK if day else mark, self.text(moment)
        )


def zone_name(local: datetime) -> str:
    """The short name of a moment's zone; its offset from UTC where the zone has none."""
    name = f"{local:%Z}"
    return f"UTC{name}" if name[:1] in ("+", "-") else name


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
