"""The way into a cluster as kafka-python takes it."""

from typing import Any

from kafka.net.sasl.oauth import AbstractTokenProvider

from newsman.kafka.access.security import PLAINTEXT, KafkaSecurity


def client_config(security: KafkaSecurity) -> dict[str, Any]:
    """The options of a client; raises SettingsError for a file that cannot be read."""
    if security.protocol == PLAINTEXT:
        return {}
    config: dict[str, Any] = {
        "security_protocol": security.protocol.upper(),
        "ssl_context": security.context(),
    }
    if not security.is_sasl:
        return config
    config["sasl_mechanism"] = security.mechanism
    if security.is_by_token:
        config["sasl_oauth_token_provider"] = TokenProvider(security)
    else:
        config["sasl_plain_username"] = security.username
        config["sasl_plain_password"] = security.password
    return config


class TokenProvider(AbstractTokenProvider):  # type: ignore[misc]
    """The token of each new connection."""

    def __init__(self, security: KafkaSecurity) -> None:
        super().__init__()
        self._security = security

    def token(self) -> str:
        """The token that its file holds now; raises SettingsError."""
        return self._security.read_token()
