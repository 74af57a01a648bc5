"""Settings of the operator's commands."""

from pydantic import Field

from newsman.services import SERVICES
from newsman.settings import KafkaSettings, RedisUrl, settings_of

HERE = "127.0.0.1"


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
            return [(name, f"http://{HERE}:{ops_port(name)}") for name in SERVICES]
        pairs = [word.partition("=") for word in words]
        return [(name.strip(), url.strip()) for name, _, url in pairs]


def ops_port(service: str) -> int:
    """The default port of a service's health and metrics."""
    fields = settings_of(service).model_fields
    return int(fields["ops_port" if "ops_port" in fields else "port"].default)
