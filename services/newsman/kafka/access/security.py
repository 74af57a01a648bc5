"""The way into a Kafka cluster: TLS and SASL, beside the addresses of the brokers."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from newsman.runtime.settings_error import SettingsError

PLAINTEXT = "plaintext"
SECURITY = (PLAINTEXT, "ssl", "sasl_plaintext", "sasl_ssl")
OAUTHBEARER = "OAUTHBEARER"
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", OAUTHBEARER)


@dataclass(frozen=True)
class KafkaSecurity:
    """A client's way into a cluster; without anything, a connection that nobody asks about.

    Files are read when a client is made, the token's (RFC 7628) at each connection.
    """

    protocol: str = PLAINTEXT
    mechanism: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    token_file: Path | None = None
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    key_password: str | None = field(default=None, repr=False)

    def context(self) -> ssl.SSLContext | None:
        """TLS that verifies the broker's name and shows the client's certificate, if it is used."""
        if not self.protocol.endswith("ssl"):
            return None
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except (OSError, ValueError) as problem:
            raise SettingsError(f"NEWSMAN_KAFKA_CA_FILE: {self.ca_file}: {problem}") from problem
        if self.certificate_file is not None:
            self._show_certificate(context)
        return context

    def _show_certificate(self, context: ssl.SSLContext) -> None:
        assert self.certificate_file is not None
        try:
            # Without a password OpenSSL would ask for one at the terminal.
            context.load_cert_chain(
                self.certificate_file, self.key_file, password=self.key_password or ""
            )
        except (OSError, ValueError) as problem:
            raise SettingsError(
                f"NEWSMAN_KAFKA_CERTIFICATE_FILE: {self.certificate_file} with the key in "
                f"{self.key_file or 'the same file'}: {problem}"
            ) from problem

    @property
    def is_sasl(self) -> bool:
        """True where the client says who it is by SASL."""
        return self.protocol.startswith("sasl")

    @property
    def is_by_token(self) -> bool:
        """True where it says so with a token."""
        return self.is_sasl and self.mechanism == OAUTHBEARER

    def read_token(self) -> str:
        """The token that the file holds now; raises SettingsError."""
        path = self.token_file
        try:
            token = "" if path is None else path.read_text().strip()
        except (OSError, ValueError) as problem:
            raise SettingsError(f"NEWSMAN_KAFKA_TOKEN_FILE: {path}: {problem}") from problem
        if not token:
            raise SettingsError(f"NEWSMAN_KAFKA_TOKEN_FILE: {path} is empty")
        return token


class Bootstrap(str):
    """Brokers, `host:port` with commas between them, and the way into their cluster."""

    security: KafkaSecurity

    def __new__(cls, brokers: str, security: KafkaSecurity) -> "Bootstrap":
        made = super().__new__(cls, brokers)
        made.security = security
        return made

    def __getnewargs__(self) -> tuple[str, KafkaSecurity]:  # type: ignore[override]
        return str(self), self.security


def security_of(bootstrap: str) -> KafkaSecurity:
    """The way into the cluster: of mere addresses, one that nobody asks about."""
    return bootstrap.security if isinstance(bootstrap, Bootstrap) else KafkaSecurity()


def client_options(
    security: KafkaSecurity, token_provider: Callable[[KafkaSecurity], object]
) -> dict[str, Any]:
    """The options that kafka-python and aiokafka have alike, except for where a token comes from.

    Raises SettingsError for a file that cannot be read.
    """
    if security.protocol == PLAINTEXT:
        return {}
    options: dict[str, Any] = {
        "security_protocol": security.protocol.upper(),
        "ssl_context": security.context(),
    }
    if not security.is_sasl:
        return options
    options["sasl_mechanism"] = security.mechanism
    if security.is_by_token:
        options["sasl_oauth_token_provider"] = token_provider(security)
    else:
        options["sasl_plain_username"] = security.username
        options["sasl_plain_password"] = security.password
    return options
