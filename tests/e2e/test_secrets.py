"""No secret that Newsman is told is in anything that it writes, however much it logs.

Kafka lets in whoever has a password, over TLS; the secrets are in files.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator

import httpx
import pytest
from tests.secure_broker import PASSWORD, USER, SecureBroker, running

from newsman.kafka.topics import ensure_topics
from newsman.services import SERVICES

KEY, OTHER, SECRET = "key-of-the-desk", "key-of-nobody", "secret-of-the-wire"
WEBHOOK = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SALT = "a-salt-of-readers-that-is-long"
AWS = "secret-access-key-of-the-bucket"
SECRETS = (KEY, OTHER, SECRET, WEBHOOK.removeprefix("whsec_"), SALT, AWS, PASSWORD)


@pytest.fixture
def secure(jars, formatted, tmp_path, namespace) -> Iterator[SecureBroker]:
    with running(tmp_path / "kafka", jars, formatted) as broker:
        ensure_topics(broker.bootstrap, namespace, replication=1)
        yield broker


@pytest.fixture
def services(secure, redis_url, launch_on, namespace, s3, tmp_path):
    start_service = launch_on(secure.address("sasl_ssl"), redis_url, namespace)
    sources = tmp_path / "who.toml"
    digest = hashlib.sha256(KEY.encode()).hexdigest()
    sources.write_text(
        f'[sources.desk]\nkeys = ["sha256:{digest}"]\n[sources.wire]\nsecrets = ["{SECRET}"]\n'
    )
    for name, secret in {"kafka-password": PASSWORD, "salt": SALT, "webhook": WEBHOOK}.items():
        (tmp_path / name).write_text(f"{secret}\n")
    told = {
        **s3,
        "NEWSMAN_KAFKA_SECURITY": "sasl_ssl",
        "NEWSMAN_KAFKA_MECHANISM": "SCRAM-SHA-512",
        "NEWSMAN_KAFKA_USERNAME": USER,
        "NEWSMAN_KAFKA_PASSWORD_FILE": str(tmp_path / "kafka-password"),
        "NEWSMAN_KAFKA_CA_FILE": str(secure.ca_pem),
        "AWS_SECRET_ACCESS_KEY": AWS,
        "NEWSMAN_LOG_LEVEL": "DEBUG",
        "NEWSMAN_SOURCES_FILE": str(sources),
        "NEWSMAN_READER_SALT_FILE": str(tmp_path / "salt"),
        "NEWSMAN_WEBHOOK_SECRET_FILE": str(tmp_path / "webhook"),
        "NEWSMAN_WEBHOOK_URL": "http://127.0.0.1:9/nobody",
        "NEWSMAN_ASSETS_URL": "s3://newsroom/secrets",
    }
    started = {name: start_service(name, **told) for name in SERVICES}
    for service in started.values():
        service.wait_ready()
    started["sources"] = sources
    return started


def push(url: str, body: bytes, headers: dict[str, str], path: str = "/v1/articles") -> int:
    headers = {"content-type": "application/json", **headers}
    return httpx.post(f"{url}{path}", content=body, headers=headers, timeout=20).status_code


def test_no_secret_is_in_any_log(services, eventually):
    ingest, feeds, sources = services["ingest"], services["feeds"], services.pop("sources")
    item = {"uri": "urn:1", "guid": "urn:1", "type": "text", "headline": "Ferry returns"}
    body = json.dumps(item).encode()
    desk = {"authorization": f"Bearer {KEY}"}
    signed = hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()
    statuses = [
        push(ingest.url, body, desk),
        push(ingest.url, body, {**desk, "idempotency-key": "k"}),
        push(ingest.url, b"{", desk),
        push(ingest.url, b'{"headline": 5}', desk),
        push(ingest.url, body, {"authorization": f"Bearer {OTHER}"}),
        push(ingest.url, body, {"authorization": f"Basic {OTHER}"}),
        push(ingest.url, body, {"x-superdesk-signature": f"sha1={signed}"}, "/push"),
        push(ingest.url, body + b" ", {"x-superdesk-signature": f"sha1={signed}"}, "/push"),
        push(ingest.url, b"[]", desk, "/v1/events?hasty=true"),
    ]
    assert statuses == [202, 202, 400, 400, 401, 401, 200, 403, 400]
    sources.write_text(f'[sources.wire]\nsecrets = ["{SECRET}"]\nkeys = ["{KEY}"]\n')
    eventually(lambda: "the sources stay as they were" in ingest.log_file.read_text())
    found = eventually(
        lambda: httpx.get(f"{feeds.url}/v1/articles?limit=1").json()["items"], timeout=30
    )
    view = {"article": found[0]["id"], "reader": "reader-by-name"}
    assert push(ingest.url, json.dumps(view).encode(), desk, "/v1/views") == 202
    deliver = services["deliver"]
    eventually(lambda: "newsman_deliver_attempts_total{" in metrics(deliver), timeout=20)
    for service in services.values():
        service.stop()
    logs = {name: service.log_file.read_text() for name, service in services.items()}
    assert sum(map(len, logs.values())) > 5_000
    written = {
        (name, secret)
        for name, log in logs.items()
        for secret in (*SECRETS, signed, "reader-by-name")
        if secret in log
    }
    assert written == set()


def metrics(service) -> str:
    return httpx.get(f"{service.ops_url}/metrics").text
