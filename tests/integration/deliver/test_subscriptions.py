"""Subscriptions of every sort beside one another: one deliver, one receiver, the real logs."""

import json
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler

import pytest
import redis
from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from standardwebhooks import Webhook, WebhookVerificationError
from tests.conftest import wait_until as wait

from newsman.deliver.queue.inlet import Inlet
from newsman.deliver.sending.requests import QueueRequests, Superseded
from newsman.deliver.signing import new_secret
from newsman.kafka.clients import build_producer
from newsman.kafka.log import open_log
from newsman.redis.keys import QueueKeys
from newsman_schemas.articles import Entity, Story
from newsman_schemas.popularity import RankingChanged, Standing
from newsman_schemas.subscriptions import (
    OPERATOR,
    Filter,
    Secret,
    Subscription,
    SubscriptionState,
)
from newsman_schemas.topics import RANKING_CHANGED

from .conftest import NOW, Received
from .edge_stack import OPERATOR_TOKEN, Commands
from .stage import Receiver, Stage, next_revision, receiving, with_fields

MOST_WAITING = 20
TIMEOUT_SECONDS = "20"


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def service(start_module_service, tmp_path_factory):
    operator_file = tmp_path_factory.mktemp("operator") / "token"
    operator_file.write_text(OPERATOR_TOKEN)
    return start_module_service(
        "deliver",
        NEWSMAN_OPERATOR_TOKEN_FILE=str(operator_file),
        NEWSMAN_OUTBOUND_NETWORKS="127.0.0.0/8",
        NEWSMAN_OUTBOUND_PORTS="1-65535",
        NEWSMAN_MOST_WAITING=str(MOST_WAITING),
        NEWSMAN_WEBHOOK_TIMEOUT_SECONDS=TIMEOUT_SECONDS,
    )


@pytest.fixture(scope="module")
def stage(service, kafka_bootstrap, redis_url, receiver) -> Iterator[Stage]:
    namespace = service.env["NEWSMAN_NAMESPACE"]
    client = redis.Redis.from_url(redis_url)
    producer = build_producer(kafka_bootstrap, client_id="test")
    inlet = Inlet(client, namespace, most_waiting=MOST_WAITING)
    requests = QueueRequests(client, inlet, namespace)
    service.wait_ready()
    numbers = iter(range(1, 1_000_000))
    yield Stage(namespace, kafka_bootstrap, client, producer, receiver, requests, numbers)
    producer.close(timeout=5)
    client.close()


def test_a_filter_lets_through_what_passes_it_and_says_what_has_left_it(stage, receiver):
    sport = stage.wait_live(stage.subscribe(filter=Filter(section=("sport",))))
    everything = stage.wait_live(stage.subscribe())
    (match, vote), (fire,) = stage.articles(2, section="Sport"), stage.articles(1, section="City")
    moved, killed = next_revision(vote, section="Politics"), next_revision(match, "killed")
    stage.emit(match, vote, fire)
    wait(lambda: len(receiver.of(everything)) == 3 and len(receiver.of(sport)) == 2)
    stage.emit(moved, killed, next_revision(fire))
    wait(lambda: len(receiver.of(everything)) == 6 and len(receiver.of(sport)) == 4)
    assert set(receiver.told(sport)) == {
        ("article.published", match.article_id, 1),
        ("article.published", vote.article_id, 1),
        ("article.withdrawn", vote.article_id, 2),
        ("article.killed", match.article_id, 2),
    }
    (left,) = (one for one in receiver.of(sport) if one.message["type"] == "article.withdrawn")
    assert left.message["data"]["reason"] == "moved"
    assert ("article.updated", vote.article_id, 2) in receiver.told(everything)
    # A kill reaches those too whose filter the article has left.
    stage.emit(next_revision(moved, "killed"))
    wait(lambda: ("article.killed", vote.article_id, 3) in receiver.told(sport))


def test_saved_searches_and_first_mentions_are_told_of_what_they_wait_for(stage, receiver):
    search = stage.wait_live(stage.subscribe(filter=Filter(q="NIGHT ferr", urgency_max=3)))
    first = stage.wait_live(stage.subscribe(filter=Filter(first_mention=True)))
    ferry, late, vote = stage.articles(3, body_text="The night ferry returns", urgency=3)
    late, vote = with_fields(late, urgency=4), with_fields(vote, body_text="A vote at night")
    oslo = Entity(name="Oslo", slug="oslo", type="place", mentions=1, confidence=1, method="t")
    named = with_fields(late, entities=(oslo,)).model_copy(update={"first_mentions": ("oslo",)})
    stage.emit(ferry, named, vote)
    wait(lambda: receiver.told(search) and receiver.told(first))
    assert receiver.told(search) == [("article.published", ferry.article_id, 1)]
    assert receiver.told(first) == [("article.published", named.article_id, 1)]


def test_a_copy_is_not_told_to_those_who_were_told_of_its_story(stage, receiver):
    collapsed = stage.wait_live(stage.subscribe(filter=Filter(collapse="story")))
    told, untold, copy, other = stage.articles(4)
    stage.emit(told)
    wait(lambda: receiver.told(collapsed))
    copies = (
        with_fields(one, story=Story(id=of.article_id, role="copy", of=of.article_id))
        for one, of in ((copy, told), (other, untold))
    )
    stage.emit(*copies)
    wait(lambda: len(receiver.told(collapsed)) == 2)
    assert {article_id for _, article_id, _ in receiver.told(collapsed)} == {
        told.article_id,
        other.article_id,
    }


def test_deliveries_go_to_a_topic_of_another_cluster(stage):
    topic = f"archive-of-{stage.namespace}"
    admin = KafkaAdminClient(bootstrap_servers=stage.bootstrap)
    admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    target = f"kafka://{stage.bootstrap}/{topic}"
    archive = stage.wait_live(stage.subscribe(kind="kafka", target=target, payload="ninjs-3.1"))
    (article,) = stage.articles(1)
    stage.emit(article, next_revision(article, "killed"))
    done = (2, "acknowledged")
    wait(lambda: done in [(n.revision, n.outcome) for n in stage.notes(archive)], timeout=60)
    with open_log(stage.bootstrap, client_id="test") as log:
        last = list(log.read_all(topic))[-1]
    assert last.key == article.article_id.encode()
    assert json.loads(last.value)["pubStatus"] == "canceled"
    admin.delete_topics([topic])
    admin.close()


def test_a_past_start_and_what_comes_are_one_without_gap_or_double(stage, receiver):
    start = stage.ends()
    first = stage.articles(150)
    stage.emit(*first)
    subscription = stage.subscribe(start=start)
    second = stage.articles(100)
    for batch in range(0, 100, 10):
        stage.emit(*second[batch : batch + 10])
    wanted = {event.article_id for event in (*first, *second)}
    wait(lambda: len(receiver.of(subscription)) >= 250, timeout=60)
    stage.wait_live(subscription)
    assert {article for _, article, _ in receiver.told(subscription)} == wanted
    assert len(receiver.of(subscription)) == 250


def test_nothing_is_queued_while_paused_and_everything_comes_after(stage, receiver):
    subscription = stage.wait_live(stage.subscribe())
    paused = stage.write(subscription, state=SubscriptionState.PAUSED)
    wait(lambda: not stage.is_live(subscription))
    events = stage.articles(30)
    follower = stage.wait_live(stage.subscribe())
    stage.emit(*events)
    wait(lambda: len(receiver.of(follower)) == 30)
    assert (stage.waiting(subscription), receiver.of(subscription)) == (0, [])
    stage.write(paused, state=SubscriptionState.ACTIVE)
    wait(lambda: len(receiver.of(subscription)) == 30)
    stage.wait_live(subscription)


def test_a_full_queue_catches_up_from_the_log_and_a_kill_does_not_wait_for_that(stage, receiver):
    subscription = stage.wait_live(stage.subscribe(concurrency=4))
    is_open = threading.Event()
    receiver.answers[subscription.id] = lambda _: 204 if is_open.wait(30) else 500
    (killed,) = stage.articles(1)
    others = stage.articles(150)
    stage.emit(killed)
    wait(lambda: stage.waiting(subscription) == 1)
    stage.emit(*others)
    wait(lambda: not stage.is_live(subscription))
    kill = next_revision(killed, "killed")
    stage.emit(kill)
    queue = QueueKeys(stage.namespace, subscription.id)
    wait(lambda: stage.client.zscore(queue.urgent, kill.article_id) is not None)
    assert stage.waiting(subscription) <= MOST_WAITING + 1
    is_open.set()
    wanted = {event.article_id for event in others}
    wait(lambda: wanted <= {article for _, article, _ in receiver.told(subscription)}, timeout=60)
    wait(lambda: ("article.killed", kill.article_id, 2) in receiver.told(subscription))
    stage.wait_live(subscription)
    assert len(receiver.of(subscription)) == len({one.id for one in receiver.of(subscription)})


def test_a_slow_answer_holds_up_its_own_article_alone(stage, receiver):
    subscription = stage.wait_live(stage.subscribe(concurrency=2))
    is_open = threading.Event()
    slow, *others = stage.articles(20)

    def answer(received: Received) -> int:
        if received.what[0] == slow.article_id:
            is_open.wait(15)
        return 204

    receiver.answers[subscription.id] = answer
    stage.emit(slow, *others)
    wait(lambda: len(receiver.of(subscription)) == 19)
    stage.emit(next_revision(slow))
    wait(lambda: stage.waiting(subscription) == 1)
    is_open.set()
    wait(lambda: len(receiver.of(subscription)) == 21)
    revisions = [
        rev for _, article, rev in receiver.told(subscription) if article == slow.article_id
    ]
    assert revisions == [1, 2]


def test_the_next_goes_before_the_last_is_settled_and_never_more_at_once(stage, receiver):
    subscription = stage.wait_live(stage.subscribe(concurrency=3))
    leases = QueueKeys(stage.namespace, subscription.id).leases
    at_once, seen, leased = threading.Semaphore(3), [], []

    def answer(_: Received) -> int:
        is_one_of_three = at_once.acquire(blocking=False)
        seen.append(is_one_of_three)
        leased.append(stage.client.hlen(leases))
        time.sleep(0.005)
        if is_one_of_three:
            at_once.release()
        return 204

    receiver.answers[subscription.id] = answer
    stage.emit(*stage.articles(90))
    wait(lambda: len(receiver.of(subscription)) == 90)
    assert all(seen)
    assert 3 < max(leased) <= 6, "those that were answered and are not settled"


def test_nothing_goes_to_a_subscription_that_was_deleted(stage, receiver):
    subscription = stage.wait_live(stage.subscribe())
    receiver.answers[subscription.id] = lambda _: 500
    stage.emit(*stage.articles(5))
    wait(lambda: len(receiver.received[subscription.id]) >= 5)
    stage.delete(subscription)
    follower = stage.wait_live(stage.subscribe())
    keys = QueueKeys(stage.namespace, subscription.id)
    wait(lambda: not stage.client.exists(*keys.all))
    before = len(receiver.received[subscription.id])
    stage.emit(*stage.articles(5))
    wait(lambda: len(receiver.of(follower)) == 5)
    assert len(receiver.received[subscription.id]) == before
    wait(lambda: {note.outcome for note in stage.notes(subscription)} == {"dropped"})


def test_a_shadow_is_noted_and_not_sent(stage, receiver):
    shadow = stage.wait_live(stage.subscribe(shadow=True))
    events = stage.articles(3)
    stage.emit(*events)
    wait(lambda: len(stage.notes(shadow)) == 3)
    assert {note.outcome for note in stage.notes(shadow)} == {"shadowed"}
    assert receiver.received[shadow.id] == []


def test_every_outcome_is_noted_for_the_ledger(stage, receiver):
    subscription = stage.wait_live(stage.subscribe())
    events = stage.articles(4)
    stage.emit(*events)
    wait(lambda: len(stage.notes(subscription)) == 4)
    for note, event in zip(
        sorted(stage.notes(subscription), key=lambda one: one.article_id), events, strict=True
    ):
        assert (note.article_id, note.revision, note.version) == (event.article_id, 1, 1)
        assert (note.outcome, note.status, note.attempts) == ("acknowledged", 204, 1)
        assert (note.channel, note.subscriber, note.target) == (
            "webhook",
            OPERATOR,
            subscription.target,
        )
        assert note.published_at == event.occurred_at
    assert {note.delivery_id for note in stage.notes(subscription)} == {
        one.id for one in receiver.of(subscription)
    }


def test_both_secrets_sign_until_the_older_has_ended(stage, receiver):
    newest, older, ended = (new_secret() for _ in range(3))
    far, past = datetime(2100, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)
    subscription = stage.wait_live(
        stage.subscribe(
            secrets=(
                Secret(value=newest),
                Secret(value=older, until=far),
                Secret(value=ended, until=past),
            )
        )
    )
    stage.emit(*stage.articles(1))
    (received,) = wait(lambda: receiver.of(subscription))
    for secret in (newest, older):
        assert Webhook(secret).verify(received.body, received.headers) == received.message
    with pytest.raises(WebhookVerificationError):
        Webhook(ended).verify(received.body, received.headers)
    assert len(received.headers["webhook-signature"].split(" ")) == 2


def test_a_delivery_can_be_sent_again_under_its_id_unless_a_newer_was_told(stage, receiver):
    subscription = stage.wait_live(stage.subscribe())
    (event,) = stage.articles(1)
    stage.emit(event)
    (first,) = wait(lambda: receiver.of(subscription))
    wait(lambda: stage.requests.attempts(subscription.id))
    stage.requests.resend(subscription, first.id)
    wait(lambda: len(receiver.of(subscription)) == 2)
    assert {one.id for one in receiver.of(subscription)} == {first.id}
    assert {one.body for one in receiver.of(subscription)} == {first.body}
    stage.emit(next_revision(event))
    wait(lambda: len(receiver.of(subscription)) == 3)
    with pytest.raises(Superseded):
        stage.requests.resend(subscription, first.id)


def test_attempts_are_shown_with_what_was_sent_until_a_kill_takes_it_away(
    stage, receiver, service, monkeypatch, capsys
):
    newsman = Commands(monkeypatch, capsys)
    monkeypatch.setenv("NEWSMAN_DELIVER_URL", service.url)
    monkeypatch.setenv("NEWSMAN_OPERATOR_TOKEN_FILE", service.env["NEWSMAN_OPERATOR_TOKEN_FILE"])

    def attempts(of: Subscription) -> list[dict]:
        return newsman.json("subscription", "deliveries", of.id)["items"]

    told, deaf = (
        stage.wait_live(stage.subscribe(events=(name,)))
        for name in ("article.*", "article.published")
    )
    for each in (told, deaf):
        receiver.answers[each.id] = lambda _: (200, says_taken)
    gone, stays = stage.articles(2, body_html=f"<p>{'Quay for “all”. ' * 400}</p>")
    stage.emit(gone, stays)
    for each in (told, deaf):
        wait(lambda each=each: len(attempts(each)) == 2)
        sent = {one.id: one for one in receiver.of(each)}
        for shown in attempts(each):
            received = sent[shown["id"]]
            request = shown["request"]
            assert request["body"] == received.body[:4_096].decode("utf-8", "ignore")
            assert request["headers"]["webhook-signature"] == "v1,…"
            assert request["headers"]["webhook-id"] == received.id
            assert request["headers"]["content-type"] == "application/json"
            assert shown["answer"] == "taken"

    stage.emit(next_revision(gone, "killed"))
    wait(lambda: len(attempts(told)) == 3)
    for each in (told, deaf):
        kept = {(shown["about"], shown["revision"]): shown for shown in attempts(each)}
        first = kept[gone.article_id, 1]
        assert (first["request"], first["answer"], first["status"]) == (None, "", 200)
        assert stays.article.headline in kept[stays.article_id, 1]["request"]["body"]
        key = QueueKeys(stage.namespace, each.id).exchanges
        assert not any(gone.article.headline.encode() in e for e in stage.client.hvals(key))
    assert '"article.killed"' in attempts(told)[0]["request"]["body"]


def says_taken(handler: BaseHTTPRequestHandler, status: int) -> None:
    handler.send_response(status)
    handler.send_header("content-length", "5")
    handler.end_headers()
    handler.wfile.write(b"taken")


def test_a_replay_tells_a_range_again_and_goes_on_from_there(stage, receiver):
    subscription = stage.wait_live(stage.subscribe())
    start = stage.ends()
    events = stage.articles(40)
    stage.emit(*events)
    end = stage.ends()
    after = stage.articles(10)
    stage.emit(*after)
    wait(lambda: len(receiver.of(subscription)) == 50)
    wait(lambda: stage.waiting(subscription) == 0)
    stage.requests.replay(subscription.id, start, end)
    wait(lambda: len(receiver.of(subscription)) == 90)
    stage.wait_live(subscription)
    news = stage.articles(5)
    stage.emit(*news)
    wait(lambda: len(receiver.of(subscription)) == 95)
    told = [article for _, article, _ in receiver.told(subscription)]
    assert {article: told.count(article) for article in told} == {
        **{event.article_id: 2 for event in events},
        **{event.article_id: 1 for event in (*after, *news)},
    }
    assert len({one.id for one in receiver.of(subscription)}) == 55


def test_a_test_event_goes_the_way_of_all_others(stage, receiver):
    subscription = stage.wait_live(stage.subscribe())
    delivery_id = stage.requests.test(subscription, now=datetime.now(UTC))
    (received,) = wait(lambda: receiver.of(subscription))
    assert received.id == delivery_id
    assert received.message["type"] == "subscription.test"
    (attempt,) = wait(lambda: stage.requests.attempts(subscription.id))
    assert (attempt.id, attempt.status) == (delivery_id, 204)


def test_rankings_are_told_to_those_that_ask_for_their_scope(stage, receiver):
    overall = stage.wait_live(stage.subscribe(events=("ranking.changed",)))
    sport = stage.wait_live(
        stage.subscribe(events=("ranking.*",), filter=Filter(section=("Sport",)))
    )
    articles = stage.wait_live(stage.subscribe(events=("article.*",)))

    def told() -> bool:
        # The reader of rankings begins at their end once it has its partition.
        stage.send(RANKING_CHANGED, ranking("all"), ranking("section:sport"))
        return bool(receiver.of(overall) and receiver.of(sport))

    wait(told)
    for subscription, scope in ((overall, "all"), (sport, "section:sport")):
        first = receiver.of(subscription)[0].message
        assert (first["type"], first["data"]["scope"]) == ("ranking.changed", scope)
        assert first["data"]["items"][0]["article_id"] == "a" * 16
    assert receiver.of(articles) == []


def ranking(scope: str) -> RankingChanged:
    standing = Standing(
        rank=1,
        article_id="a" * 16,
        views=3,
        readers=2,
        score=3.0,
        velocity=1.0,
        filtered_share=0.0,
    )
    return RankingChanged(
        event_id=uuid.uuid4().hex,
        occurred_at=NOW,
        window="24h",
        order="views",
        scope=scope,
        as_of=NOW,
        items=(standing,),
    )


def test_the_operator_is_told_of_a_subscription_that_was_disabled(stage, receiver):
    watcher = stage.wait_live(stage.subscribe(events=("subscription.*",)))
    gone = stage.wait_live(stage.subscribe())
    receiver.answers[gone.id] = lambda _: 410
    stage.emit(*stage.articles(1))
    (told,) = wait(lambda: receiver.of(watcher))
    assert told.message["type"] == "subscription.disabled"
    assert told.message["data"]["id"] == gone.id
    assert "410" in told.message["data"]["reason"]
    assert json.loads(told.body)["data"]["target"] == gone.target
