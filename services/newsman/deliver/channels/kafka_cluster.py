"""Producers for clusters that operators name: with TLS and SASL, opened within bounds."""

import ssl
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaProducer
from kafka.errors import (
    IllegalSaslStateError,
    KafkaError,
    KafkaTimeoutError,
    SaslAuthenticationFailedError,
    UnsupportedSaslMechanismError,
)
from kafka.net.compat import KafkaNetClient
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector

from newsman.deliver.channels.channel import BadSubscription
from newsman.kafka.clients import build_producer
from newsman_schemas.subscriptions import Subscription

CLIENT_ID = "newsman-deliver-out"
TO_OPEN, FOR_METADATA, TO_DELIVER = 1 / 3, 1 / 6, 1 / 2
"""Shares of the time that one attempt has."""
SECURITY = ("plaintext", "ssl", "sasl_plaintext", "sasl_ssl")
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
OPTIONS = ("security", "mechanism", "username", "ca")
_REFUSED = (SaslAuthenticationFailedError, UnsupportedSaslMechanismError, IllegalSaslStateError)
_UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"


@dataclass(frozen=True)
class Cluster:
    """A cluster as one subscription reaches it; `ca` is PEM, empty for the system's own."""

    brokers: str
    security: str = "plaintext"
    mechanism: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    ca: str = field(default="", repr=False)

    def open(self, *, seconds: float) -> KafkaProducer:
        """A producer whose attempts take so long at the most; raises KafkaError or OSError."""
        clients: list[_Client] = []

        def client(**config: Any) -> _Client:
            clients.append(_Client(**config))
            return clients[-1]

        try:
            return build_producer(
                self.brokers,
                client_id=CLIENT_ID,
                kafka_client=client,
                bootstrap_timeout_ms=_ms(seconds * TO_OPEN),
                max_block_ms=_ms(seconds * FOR_METADATA),
                request_timeout_ms=_ms(seconds * TO_DELIVER),
                delivery_timeout_ms=_ms(seconds * TO_DELIVER),
                **self._security(),
            )
        except (KafkaError, OSError) as problem:
            for each in clients:
                each.close()
            failure = next((each.failure for each in clients if each.failure), None)
            # A time that is over says less than what it was spent on.
            if isinstance(problem, KafkaTimeoutError) and failure is not None:
                raise failure from problem
            raise

    def _security(self) -> dict[str, Any]:
        config: dict[str, Any] = {"security_protocol": self.security.upper()}
        if self.security.endswith("ssl"):
            config["ssl_context"] = ssl.create_default_context(cadata=self.ca or None)
        if self.security.startswith("sasl"):
            config |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password,
            }
        return config


class _Manager(KafkaConnectionManager):  # type: ignore[misc]
    """Connections of which the last failure is known; what no other attempt would change ends them.

    kafka-python tries until the time is over, and then says no more than that. What came just
    before a broker hung up, which is where it says that a password is wrong, it throws away.
    """

    failure: KafkaError | None = None

    async def _build_transport(self, *args: Any, **named: Any) -> Any:
        transport = await super()._build_transport(*args, **named)
        receive = transport._sock_recv

        def received() -> tuple[bytes, Exception | None]:
            data, problem = receive()
            # The end of the connection is there to be read again.
            return data, None if data else problem

        transport._sock_recv = received
        return transport

    def get_connection(self, *args: Any, **named: Any) -> Any:
        if self.failure is not None and _is_final(self.failure):
            raise self.failure
        connection = super().get_connection(*args, **named)
        connection.init_future.add_errback(self._failed)
        return connection

    def _failed(self, problem: Exception) -> None:
        if isinstance(problem, KafkaError):
            self.failure = problem


class _Client(KafkaNetClient):  # type: ignore[misc]
    """A client with such connections."""

    def __init__(self, **config: Any) -> None:
        net = NetworkSelector(**config)
        self._connections = _Manager(net, **config)
        super().__init__(net=net, manager=self._connections)

    @property
    def failure(self) -> KafkaError | None:
        """Why the last connection could not be made."""
        return self._connections.failure


def _is_final(failure: KafkaError) -> bool:
    return isinstance(failure, _REFUSED) or _UNTRUSTED in str(failure)


def _ms(seconds: float) -> int:
    return round(seconds * 1_000)


def cluster_of(brokers: str, subscription: Subscription) -> Cluster:
    """The cluster as the subscription's options and its secret, the password, say."""
    options = subscription.options
    security = options.get("security", SECURITY[0])
    is_sasl = security.startswith("sasl")
    return Cluster(
        brokers,
        security,
        options.get("mechanism", MECHANISMS[0]) if is_sasl else "",
        options.get("username", "") if is_sasl else "",
        subscription.secrets[0].value if is_sasl and subscription.secrets else "",
        options.get("ca", ""),
    )


def check_options(subscription: Subscription) -> None:
    """Raises BadSubscription for options that make no sense."""
    options = subscription.options
    if unknown := sorted(options.keys() - set(OPTIONS)):
        raise BadSubscription(f"/options/{unknown[0]}", f"is none of {', '.join(OPTIONS)}")
    security = options.get("security", SECURITY[0])
    if security not in SECURITY:
        raise BadSubscription("/options/security", f"is one of {', '.join(SECURITY)}")
    if options.get("mechanism", MECHANISMS[0]) not in MECHANISMS:
        raise BadSubscription("/options/mechanism", f"is one of {', '.join(MECHANISMS)}")
    if "ca" in options:
        _check_ca(options["ca"], security)
    if security.startswith("sasl"):
        _check_credentials(subscription)


def _check_ca(ca: str, security: str) -> None:
    if not security.endswith("ssl"):
        raise BadSubscription("/options/ca", "is for ssl and sasl_ssl")
    try:
        ssl.create_default_context(cadata=ca)
    except (ssl.SSLError, ValueError) as problem:
        raise BadSubscription("/options/ca", "is no certificate in PEM") from problem


def _check_credentials(subscription: Subscription) -> None:
    if not subscription.options.get("username"):
        raise BadSubscription("/options/username", "is needed for SASL")
    if not subscription.secrets:
        raise BadSubscription("/secret", "is the password for SASL")
