"""What is written in C is what redis-py writes itself."""

import asyncio

import pytest

from newsman.redis.client import build_async_client

VALUES = ["", "text", "ü€🗞", b"\xff\x00\r\n", 0, -7, 2**40, 1.5, "x" * 100_000]


def test_what_is_written_is_read_again(redis_url, redis_client, namespace):
    async def scenario():
        client = build_async_client(redis_url)
        for number, value in enumerate(VALUES):
            await client.set(f"{namespace}:{number}", value)
        async with client.pipeline(transaction=True) as pipe:
            pipe.hset(f"{namespace}:hash", mapping={"a": 1, "ü": b"2"})
            pipe.evalsha(await client.script_load("return ARGV[1]"), 0, "told")
            _, told = await pipe.execute()
        await client.aclose()
        return told

    assert asyncio.run(scenario()) == b"told"
    for number, value in enumerate(VALUES):
        redis_client.set(f"{namespace}:plain", value)
        assert redis_client.get(f"{namespace}:{number}") == redis_client.get(f"{namespace}:plain")
    assert redis_client.hgetall(f"{namespace}:hash") == {b"a": b"1", "ü".encode(): b"2"}


def test_what_is_no_value_is_refused_and_the_connection_goes_on(redis_url, namespace):
    async def scenario():
        client = build_async_client(redis_url)
        with pytest.raises((TypeError, ValueError)):
            await client.set(f"{namespace}:none", None)
        assert await client.ping()
        await client.aclose()

    asyncio.run(scenario())
