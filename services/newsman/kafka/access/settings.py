"""Settings of the way into a Kafka cluster."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from newsman.kafka.access.security import KafkaSecurity
from newsman.runtime.environment import EnvironmentSettings, SecretSetting
from newsman.runtime.settings_error import SettingsError


class KafkaAccessSettings(EnvironmentSettings):
    """TLS and SASL of every client of Kafka."""

    kafka_security: Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"] = Field(
        default="plaintext", description="plaintext, ssl, sasl_plaintext or sasl_ssl"
    )
    kafka_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] = Field(
        default="PLAIN", description="PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER, for SASL"
    )
    kafka_username: str | None = Field(
        default=None, description="user of PLAIN and SCRAM; unset: none"
    )
    kafka_password: SecretSetting[str | None] = Field(
        default=None, description="password of PLAIN and SCRAM; unset: none"
    )
    kafka_token_file: Path | None = Field(
        default=None,
        description="file of the token of OAUTHBEARER, read at each connection; unset: none",
    )
    kafka_ca_file: Path | None = Field(
        default=None,
        description="certificates (PEM) that a broker's must come from; unset: the system's",
    )
    kafka_certificate_file: Path | None = Field(
        default=None, description="certificate (PEM) that clients show to a broker; unset: none"
    )
    kafka_key_file: Path | None = Field(
        default=None, description="key (PEM) of that certificate; unset: it is in the same file"
    )
    kafka_key_password: SecretSetting[str | None] = Field(
        default=None, description="password of that key; unset: it has none"
    )


def security_in(values: Mapping[str, Any]) -> KafkaSecurity:
    """The way into the cluster by those settings; raises SettingsError naming what is missing."""
    security = KafkaSecurity(
        protocol=values.get("kafka_security", "plaintext"),
        mechanism=values.get("kafka_mechanism", "PLAIN"),
        username=values.get("kafka_username") or "",
        password=values.get("kafka_password") or "",
        token_file=values.get("kafka_token_file"),
        ca_file=values.get("kafka_ca_file"),
        certificate_file=values.get("kafka_certificate_file"),
        key_file=values.get("kafka_key_file"),
        key_password=values.get("kafka_key_password"),
    )
    for name in _missing(security):
        raise SettingsError(f"{name} is not set; NEWSMAN_KAFKA_SECURITY={security.protocol}")
    security.context()  # raises for a file that cannot be read
    return security


def _missing(security: KafkaSecurity) -> list[str]:
    if not security.is_sasl:
        return []
    if security.is_by_token:
        return [] if security.token_file else ["NEWSMAN_KAFKA_TOKEN_FILE"]
    wanted = {
        "NEWSMAN_KAFKA_USERNAME": security.username,
        "NEWSMAN_KAFKA_PASSWORD": security.password,
    }
    return [name for name, value in wanted.items() if not value]
