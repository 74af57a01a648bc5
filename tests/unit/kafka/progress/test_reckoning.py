"""Progress per partition: what may come next, what counts as finished, what stands still."""

import random

import pytest

from newsman.kafka.progress.reckoning import ConsumerProgress, EventGap, OutOfOrder

LIMIT = 60.0
P0, P1 = ("log", 0), ("log", 1)


def begun(*partitions, at=0):
    progress = ConsumerProgress(limit_seconds=LIMIT)
    for partition in partitions:
        progress.assign(partition, at)
    return progress


def test_events_come_one_after_the_other_from_what_was_committed():
    place = begun(P0, at=7).place(P0)
    assert [place.enter(offset) for offset in (7, 8, 9)] == [True, True, True]


def test_an_event_behind_a_gap_does_not_enter():
    place = begun(P0, at=7).place(P0)
    place.enter(7)
    with pytest.raises(EventGap, match="offset 9 came where 8 was expected"):
        place.enter(9)
    assert place.enter(8)


def test_a_redelivered_event_enters_once_and_moves_nothing_back():
    place = begun(P0, at=7).place(P0)
    place.enter(7)
    place.enter(8)
    place.finish(7)
    assert not place.enter(3)
    assert not place.enter(7)
    assert not place.enter(8)
    place.finish(7)
    assert (place.expected, place.finished) == (9, 8)


def test_finished_is_contiguous():
    place = begun(P0, at=7).place(P0)
    for offset in range(7, 10):
        place.enter(offset)
    with pytest.raises(OutOfOrder, match="offset 8 is finished, but 7 is not"):
        place.finish(8)
    assert place.finished == 7


def test_what_the_log_no_longer_holds_is_left_out():
    place = begun(P0, at=3).place(P0)
    place.enter(3)
    place.skip_to(100)
    place.enter(100)
    place.finish(3)
    assert place.finished == 4
    place.finish(100)
    assert place.finished == 101


def test_a_place_that_was_lost_says_nothing_of_the_one_that_came_after():
    progress = begun(P0, at=50)
    lost = progress.place(P0)
    for offset in range(50, 60):
        lost.enter(offset)
    progress.forget(P0)
    assert (lost.is_held, progress.place(P0), progress.finished(P0)) == (False, None, None)
    progress.assign(P0, 52)
    lost.finish(50)
    assert progress.finished(P0) == 52


def test_whatever_is_lost_and_given_anew_only_a_whole_beginning_counts_as_finished():
    rng = random.Random(12)
    for _ in range(300):
        progress, done, committed, at_work = begun(P0), set(), 0, []
        for _ in range(80):
            action = rng.choice(["come", "come", "again", "finish", "finish", "commit", "lose"])
            place = progress.place(P0)
            if action == "come" and place.enter(place.expected):
                at_work.append((place, place.expected - 1))
            elif action == "again":
                assert not place.enter(rng.randrange(place.expected + 1) - 1)
            elif action == "finish" and at_work:
                place, offset = at_work.pop(0)
                place.finish(offset)
                done.add(offset)
            elif action == "commit":
                committed = progress.finished(P0)
            elif action == "lose":
                progress.assign(P0, committed)
            assert set(range(progress.finished(P0))) <= done


def test_finished_work_is_not_standing():
    progress = begun(P0, at=5)
    assert progress.look({P0: 5}, now=0) == ()
    assert progress.look({P0: 5}, now=1_000) == ()
    assert progress.look({P0: 6}, now=1_001)[0].seconds == 1


def test_a_partition_that_holds_work_and_finishes_nothing_is_stalled_beyond_the_limit():
    progress = begun(P0, at=3)
    progress.look({P0: 9}, now=0)
    progress.look({P0: 9}, now=LIMIT)
    assert progress.stalled() is None
    progress.look({P0: 11}, now=LIMIT + 1)
    assert str(progress.stalled()) == (
        "log[0] has stood still for 61 s at offset 3; 8 messages wait"
    )


def test_slow_work_is_not_stalled():
    progress = begun(P0)
    for step in range(1, 6):
        progress.finish_before(P0, step)
        progress.look({P0: 100}, now=step * LIMIT * 2)
        assert progress.stalled() is None


def test_what_another_partition_finishes_moves_none():
    progress = begun(P0, P1)
    for step in range(8):
        progress.finish_before(P1, step)
        progress.look({P0: 9, P1: 50}, now=step * LIMIT / 4)
    assert progress.stalled().partition == P0


def test_the_gain_of_a_partition_moves_none_that_stands():
    progress = begun(P0)
    progress.look({P0: 9}, now=0)
    progress.assign(P1, 0)
    progress.look({P0: 9, P1: 5}, now=LIMIT)
    progress.look({P0: 9, P1: 5}, now=LIMIT + 1)
    assert progress.stalled().partition == P0


def test_work_that_is_done_again_is_no_progress():
    progress = begun(P0)
    for step in range(8):
        progress.assign(P0, 0)
        progress.finish_before(P0, step % 3)
        progress.look({P0: 9}, now=step * LIMIT / 4)
    assert progress.stalled().partition == P0


def test_a_partition_without_a_place_stands():
    progress = ConsumerProgress(limit_seconds=LIMIT)
    progress.look({P0: 9}, now=0)
    progress.look({P0: 9}, now=LIMIT + 1)
    assert str(progress.stalled()) == (
        "log[0] has stood still for 61 s without a place in it; an unknown number of messages wait"
    )


def test_a_partition_that_was_taken_away_does_not_stand():
    progress = begun(P0, P1)
    progress.look({P0: 9, P1: 0}, now=0)
    progress.look({P1: 0}, now=LIMIT)
    progress.look({P0: 9, P1: 0}, now=LIMIT + 1)
    assert progress.stalled() is None


def test_the_partition_is_named_before_it_is_beyond_the_limit():
    progress = begun(P0, P1)
    progress.look({P0: 9, P1: 0}, now=0)
    assert progress.problem() is None
    progress.look({P0: 9, P1: 0}, now=LIMIT / 2)
    assert progress.problem() == "log[0] has stood still for 30 s at offset 0; 9 messages wait"
    assert progress.stalled() is None
    progress.finish_before(P0, 1)
    progress.look({P0: 9, P1: 0}, now=LIMIT / 2 + 1)
    assert progress.problem() is None
