"""Many coroutines share round trips, and each gets its own answers, or its own error."""

import asyncio

import pytest
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import ResponseError

from newsman.redis.client import build_async_client
from newsman.redis.command_batcher import CommandBatcher, call, script

ECHO = script("return {KEYS[1], ARGV[1]}")


def run(url, work):
    async def all_of_it():
        client = build_async_client(url)
        try:
            return await work(client, CommandBatcher(client, (ECHO,)))
        finally:
            await client.aclose()

    return asyncio.run(all_of_it())


def test_each_gets_the_answers_to_its_own_commands(redis_url, namespace):
    async def work(client, together):
        before = (await client.info("commandstats")).get("cmdstat_set", {}).get("calls", 0)
        found = await asyncio.gather(
            *(together.run(("SET", f"{namespace}:{n}", n), ("GET", f"{namespace}:{n}"))
              for n in range(500))
        )  # fmt: skip
        after = (await client.info("commandstats"))["cmdstat_set"]["calls"]
        return found, after - before

    found, sets = run(redis_url, work)
    assert [answers[1] for answers in found] == [str(n).encode() for n in range(500)]
    assert sets == 500


def test_hundreds_that_find_their_script_unknown_load_it_over_the_one_connection(own_valkey):
    async def work(client, together):
        await client.script_flush()
        found = await asyncio.gather(
            *(together.run(call(ECHO, ["k"], n), ("PING",)) for n in range(500))
        )
        return found, (await client.info("clients"))["connected_clients"]

    found, connected = run(own_valkey.url, work)
    assert [answers[0] for answers in found] == [[b"k", str(n).encode()] for n in range(500)]
    assert connected < 5


def test_an_error_is_raised_to_who_asked_and_to_nobody_else(redis_url, namespace):
    async def work(_, together):
        return await asyncio.gather(
            together.run(("PING",)),
            together.run(("INCR", f"{namespace}:x"), ("NO-SUCH-COMMAND",)),
            together.run(("PING",)),
            return_exceptions=True,
        )

    one, other, third = run(redis_url, work)
    assert (len(one), len(third)) == (1, 1)
    assert isinstance(other, ResponseError)


def test_when_redis_is_away_everybody_hears_of_it_and_may_try_again(own_valkey):
    async def work(_, together):
        assert await together.run(("PING",))
        own_valkey.kill()
        away = await asyncio.gather(
            *(together.run(("PING",)) for _ in range(20)), return_exceptions=True
        )
        own_valkey.start()
        own_valkey.wait_ready()
        return away, await together.run(("PING",))

    away, again = run(own_valkey.url, work)
    assert all(isinstance(problem, RedisAway) for problem in away)
    assert again


@pytest.mark.parametrize("cancelled", [0, 10])
def test_one_that_is_cancelled_takes_nobody_with_it(redis_url, cancelled):
    async def work(_, together):
        tasks = [asyncio.ensure_future(together.run(("PING",))) for _ in range(20)]
        await asyncio.sleep(0)
        tasks[cancelled].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    found = run(redis_url, work)
    assert isinstance(found[cancelled], asyncio.CancelledError)
    assert sum(isinstance(answer, list) for answer in found) == 19
