"""The marker that says which generation of the store serves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsman.redis.marker import LAYOUT, Marker, read_marker

generations = st.integers(1, 10**6).map(str)


@given(st.just("") | generations, st.none() | generations)
def test_a_marker_is_read_as_it_was_written(serving, taking_over):
    marker = Marker(serving, taking_over)
    assert read_marker(str(marker).encode()) == marker


@pytest.mark.parametrize(
    ("raw", "marker"),
    [
        (b"3", Marker()),
        (b"3:2", Marker("2")),
        (b"3>1", Marker("", "1")),
        (b"3:12>13", Marker("12", "13")),
    ],
)
def test_the_texts_that_stand_in_redis_keep_their_meaning(raw, marker):
    """Processes of two releases read them while one takes the other's place."""
    assert read_marker(raw) == marker
    assert str(marker).encode() == raw


@pytest.mark.parametrize("raw", [None, b"", b"2", b"2:7", b"33", b"30:1", b"x>1", b":3", b">3"])
def test_a_store_of_another_layout_or_none_is_not_whole(raw):
    assert read_marker(raw) is None


def test_the_next_generation_is_a_number_higher_than_the_one_that_serves():
    assert Marker().next_generation == "1"
    assert Marker("1").next_generation == "2"
    assert Marker("9", "10").next_generation == "10"
    assert LAYOUT not in Marker("9").next_generation
