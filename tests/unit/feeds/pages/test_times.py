"""Times as pages say them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from lxml import html

from newsman.feeds.pages.times import SiteTimes

OSLO = SiteTimes(ZoneInfo("Europe/Oslo"))


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("UTC", "2 March 2026, 12:05 UTC"),
        ("Europe/Oslo", "2 March 2026, 13:05 CET"),
        ("Asia/Dubai", "2 March 2026, 16:05 UTC+04"),
        ("Pacific/Kiritimati", "3 March 2026, 02:05 UTC+14"),
    ],
)
def test_a_moment_is_told_in_the_zone_of_the_site(zone, said):
    times = SiteTimes(ZoneInfo(zone))
    moment = datetime(2026, 3, 2, 12, 5, tzinfo=UTC)
    assert times.text(moment) == said
    element = html.fragment_fromstring(str(times.recent(moment)))
    assert element.text == said
    assert datetime.fromisoformat(element.get("datetime")) == moment
    assert (
        datetime.fromisoformat(element.get("datetime")).utcoffset()
        == moment.astimezone(times.zone).utcoffset()
    )


@pytest.mark.parametrize(
    "moment", [datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=OSLO.zone)]
)
def test_a_day_without_an_hour_has_none_on_the_page(moment):
    element = html.fragment_fromstring(str(OSLO.recent(moment)))
    assert element.text == "2 March 2026"
    assert element.get("datetime") == "2026-03-02"
