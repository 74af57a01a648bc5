"""One range of bytes, by RFC 9110 section 14; whatever else is asked for gets the whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsman.feeds.assets.ranges import ByteSpan, Unsatisfiable, wanted_span

LENGTH = 1_000


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [
        ("bytes=0-499", 0, 500),
        ("bytes=500-999", 500, 1_000),
        ("bytes=-500", 500, 1_000),
        ("bytes=9500-", None, None),
        ("bytes=999-", 999, 1_000),
        ("bytes=0-0", 0, 1),
        ("bytes=-1", 999, 1_000),
        ("bytes=-5000", 0, 1_000),
        ("bytes=0-5000", 0, 1_000),
        ("Bytes=\t0-9 ", 0, 10),
        ("bytes=00000000000000000000000000-9", 0, 10),
        ("bytes=0-99999999999999999999999999", 0, 1_000),
        ("bytes=1000-", None, None),
        ("bytes=99999999999999999999999999-", None, None),
        ("bytes=-0", None, None),
        ("bytes=-000", None, None),
    ],
)
def test_a_range_is_cut_to_the_asset_or_can_not_be_satisfied(header, start, end):
    if start is None:
        with pytest.raises(Unsatisfiable):
            wanted_span(header, LENGTH)
    else:
        assert wanted_span(header, LENGTH) == ByteSpan(start, end)


@pytest.mark.parametrize(
    "header",
    [
        None, "", "bytes", "bytes=", "bytes=-", "bytes=5-4", "bytes=0-1,3-4", "bytes=a-b",
        "bytes= 0 - 1", "items=0-1", "bytes=0-1;", "bytes=+0-1", "bytes=--1", "bytes=٠-١",
        "bytes=0x0-1", "bytes=1.0-2",
    ],
)  # fmt: skip
def test_what_is_no_single_range_is_answered_whole(header):
    assert wanted_span(header, LENGTH) is None


def test_of_an_empty_asset_the_end_is_the_whole_and_any_byte_lies_behind_it():
    assert wanted_span("bytes=-5", 0) is None
    with pytest.raises(Unsatisfiable):
        wanted_span("bytes=0-", 0)


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_span_never_leaves_the_asset(length, first, last):
    try:
        span = wanted_span(f"bytes={first}-{last}", length)
    except Unsatisfiable:
        assert first >= length
        return
    if span is None:
        assert last < first
    else:
        assert range(span.start, span.end) == range(first, min(last + 1, length))
        assert 0 <= span.start < span.end <= length
