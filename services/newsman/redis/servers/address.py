"""Where Redis is: one server, the master that Sentinels know, or a cluster."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from redis.connection import parse_url

PATTERN = r"^(rediss?|unix|rediss?\+(sentinel|cluster))://"
_SCHEME = re.compile(r"(?P<tls>rediss?)\+(?P<kind>sentinel|cluster)")
PORT, SENTINEL_PORT = 6_379, 26_379
_OPTIONS = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "sentinel_username", "sentinel_password")
"""The fields behind the question mark; certificates and keys are files in PEM."""


class RedisKind(StrEnum):
    """`single` is one server; of the others several are named."""

    SINGLE = "single"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


@dataclass(frozen=True)
class RedisAddress:
    """The servers of an address and the options of a connection to them.

    `redis+sentinel://user:password@host:26379,host:26379/master/0` names Sentinels, the name of the
    master and its database; `redis+cluster://user:password@host:6379,host:6379` some nodes. With
    `rediss` instead of `redis` all speak TLS.
    """

    url: str = field(repr=False)
    kind: RedisKind = RedisKind.SINGLE
    servers: tuple[tuple[str, int], ...] = ()
    master: str = ""
    options: dict[str, Any] = field(default_factory=dict, repr=False)
    sentinel_options: dict[str, Any] = field(default_factory=dict, repr=False)


def address_of(url: str) -> RedisAddress:
    """Reads an address; raises ValueError for one that makes no sense."""
    parts = urlsplit(url)
    found = _SCHEME.fullmatch(parts.scheme)
    if found is None:
        parse_url(url)  # type: ignore[no-untyped-call]
        return RedisAddress(url)
    queried = dict(parse_qsl(parts.query))
    if unknown := sorted(queried.keys() - set(_OPTIONS)):
        raise ValueError(f"{unknown[0]} is no option of an address; {', '.join(_OPTIONS)} are")
    tls: dict[str, Any] = {"ssl": True} if found["tls"] == "rediss" else {}
    tls |= {name: text for name, text in queried.items() if name.startswith("ssl")}
    credentials, _, hosts = parts.netloc.rpartition("@")
    username, _, password = credentials.partition(":")
    options = {**tls, **_credentials(unquote(username), unquote(password))}
    if found["kind"] == RedisKind.CLUSTER:
        _refuse_database(parts.path)
        return RedisAddress(url, RedisKind.CLUSTER, _servers(hosts, PORT), options=options)
    master, options["db"] = _master(parts.path)
    own = _credentials(queried.get("sentinel_username", ""), queried.get("sentinel_password", ""))
    servers = _servers(hosts, SENTINEL_PORT)
    return RedisAddress(url, RedisKind.SENTINEL, servers, master, options, {**tls, **own})


def _refuse_database(path: str) -> None:
    if path.strip("/") not in ("", "0"):
        raise ValueError("a cluster has one database, 0")


def _master(path: str) -> tuple[str, int]:
    """The master's name and its database."""
    master, _, database = path.strip("/").partition("/")
    if not master or not (database or "0").isdigit():
        raise ValueError("behind the Sentinels stand the master's name and database: /master/0")
    return master, int(database or 0)


def _servers(hosts: str, port: int) -> tuple[tuple[str, int], ...]:
    return tuple(_server(each, port) for each in hosts.split(","))


def _credentials(username: str, password: str) -> dict[str, str]:
    both = {"username": username, "password": password}
    return {name: text for name, text in both.items() if text}


def _server(text: str, port: int) -> tuple[str, int]:
    address = urlsplit(f"//{text}")
    if not address.hostname:
        raise ValueError(f"{text!r} is no host:port")
    return address.hostname, address.port or port
