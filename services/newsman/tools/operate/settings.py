"""Settings of the operator's commands."""

from pydantic import Field

from newsman.runtime.environment import SecretSetting
from newsman.services import SERVICES
from newsman.settings import KafkaSettings, RedisUrl
from newsman.tools.local.layout import layout_from_environment

EVERY_SERVICE = "http://{service}:{port}"
"""Each service at a host of its name and its default port, as in Compose."""


class OperatorSettings(KafkaSettings):
    """Addresses of an installation: its broker, its Redis, its services."""

    redis_url: SecretSetting[RedisUrl] = Field(description="Redis or Valkey, redis://host:port/db")
    ops_urls: str = Field(
        default="",
        description="where each service's health and metrics are, name=http://host:port, "
        "separated by commas, or http://{service}:{port} for all; empty: this machine",
    )

    def addresses(self) -> list[tuple[str, str]]:
        """Pairs of a service and the address of its health; raises ValueError."""
        words = [word.strip() for word in self.ops_urls.split(",") if word.strip()]
        here = layout_from_environment()
        if not words:
            return [(name, here.ops_url(name)) for name in SERVICES]
        if words == [EVERY_SERVICE]:
            return [(name, f"http://{name}:{here.ops_port(name)}") for name in SERVICES]
        pairs = [word.partition("=") for word in words]
        return [(name.strip(), url.strip()) for name, _, url in pairs]
