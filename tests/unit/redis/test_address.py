"""Addresses of Redis: one server, Sentinels, a cluster."""

import pytest

from newsman.redis.servers.address import RedisKind, address_of
from newsman.settings import ServiceSettings, SettingsError, read_settings


def test_one_server_is_left_to_the_library():
    for url in ("redis://a:1/0", "rediss://u:p@a:1/0?ssl_ca_certs=/ca.pem", "unix:///run/a.sock"):
        assert address_of(url).kind is RedisKind.SINGLE
    assert "p@" not in repr(address_of("rediss://u:p@a:1/0"))


def test_sentinels_and_the_name_of_their_master():
    found = address_of(
        "rediss+sentinel://me:p%40ss@a,b:1/newsman/2?sentinel_password=s&ssl_ca_certs=/ca.pem"
    )
    assert found.servers == (("a", 26_379), ("b", 1))
    assert (found.kind, found.master) == (RedisKind.SENTINEL, "newsman")
    tls = {"ssl": True, "ssl_ca_certs": "/ca.pem"}
    assert found.options == {"username": "me", "password": "p@ss", "db": 2, **tls}
    assert found.sentinel_options == {"password": "s", **tls}


def test_nodes_of_a_cluster():
    found = address_of("redis+cluster://:pass@a:1,[::1]:2,c")
    assert found.servers == (("a", 1), ("::1", 2), ("c", 6_379))
    assert (found.kind, found.options) == (RedisKind.CLUSTER, {"password": "pass"})


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://a", "String should match pattern"),
        ("redis+sentinel://a:1", "behind the Sentinels stand the master's name"),
        ("redis+sentinel://a:1/newsman/x", "behind the Sentinels stand the master's name"),
        ("redis+cluster://a:1/3", "a cluster has one database"),
        ("redis+cluster://a:1,:2", "is no host:port"),
        ("redis+cluster://a:1?db=0", "db is no option of an address"),
    ],
)
def test_what_makes_no_sense_is_named(monkeypatch, url, said):
    monkeypatch.setenv("NEWSMAN_KAFKA_BOOTSTRAP", "a:9092")
    monkeypatch.setenv("NEWSMAN_REDIS_URL", url)
    with pytest.raises(SettingsError, match=said):
        read_settings(ServiceSettings)
