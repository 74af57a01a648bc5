"""Producers for clusters that operators name: with TLS and SASL, opened within bounds."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kafka import KafkaProducer

from newsman.deliver.channels.channel import BadSubscription
from newsman.kafka.access.explained import opened
from newsman.kafka.clients import build_producer
from newsman_schemas.subscriptions import Subscription

CLIENT_ID = "newsman-deliver-out"
TO_OPEN, FOR_METADATA, TO_DELIVER = 1 / 3, 1 / 6, 1 / 2
"""Shares of the time that one attempt has."""
SECURITY = ("plaintext", "ssl", "sasl_plaintext", "sasl_ssl")
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
OPTIONS = ("security", "mechanism", "username", "ca", "certificate_file", "key_file")


@dataclass(frozen=True)
class Cluster:
    """A cluster as one subscription reaches it; `ca` is PEM, empty for the system's own.

    The client's certificate and key are files (PEM) beside the service; empty for none.
    """

    brokers: str
    security: str = "plaintext"
    mechanism: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    ca: str = field(default="", repr=False)
    certificate_file: str = ""
    key_file: str = ""

    def open(self, *, seconds: float) -> KafkaProducer:
        """A producer whose attempts take so long at the most; raises KafkaError or OSError."""
        return opened(
            lambda client: build_producer(
                self.brokers,
                client_id=CLIENT_ID,
                kafka_client=client,
                bootstrap_timeout_ms=_ms(seconds * TO_OPEN),
                max_block_ms=_ms(seconds * FOR_METADATA),
                request_timeout_ms=_ms(seconds * TO_DELIVER),
                delivery_timeout_ms=_ms(seconds * TO_DELIVER),
                **self._security(),
            )
        )

    def context(self) -> ssl.SSLContext:
        """TLS that trusts the CA and shows the certificate; raises OSError or ValueError."""
        context = ssl.create_default_context(cadata=self.ca or None)
        if self.certificate_file:
            # Without a password OpenSSL would ask for one at the terminal.
            context.load_cert_chain(self.certificate_file, self.key_file or None, password="")
        return context

    def _security(self) -> dict[str, Any]:
        config: dict[str, Any] = {"security_protocol": self.security.upper()}
        if self.security.endswith("ssl"):
            config["ssl_context"] = self.context()
        if self.security.startswith("sasl"):
            config |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password,
            }
        return config


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
        options.get("certificate_file", ""),
        options.get("key_file", ""),
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
    _check_tls(cluster_of("", subscription), options)
    if security.startswith("sasl"):
        _check_credentials(subscription)


def _check_tls(cluster: Cluster, options: Mapping[str, str]) -> None:
    given = [name for name in ("ca", "certificate_file", "key_file") if name in options]
    if not cluster.security.endswith("ssl"):
        for name in given:
            raise BadSubscription(f"/options/{name}", "is for ssl and sasl_ssl")
        return
    try:
        replace(cluster, certificate_file="").context()
    except (ssl.SSLError, ValueError) as problem:
        raise BadSubscription("/options/ca", "is no certificate in PEM") from problem
    try:
        cluster.context()
    except (OSError, ValueError) as problem:
        text = f"is no certificate (PEM) with its key: {problem}"
        raise BadSubscription("/options/certificate_file", text) from problem


def _check_credentials(subscription: Subscription) -> None:
    if not subscription.options.get("username"):
        raise BadSubscription("/options/username", "is needed for SASL")
    if not subscription.secrets:
        raise BadSubscription("/secret", "is the password for SASL")
