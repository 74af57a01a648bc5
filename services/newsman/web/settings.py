"""Settings of the HTTP servers that strangers reach."""

from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field

from newsman.runtime.environment import EnvironmentSettings
from newsman.web.addresses import Networks
from newsman.web.limits import ServerLimits
from newsman.web.outbound.policy import USUAL_PORTS, OutboundPolicy, Ports
from newsman.web.urls import is_http_address


def _networks(text: str) -> str:
    Networks(text)  # raises ValueError, which names the word that is none
    return text


def _ports(text: str) -> str:
    Ports(text)  # raises ValueError, which names the word that is none
    return text


def _http_address(url: str | None) -> str | None:
    if url and not is_http_address(url):
        raise ValueError(f"{url!r} is no http or https address")
    return url


A = TypeVar("A", str, str | None)
HttpAddress = Annotated[A, AfterValidator(_http_address)]
"""A setting that is the address of a service, or empty."""


class OutboundSettings(EnvironmentSettings):
    """Limits of requests that are made in the name of strangers."""

    outbound_networks: Annotated[str, AfterValidator(_networks)] = Field(
        default="",
        description="networks or addresses that subscribers' addresses may lead to although they "
        "are not public, separated by commas; empty: none",
    )
    outbound_ports: Annotated[str, AfterValidator(_ports)] = Field(
        default=USUAL_PORTS,
        description="ports that subscribers' addresses may name, and ranges such as 8000-8999, "
        "separated by commas",
    )

    @property
    def outbound(self) -> OutboundPolicy:
        """The addresses that may be asked."""
        return OutboundPolicy(Networks(self.outbound_networks), Ports(self.outbound_ports))


class PublicServerSettings(EnvironmentSettings):
    """A server for strangers, and beside it a port of its own for operators."""

    ops_host: str = Field(
        default="127.0.0.1", description="address that health, metrics and the API's page bind"
    )
    ops_port: int = Field(
        default=8090, ge=0, le=65_535, description="port of health, metrics and the API's page"
    )
    trusted_proxies: Annotated[str, AfterValidator(_networks)] = Field(
        default="127.0.0.1, ::1",
        description="networks or addresses of the proxies whose X-Forwarded-For or Forwarded says "
        "who asks, separated by commas; empty: none",
    )
    client_timeout_seconds: float = Field(
        default=20.0,
        gt=0,
        description="how long a client may take for its headers, and for its body beyond what "
        "10 kB/s would take",
    )
    max_connections: int = Field(
        default=4_096, ge=1, description="connections that one process serves at once"
    )
    connections_per_address: int = Field(
        default=500,
        ge=1,
        description="connections that one address may have at once, trusted proxies excepted",
    )

    access_log: bool = Field(
        default=False,
        description="whether each request is logged: address, method, path, status, milliseconds",
    )

    @property
    def server_limits(self) -> ServerLimits:
        """Bounds of the server for strangers."""
        return ServerLimits(
            patience_seconds=self.client_timeout_seconds,
            connections=self.max_connections,
            connections_per_address=self.connections_per_address,
        )

    @property
    def proxies(self) -> Networks:
        """The trusted proxies."""
        return Networks(self.trusted_proxies)
