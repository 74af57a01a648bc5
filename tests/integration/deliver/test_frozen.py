"""Three of deliver share the work: one is frozen for longer than its session and its leases, one is
killed, and nothing is lost, doubled beyond what was under way, or out of order."""

import itertools
import time
import urllib.request
from collections import Counter, defaultdict

from tests.conftest import RunningService

FROZEN_SECONDS = 16
"""The session is 10 s, a lease 7 s."""
AT_ONCE = 20
MOST_UNDER_WAY = 8
"""Of the subscription that the settings declare, in all processes together."""


def attempts(service: RunningService) -> float:
    with urllib.request.urlopen(f"{service.ops_url}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    counted = [line for line in lines if line.startswith("newsman_deliver_attempts_total")]
    return sum(float(line.split()[-1]) for line in counted)


def test_whoever_is_frozen_or_killed_another_goes_on_in_order(
    start_service, subscriber, emit, event, eventually
):
    settings = {**subscriber.settings, "NEWSMAN_WEBHOOK_TIMEOUT_SECONDS": "2"}
    services = [start_service("deliver", NEWSMAN_INSTANCE=str(n), **settings) for n in range(3)]
    frozen, killed, _ = services
    for service in services:
        service.wait_ready()
    numbers, newest = itertools.count(), dict[int, int]()

    def publish(revision: int, *, articles: list[int]) -> None:
        emit(*(event(number, revision) for number in articles))
        newest.update(dict.fromkeys(articles, revision))

    def some() -> list[int]:
        return list(itertools.islice(numbers, AT_ONCE))

    def everybody_works() -> bool:
        publish(1, articles=some())
        return all(attempts(service) for service in services)

    def has_all() -> bool:
        wanted = {(event(number).article_id, revision) for number, revision in newest.items()}
        return wanted <= {one.what for one in subscriber.accepted()}

    eventually(everybody_works)
    publish(1, articles=some())
    frozen.pause()
    thaw_at = time.monotonic() + FROZEN_SECONDS
    publish(2, articles=list(newest))
    killed.kill()
    for _ in range(5):
        publish(1, articles=some())
    # What those two were sending the third sends when their leases and sessions are over.
    eventually(has_all, timeout=60)
    publish(3, articles=list(newest))
    eventually(lambda: time.monotonic() > thaw_at)
    frozen.resume()
    publish(4, articles=list(newest)[::2])
    publish(1, articles=some())
    eventually(has_all, timeout=60)
    frozen.wait_ready()
    before = attempts(frozen)

    def frozen_works_again() -> bool:
        publish(1, articles=some())
        return attempts(frozen) > before

    eventually(frozen_works_again)
    eventually(has_all)

    ids, revisions = defaultdict(set), defaultdict(list)
    for one in subscriber.accepted():
        article, revision = one.what
        ids[one.what].add(one.id)
        revisions[article].append(revision)
    assert all(len(each) == 1 for each in ids.values())
    assert len(set.union(*ids.values())) == len(ids)
    assert all(each == sorted(each) for each in revisions.values())
    repeated = Counter(one.id for one in subscriber.accepted())
    assert sum(times - 1 for times in repeated.values()) <= 2 * MOST_UNDER_WAY
