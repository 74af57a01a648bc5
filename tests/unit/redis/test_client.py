"""Redis clients: bounded waits, and bytes as they are."""

import pytest
import redis.asyncio

from newsman.redis.client import (
    ANSWER_TIMEOUT_SECONDS,
    CONNECT_TIMEOUT_SECONDS,
    IMPATIENT_SECONDS,
    build_async_client,
    build_client,
    build_impatient_client,
)

URL = "redis://:s3cret@redis.example:6400/2"


@pytest.mark.parametrize("build", [build_client, build_async_client])
def test_no_client_waits_for_ever_or_decodes_what_it_reads(build):
    told = build(URL).connection_pool.connection_kwargs
    assert told["socket_connect_timeout"] == CONNECT_TIMEOUT_SECONDS
    assert told["socket_timeout"] == ANSWER_TIMEOUT_SECONDS
    assert not told.get("decode_responses")


def test_an_impatient_client_has_given_up_within_a_second():
    told = build_impatient_client(URL).connection_pool.connection_kwargs
    assert told["socket_connect_timeout"] == told["socket_timeout"] == IMPATIENT_SECONDS
    assert IMPATIENT_SECONDS < 1


EVERY = (build_client, build_impatient_client, build_async_client)


@pytest.mark.parametrize("build", EVERY)
def test_host_port_database_and_password_come_from_the_address(build):
    told = build(URL).connection_pool.connection_kwargs
    assert (told["host"], told["port"], told["db"]) == ("redis.example", 6400, 2)
    assert told["password"] == "s3cret"


def test_an_address_with_tls_is_asked_with_tls():
    pool = build_async_client("rediss://redis.example").connection_pool
    assert pool.connection_class is redis.asyncio.SSLConnection
    pool = build_client("rediss://redis.example").connection_pool
    assert pool.connection_class is redis.SSLConnection


@pytest.mark.parametrize("build", EVERY)
def test_what_is_no_address_of_a_redis_is_refused(build):
    with pytest.raises(ValueError, match="redis://"):
        build("http://redis.example")
