"""From the log into the queues: who is live, who is behind, and who was told, on a real Valkey."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime

import pytest
from kafka import TopicPartition
from kafka.errors import KafkaTimeoutError
from redis.exceptions import ConnectionError as RedisAway
from tests.fake_log import FakeBroker

from newsman.deliver.intake.catch_up import CatchUp
from newsman.deliver.intake.distributor import Distributor, Read
from newsman.deliver.intake.patience import beat_or_stop
from newsman.deliver.intake.place_keeper import PlaceKeeper
from newsman.deliver.intake.recovery import Recovery
from newsman.deliver.intake.subscribed import Subscribed
from newsman.deliver.queue.inlet import Inlet
from newsman.deliver.queue.references import Reference, load
from newsman.kafka.log import TopicLog
from newsman.redis.keys import DeliverKeys, QueueKeys
from newsman.runtime.health import Pulse
from newsman.subscribers.registry import Registry
from newsman_schemas.articles import ArticlePublished
from newsman_schemas.subscriptions import (
    OPERATOR,
    Filter,
    Subscription,
    SubscriptionChanged,
    SubscriptionState,
)

from .conftest import NOW, published
from .stage import next_revision, with_fields

TOPIC = "article-published"
PART = TopicPartition(TOPIC, 0)
MOST = 10


class Newsroom:
    """The log of one partition, its reader, and the queues behind it."""

    def __init__(self, client, namespace: str) -> None:
        self.client = client
        self.namespace = namespace
        self.log: list[ArticlePublished] = []
        self.next = 0
        self.registry = Registry()
        self.broker = FakeBroker({PART: []})
        self.begin()

    def begin(self) -> None:
        """A process begins: it knows what Redis and the registry say, and nothing else."""
        self.subscribed = Subscribed(self.registry, ["webhook"])
        self.registry.listen(self.subscribed.note)
        self.inlet = Inlet(self.client, self.namespace, most_waiting=MOST)
        self.distributor = Distributor(self.inlet, self.subscribed, lambda _: None)
        self.keeper = PlaceKeeper(self.inlet, self.subscribed)
        self._catch_up = CatchUp(
            TopicLog(self.broker),
            TOPIC,
            self.inlet,
            self.distributor,
            self.keeper,
            self.subscribed,
            most_waiting=MOST,
        )
        self.next = self.inlet.offset(0) or 0
        self.take_up()

    def subscribe(self, ident: str, **fields) -> Subscription:
        subscription = Subscription(
            **{
                "id": ident * 16,
                "owner": OPERATOR,
                "kind": "webhook",
                "created_at": NOW,
                "changed_at": NOW,
                **fields,
            }
        )
        return self.change(subscription)

    def change(self, subscription: Subscription, **fields) -> Subscription:
        changed = subscription.model_copy(update=fields)
        event = SubscriptionChanged(
            event_id="e",
            occurred_at=datetime.now(UTC),
            subscription_id=changed.id,
            subscription=changed,
            by="test",
        )
        self.registry.take_subscription(changed.id, event)
        self.take_up()
        return changed

    def take_up(self) -> None:
        changed = self.subscribed.drain()
        self.keeper.of(0, self.next)
        self.keeper.take_up(changed, {0: self.next})

    def publish(self, *events: ArticlePublished) -> None:
        first = len(self.log)
        self.log += events
        self.broker.offsets[PART] += range(first, len(self.log))
        self.broker.ends[PART] = len(self.log)
        self.broker.values |= {
            first + n: event.model_dump_json().encode() for n, event in enumerate(events)
        }

    def read(self, *, is_cut_off: bool = False) -> None:
        """The reader takes what it has not; cut off, it dies before its offset moves on."""
        places = self.keeper.of(0, self.next)
        news = [Read(offset, self.log[offset]) for offset in range(self.next, len(self.log))]
        results = self.distributor.follow(0, news, places)
        for ident, result in results.items():
            if result.moved_to is not None:
                self.keeper.refused(0, ident, result.moved_to, self.next)
            elif result.full_at is not None:
                self.keeper.take_up({ident}, {0: self.next})
        if is_cut_off:
            return
        assert self.inlet.move_offset(0, expected=self.next or None, next_offset=len(self.log))
        self.next = len(self.log)

    def catch_up(self) -> None:
        """Until there is nothing more to read, or queues are full."""
        places = self.keeper.of(0, self.next)
        for _ in range(100):
            if not self._catch_up.turn(0, places, self.next):
                break
        self.keeper.go_live(0, self.next)

    def place(self, subscription: Subscription) -> str:
        return self.inlet.places([subscription.id], 0)[0]

    def take(self, subscription: Subscription) -> list[Reference]:
        """Everything that waits, as if it had been sent, in the order of offsets."""
        keys = QueueKeys(self.namespace, subscription.id)
        entries = self.client.hgetall(keys.entries)
        self.client.delete(keys.entries, keys.due, keys.urgent)
        return [load(key.decode(), entry) for key, entry in entries.items()]

    def told(self, subscription: Subscription) -> set[tuple[str, str]]:
        return {(one.event, one.event_id) for one in self.take(subscription)}


@pytest.fixture
def newsroom(redis_client, namespace) -> Iterator[Newsroom]:
    return Newsroom(redis_client, namespace)


def names(*events: ArticlePublished) -> set[tuple[str, str]]:
    return {(f"article.{event.action}", event.event_id) for event in events}


def articles(first: int, count: int, **fields) -> list[ArticlePublished]:
    return [with_fields(published(number), **fields) for number in range(first, first + count)]


def test_one_that_is_there_before_the_log_begins_is_live(newsroom):
    subscription = newsroom.subscribe("a")
    assert newsroom.place(subscription) == "L-1"
    events = articles(1, 3)
    newsroom.publish(*events)
    newsroom.read()
    assert newsroom.told(subscription) == names(*events)


def test_a_later_one_has_the_past_or_only_what_comes_as_it_asks(newsroom):
    old = articles(1, 5)
    newsroom.publish(*old)
    newsroom.read()
    everything = newsroom.subscribe("a")
    since = newsroom.subscribe("b", start={0: 3})
    now = newsroom.subscribe("c", start={0: 5})
    assert [newsroom.place(one) for one in (everything, since, now)] == ["C0", "C3", "L4"]
    new = articles(10, 2)
    newsroom.publish(*new)
    newsroom.read()
    newsroom.catch_up()
    assert newsroom.told(everything) == names(*old, *new)
    assert newsroom.told(since) == names(*old[3:], *new)
    assert newsroom.told(now) == names(*new)
    assert [newsroom.place(one)[0] for one in (everything, since, now)] == ["L", "L", "L"]


@pytest.mark.parametrize("is_catching_up", [False, True])
def test_what_is_read_again_after_a_crash_is_queued_once(newsroom, is_catching_up):
    events = articles(1, 4)
    if is_catching_up:
        newsroom.publish(*articles(10, 2))
        newsroom.read()
    subscription = newsroom.subscribe("a", start={0: len(newsroom.log)})
    newsroom.publish(*events)
    newsroom.read(is_cut_off=True)
    assert newsroom.told(subscription) == names(*events)
    newsroom.begin()
    newsroom.read()
    newsroom.catch_up()
    assert newsroom.told(subscription) == set()


def test_a_crash_before_it_was_noted_who_was_told_still_tells_of_the_kill(newsroom, redis_client):
    subscription = newsroom.subscribe("a")
    (event,) = articles(1, 1)
    newsroom.publish(event)
    newsroom.read(is_cut_off=True)
    redis_client.delete(*redis_client.keys(f"{newsroom.namespace}:deliver:told:*"))
    newsroom.begin()
    newsroom.read()
    kill = next_revision(event, "killed")
    newsroom.publish(kill)
    newsroom.read()
    assert newsroom.told(subscription) == names(kill)


def test_pausing_queues_nothing_and_resuming_goes_on_where_it_was(newsroom):
    subscription = newsroom.subscribe("a")
    before, during, after = articles(1, 2), articles(10, 3), articles(20, 2)
    newsroom.publish(*before)
    newsroom.read()
    assert newsroom.told(subscription) == names(*before)
    paused = newsroom.change(subscription, state=SubscriptionState.PAUSED)
    assert newsroom.place(subscription) == "C2"
    newsroom.publish(*during)
    newsroom.read()
    newsroom.catch_up()
    assert newsroom.told(subscription) == set()
    newsroom.begin()
    newsroom.change(paused, state=SubscriptionState.ACTIVE)
    newsroom.publish(*after)
    newsroom.read()
    newsroom.catch_up()
    assert newsroom.told(subscription) == names(*during, *after)


def test_a_full_queue_takes_no_more_than_its_size_and_misses_nothing(newsroom):
    subscription = newsroom.subscribe("a")
    events = articles(1, 35)
    newsroom.publish(*events)
    newsroom.read()
    found: set[tuple[str, str]] = set()
    for _ in range(20):
        waiting = newsroom.take(subscription)
        assert len(waiting) <= MOST
        found |= {(one.event, one.event_id) for one in waiting}
        newsroom.catch_up()
    assert found == names(*events)
    assert newsroom.place(subscription).startswith("L")


def test_a_kill_reaches_those_that_are_behind_at_once_and_once(newsroom):
    subscription = newsroom.subscribe("a")
    told, later = articles(1, 1), articles(10, 3)
    newsroom.publish(*told)
    newsroom.read()
    newsroom.take(subscription)
    newsroom.client.hset(QueueKeys(newsroom.namespace, subscription.id).places, "0", "C1")
    newsroom.begin()
    kill = next_revision(told[0], "killed")
    newsroom.publish(*later, kill)
    newsroom.read()
    assert newsroom.told(subscription) == names(kill)
    newsroom.catch_up()
    assert newsroom.told(subscription) == names(*later)


def test_a_replay_tells_its_range_again_and_nothing_after_it(newsroom):
    subscription = newsroom.subscribe("a")
    events = articles(1, 8)
    newsroom.publish(*events)
    newsroom.read()
    newsroom.take(subscription)
    newsroom.inlet.move(subscription.id, {0: "C2 5"})
    newsroom.keeper.take_up(newsroom.inlet.moved([0]), {0: newsroom.next})
    newsroom.catch_up()
    assert newsroom.told(subscription) == names(*events[2:5])
    assert newsroom.place(subscription) == "L7"


def test_another_process_that_called_it_live_too_early_leaves_no_gap(newsroom):
    newsroom.publish(*articles(1, 3))
    newsroom.read()
    subscription = newsroom.subscribe("a", start={0: 1})
    assert newsroom.place(subscription) == "C1"
    missed = articles(10, 2)
    newsroom.publish(*missed)
    newsroom.read()
    # A process that had the partition before, and stood still, ends its last step.
    assert newsroom.inlet.swap_places(0, [(subscription.id, "C1", "L0")]) == [True]
    newsroom.catch_up()
    newsroom.catch_up()
    assert newsroom.told(subscription) == names(*newsroom.log[1:3], *missed)


def test_a_filter_is_left_and_entered_again(newsroom):
    subscription = newsroom.subscribe("a", filter=Filter(section=("sport",)))
    (event,) = articles(1, 1, section="Sport")
    moved = next_revision(event, section="City")
    stays = next_revision(moved, section="City")
    back = next_revision(stays, section="Sport")
    for each, told in (
        (event, names(event)),
        (moved, {("article.withdrawn", moved.event_id)}),
        (stays, set()),
        (back, names(back)),
    ):
        newsroom.publish(each)
        newsroom.read()
        assert newsroom.told(subscription) == told


def test_those_at_different_places_are_caught_up_together(newsroom):
    events = articles(1, 9)
    newsroom.publish(*events)
    newsroom.read()
    subscriptions = {
        start: newsroom.subscribe("abc"[start // 3], start={0: start}) for start in (0, 3, 6)
    }
    newsroom.catch_up()
    for start, subscription in subscriptions.items():
        assert newsroom.told(subscription) == names(*events[start:])
        assert newsroom.place(subscription) == "L8"


def test_nobody_follows_before_the_last_event_is_in(newsroom):
    events = articles(1, 3)
    newsroom.publish(*events)
    newsroom.read()
    subscription = newsroom.subscribe("a", start={0: 2})
    newsroom.keeper.go_live(0, newsroom.next)
    assert newsroom.place(subscription) == "C2"
    newsroom.catch_up()
    assert (newsroom.place(subscription), newsroom.told(subscription)) == ("L2", names(events[2]))


NOTED = TopicPartition("delivery-noted", 0)


@pytest.fixture
def recovering(redis_client, namespace) -> Callable[..., Recovery]:
    """Processes that recover from a ledger of five entries, read one by one."""
    fields = {"outcome": "acknowledged", "subscription_id": "a" * 16, "event": "article.published"}
    values = {
        number: json.dumps({**fields, "article_id": f"article-{number}", "revision": 1}).encode()
        for number in range(5)
    }

    def recovery(
        stopping: threading.Event,
        beat: Callable[[], None] = lambda: None,
        problems: Iterable[Exception] = (),
    ) -> Recovery:
        broker = FakeBroker({NOTED: list(values)}, at_once=1, values=values)
        inlet = Inlet(redis_client, namespace, most_waiting=MOST)
        log = TopicLog(broker)

        def open_log() -> AbstractContextManager[TopicLog]:
            for problem in problems:
                raise problem
            return nullcontext(log)

        return Recovery(redis_client, inlet, namespace, NOTED.topic, open_log, beat, stopping)

    return recovery


def test_a_recovery_that_is_told_to_stop_ends_at_once_and_another_begins_anew(
    recovering, redis_client, namespace
):
    stopping = threading.Event()
    beats: list[int] = []

    def beat() -> None:
        beats.append(1)
        if len(beats) == 2:
            stopping.set()

    first = recovering(stopping, beat)
    inlet = Inlet(redis_client, namespace, most_waiting=MOST)
    articles = [f"article-{number}" for number in range(5)]
    assert not first.ensure()
    assert not first.is_whole()
    assert [bool(told) for told in inlet.told(articles)] == [True, True, False, False, False]
    assert recovering(threading.Event()).ensure()
    assert all(inlet.told(articles))


def test_a_recovery_begins_anew_when_kafka_is_back(recovering, redis_client, namespace):
    away = iter([KafkaTimeoutError(), OSError("no network")])
    assert recovering(threading.Event(), problems=away).ensure()
    inlet = Inlet(redis_client, namespace, most_waiting=MOST)
    assert all(inlet.told([f"article-{number}" for number in range(5)]))


def test_who_is_told_to_stop_waits_for_no_redis(recovering, monkeypatch):
    def is_away() -> bool:
        raise RedisAway

    stopping = threading.Event()
    stopping.set()
    pulse = Pulse(limit_seconds=1)
    recovery = recovering(stopping, beat_or_stop(pulse, stopping))
    monkeypatch.setattr(recovery, "is_whole", is_away)
    assert not recovery.ensure()


def test_who_waits_for_another_that_recovers_stops_when_told_to(
    recovering, redis_client, namespace
):
    redis_client.set(DeliverKeys(namespace).lock, "another")
    stopping = threading.Event()
    assert not recovering(stopping, stopping.set).ensure()
