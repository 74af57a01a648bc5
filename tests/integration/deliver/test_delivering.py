"""deliver as a process, with a real broker, a real Redis and a real subscriber."""

import base64
import json
import threading
import time
import urllib.request

import pytest
from kafka import KafkaConsumer

from newsman.deliver.declared import DECLARED_ID
from newsman.deliver.sending.attempts import Attempt, load_attempt
from newsman.deliver.signing import parse_secret, verify
from newsman.kafka.records import header
from newsman.kafka.topics import ensure_topics
from newsman.redis.keys import DeliverKeys, QueueKeys
from newsman_schemas.subscriptions import SubscriptionState
from newsman_schemas.topics import REJECTED


@pytest.fixture
def deliver(start_service, subscriber):
    """Starts deliver for the subscriber; a lease ends soon after the short time-out."""

    def start(**overrides):
        settings = {**subscriber.settings, "NEWSMAN_WEBHOOK_TIMEOUT_SECONDS": "1", **overrides}
        return start_service("deliver", **settings)

    return start


@pytest.fixture
def keys(namespace) -> QueueKeys:
    """The queue of the webhook that the settings declare."""
    return QueueKeys(namespace, DECLARED_ID)


@pytest.fixture
def waiting(redis_client, keys):
    """The number of deliveries that wait or are under way."""
    return lambda: redis_client.hlen(keys.entries)


@pytest.fixture
def look_now(redis_client, namespace):
    """Has the queue looked into at once."""
    return lambda: redis_client.zadd(DeliverKeys(namespace).ready, {DECLARED_ID: 0})


@pytest.fixture
def attempts(redis_client, keys):
    """The attempts, oldest first."""

    def read() -> list[Attempt]:
        return [load_attempt(line) for line in reversed(redis_client.lrange(keys.attempts, 0, -1))]

    return read


def fetch(url: str) -> dict:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.load(answer)


def metric(service, name: str) -> float:
    with urllib.request.urlopen(f"{service.ops_url}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    values = (float(line.split()[-1]) for line in lines if line.startswith(name))
    return next(values, 0.0)  # a label that was never counted is not there yet


def test_a_published_article_arrives_once_signed_and_verifiable(
    deliver, subscriber, emit, event, eventually, attempts
):
    service = deliver().wait_ready()
    emit(event())
    eventually(lambda: attempts())
    (received,) = subscriber.received
    key = parse_secret(subscriber.secret)
    assert verify(key, received.headers, received.body, now_seconds=time.time()) == received.id
    assert received.headers["content-type"] == "application/json"
    assert received.message["type"] == "article.published"
    assert received.message["data"]["article"]["headline"] == "Harbour story 1, revision 1"
    (line,) = attempts()
    assert (line.id, line.status, line.attempt) == (received.id, 204, 1)
    assert line.outcome == "delivered"
    emit(event(), event(2))
    eventually(lambda: len(subscriber.received) == 2)
    assert len({received.what for received in subscriber.received}) == 2
    assert subscriber.secret not in service.log()
    assert service.stop() == 0


def test_two_failures_and_a_success_are_one_delivery_under_one_id(
    deliver, subscriber, emit, event, eventually, attempts, redis_client, keys, look_now
):
    subscriber.answer_in_turn(500, 500, 200)
    deliver().wait_ready()
    emit(event())
    for count in (1, 2):
        eventually(lambda count=count: len(attempts()) == count)
        (article, due_ms), *_ = redis_client.zrange(keys.due, 0, -1, withscores=True)
        wait = (5, 300)[count - 1]
        assert wait - 2 < due_ms / 1000 - time.time() < wait * 1.1 + 1
        redis_client.zadd(keys.due, {article: 0})  # the wait is over
        look_now()
    eventually(lambda: len(attempts()) == 3)
    assert [received.status for received in subscriber.received] == [500, 500, 200]
    assert len({received.id for received in subscriber.received}) == 1
    assert len({received.body for received in subscriber.received}) == 1
    assert [line.outcome for line in attempts()] == ["retry", "retry", "delivered"]
    assert redis_client.zcard(keys.due) == 0


def test_a_kill_in_the_middle_loses_nothing_and_repeats_only_under_the_same_id(
    deliver, subscriber, emit, event, eventually, waiting
):
    service = deliver().wait_ready()
    is_killed = threading.Event()

    def answer():
        if len(subscriber.received) >= 30:
            is_killed.wait(30)
        return 204, {}

    subscriber.answer = answer
    once = [event(number, 1) for number in range(100)]
    twice = [event(number, revision) for revision in (1, 2) for number in range(100, 150)]
    events = once + twice
    emit(*events[:120])
    eventually(lambda: len(subscriber.received) >= 30, what="deliver is in the middle")
    service.kill()
    is_killed.set()
    emit(*events[120:])
    service.start()
    service.wait_ready()
    final = {(item.article_id, 1) for item in once} | {
        (item.article_id, 2) for item in twice if item.revision == 2
    }
    eventually(
        lambda: final <= {received.what for received in subscriber.received},
        timeout=60,
        what="the final revision of every article arrives",
    )
    eventually(lambda: waiting() == 0)
    by_id = {received.id: received.what for received in subscriber.received}
    assert len(set(by_id.values())) == len(by_id)
    for article in {item.article_id for item in events}:
        revisions = [r.what[1] for r in subscriber.received if r.what[0] == article]
        assert revisions == sorted(revisions)


def test_a_restart_delivers_nothing_twice(deliver, subscriber, emit, event, eventually, waiting):
    service = deliver().wait_ready()
    emit(*(event(number) for number in range(20)))
    eventually(lambda: len(subscriber.received) == 20)
    assert service.stop() == 0
    emit(event(99))
    service.start()
    eventually(lambda: len(subscriber.received) == 21)
    eventually(lambda: waiting() == 0)
    assert len({received.id for received in subscriber.received}) == 21


def test_a_lost_redis_is_recovered_and_what_was_acknowledged_does_not_go_again(
    deliver, subscriber, emit, event, eventually, redis_client, namespace, store, waiting
):
    deliver().wait_ready()
    events = [event(number) for number in range(50)]
    emit(*events)
    eventually(lambda: len(subscriber.received) == 50)
    eventually(lambda: waiting() == 0)
    redis_client.delete(*redis_client.keys(f"{namespace}:*"))
    store(*events)
    emit(event(1, 2), event(99))
    eventually(lambda: len(subscriber.received) >= 52)
    eventually(lambda: waiting() == 0 and redis_client.exists(DeliverKeys(namespace).marker))
    assert len(subscriber.received) == len({received.id for received in subscriber.received}) == 52


def test_410_disables_until_it_is_resumed(
    deliver, subscriber, emit, event, eventually, waiting, change
):
    subscriber.answer_in_turn(410)
    service = deliver().wait_ready()
    emit(event(1))
    eventually(lambda: "410" in str(fetch(f"{service.ops_url}/readyz").get("notes")))
    emit(event(2), event(3))
    assert service.stop() == 0
    assert "410 Gone" in service.log()
    service.start()
    service.wait_ready()
    assert len(subscriber.received) == 1
    subscriber.answer_in_turn(204)
    change(DECLARED_ID, state=SubscriptionState.ACTIVE, reason=None)
    # What was published meanwhile is caught up from the log.
    eventually(lambda: len(subscriber.accepted()) == 3)
    eventually(lambda: waiting() == 0)


def test_a_redirect_is_a_failure_and_is_not_followed(
    deliver, subscriber, emit, event, eventually, attempts
):
    subscriber.answer = lambda: (307, {"location": "/elsewhere"})
    deliver().wait_ready()
    emit(event())
    (line,) = eventually(attempts)
    assert (line.status, line.outcome) == (307, "retry")
    assert {received.path for received in subscriber.received} == {"/hook"}


def test_retry_after_holds_everything_back(
    deliver, subscriber, emit, event, eventually, attempts, redis_client, keys, waiting, look_now
):
    subscriber.answer = lambda: (503, {"retry-after": "600"})
    deliver().wait_ready()
    emit(event(1))
    eventually(attempts)
    assert int(redis_client.hget(keys.state, "hold_until")) / 1000 > time.time() + 590
    emit(event(2))
    eventually(lambda: waiting() == 2)
    assert len(subscriber.received) == 1
    redis_client.hdel(keys.state, "hold_until")  # the pause is over
    look_now()
    eventually(lambda: len(subscriber.received) == 2)


def test_nobody_listening_is_a_failed_attempt_and_no_crash(
    deliver, emit, event, eventually, attempts
):
    service = deliver(NEWSMAN_WEBHOOK_URL="http://127.0.0.1:9/").wait_ready()
    emit(event())
    (line,) = eventually(attempts)
    assert (line.status, line.outcome) == (None, "retry")
    assert line.detail
    assert service.stop() == 0


def test_without_subscriptions_events_are_read_and_let_go(
    start_service, emit, event, eventually, redis_client, namespace
):
    service = start_service("deliver").wait_ready()
    emit(event(1), event(2))
    offsets = DeliverKeys(namespace).offsets
    eventually(lambda: sum(int(at) for at in redis_client.hvals(offsets)) == 2)
    answer = fetch(f"{service.ops_url}/readyz")
    assert answer["status"] == "ok"
    assert "no subscriptions" in answer["notes"]["subscriptions"]
    assert not redis_client.keys(f"{namespace}:deliver:queue:*")
    assert service.stop() == 0


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (
            {"NEWSMAN_WEBHOOK_URL": "ftp://x"},
            "NEWSMAN_WEBHOOK_URL: 'ftp://x' is no http or https address",
        ),
        ({"NEWSMAN_WEBHOOK_URL": "http://x/"}, "NEWSMAN_WEBHOOK_SECRET is not set"),
        (
            {"NEWSMAN_WEBHOOK_URL": "http://x/", "NEWSMAN_WEBHOOK_SECRET": "whsec_c2hvcnQ="},
            "NEWSMAN_WEBHOOK_SECRET: a webhook secret holds 24 to 64 bytes, not 5",
        ),
    ],
)
def test_a_setting_that_makes_no_sense_ends_it_with_a_line_that_says_so(
    start_service, eventually, settings, line
):
    service = start_service("deliver", **settings)
    assert eventually(lambda: service.process.poll() is not None)
    assert service.process.returncode == 2
    assert line in service.log()


def test_what_is_no_event_is_parked_and_its_neighbours_go_on(
    deliver, subscriber, emit, event, eventually, kafka_bootstrap, namespace
):
    deliver().wait_ready()
    emit(event(1), b"{not an event", None, event(2))
    eventually(lambda: len(subscriber.received) == 2)
    consumer = KafkaConsumer(
        REJECTED.full_name(namespace),
        bootstrap_servers=kafka_bootstrap,
        auto_offset_reset="earliest",
        consumer_timeout_ms=20_000,
    )
    parked = next(consumer)
    consumer.close()
    assert parked.value == b"{not an event"
    assert header(parked.headers, "newsman-stage") == "deliver"


def test_a_broker_that_goes_and_comes_back_stops_nothing(
    deliver, subscriber, emit, event, eventually, own_broker, namespace, waiting
):
    ensure_topics(own_broker.bootstrap, namespace, replication=1)
    service = deliver(NEWSMAN_KAFKA_BOOTSTRAP=own_broker.bootstrap).wait_ready()
    emit(event(1), bootstrap=own_broker.bootstrap)
    eventually(lambda: len(subscriber.received) == 1)
    own_broker.stop()
    eventually(lambda: not service.is_ready())
    own_broker.start()
    own_broker.wait_ready()
    emit(event(2), bootstrap=own_broker.bootstrap)
    eventually(lambda: len(subscriber.received) == 2, timeout=60)
    eventually(lambda: waiting() == 0, what="the ledger was told")
    pid = service.pid
    service.wait_ready()
    assert (service.pid, service.process.poll()) == (pid, None)
    own_broker.stop()
    assert service.stop() == 0


def test_the_listener_takes_what_deliver_sends(start_service, emit, event, eventually):
    secret = "whsec_" + base64.b64encode(b"s" * 32).decode()
    listener = start_service("webhooks", NEWSMAN_WEBHOOK_SECRET=secret).wait_ready()
    start_service("deliver", NEWSMAN_WEBHOOK_URL=f"{listener.url}/", NEWSMAN_WEBHOOK_SECRET=secret)
    emit(event(7))
    (received,) = eventually(lambda: fetch(f"{listener.url}/")["received"])
    assert received["headline"] == "Harbour story 7, revision 1"
    eventually(lambda: "article.published  Harbour story 7, revision 1" in listener.log())
