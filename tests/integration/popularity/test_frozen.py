"""Whoever was frozen beyond its session, or loses what it fetched, counts nothing wrong."""

import time

import redis
from tests.lossy import LOSSY, broken

from newsman.popularity.counting.count_store import CountStore
from newsman.runtime.crash import EXIT_CRASHED
from newsman_schemas.topics import ARTICLE_VIEWED

from .conftest import WINDOW, stored_numbers
from .test_exactness import ends_of_views, offsets
from .truth import make_stream, produce, produce_together, truth_of_the_log

FROZEN_SECONDS = 16
"""The session is 10 s."""
PARTS = range(ARTICLE_VIEWED.partitions)


def wait_counted(client: redis.Redis, bootstrap: str, namespace: str, eventually) -> list[int]:
    ends = ends_of_views(bootstrap, namespace)
    eventually(
        lambda: offsets(client, namespace) == ends,
        timeout=60,
        what="everything on the log is counted",
    )
    return ends


def assert_true(client: redis.Redis, bootstrap: str, namespace: str, ends: list[int]) -> None:
    store = CountStore(client, namespace, window_seconds=WINDOW)
    later = int(time.time())
    for number in PARTS:
        assert store.advance(number, expected=ends[number], clock_seconds=later)
    truth, _ = truth_of_the_log(bootstrap, namespace, now=later, view_window=WINDOW)
    assert stored_numbers(client, namespace) == truth


def test_a_zombie_adds_nothing_to_what_the_other_has_counted(
    start_service, topics, kafka_bootstrap, redis_client, eventually
):
    first, second = (start_service("popularity", NEWSMAN_INSTANCE=str(n)) for n in range(2))
    for service in (first, second):
        service.wait_ready()
    views = make_stream(12_000, now=int(time.time()), seed=5).views
    produce(kafka_bootstrap, topics, views[:2_000])
    first.pause()
    thaw_at = time.monotonic() + FROZEN_SECONDS
    for start in range(2_000, 10_000, 1_000):
        produce_together(kafka_bootstrap, topics, views[start : start + 1_000])
    # The other has taken over and counted all of it before the frozen one goes on.
    wait_counted(redis_client, kafka_bootstrap, topics, eventually)
    eventually(lambda: time.monotonic() > thaw_at)
    first.resume()
    produce_together(kafka_bootstrap, topics, views[10_000:])
    first.wait_ready()
    ends = wait_counted(redis_client, kafka_bootstrap, topics, eventually)
    first.kill()
    second.kill()
    assert_true(redis_client, kafka_bootstrap, topics, ends)


def test_a_hole_in_what_was_fetched_ends_the_process_and_the_next_counts_all(
    start_service, topics, kafka_bootstrap, redis_client, tmp_path, eventually
):
    idle = start_service("popularity")
    idle.wait_ready()
    env, log_file = idle.env, tmp_path / "lossy.log"
    idle.stop()
    with broken("popularity", LOSSY, env, log_file) as lossy:
        views = make_stream(12_000, now=int(time.time()), seed=6).views
        for start in range(0, 12_000, 500):
            produce(kafka_bootstrap, topics, views[start : start + 500])
        assert lossy.wait(60) == EXIT_CRASHED
    assert "was expected" in log_file.read_text()
    idle.start()
    ends = wait_counted(redis_client, kafka_bootstrap, topics, eventually)
    idle.kill()
    assert_true(redis_client, kafka_bootstrap, topics, ends)
