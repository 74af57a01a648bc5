"""Settings of the operator's commands."""

from typing import Annotated

from pydantic import AfterValidator, Field

from newsman.runtime.environment import SecretSetting
from newsman.services import SERVICES
from newsman.settings import KafkaSettings, RedisUrl
from newsman.tools.local.layout import layout_from_environment
from newsman.web.urls import is_http_address

EVERY_SERVICE = "http://{service}:{port}"
"""Each service at a host of its name and its default port, as in Compose."""


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _pair(word: str) -> tuple[str, str]:
    name, _, url = word.partition("=")
    return name.strip(), url.strip().rstrip("/")


def _checked(text: str) -> str:
    words = _words(text)
    for name, url in map(_pair, words if words != [EVERY_SERVICE] else ()):
        if not name or not is_http_address(url):
            raise ValueError(f"{name}={url} is not written name=http://host:port")
    return text


class OperatorSettings(KafkaSettings):
    """Addresses of an installation: its broker, its Redis, its services."""

    redis_url: SecretSetting[RedisUrl] = Field(description="Redis or Valkey, redis://host:port/db")
    ops_urls: Annotated[str, AfterValidator(_checked)] = Field(
        default="",
        description="where each service's health and metrics are, name=http://host:port, "
        "separated by commas, or http://{service}:{port} for all; empty: this machine",
    )

    def addresses(self) -> list[tuple[str, str]]:
        """Pairs of a service and the address of its health."""
        words = _words(self.ops_urls)
        here = layout_from_environment()
        if not words:
            return [(name, here.ops_url(name)) for name in SERVICES]
        if words == [EVERY_SERVICE]:
            return [(name, f"http://{name}:{here.ops_port(name)}") for name in SERVICES]
        return [_pair(word) for word in words]
