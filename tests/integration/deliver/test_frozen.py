"""A deliver that was frozen for longer than its session loses no webhook, and doubles none."""

import time
from collections import Counter

import pytest

FROZEN_SECONDS = 16
"""The session is 10 s."""
ARTICLES = 400


@pytest.mark.timeout(180)
def test_each_webhook_arrives_whichever_of_two_was_frozen(
    start_service, subscriber, emit, event, eventually
):
    settings = {**subscriber.settings, "NEWSMAN_WEBHOOK_TIMEOUT_SECONDS": "2"}
    first, second = (start_service("deliver", NEWSMAN_INSTANCE=str(n), **settings) for n in "01")
    for service in (first, second):
        service.wait_ready()
    emit(*(event(number) for number in range(100)))
    first.pause()
    thaw_at = time.monotonic() + FROZEN_SECONDS
    for start in range(100, 300, 20):
        emit(*(event(number) for number in range(start, start + 20)))
    wanted = {event(number).article_id for number in range(300)}
    # Those that the frozen one was sending are sent by the other when their lease has ended.
    eventually(lambda: {w.what[0] for w in subscriber.accepted()} == wanted, timeout=60)
    eventually(lambda: time.monotonic() > thaw_at)
    first.resume()
    emit(*(event(number) for number in range(300, ARTICLES)))
    wanted = {(event(number).article_id, 1) for number in range(ARTICLES)}
    eventually(lambda: {w.what for w in subscriber.accepted()} == wanted, timeout=60)
    first.wait_ready()
    ids = {w.what: w.id for w in subscriber.accepted()}
    assert len(set(ids.values())) == ARTICLES
    # What was under way at the freeze may come again, under the same id.
    repeated = Counter(w.id for w in subscriber.accepted())
    assert sum(times - 1 for times in repeated.values()) <= 16
