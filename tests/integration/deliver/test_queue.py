"""The queue on a real server: one step each, nothing lost, nothing twice."""

import asyncio
import json

import pytest
import redis

from newsman.deliver.core import Delivered, Disable, Park, Retry, Webhook
from newsman.deliver.queue import (
    LOG_ENTRIES,
    Attempt,
    Due,
    Intake,
    Outlet,
    Queued,
)
from newsman.kafka.offset_in_store import OffsetMoved
from newsman.redis.client import build_async_client
from newsman.redis.keys import DeliverKeys

NOW = 1_772_452_800_000
LEASE = 20_000
URL = "http://subscriber.example/"


@pytest.fixture
def intake(redis_client, namespace) -> Intake:
    return Intake(redis_client, namespace)


@pytest.fixture
def keys(namespace) -> DeliverKeys:
    return DeliverKeys(namespace)


class Ends:
    """The sending end, called from tests that are not asynchronous."""

    def __init__(self, redis_url: str, namespace: str, url: str = URL) -> None:
        self._redis_url = redis_url
        self._namespace = namespace
        self._url = url

    def take(self, now=NOW, limit=10) -> list[Due]:
        return self._call("take", now_ms=now, lease_ms=LEASE, limit=limit)

    def settle(self, due: Due, verdict, now=NOW) -> None:
        hook = due.webhook
        line = Attempt(hook.id, hook.article_id, hook.revision, 200, 5, due.failures + 1, "", "x")
        self._call("settle", due, verdict, line, now_ms=now)

    def state(self):
        return self._call("state")

    def enable(self):
        return self._call("enable")

    def _call(self, method: str, *args, **kwargs):
        async def call():
            client = build_async_client(self._redis_url)
            try:
                return await getattr(Outlet(client, self._namespace, self._url), method)(
                    *args, **kwargs
                )
            finally:
                await client.aclose()

        return asyncio.run(call())


@pytest.fixture
def outlet(redis_url, namespace) -> Ends:
    return Ends(redis_url, namespace)


def hook(article="a", revision=1) -> Webhook:
    return Webhook(f"msg_{article}{revision}", article * 16, revision, NOW, f"body {revision}")


def put(intake, *webhooks, expected=None, next_offset=1, partition=0, now=NOW):
    return intake.put(partition, webhooks, expected=expected, next_offset=next_offset, now_ms=now)


def ids(taken: list[Due]) -> list[str]:
    return [due.webhook.id for due in taken]


def test_what_is_put_in_comes_out_once_and_leaves_after_the_answer(intake, outlet):
    assert put(intake, hook("a"), hook("b")) == Queued(queued=2, replaced=0, dropped=0)
    taken = outlet.take()
    assert sorted(ids(taken)) == ["msg_a1", "msg_b1"]
    assert outlet.take() == []
    assert outlet.state().waiting == 2
    for due in taken:
        outlet.settle(due, Delivered())
    assert outlet.state().waiting == 0
    assert outlet.take(now=NOW + 10 * LEASE) == []


def test_a_newer_revision_takes_the_place_of_one_that_waits(intake, outlet):
    put(intake, hook(revision=1))
    assert put(intake, hook(revision=3), expected=1, next_offset=2) == Queued(1, 1, 0)
    assert ids(outlet.take()) == ["msg_a3"]


def test_a_revision_that_is_known_or_older_is_dropped(intake, outlet):
    put(intake, hook(revision=2))
    outlet.settle(outlet.take()[0], Delivered())
    again = put(intake, hook(revision=2), hook(revision=1), expected=1, next_offset=3)
    assert again == Queued(queued=0, replaced=0, dropped=2)
    assert outlet.take(now=NOW + 10 * LEASE) == []


def test_offset_and_webhooks_change_in_one_step_or_not_at_all(intake, outlet):
    assert intake.offset(0) is None
    put(intake, hook("a"), next_offset=7)
    assert put(intake, hook("b"), next_offset=9) == OffsetMoved()
    assert intake.offset(0) == 7
    assert put(intake, hook("b"), expected=6, next_offset=9) == OffsetMoved()
    assert intake.offset(0) == 7
    assert ids(outlet.take()) == ["msg_a1"]
    assert put(intake, hook("c"), partition=1, next_offset=3) == Queued(1, 0, 0)
    assert (intake.offset(0), intake.offset(1)) == (7, 3)


def test_what_a_killed_process_was_sending_is_due_again_when_its_lease_ends(intake, outlet):
    put(intake, hook())
    outlet.take()
    assert outlet.take(now=NOW + LEASE - 1) == []
    assert ids(outlet.take(now=NOW + LEASE)) == ["msg_a1"]


def test_a_newer_revision_waits_until_the_older_ones_sending_is_over(intake, outlet):
    put(intake, hook(revision=1))
    sending = outlet.take()[0]
    put(intake, hook(revision=2), expected=1, next_offset=2)
    assert outlet.take() == []
    outlet.settle(sending, Delivered())
    assert ids(outlet.take()) == ["msg_a2"]


def test_a_failed_older_revision_is_not_tried_again_once_a_newer_waits(intake, outlet):
    put(intake, hook(revision=1))
    sending = outlet.take()[0]
    put(intake, hook(revision=2), expected=1, next_offset=2)
    outlet.settle(sending, Retry(wait_seconds=300, hold_seconds=0))
    taken = outlet.take()
    assert (ids(taken), taken[0].failures) == (["msg_a2"], 0)


def test_a_retry_comes_after_its_wait_and_counts_the_failures(intake, outlet):
    put(intake, hook())
    outlet.settle(outlet.take()[0], Retry(wait_seconds=5, hold_seconds=0))
    assert outlet.take(now=NOW + 4_999) == []
    again = outlet.take(now=NOW + 5_000)[0]
    assert (again.webhook, again.failures) == (hook(), 1)
    outlet.settle(again, Retry(wait_seconds=5, hold_seconds=0), now=NOW + 5_000)
    assert outlet.take(now=NOW + 10_000)[0].failures == 2


def test_a_pause_that_the_subscriber_asks_for_holds_everything(intake, outlet, keys, redis_client):
    put(intake, hook("a"), hook("b"))
    outlet.settle(outlet.take(limit=1)[0], Retry(wait_seconds=120, hold_seconds=120))
    assert outlet.take(now=NOW + 60_000) == []
    assert 0 < redis_client.pttl(keys.hold) <= 120_000


def test_410_stops_everything_for_that_address_until_it_is_enabled(
    intake, outlet, redis_url, namespace
):
    put(intake, hook("a"), hook("b"))
    outlet.settle(outlet.take(limit=1)[0], Disable())
    assert outlet.state().is_disabled
    assert intake.is_disabled(URL)
    assert outlet.take(now=NOW + LEASE) == []
    elsewhere = Ends(redis_url, namespace, "http://another.example/")
    assert not elsewhere.state().is_disabled
    outlet.enable()
    assert sorted(ids(outlet.take(now=NOW + LEASE))) == ["msg_a1", "msg_b1"]


def test_what_failed_for_good_is_parked_and_a_newer_revision_takes_it_away(
    intake, outlet, keys, redis_client
):
    put(intake, hook(revision=1))
    outlet.settle(outlet.take()[0], Park())
    state = outlet.state()
    assert (state.waiting, state.parked) == (0, 1)
    assert json.loads(redis_client.hget(keys.parked, "a" * 16))["id"] == "msg_a1"
    put(intake, hook(revision=2), expected=1, next_offset=2)
    assert outlet.state().parked == 0


def test_the_log_keeps_the_last_thousand_attempts_newest_first(intake, outlet, keys, redis_client):
    redis_client.rpush(keys.log, *["{}"] * LOG_ENTRIES)
    put(intake, hook())
    outlet.settle(outlet.take()[0], Delivered())
    assert redis_client.llen(keys.log) == LOG_ENTRIES
    newest = json.loads(redis_client.lindex(keys.log, 0))
    assert newest == {
        "id": "msg_a1",
        "article": "a" * 16,
        "revision": 1,
        "status": 200,
        "ms": 5,
        "attempt": 1,
        "at": "",
        "outcome": "x",
        "detail": None,
    }


def test_all_keys_share_one_hash_tag(intake, outlet, namespace, redis_client: redis.Redis):
    put(intake, hook("a"), hook("b"))
    outlet.settle(outlet.take(limit=1)[0], Disable())
    found = {key.decode() for key in redis_client.scan_iter(f"{namespace}:*")}
    assert len(found) >= 6
    assert all(key.startswith(f"{namespace}:deliver:{{queue}}:") for key in found)


def test_nothing_but_the_revision_is_left_of_a_delivered_webhook(
    intake, outlet, keys, redis_client
):
    put(intake, hook())
    outlet.settle(outlet.take()[0], Delivered())
    left = {key.decode() for key in redis_client.scan_iter(f"{keys.prefix}:*")}
    assert left == {keys.revisions, keys.offsets, keys.log}
