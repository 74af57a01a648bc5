"""Stretches of the past in days, hours and minutes."""

import pytest

from newsman.rankings.past import cover


@pytest.mark.parametrize(("first", "last"), [(0, 0), (59, 60), (1_439, 4_320), (77, 9_999)])
def test_days_hours_and_minutes_cover_a_stretch_exactly(first, last):
    size = {"minute": 1, "hour": 60, "day": 1_440}
    minutes = [
        minute
        for span, number in cover(first, last)
        for minute in range(number * size[span], (number + 1) * size[span])
    ]
    assert minutes == list(range(first, last + 1))
    assert len(cover(first, last)) <= 2 * (59 + 23) + (last - first) // 1_440 + 1
