"""The queues on a real server: one step each, nothing lost, nothing twice."""

import asyncio
import json
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import pytest
import redis
from redis.crc import key_slot

from newsman.deliver.queue.bell import Bell
from newsman.deliver.queue.inlet import Inlet, Mode, Put, PutResult, Row
from newsman.deliver.queue.outlet import (
    ATTEMPTS_KEPT,
    CLAIM_MS,
    FAILING_STREAK,
    FIRST_PAUSE_MS,
    LONGEST_PAUSE_MS,
    Claim,
    Hint,
    Outcome,
    Outlet,
    Settlement,
    Taken,
    Wish,
)
from newsman.deliver.queue.references import Reference
from newsman.redis.client import build_async_client
from newsman.redis.keys import DeliverKeys, QueueKeys

NOW = 1_772_452_800_000
LEASE = 20_000
SUBSCRIPTION = "s" * 16
OTHER = "t" * 16
MOST = 5


@pytest.fixture
def inlet(redis_client, namespace) -> Inlet:
    return Inlet(redis_client, namespace, most_waiting=MOST)


@pytest.fixture
def keys(namespace) -> QueueKeys:
    return QueueKeys(namespace, SUBSCRIPTION)


@dataclass
class Ends:
    """The sending end, called from tests that are not asynchronous."""

    redis_url: str
    namespace: str

    def take(
        self, now=NOW, *, most=8, token="one", alone=False, under_way=8, answered=()
    ) -> list[Taken]:
        wish = Wish(SUBSCRIPTION, under_way, most, alone, answered)
        return list(self._take(wish, now, token).taken)

    def due(self, now=NOW) -> int:
        return self._take(Wish(SUBSCRIPTION, 64, 64), now, "looker").due_ms

    def _take(self, wish, now, token):
        (take,) = self.call("take", [wish], now_ms=now, lease_ms=LEASE, token=token)
        return take

    def settle(self, *ends: tuple[Taken, Outcome, int], now=NOW, hold=0, line="{}"):
        rows = [Settlement(taken, outcome, due, line) for taken, outcome, due in ends]
        (settled,) = self.call("settle", [(SUBSCRIPTION, hold, rows)], now_ms=now)
        return settled

    def done(self, taken: Taken):
        return self.settle((taken, Outcome.DONE, 0))

    def claim(self, hints: list[Hint], now: int) -> Claim:
        return self.call("claim", hints, now_ms=now)

    def call(self, method: str, *args, **kwargs) -> Any:
        async def call():
            client = build_async_client(self.redis_url)
            try:
                return await getattr(Outlet(client, self.namespace), method)(*args, **kwargs)
            finally:
                await client.aclose()

        return asyncio.run(call())


@pytest.fixture
def outlet(redis_url, namespace) -> Ends:
    return Ends(redis_url, namespace)


def row(article="a", revision=1, *, offset=0, urgent=False, due=NOW) -> Row:
    event = "article.killed" if urgent else "article.published"
    reference = Reference(article * 16, event, f"{article}{revision}", revision)
    return Row(reference, offset, urgent, due)


def put(inlet, *rows, mode=Mode.FORCED, place="") -> PutResult:
    (result,) = inlet.put([Put(SUBSCRIPTION, rows, 0, mode, place)], now_ms=NOW)
    return result


def place(inlet) -> str:
    return inlet.places([SUBSCRIPTION], 0)[0]


def events(taken: list[Taken]) -> list[str]:
    return [one.reference.event_id for one in taken]


def test_what_is_put_in_comes_out_once_and_leaves_after_the_answer(
    inlet, outlet, redis_client, keys
):
    assert put(inlet, row("a"), row("b")) == PutResult(queued=2)
    taken = outlet.take()
    assert sorted(events(taken)) == ["a1", "b1"]
    assert outlet.take() == []
    for one in taken:
        assert outlet.done(one).results == (1,)
    assert outlet.take(NOW + 10 * LEASE) == []
    assert {key.decode() for key in redis_client.scan_iter(f"{keys.entries[:-7]}*")} == {
        keys.attempts
    }


def test_a_newer_revision_takes_the_place_of_one_that_waits_and_that_is_told(inlet, outlet):
    put(inlet, row(revision=1))
    result = put(inlet, row(revision=3))
    assert [one.event_id for one in result.replaced] == ["a1"]
    assert events(outlet.take()) == ["a3"]


def test_what_is_urgent_goes_first_and_stays_so_in_its_own_order(inlet, outlet):
    put(inlet, row("a", due=NOW - 9), row("b", due=NOW - 8), row("c", urgent=True))
    assert events(outlet.take(most=2)) == ["c1", "a1"]


def test_a_kill_takes_the_place_of_the_text_that_waits(inlet, outlet):
    put(inlet, row("a", 1), row("b", 1, due=NOW - 1))
    put(inlet, row("a", 2, urgent=True))
    assert events(outlet.take()) == ["a2", "b1"]


def test_no_more_are_under_way_than_the_subscription_allows_whoever_takes(inlet, outlet):
    put(inlet, *(row(letter) for letter in "abcd"))
    first = outlet.take(under_way=3, token="one")
    assert len(first) == 3
    assert outlet.take(under_way=3, token="two") == []
    outlet.done(first[0])
    assert len(outlet.take(under_way=3, token="two")) == 1


def test_what_the_receiver_has_taken_is_no_longer_under_way(inlet, outlet):
    put(inlet, *(row(letter) for letter in "abcde"))
    first = outlet.take(under_way=2)
    answered = (first[0].reference.key, "n" * 16)
    (next_one,) = outlet.take(under_way=2, answered=answered)
    assert outlet.take(under_way=2, answered=answered) == []
    outlet.done(first[0])
    assert outlet.take(under_way=2, answered=answered) == [], "its place was given away already"
    assert outlet.settle((next_one, Outcome.RETRY, NOW + 5_000)).results == (1,)
    assert len(outlet.take(under_way=2)) == 1


def test_more_is_put_in_at_once_than_a_command_takes(inlet, outlet, redis_client, keys):
    several = [row(f"{number:04}"[::-1]) for number in range(2_500)]
    assert put(inlet, *several).queued == 2_500
    newer = [row(f"{number:04}"[::-1], 2, urgent=number % 2 == 0) for number in range(2_500)]
    result = put(inlet, *newer)
    assert (result.queued, len(result.replaced)) == (2_500, 2_500)
    assert (redis_client.zcard(keys.urgent), redis_client.zcard(keys.due)) == (1_250, 1_250)
    taken = outlet.take(most=1_000, under_way=1_000)
    assert len(set(events(taken))) == 1_000
    assert all(one.reference.revision == 2 for one in taken)


def test_of_one_article_twice_in_a_put_the_last_is_queued(inlet, outlet, redis_client, keys):
    result = put(inlet, row(revision=1, urgent=True), row(revision=2, offset=1))
    assert (result.queued, [one.event_id for one in result.replaced]) == (2, ["a1"])
    assert (redis_client.zcard(keys.urgent), events(outlet.take())) == (0, ["a2"])


def test_a_lease_that_has_ended_counts_no_more_and_its_delivery_is_due_again(inlet, outlet):
    put(inlet, row())
    outlet.take()
    assert outlet.take(NOW + LEASE - 1) == []
    assert events(outlet.take(NOW + LEASE, under_way=1, token="two")) == ["a1"]


def test_who_has_lost_a_lease_settles_nothing(inlet, outlet):
    put(inlet, row())
    (late,) = outlet.take(token="one")
    (again,) = outlet.take(NOW + LEASE, token="two")
    assert outlet.done(late).results == (-1,)
    assert outlet.settle((again, Outcome.RETRY, NOW + 1)).results == (1,)


def test_what_goes_together_goes_alone(inlet, outlet):
    put(inlet, *(row(letter) for letter in "abc"))
    first = outlet.take(most=2, under_way=2, alone=True)
    assert outlet.take(most=2, under_way=2, alone=True, token="two") == []
    for one in first:
        outlet.done(one)
    assert len(outlet.take(most=2, under_way=2, alone=True)) == 1


def test_a_newer_revision_waits_until_the_older_ones_sending_is_over(inlet, outlet):
    put(inlet, row(revision=1))
    (sending,) = outlet.take()
    assert put(inlet, row(revision=2, due=0)).replaced == ()
    assert outlet.take() == []
    assert outlet.done(sending).results == (0,)
    assert events(outlet.take()) == ["a2"]


def test_a_failed_older_revision_is_not_tried_again_once_a_newer_waits(inlet, outlet):
    put(inlet, row(revision=1))
    (sending,) = outlet.take()
    put(inlet, row(revision=2))
    assert outlet.settle((sending, Outcome.RETRY, NOW + 300_000)).results == (0,)
    (taken,) = outlet.take()
    assert (taken.reference.event_id, taken.failures) == ("a2", 0)


def test_a_retry_comes_after_its_wait_and_counts_the_failures(inlet, outlet):
    put(inlet, row())
    settled = outlet.settle((outlet.take()[0], Outcome.RETRY, NOW + 5_000))
    assert settled.due_ms == NOW + 5_000
    assert outlet.take(NOW + 4_999) == []
    (again,) = outlet.take(NOW + 5_000)
    assert again.failures == 1
    outlet.settle((again, Outcome.DEFER, NOW + 6_000))
    assert outlet.take(NOW + 6_000)[0].failures == 1


def test_a_pause_that_the_receiver_asks_for_holds_everything(inlet, outlet):
    put(inlet, row("a"), row("b"))
    outlet.settle((outlet.take(most=1)[0], Outcome.RETRY, NOW), hold=NOW + 120_000)
    assert outlet.take(NOW + 60_000) == []
    assert outlet.due(NOW + 60_000) == NOW + 120_000
    assert len(outlet.take(NOW + 120_000)) == 2


def test_a_receiver_that_fails_again_and_again_is_tried_one_at_a_time_after_a_pause(inlet, outlet):
    put(inlet, *(row(letter) for letter in "abcde"))
    for taken in outlet.take(most=FAILING_STREAK):
        settled = outlet.settle((taken, Outcome.RETRY, NOW))
    assert settled.failing_since_ms == NOW
    assert outlet.take(NOW + FIRST_PAUSE_MS - 1) == []
    assert outlet.due(NOW + 7) == NOW + FIRST_PAUSE_MS
    now = NOW + FIRST_PAUSE_MS
    (one,) = outlet.take(now)
    assert outlet.settle((one, Outcome.DONE, 0), now=now).failing_since_ms == 0
    assert len(outlet.take(now)) == 4


def test_the_pauses_of_a_receiver_that_fails_grow_up_to_a_bound_and_begin_anew(inlet, outlet):
    put(inlet, *(row(letter) for letter in "abcde"))
    for taken in outlet.take(most=FAILING_STREAK - 1):
        outlet.settle((taken, Outcome.RETRY, NOW))
    now, pauses = NOW, []
    for _ in range(8):
        (taken,) = outlet.take(now, most=1)
        outlet.settle((taken, Outcome.RETRY, now), now=now)
        pauses.append(outlet.due(now) - now)
        now += pauses[-1]
    assert pauses[:3] == [FIRST_PAUSE_MS, 2 * FIRST_PAUSE_MS, 4 * FIRST_PAUSE_MS]
    assert pauses[-2:] == [LONGEST_PAUSE_MS] * 2
    outlet.settle((outlet.take(now)[0], Outcome.DONE, 0), now=now)
    for taken in outlet.take(now):
        outlet.settle((taken, Outcome.RETRY, now), now=now)
    assert len(outlet.take(now)) == 4


def test_putting_off_says_nothing_of_the_receiver(inlet, outlet, redis_client, keys):
    put(inlet, row("a"), row("b"))
    first, second = outlet.take()
    outlet.settle((first, Outcome.DEFER, NOW), (second, Outcome.DROP, 0), line="")
    assert not redis_client.exists(keys.state, keys.attempts)


def test_the_last_attempts_are_kept_newest_first(inlet, outlet, keys, redis_client):
    redis_client.rpush(keys.attempts, *["{}"] * ATTEMPTS_KEPT)
    put(inlet, row())
    outlet.settle((outlet.take()[0], Outcome.DONE, 0), line='{"id":"newest"}')
    assert redis_client.llen(keys.attempts) == ATTEMPTS_KEPT
    assert redis_client.lindex(keys.attempts, 0) == b'{"id":"newest"}'


class Attempts:
    """Deliveries that were sent, each kept with its exchange."""

    def __init__(self, inlet, outlet, client, keys) -> None:
        self._inlet, self._outlet, self._client, self._keys = inlet, outlet, client, keys

    def take(self, article: str, revision: int = 1) -> Taken:
        put(self._inlet, row(article, revision))
        (taken,) = self._outlet.take(NOW)
        return taken

    def settle(self, taken: Taken, number: int = 1) -> None:
        field = f"{taken.reference.key} {number}"
        kept = Settlement(
            taken, Outcome.DONE, 0, json.dumps({"exchange": field}), field, f"sent {field}"
        )
        self._outlet.call("settle", [(SUBSCRIPTION, 0, [kept])], now_ms=NOW)

    def forget(self, *articles: str) -> None:
        self._inlet.forget_exchanges({SUBSCRIPTION: [article * 16 for article in articles]})

    @property
    def kept(self) -> set[str]:
        """The articles and numbers of exchanges that are kept."""
        kept = self._client.hgetall(self._keys.exchanges)
        assert all(value == b"sent " + field for field, value in kept.items())
        return {f"{field[:1].decode()}{field.split()[1].decode()}" for field in kept}


@pytest.fixture
def sent(inlet, outlet, redis_client, keys) -> Attempts:
    return Attempts(inlet, outlet, redis_client, keys)


def test_an_exchange_is_kept_as_long_as_its_attempt(sent, redis_client, keys):
    for number in range(3):
        sent.settle(sent.take("a", number + 1), number)
    redis_client.lpush(keys.attempts, *["{}"] * (ATTEMPTS_KEPT - 2))
    sent.settle(sent.take("b"))
    assert sent.kept == {"a2", "b1"}
    assert redis_client.llen(keys.attempts) == ATTEMPTS_KEPT


def test_what_was_taken_away_is_forgotten_of_every_attempt_and_nothing_else(sent):
    for article in "abc":
        sent.settle(sent.take(article), 1)
        sent.settle(sent.take(article, 2), 2)
    sent.forget("a", "c", "z")
    assert sent.kept == {"b1", "b2"}


def test_what_is_under_way_when_it_is_taken_away_is_not_kept_and_what_follows_is(sent):
    taken = sent.take("a")
    sent.forget("a")
    sent.settle(taken, 1)
    assert sent.kept == set()
    sent.settle(sent.take("a", 2), 2)
    assert sent.kept == {"a2"}


def test_a_live_queue_takes_every_offset_once(inlet, outlet):
    inlet.set_places(SUBSCRIPTION, {0: "L6"})
    assert put(inlet, row("a", offset=6), row("b", offset=7), mode=Mode.LIVE).queued == 1
    assert place(inlet) == "L7"
    for taken in outlet.take():
        outlet.done(taken)
    assert put(inlet, row("b", offset=7), row("c", offset=9), mode=Mode.LIVE).queued == 1
    assert (place(inlet), events(outlet.take())) == ("L9", ["c1"])


@pytest.mark.parametrize("stands", ["", "C5", "C5 9"])
def test_nothing_goes_live_into_a_queue_that_is_not(inlet, outlet, stands):
    if stands:
        inlet.set_places(SUBSCRIPTION, {0: stands})
    assert put(inlet, row(offset=7), mode=Mode.LIVE) == PutResult(moved_to=stands)
    assert outlet.take() == []


def test_a_catch_up_from_another_place_is_refused(inlet, outlet):
    inlet.set_places(SUBSCRIPTION, {0: "C5"})
    refused = put(inlet, row(offset=5), mode=Mode.CATCH_UP, place="C4")
    assert refused == PutResult(moved_to="C5")
    assert put(inlet, row(offset=5), mode=Mode.CATCH_UP, place="C5").queued == 1
    # The reader moves the place on once it is noted who was told.
    assert place(inlet) == "C5"
    swaps = [(SUBSCRIPTION, "C4", "C9"), (SUBSCRIPTION, "C5", "C6"), (SUBSCRIPTION, "C5", "C7")]
    assert inlet.swap_places(0, swaps) == [False, True, False]
    assert place(inlet) == "C6"


def test_a_full_live_queue_falls_behind_and_still_takes_what_is_urgent(inlet, outlet):
    inlet.set_places(SUBSCRIPTION, {0: "L0"})
    letters = "abcdefg"
    rows = [row(letter, offset=10 + n) for n, letter in enumerate(letters)]
    rows.append(row("k", 2, offset=20, urgent=True))
    result = put(inlet, *rows, mode=Mode.LIVE)
    assert (result.queued, result.full_at) == (MOST + 1, 15)
    assert place(inlet) == "C10"
    assert sorted(events(outlet.take())) == ["a1", "b1", "c1", "d1", "e1", "k2"]


def test_a_full_queue_that_catches_up_says_where_it_was_full(inlet):
    inlet.set_places(SUBSCRIPTION, {0: "C10"})
    rows = [row(letter, offset=10 + n) for n, letter in enumerate("abcdefg")]
    result = put(inlet, *rows, mode=Mode.CATCH_UP, place="C10")
    assert (result.queued, result.full_at, place(inlet)) == (MOST, 15, "C10")
    assert inlet.waiting([SUBSCRIPTION, OTHER]) == [MOST, 0]


def test_what_waits_already_is_put_in_anew_only_where_it_is_forced(inlet, outlet):
    inlet.set_places(SUBSCRIPTION, {0: "C5"})
    put(inlet, row())
    outlet.settle((outlet.take()[0], Outcome.RETRY, NOW + 300_000))
    assert put(inlet, row(offset=5), mode=Mode.CATCH_UP, place="C5").queued == 0
    assert outlet.take() == []
    assert put(inlet, row()).queued == 1
    assert outlet.take()[0].failures == 0


def test_a_queue_that_was_put_elsewhere_is_told_of_once(inlet):
    inlet.move(SUBSCRIPTION, {0: "C3 9", 1: "C0"})
    assert (place(inlet), inlet.places([SUBSCRIPTION], 1)) == ("C3 9", ["C0"])
    assert inlet.moved([0]) == {SUBSCRIPTION}
    assert inlet.moved([0]) == set()
    assert inlet.moved([0, 1]) == {SUBSCRIPTION}


def test_an_offset_moves_on_from_the_expected_one_only(inlet):
    assert inlet.offset(0) is None
    assert inlet.move_offset(0, expected=None, next_offset=7)
    assert not inlet.move_offset(0, expected=None, next_offset=9)
    assert inlet.move_offset(0, expected=7, next_offset=9)
    assert (inlet.offset(0), inlet.offset(1)) == (9, None)


def test_who_was_told_is_kept_by_article(inlet, outlet):
    inlet.note_told({"a" * 16: {SUBSCRIPTION: "3", OTHER: "2-"}})
    assert inlet.told(["a" * 16, "b" * 16]) == [{SUBSCRIPTION: "3", OTHER: "2-"}, {}]
    assert outlet.call("told", "a" * 16, OTHER) == "2-"


def test_a_claim_holds_for_a_while_and_is_given_back_by_whoever_has_it(inlet, outlet):
    put(inlet, row())
    now = NOW
    assert outlet.claim([], now) == Claim((SUBSCRIPTION,), now + CLAIM_MS)
    assert outlet.claim([], now + CLAIM_MS - 1) == Claim((), now + CLAIM_MS)
    assert outlet.claim([], now + CLAIM_MS) == Claim((SUBSCRIPTION,), now + 2 * CLAIM_MS)
    nothing_left = Hint(SUBSCRIPTION, -1, now + CLAIM_MS)
    assert outlet.claim([nothing_left], now + 10 * CLAIM_MS).subscription_ids == (SUBSCRIPTION,)
    nothing_left = Hint(SUBSCRIPTION, -1, now + 11 * CLAIM_MS)
    assert outlet.claim([nothing_left], now + 20 * CLAIM_MS) == Claim((), -1)


def test_whoever_claims_nothing_learns_when_the_next_is_due(inlet, outlet):
    put(inlet, row())
    outlet.claim([], NOW)
    later, sooner = (
        Hint(one, NOW + ms, NOW + CLAIM_MS) for one, ms in ((SUBSCRIPTION, 900), (OTHER, 300))
    )
    assert outlet.claim([later, sooner], NOW) == Claim((), NOW + 300)


def test_what_is_queued_during_a_claim_is_not_forgotten_at_its_end(inlet, outlet):
    put(inlet, row())
    now = NOW
    outlet.claim([], now)
    put(inlet, row("b"))
    nothing_left = Hint(SUBSCRIPTION, -1, now + CLAIM_MS)
    assert outlet.claim([nothing_left], now).subscription_ids == (SUBSCRIPTION,)


def test_whatever_is_queued_rings_the_bell_and_it_is_heard_again_after_a_lost_connection(
    inlet, redis_url, namespace, redis_client
):
    async def hear():
        heard: asyncio.Queue[bool] = asyncio.Queue()
        async with aclosing(build_async_client(f"{redis_url}?client_name={namespace}")) as client:
            bell = Bell(client, namespace, lambda: heard.put_nowait(bell.is_heard))
            assert not bell.is_heard
            listening = asyncio.create_task(bell.listen())
            for _ in range(2):
                async with asyncio.timeout(30):
                    assert await heard.get()  # from now on
                    put(inlet, row())
                    assert await heard.get()
                for connection in redis_client.client_list(_type="pubsub"):
                    if connection["name"] == namespace:
                        redis_client.client_kill_filter(_id=connection["id"])
            listening.cancel()

    asyncio.run(hear())


def test_a_purged_queue_is_empty_and_says_once_what_waited(inlet, outlet, namespace, redis_client):
    inlet.set_places(SUBSCRIPTION, {0: "L6"})
    put(inlet, row("a"), row("b"))
    outlet.settle((outlet.take(most=1)[0], Outcome.RETRY, NOW), hold=NOW + 1)
    waiting = outlet.call("purge", SUBSCRIPTION)
    assert sorted(one.event_id for one in waiting) == ["a1", "b1"]
    assert outlet.call("purge", SUBSCRIPTION) == []
    assert list(redis_client.scan_iter(f"{namespace}:*")) == []


def test_queues_are_known_until_they_are_purged(inlet, outlet):
    inlet.note_queue(SUBSCRIPTION)
    inlet.note_queue(OTHER)
    outlet.call("purge", SUBSCRIPTION)
    assert outlet.call("queues") == {OTHER}


def test_all_keys_of_a_queue_share_one_slot(inlet, outlet, namespace, redis_client: redis.Redis):
    inlet.set_places(SUBSCRIPTION, {0: "L6"})
    put(inlet, row("a"), row("b"))
    outlet.settle((outlet.take(most=1)[0], Outcome.RETRY, NOW), hold=NOW + 1)
    outlet.take(NOW + 1)
    inlet.forget_exchanges({SUBSCRIPTION: ["a" * 16]})
    found = [key for key in redis_client.scan_iter(f"{namespace}:*") if b":queue:" in key]
    assert len(found) >= 7
    assert len({key_slot(key) for key in found}) == 1
    assert DeliverKeys(namespace).ready.encode() not in found


def test_processes_that_give_no_sign_of_life_are_not_counted(outlet):
    call = outlet.call
    assert call("note_process", "one", now_ms=NOW, alive_ms=10) == 1
    assert call("note_process", "two", now_ms=NOW + 5, alive_ms=10) == 2
    assert call("note_process", "two", now_ms=NOW + 11, alive_ms=10) == 1
