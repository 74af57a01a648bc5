"""A service that starts before what it needs waits for it, and says for what."""

import contextlib
import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import httpx
import pytest
from tests.conftest import RunningService
from tests.waiting import patient
from tests.warm import SERVICES as WARM

from newsman.kafka.topics import ensure_topics
from newsman.services import SERVICES

WRONG_SETTING = 2
ENDS_WITHIN_SECONDS = 10
KEY = {"Authorization": "Bearer demo-key"}


def answer(address: str) -> tuple[int, dict]:
    try:
        with urllib.request.urlopen(address, timeout=5) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        is_json = "json" in error.headers["content-type"]
        return error.code, json.load(error) if is_json else {}
    except OSError:
        return 0, {}


def says(service, need: str, words: str) -> bool:
    status, verdict = answer(f"{service.ops_url}/readyz")
    return status == 503 and words in verdict["problems"].get(need, "")


def lines(service, words: str) -> int:
    return service.log_file.read_text().count(words)


def test_every_service_waits_for_kafka_then_for_its_topics_then_works(
    own_broker, redis_url, namespace, launch_on, eventually
):
    own_broker.stop()
    launch = launch_on(own_broker.bootstrap, redis_url, namespace)
    services = [launch(name) for name in SERVICES]
    for service in services:
        eventually(lambda s=service: says(s, "kafka", "takes no connection"), timeout=60)
        assert answer(f"{service.ops_url}/healthz")[0] == 200
        eventually(lambda s=service: lines(s, "waiting for kafka") == 1)

    own_broker.start()
    own_broker.wait_ready()
    for service in services:
        eventually(lambda s=service: says(s, "kafka", "topics are missing"))
        assert answer(f"{service.ops_url}/healthz")[0] == 200

    ensure_topics(own_broker.bootstrap, namespace, replication=1)
    pids = [service.pid for service in services]
    for service in services:
        service.wait_ready()
        assert lines(service, "waiting for kafka") == 1
        assert service.process.poll() is None
    assert pids == [service.pid for service in services]
    ingest, feeds = (services[SERVICES.index(name)] for name in ("ingest", "feeds"))
    body = {"uri": "urn:late", "headline": "Kafka came late", "body_text": "It was Oslo."}
    pushed = httpx.post(f"{ingest.url}/v1/articles", json=body, headers=KEY)
    assert pushed.status_code == 202
    article = pushed.json()["id"]
    eventually(lambda: answer(f"{feeds.url}/v1/articles/{article}")[0] == 200, timeout=60)


def test_every_service_waits_for_redis_and_names_one_that_is_frozen_within_a_second(
    kafka_bootstrap, topics, own_valkey, launch_on, eventually
):
    own_valkey.kill()
    launch = launch_on(kafka_bootstrap, own_valkey.url, topics)
    services = [launch(name) for name in SERVICES]
    for service in services:
        eventually(lambda s=service: says(s, "redis", "does not answer"), timeout=60)
        assert answer(f"{service.ops_url}/healthz")[0] == 200
        eventually(lambda s=service: lines(s, "waiting for redis") == 1)
    own_valkey.start()
    own_valkey.wait_ready()
    for service in services:
        service.wait_ready()
        assert lines(service, "waiting for redis") == 1

    own_valkey.process.send_signal(signal.SIGSTOP)
    for service in services:
        began_at = time.monotonic()
        assert says(service, "redis", "does not answer")
        assert time.monotonic() - began_at < 2  # it waited 10 s for each of three attempts
    own_valkey.process.send_signal(signal.SIGCONT)
    for service in services:
        service.wait_ready()


def test_services_that_start_or_wait_end_in_time(
    own_broker, redis_url, namespace, launch_on, eventually
):
    own_broker.stop()
    launch = launch_on(own_broker.bootstrap, redis_url, namespace)
    services = [launch(name) for name in SERVICES]
    for service in services:
        service.kill()
        service.process = as_first_process(service)
    for service in services:
        # From then on it imports what it is made of.
        eventually(lambda s=service: handles_sigterm(s.pid), timeout=60)
    end_in_time(services)
    for service in services:
        service.process = as_first_process(service)
    for service in services:
        eventually(lambda s=service: says(s, "kafka", "takes no connection"), timeout=60)
    end_in_time(services)


def handles_sigterm(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    (caught,) = re.findall(r"SigCgt:\s*(\w+)", status)
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


def as_first_process(service: RunningService) -> "subprocess.Popen[bytes]":
    """The service again, as in a container, where SIGTERM means nothing to the first process
    unless that handles it."""
    with service.log_file.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "newsman.cli", service.name],
            env=service.env,
            stdout=log,
            stderr=log,
            preexec_fn=lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN),
        )


@pytest.mark.parametrize("server", ["kafka", "redis"])
def test_services_whose_server_is_gone_end_in_time(
    server, own_broker, own_valkey, namespace, launch_on, warm, eventually
):
    ensure_topics(own_broker.bootstrap, namespace, replication=1)
    launch = launch_on(own_broker.bootstrap, own_valkey.url, namespace, warm)
    services = [launch(name) for name in SERVICES]
    for service in services:
        service.wait_ready()
    if server == "kafka":
        own_broker.kill()
    else:
        own_valkey.process.send_signal(signal.SIGSTOP)
    for service in services:
        eventually(lambda s=service: answer(f"{s.ops_url}/readyz")[0] == 503, timeout=60)
    end_in_time(services)


def test_a_port_that_is_taken_ends_a_service_and_is_named(start_service):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        services = [start_service(name, NEWSMAN_PORT=port) for name in WARM]
        for service in services:
            assert service.process.wait(60) == WRONG_SETTING, service.log()
            assert f"NEWSMAN_PORT: 127.0.0.1:{port} can't be listened on" in service.log()


def end_in_time(services: list[RunningService]) -> None:
    """All of them are told to end, and do within ten seconds, in order."""
    for service in services:
        service.process.terminate()
    deadline = time.monotonic() + patient(ENDS_WITHIN_SECONDS)
    statuses = {}
    for service in services:
        with contextlib.suppress(subprocess.TimeoutExpired):
            statuses[service.name] = service.process.wait(max(0.1, deadline - time.monotonic()))
    late = [s.log() for s in services if s.name not in statuses]
    assert not late, "\n".join(late)
    unlike = [s.log() for s in services if statuses[s.name] != 0]
    assert not unlike, "\n".join(unlike)
