"""Places in the log, as queues keep them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsman.deliver.intake.places import Behind, Places, live_place, read_place


@given(st.integers(0, 2**60), st.integers(0, 2**60))
def test_a_place_behind_is_read_as_it_was_written_unless_its_replay_is_over(offset, replay_to):
    place = read_place(str(Behind(offset, replay_to)))
    assert place == Behind(offset, replay_to if replay_to > offset else 0)


@given(st.integers(0, 2**60))
def test_a_live_place_holds_the_last_offset_that_is_in(next_offset):
    assert read_place(live_place(next_offset)) == next_offset - 1


def test_no_place_is_none():
    assert read_place("") is None


@pytest.mark.parametrize("ident", ["a", "b"])
def test_a_subscription_is_live_or_behind_and_never_both(ident):
    places = Places()
    places.set_behind(ident, Behind(3))
    places.set_live(ident)
    assert (places.live, places.behind) == ({ident}, {})
    places.set_behind(ident, Behind(4))
    assert (places.live, places.behind) == (set(), {ident: Behind(4)})
    places.forget(ident)
    assert (places.live, places.behind) == (set(), {})
