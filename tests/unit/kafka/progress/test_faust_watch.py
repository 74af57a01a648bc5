"""What is read to the end, and what is known after a pause."""

from types import SimpleNamespace

from newsman.kafka.progress.faust_watch import Pauses, read_to_the_end
from newsman.kafka.progress.reckoning import ConsumerProgress

P0, P1 = ("log", 0), ("log", 1)


def app(ends):
    consumer = SimpleNamespace(assignment=lambda: set(ends), highwater=ends.get)
    return SimpleNamespace(consumer=consumer)


def test_a_partition_is_read_to_the_end_when_all_that_the_broker_has_is_finished():
    progress = ConsumerProgress(limit_seconds=60)
    progress.assign(P0, 5)
    progress.assign(P1, 5)
    assert read_to_the_end(app({P0: 5, P1: 6}), progress) == {P0}
    progress.finish_before(P1, 6)
    assert read_to_the_end(app({P0: 5, P1: 6}), progress) == {P0, P1}


def test_nothing_is_read_to_the_end_before_a_fetch_or_without_a_place():
    progress = ConsumerProgress(limit_seconds=60)
    progress.assign(P0, 5)
    assert read_to_the_end(app({P0: None}), progress) == set()
    progress.forget(P0)
    assert read_to_the_end(app({P0: 5}), progress) == set()


def test_a_place_that_was_lost_and_given_anew_is_not_read_to_the_end():
    progress = ConsumerProgress(limit_seconds=60)
    progress.assign(P0, 5)
    progress.finish_before(P0, 9)
    progress.assign(P0, 5)
    assert read_to_the_end(app({P0: 9}), progress) == set()


def test_after_a_pause_it_takes_some_seconds_until_the_ends_are_known_again():
    pauses = Pauses()
    assert all(pauses.is_settled(turn / 10) for turn in range(50))
    frozen_until = 50.0
    settled_at = next(
        now for now in (frozen_until + turn / 10 for turn in range(100)) if pauses.is_settled(now)
    )
    assert 4 <= settled_at - frozen_until < 5
