"""Settings of the operator's commands."""

from pydantic import Field

from newsman.services import SERVICES
from newsman.settings import KafkaSettings, RedisUrl
from newsman.tools.local.layout import layout_from_environment


class OperatorSettings(KafkaSettings):
    """Addresses of an installation: its broker, its Redis, its services."""

    redis_url: RedisUrl = Field(description="Redis or Valkey, redis://host:port/db")
    ops_urls: str = Field(
        default="",
        description="where each service's health and metrics are, name=http://host:port, "
        "separated by commas; empty: this machine, at the default ports",
    )

    def addresses(self) -> list[tuple[str, str]]:
        """Pairs of a service and the address of its health; raises ValueError."""
        words = [word.strip() for word in self.ops_urls.split(",") if word.strip()]
        if not words:
            here = layout_from_environment()
            return [(name, here.ops_url(name)) for name in SERVICES]
        pairs = [word.partition("=") for word in words]
        return [(name.strip(), url.strip()) for name, _, url in pairs]
