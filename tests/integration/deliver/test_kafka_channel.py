"""Deliveries as records of a topic: of a cluster that is another one, or away."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from tests.ports import free_port
from tests.secure_broker import PASSWORD, TOPIC, USER, SecureBroker, certificates, running

from newsman.deliver.channels.channel import Answer, BadSubscription, Delivery
from newsman.deliver.channels.kafka import KafkaChannel
from newsman.deliver.core import AttemptResult, Retry, decide
from newsman.kafka.log import open_log
from newsman.kafka.records import header
from newsman_schemas.subscriptions import Secret, Subscription

# kafka-python leaves the socket of a TLS handshake that fails to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <ssl:ResourceWarning")
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
        ({"options": {"security": "ssl", "ca": "no certificate"}}, "/options/ca"),
        ({"options": {"ca": "of what?"}}, "/options/ca"),
        ({"options": {"certificate_file": "/of/what"}}, "/options/certificate_file"),
        (
            {"options": {"security": "ssl", "certificate_file": "/nowhere.pem"}},
            "/options/certificate_file",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(channel, subscription, fields, pointer):
    with pytest.raises(BadSubscription) as refused:
        channel.check(subscription(**fields))
    assert refused.value.pointer == pointer


SECURED = {
    "sasl_plaintext": {"username": USER},
    "ssl": {},
    "sasl_ssl": {"mechanism": "SCRAM-SHA-512", "username": USER},
}


@pytest.fixture(scope="module")
def secure(jars, formatted, tmp_path_factory) -> Iterator[SecureBroker]:
    with running(tmp_path_factory.mktemp("secure") / "kafka", jars, formatted) as broker:
        yield broker


@pytest.fixture
def secured(secure, subscription) -> Subscribe:
    """A subscription to a listener of the broker."""

    def secured(security: str, password: str = PASSWORD, **options: str) -> Subscription:
        trusted = {"ca": secure.ca} if security.endswith("ssl") else {}
        return subscription(
            target=secure.target(security),
            options={"security": security, **SECURED[security], **trusted, **options},
            secrets=(Secret(value=password),) if security.startswith("sasl") else (),
        )

    return secured


@pytest.fixture
def silent() -> Iterator[Callable[[], str]]:
    """Makes targets whose broker accepts connections and never answers."""
    listeners: list[socket.socket] = []

    def silent() -> str:
        listeners.append(socket.create_server(("127.0.0.1", 0)))
        return f"kafka://127.0.0.1:{listeners[-1].getsockname()[1]}/archive"

    yield silent
    for listener in listeners:
        listener.close()


@pytest.mark.parametrize("security", SECURED)
def test_records_go_to_clusters_with_tls_and_passwords(channel, secured, secure, security):
    wanted = secured(security)
    channel.check(wanted)
    told = delivery(1, body=security.encode())
    assert [answer.status for answer in send(channel, wanted, told)] == [200]
    with open_log(secure.bootstrap, client_id="test") as log:
        assert told.body in [record.value for record in log.read_all(TOPIC)]


def test_records_go_to_a_cluster_that_asks_for_a_certificate(channel, secured, secure):
    shown = {"certificate_file": str(secure.client_pem)}
    wanted = secured("ssl", **shown).model_copy(update={"target": secure.target("mutual")})
    channel.check(wanted)
    assert [a.status for a in send(channel, wanted, delivery(1))] == [200]


@pytest.mark.parametrize("security", ["sasl_plaintext", "sasl_ssl"])
def test_a_wrong_password_is_answered_at_once_and_tried_again(channel, secured, security):
    channel._settings.webhook_timeout_seconds = 60.0
    answers = send(channel, secured(security, "a guess"), delivery(1), delivery(2))
    assert [answer.status for answer in answers] == [401, 401]
    assert "SaslAuthenticationFailedError" in answers[0].detail
    assert "a guess" not in answers[0].detail
    result = AttemptResult(answers[0].status, detail=answers[0].detail)
    verdict = decide(result, event="article.updated", attempt=1, jitter=0.0, now=NOW)
    assert isinstance(verdict, Retry)
    (again,) = send(channel, secured(security), delivery(1))
    assert again.status == 200


def test_a_cluster_that_nobody_vouches_for_is_told_nothing(channel, secured):
    channel._settings.webhook_timeout_seconds = 60.0
    (answer,) = send(channel, secured("sasl_ssl", ca=certificates()[0]), delivery(1))
    assert answer.status is None
    assert "CERTIFICATE_VERIFY_FAILED" in answer.detail


def test_a_broker_that_stands_still_is_given_up_and_taken_up_again(channel, secured, secure):
    wanted = secured("ssl")
    assert send(channel, wanted, delivery(1))[0].status == 200
    channel._settings.webhook_timeout_seconds = 0.5
    secure.pause()
    answers = send(channel, wanted, *(delivery(number) for number in range(2, 30)))
    assert {answer.status for answer in answers} == {None}
    assert len(channel._producers) == 0
    secure.resume()
    channel._settings.webhook_timeout_seconds = 30.0
    assert send(channel, wanted, delivery(2))[0].status == 200


def test_clusters_that_never_answer_keep_nobody_waiting(channel, subscription, silent):
    """Neither another cluster, nor what other channels leave to threads."""
    channel._settings.webhook_timeout_seconds = 12.0
    dead = [subscription(target=silent()) for _ in range(8)]

    async def scenario() -> list[Answer]:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        waiting = [asyncio.create_task(channel.send(each, [delivery(1)])) for each in dead]
        (answer,) = await channel.send(subscription(), [delivery(2)])
        assert answer.status == 200
        await asyncio.to_thread(lambda: None)
        assert not any(task.done() for task in waiting)
        return [answers[0] for answers in await asyncio.gather(*waiting)]

    answers = asyncio.run(scenario())
    assert {answer.status for answer in answers} == {None}
    assert all(answer.detail for answer in answers)
