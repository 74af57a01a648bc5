"""Cursors and moments of queries: what is made here is read back, and nothing else is."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsman.feeds.query.cursors import (
    BEFORE_PATTERN,
    SINCE_PATTERN,
    BadCursor,
    ListingPosition,
    decode_before,
    decode_since,
    decode_top,
    encode_before,
    encode_since,
)
from newsman.feeds.query.parameters import read_minute, read_moment

IDS = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=16, max_size=16)
POSITIONS = st.builds(ListingPosition, st.integers(-(10**16), 10**17 - 1), IDS)


@given(POSITIONS, st.none() | POSITIONS)
def test_a_place_in_a_listing_is_read_back(place, top):
    cursor = encode_before(place, top)
    assert re.search(BEFORE_PATTERN, cursor)
    assert decode_before(cursor) == place
    assert decode_top(cursor) == top


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "5",
        "-abcdefghijklmnop",
        "5-abcdefghijklmno",
        "5-abcdefghijklmnopq",
        "5-ABCDEFGHIJKLMNOP",
        "5-abcdefghijklmno1",
        "--5-abcdefghijklmnop",
        "123456789012345678-abcdefghijklmnop",
        "٥-abcdefghijklmnop",
        "5-abcdefghijklmnop\n",
        "5-abcdefghijklmnop_",
        "5-abcdefghijklmnop_6",
        "5-abcdefghijklmnop_6-abcdefghijklmnop_7-abcdefghijklmnop",
    ],
)
def test_a_text_that_nobody_here_made_is_no_place(text):
    with pytest.raises(BadCursor):
        decode_before(text)
    with pytest.raises(BadCursor):
        decode_top(text)


@given(st.dictionaries(st.integers(0, 9_999), st.integers(0, 10**18 - 1), max_size=10))
def test_positions_in_the_log_are_read_back(positions):
    cursor = encode_since(positions)
    assert re.search(SINCE_PATTERN, cursor)
    assert decode_since(cursor) == positions


def test_positions_are_one_cursor_in_whatever_order_they_were_noted():
    assert encode_since({1: 7, 0: 12}) == encode_since({0: 12, 1: 7}) == "0.12-1.7"
    assert encode_since({}) == "0"


@pytest.mark.parametrize(
    "text",
    ["", "1", "0.", ".1", "0.1-", "-0.1", "0.-1", "0.1.2", "0.1-0", "٠.١", "0.1 ", "12345.1",
     "0.1234567890123456789", "0,1"],
)  # fmt: skip
def test_a_text_that_nobody_here_made_is_no_position(text):
    with pytest.raises(BadCursor):
        decode_since(text)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("0", 0),
        ("1772452800000", 1_772_452_800_000),
        ("2026-03-02T12:00:00Z", 1_772_452_800_000),
        ("2026-03-02T14:00:00+02:00", 1_772_452_800_000),
        ("2026-03-02T12:00:00.999Z", 1_772_452_800_999),
        ("1960-01-01T00:00:00Z", 0),
        ("999999999999999", 999_999_999_999_999),
    ],
)
def test_a_moment_is_milliseconds_or_a_time_with_its_zone(text, ms):
    assert read_moment(text) == ms


@pytest.mark.parametrize(
    "text",
    ["", "now", "-5", "1.5", "²", "٣", "9999999999999999", "2026-03-02", "2026-03-02T12:00:00",
     "2026-02-30T12:00:00Z", "12:00:00Z"],
)  # fmt: skip
def test_any_other_moment_is_refused(text):
    with pytest.raises(ValueError, match=r"is a time: ISO 8601 with a zone"):
        read_moment(text)


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-03-02T12:00Z", 12),
        ("2026-03-02T12:00", 12),
        ("2026-03-02T14:00 02:00", 12),  # a plus that nobody escaped
        ("2026-03-02T14:00+02:00", 12),
        (" 2026-03-02T12:00Z ", 12),
    ],
)
def test_a_minute_is_of_utc_where_it_names_no_zone(text, hour):
    assert read_minute(text) == datetime(2026, 3, 2, hour, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "noon", "0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00"])
def test_a_minute_that_no_clock_shows_is_refused(text):
    with pytest.raises(ValueError, match="is a time, for example"):
        read_minute(text)
