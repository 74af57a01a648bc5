"""The way into a cluster as kafka-python takes it."""

from typing import Any

from kafka.net.sasl.oauth import AbstractTokenProvider

from newsman.kafka.access.security import KafkaSecurity, client_options


def client_config(security: KafkaSecurity) -> dict[str, Any]:
    """The options of a client; raises SettingsError for a file that cannot be read."""
    return client_options(security, TokenProvider)


class TokenProvider(AbstractTokenProvider):  # type: ignore[misc]
    """The token of each new connection."""

    def __init__(self, security: KafkaSecurity) -> None:
        super().__init__()
        self._security = security

    def token(self) -> str:
        """The token that its file holds now; raises SettingsError."""
        return self._security.read_token()
