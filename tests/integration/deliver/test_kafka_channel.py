"""Deliveries as records of a topic: of a cluster that is another one, or away."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from tests.ports import free_port

from newsman.deliver.channels.channel import Answer, BadSubscription, Delivery
from newsman.deliver.channels.kafka import KafkaChannel
from newsman.kafka.log import open_log
from newsman.kafka.records import header
from newsman_schemas.subscriptions import Secret, Subscription

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
Subscribe = Callable[..., Subscription]


@pytest.fixture
def topic(kafka_bootstrap, namespace):
    name = f"{namespace}-of-an-archive"
    admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    admin.create_topics([NewTopic(name, num_partitions=2, replication_factor=1)])
    yield name
    admin.delete_topics([name])
    admin.close()


@pytest.fixture
def subscription(kafka_bootstrap, topic) -> Subscribe:
    def subscription(**fields: object) -> Subscription:
        values = {
            "id": "a" * 16,
            "owner": "operator",
            "kind": "kafka",
            "target": f"kafka://{kafka_bootstrap}/{topic}",
            "created_at": NOW,
            "changed_at": NOW,
        }
        return Subscription.model_validate({**values, **fields})

    return subscription


@pytest.fixture
def channel() -> KafkaChannel:
    settings = SimpleNamespace(namespace="newsman", webhook_timeout_seconds=5.0)
    return KafkaChannel(SimpleNamespace(settings=settings))


def delivery(number: int, *, body: bytes = b'{"type": "article.updated"}') -> Delivery:
    return Delivery(
        id=f"msg_{number}",
        event="article.updated",
        article_id="abcdefgh" * 2,
        revision=number,
        version=number + 1,
        occurred_at=NOW,
        attempt=1,
        body=body,
        media_type="application/json",
        article=None,
    )


def send(channel, subscription, *deliveries: Delivery) -> list[Answer]:
    return list(asyncio.run(channel.send(subscription, deliveries)))


def test_each_delivery_is_a_record_of_its_article_in_order(
    channel, subscription, kafka_bootstrap, topic
):
    wanted = subscription()
    channel.check(wanted)
    answers = send(channel, wanted, *(delivery(number) for number in range(20)))
    assert [answer.status for answer in answers] == [200] * 20
    with open_log(kafka_bootstrap, client_id="test") as log:
        records = list(log.read_all(topic))
    assert [header(record.headers, "newsman-delivery") for record in records] == [
        f"msg_{number}" for number in range(20)
    ]
    first = records[0]
    assert (first.key, first.value) == (b"abcdefgh" * 2, delivery(0).body)
    names = ("content-type", "newsman-event", "newsman-revision", "newsman-version", "newsman-time")
    assert [header(first.headers, name) for name in names] == [
        "application/json",
        "article.updated",
        "0",
        "1",
        NOW.isoformat(),
    ]


def test_a_cluster_that_is_away_gets_what_it_missed_later(channel, subscription):
    channel._settings.webhook_timeout_seconds = 0.3
    away = subscription(target=f"kafka://127.0.0.1:{free_port()}/archive")
    (answer,) = send(channel, away, delivery(1))
    assert answer.status is None
    assert answer.detail


def test_a_record_that_is_too_large_is_refused_alone(channel, subscription):
    large = delivery(1, body=b"x" * 40_000_000)
    statuses = [answer.status for answer in send(channel, subscription(), large, delivery(2))]
    assert statuses == [413, 200]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"owner": "archive"}, "/kind"),
        ({"target": "kafka://broker/topic"}, "/url"),
        ({"target": "kafka://user@broker:9092/topic"}, "/url"),
        ({"target": "kafka://broker:9092/newsman.article-published.v1"}, "/url"),
        ({"options": {"group": "a"}}, "/options/group"),
        ({"options": {"security": "none"}}, "/options/security"),
        ({"options": {"security": "sasl_ssl", "mechanism": "OAUTH"}}, "/options/mechanism"),
        ({"options": {"security": "sasl_ssl"}}, "/options/username"),
        ({"options": {"security": "sasl_ssl", "username": "desk"}}, "/secret"),
    ],
)
def test_what_makes_no_sense_is_refused(channel, subscription, fields, pointer):
    with pytest.raises(BadSubscription) as refused:
        channel.check(subscription(**fields))
    assert refused.value.pointer == pointer


def test_a_password_is_the_subscriptions_secret(channel, subscription):
    options = {"security": "sasl_ssl", "username": "desk", "mechanism": "SCRAM-SHA-512"}
    channel.check(subscription(options=options, secrets=(Secret(value="of the desk"),)))
