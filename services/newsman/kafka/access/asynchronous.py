"""The way into a cluster as aiokafka takes it."""

from typing import Any

from aiokafka.abc import AbstractTokenProvider

from newsman.kafka.access.security import KafkaSecurity, client_options


def async_client_config(security: KafkaSecurity) -> dict[str, Any]:
    """The options of a client; raises SettingsError for a file that cannot be read."""
    return client_options(security, AsyncTokenProvider)


class AsyncTokenProvider(AbstractTokenProvider):  # type: ignore[misc]
    """The token of each new connection."""

    def __init__(self, security: KafkaSecurity) -> None:
        self._security = security

    async def token(self) -> str:
        """The token that its file holds now; raises SettingsError."""
        return self._security.read_token()
