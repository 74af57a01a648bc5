"""Every way into a cluster, for every client; and what is said where there is none."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth
from tests.secure_broker import (
    PASSWORD,
    TOPIC,
    USER,
    SecureBroker,
    certificates,
    running,
    unsigned_token,
)

from newsman.cli import main
from newsman.kafka.access.security import Bootstrap, security_of
from newsman.kafka.access.streaming import credentials
from newsman.kafka.clients import build_admin, build_producer
from newsman.kafka.log import open_log
from newsman.kafka.ready import TopicsCheck
from newsman.kafka.record_batches import RecordBatches
from newsman.kafka.records import Record
from newsman.settings import KafkaSettings, read_settings
from newsman_schemas.topics import ARTICLE_RECEIVED

# kafka-python leaves the socket of a TLS handshake that fails to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <ssl:ResourceWarning")
Enter = Callable[..., Bootstrap]


@pytest.fixture(scope="module")
def secure(jars, formatted, tmp_path_factory) -> Iterator[SecureBroker]:
    with running(tmp_path_factory.mktemp("kafka"), jars, formatted) as broker:
        yield broker


WAYS = {
    "tls": ("ssl", {}),
    "certificate": ("mutual", {"CERTIFICATE_FILE": "client.pem"}),
    "plain": ("sasl_plaintext", {"USERNAME": USER, "PASSWORD": PASSWORD}),
    "plain over tls": ("sasl_ssl", {"USERNAME": USER, "PASSWORD": PASSWORD}),
    "scram 256": (
        "sasl_ssl",
        {"MECHANISM": "SCRAM-SHA-256", "USERNAME": USER, "PASSWORD": PASSWORD},
    ),
    "scram 512": (
        "sasl_ssl",
        {"MECHANISM": "SCRAM-SHA-512", "USERNAME": USER, "PASSWORD_FILE": "password"},
    ),
    "token": ("sasl_ssl", {"MECHANISM": "OAUTHBEARER", "TOKEN_FILE": "token"}),
}


@pytest.fixture
def enter(secure, monkeypatch) -> Enter:
    """Brokers as the settings of a way lead to them; of a file its name is enough."""
    (secure.folder / "password").write_text(f"{PASSWORD}\n")
    (secure.folder / "token").write_text(unsigned_token(USER))

    def enter(way: str, **changed: str) -> Bootstrap:
        listener, options = WAYS[way]
        settings = {
            "BOOTSTRAP": secure.address(listener),
            "SECURITY": "ssl" if listener == "mutual" else listener,
            "CA_FILE": "ca.pem",
            **options,
            **changed,
        }
        for name, value in settings.items():
            is_file = name.endswith("_FILE")
            shown = str(secure.folder / value) if is_file else value
            monkeypatch.setenv(f"NEWSMAN_KAFKA_{name}", shown)
        return read_settings(KafkaSettings).kafka_bootstrap

    return enter


@pytest.mark.parametrize("way", WAYS)
def test_every_client_gets_in(enter, way):
    bootstrap = enter(way)
    with closing(build_admin(bootstrap, client_id="test")) as admin:
        assert TOPIC in admin.list_topics()
    with closing(build_producer(bootstrap, client_id="test")) as producer:
        producer.send(TOPIC, way.encode()).get(30)
    batched = f"{way}, in a batch".encode()
    asyncio.run(in_a_batch(bootstrap, batched))
    with open_log(bootstrap, client_id="test") as log:
        assert {way.encode(), batched} <= {record.value for record in log.read_all(TOPIC)}
    assert asyncio.run(through_faust(bootstrap, f"{way}, by Faust".encode()))


async def in_a_batch(bootstrap: Bootstrap, value: bytes) -> None:
    batches = RecordBatches(bootstrap, client_id="test")
    await batches.send(TOPIC, [Record(b"key", value, [])])
    await batches.close()


async def through_faust(bootstrap: Bootstrap, value: bytes) -> bool:
    """True once a record came back that was sent; by the clients that Faust makes."""
    auth = credentials_to_aiokafka_auth(credentials(security_of(bootstrap)))
    producer = AIOKafkaProducer(bootstrap_servers=str(bootstrap), **auth)
    consumer = AIOKafkaConsumer(
        TOPIC, bootstrap_servers=str(bootstrap), auto_offset_reset="earliest", **auth
    )
    async with asyncio.timeout(60), producer, consumer:
        await producer.send_and_wait(TOPIC, value)
        async for record in consumer:
            if record.value == value:
                return True
    return False


@pytest.mark.parametrize(
    ("way", "changed", "said"),
    [
        ("scram 512", {"PASSWORD_FILE": "wrong"}, "see NEWSMAN_KAFKA_MECHANISM and the user"),
        ("plain", {"PASSWORD": "a guess"}, "see NEWSMAN_KAFKA_MECHANISM and the user"),
        ("token", {"TOKEN_FILE": "wrong"}, "see NEWSMAN_KAFKA_MECHANISM and the user"),
        ("tls", {"CA_FILE": "other.pem"}, "see NEWSMAN_KAFKA_CA_FILE"),
    ],
)
def test_what_keeps_a_client_out_is_named(secure, enter, capsys, way, changed, said):
    (secure.folder / "wrong").write_text("a guess")
    (secure.folder / "other.pem").write_text(certificates()[0])
    bootstrap = enter(way, **changed)
    assert said in str(TopicsCheck(bootstrap, "newsman", [ARTICLE_RECEIVED])())
    assert main(["topics", "--wait", "60"]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert f"Kafka at {bootstrap} lets no client in" in told
    assert main(["rejected", "list"]) == 1
    assert said in capsys.readouterr().err
    assert "a guess" not in told


def test_topics_are_made_as_a_file_wants_them(secure, enter, capsys, tmp_path: Path):
    enter("scram 256")
    wishes = tmp_path / "topics.toml"
    wishes.write_text(
        '[default]\nconfig = {"segment.ms" = 3600000}\n["article-received.v1"]\npartitions = 6\n'
    )
    assert main(["topics", "--file", str(wishes)]) == 0
    assert "newsman.article-received.v1: created" in capsys.readouterr().out
    assert main(["topics", "--file", str(wishes), "--check"]) == 0
    capsys.readouterr()
    assert main(["topics"]) == 0
    told = capsys.readouterr().out
    assert "newsman.article-received.v1: has 6 partitions, not 4" in told
    assert "newsman.rejected.v1: there already" in told
    wishes.write_text('[default]\nreplication = 3\nconfig = {"segment.ms" = 60000}\n')
    assert main(["topics", "--check", "--file", str(wishes)]) == 1
    told = capsys.readouterr().out
    assert "newsman.rejected.v1: has 1 copy of each record, not 3" in told
    assert "has segment.ms=3600000, not 60000" in told
