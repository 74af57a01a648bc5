"""What a parked push says of how it was read is read back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsman.ingest.rejected.how_read import HowRead, how_read, in_ranges, place_of, ranges


@given(st.lists(st.integers(0, 9_999), max_size=200))
def test_numbers_come_back_from_their_ranges(numbers):
    assert list(in_ranges(ranges(numbers) or "")) == sorted(set(numbers))


def test_too_many_ranges_are_not_kept():
    assert ranges(range(0, 9_998, 2)) is None


@pytest.mark.parametrize(
    "how",
    [
        HowRead(),
        HowRead("text/xml; charset=x", "rss", {"ce-id": "é"}, (1,), "/*/a", "https://n.example/"),
        HowRead(format_name="events", refused=(0,)),
    ],
)
def test_headers_say_it_all(how):
    assert how_read(how.headers()) == how


@pytest.mark.parametrize(
    ("pointer", "place"),
    [("/3/headline", "/*/headline"), ("", ""), ("/images/0/width", "/images/*/width")],
)
def test_a_place_has_no_numbers(pointer, place):
    assert place_of(pointer) == place
