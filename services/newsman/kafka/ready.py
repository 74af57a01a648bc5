"""Asking Kafka whether it is there, and whether a service's topics are."""

import socket
import threading
import time
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from kafka.errors import KafkaError

from newsman.kafka.access.addresses import brokers
from newsman.kafka.access.explained import explanation
from newsman.kafka.clients import build_admin
from newsman.runtime.health import Check
from newsman.runtime.settings_error import SettingsError
from newsman_schemas.topics import Topic

CLIENT_ID = "newsman-ready"
CONNECT_TIMEOUT_SECONDS = 0.7
DEFAULT_PORT = 9_092
"""Of a broker that is named without one."""
ASK_AGAIN_SECONDS = 1.0
ANSWER_LIMIT_MS = 3_000
REFUSED_MS = 5_000


def kafka_check(bootstrap: str) -> Check:
    """A check that fails unless at least one of the brokers takes a connection."""

    def check() -> str | None:
        problems = [_connect(broker) for broker in brokers(bootstrap)]
        return None if None in problems else "; ".join(str(problem) for problem in problems)

    return check


def refusal(bootstrap: str) -> str | None:
    """Why a cluster does not let a client in, or that it takes connections and is silent; None if
    it answers."""
    try:
        build_admin(bootstrap, client_id=CLIENT_ID, bootstrap_timeout_ms=REFUSED_MS).close()
    except (KafkaError, OSError, SettingsError) as problem:
        return explanation(problem)
    return None


class TopicsCheck:
    """A check that fails while no broker takes a connection, and until the topics were there once.

    It asks for topics at most once a second, however often and from how many threads it is called.
    """

    def __init__(
        self,
        bootstrap: str,
        namespace: str,
        topics: Iterable[Topic],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bootstrap = bootstrap
        self._wanted = {topic.full_name(namespace) for topic in topics}
        self._connects = kafka_check(bootstrap)
        self._clock = clock
        self._asking = threading.Lock()
        self._asked_at: float | None = None
        self._problem: str | None = "Kafka has not been asked yet"

    def __call__(self) -> str | None:
        # A plain connection first: clients are loud about a port where nobody listens yet.
        return self._connects() or self._until_there()

    def _until_there(self) -> str | None:
        with self._asking:
            now = self._clock()
            is_due = self._asked_at is None or now - self._asked_at >= ASK_AGAIN_SECONDS
            if self._problem is not None and is_due:
                self._asked_at = now
                self._problem = self._ask()
            return self._problem

    def _ask(self) -> str | None:
        try:
            missing = sorted(self._wanted - _topics(self._bootstrap))
        except (KafkaError, OSError, SettingsError) as problem:
            return f"{self._bootstrap} does not answer: {explanation(problem)}"
        if missing:
            return f"topics are missing: {', '.join(missing)}; `newsman topics` creates them"
        return None


def _topics(bootstrap: str) -> set[str]:
    admin = build_admin(
        bootstrap,
        client_id=CLIENT_ID,
        bootstrap_timeout_ms=ANSWER_LIMIT_MS,
        request_timeout_ms=ANSWER_LIMIT_MS,
    )
    try:
        return set(admin.list_topics())
    finally:
        admin.close()


def _connect(broker: str) -> str | None:
    try:
        address = urlsplit(f"//{broker}")  # which takes the brackets off an IPv6 address
        port = DEFAULT_PORT if address.port is None else address.port
        socket.create_connection((address.hostname, port), timeout=CONNECT_TIMEOUT_SECONDS).close()
    except (OSError, ValueError) as problem:
        return f"{broker} takes no connection: {problem}"
    return None
