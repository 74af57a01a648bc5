"""A consumer that stands still is noticed; one that has nothing to do is left alone."""

from newsman.kafka.progress import Progress

LIMIT = 60.0


def test_nothing_to_do_is_no_stall():
    progress = Progress(limit_seconds=LIMIT)
    progress.finish("p0", 5)
    assert progress.stalled_seconds({"p0": 5}, {}, now=0) is None
    assert progress.stalled_seconds({"p0": 5}, {}, now=1_000) is None


def test_work_that_nobody_does_is_a_stall_after_the_limit():
    progress = Progress(limit_seconds=LIMIT)
    assert progress.stalled_seconds({"p0": 9}, {"p0": 3}, now=0) is None
    assert progress.stalled_seconds({"p0": 9}, {"p0": 3}, now=LIMIT) is None
    assert progress.stalled_seconds({"p0": 9}, {"p0": 3}, now=LIMIT + 1) == LIMIT + 1


def test_slow_work_is_no_stall():
    progress = Progress(limit_seconds=LIMIT)
    for step in range(5):
        progress.finish("p0", step)
        assert progress.stalled_seconds({"p0": 100}, {}, now=step * LIMIT * 2) is None


def test_one_partition_that_moves_keeps_the_process_alive():
    progress = Progress(limit_seconds=LIMIT)
    for step in range(1, 5):
        progress.finish("p1", step)
        assert progress.stalled_seconds({"p0": 9, "p1": 50}, {}, now=step * LIMIT * 2) is None


def test_what_was_committed_before_this_process_began_is_done_too():
    progress = Progress(limit_seconds=60)
    assert progress.reached("p0", 7) == 7
    progress.finish("p0", 9)
    assert progress.reached("p0", 7) == 9
    assert progress.reached("p0", 12) == 12
    assert progress.reached("p1", 0) == 0
