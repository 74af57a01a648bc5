"""Commands of many coroutines, sent to a real Valkey in few round trips."""

import asyncio
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import ResponseError

from newsman.redis.client import build_async_client
from newsman.redis.command_batcher import CommandBatcher, call, script

ADD = script("return redis.call('INCRBY', KEYS[1], ARGV[1])")


class CountedTrips(CommandBatcher):
    """Counts its round trips and the commands in each."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.trips = []

    async def _round_trip(self, commands):
        self.trips.append(len(commands))
        return await super()._round_trip(commands)


def test_answers_come_in_the_order_of_the_commands_as_bytes(ask, namespace):
    key = f"{namespace}:é"

    async def run(client):
        batcher = CommandBatcher(client)
        return await batcher.run(
            ("SET", key, "Zoë 🌉"), ("APPEND", key, b"\x00\r\n"), ("GET", key), ("GET", key + "?")
        )

    assert ask(run) == [b"OK", 12, "Zoë 🌉".encode() + b"\x00\r\n", None]


def test_who_asks_at_once_shares_a_round_trip_and_gets_its_own_answers(ask, namespace):
    async def run(client):
        batcher = CountedTrips(client)
        work = [batcher.run(("ECHO", f"{n}a"), ("ECHO", f"{n}b")) for n in range(50)]
        return await asyncio.gather(*work), batcher.trips

    answers, trips = ask(run)
    assert answers == [[f"{n}a".encode(), f"{n}b".encode()] for n in range(50)]
    assert trips == [100]


def test_who_asks_during_a_round_trip_comes_along_with_the_next(ask):
    async def run(client):
        batcher = CountedTrips(client)
        first = asyncio.ensure_future(batcher.run(("ECHO", "first")))
        while not batcher.trips:
            await asyncio.sleep(0)
        late = [batcher.run(("ECHO", str(n))) for n in range(3)]
        return [await first, *await asyncio.gather(*late)], batcher.trips

    answers, trips = ask(run)
    assert answers == [[b"first"], [b"0"], [b"1"], [b"2"]]
    assert trips == [1, 3]


def test_a_batcher_that_has_rested_sends_again(ask):
    async def run(client):
        batcher = CountedTrips(client)
        answers = [await batcher.run(("ECHO", "a")), await batcher.run(("ECHO", "b"))]
        return answers, batcher.trips

    assert ask(run) == ([[b"a"], [b"b"]], [1, 1])


def test_no_command_is_no_answer(ask):
    async def run(client):
        return await CommandBatcher(client).run()

    assert ask(run) == []


def test_an_error_is_raised_to_whoever_asked_for_it_and_to_nobody_else(ask, namespace):
    key = f"{namespace}:text"

    async def run(client):
        batcher = CommandBatcher(client)
        await batcher.run(("SET", key, "no number"))
        work = [
            batcher.run(("ECHO", "before")),
            batcher.run(("ECHO", "mine"), ("INCR", key)),
            batcher.run(("ECHO", "after")),
        ]
        return await asyncio.gather(*work, return_exceptions=True)

    before, wrong, after = ask(run)
    assert (before, after) == ([b"before"], [b"after"])
    assert isinstance(wrong, ResponseError)
    assert "not an integer" in str(wrong)


def test_a_script_that_redis_has_forgotten_is_loaded_and_its_answer_alone_comes_back(
    ask, redis_client, namespace
):
    key = f"{namespace}:n"

    async def run(client):
        batcher = CommandBatcher(client, (ADD,))
        redis_client.script_flush()
        first = await batcher.run(("ECHO", "a"), call(ADD, [key], 5))
        redis_client.script_flush()
        return first, await batcher.run(call(ADD, [key], -2), ("ECHO", "b"))

    assert ask(run) == ([b"a", 5], [3, b"b"])


def test_the_digest_of_a_script_is_the_one_that_redis_gives_it(redis_client):
    for text in (ADD.text, "return 'Zoë'", ""):
        assert redis_client.script_load(text) == script(text).digest


def test_whoever_goes_away_takes_no_answer_from_the_others(ask, namespace):
    key = f"{namespace}:n"

    async def run(client):
        batcher = CommandBatcher(client)
        leaves = asyncio.ensure_future(batcher.run(("INCR", key)))
        stays = asyncio.ensure_future(batcher.run(("INCR", key)))
        await asyncio.sleep(0)
        leaves.cancel()
        answers = await asyncio.gather(leaves, stays, return_exceptions=True)
        return answers, await batcher.run(("GET", key))

    (left, stayed), number = ask(run)
    assert isinstance(left, asyncio.CancelledError)
    assert stayed == [2]
    assert number == [b"2"]


def test_a_redis_that_is_away_is_told_to_all_that_asked_and_the_next_try_is_a_new_one():
    async def run():
        async with build_async_client("redis://127.0.0.1:1/0") as client:
            batcher = CountedTrips(client)
            work = [batcher.run(("ECHO", str(n))) for n in range(3)]
            together = await asyncio.gather(*work, return_exceptions=True)
            with pytest.raises(RedisAway):
                await batcher.run(("ECHO", "again"))
            return together, batcher.trips

    problems, trips = asyncio.run(run())
    assert [type(problem) for problem in problems] == [RedisAway] * 3
    assert trips == [3, 1]


def test_a_connection_that_the_server_closed_is_replaced(ask, redis_client):
    async def run(client):
        batcher = CommandBatcher(client)
        (mine,) = await batcher.run(("CLIENT", "ID"))
        redis_client.client_kill_filter(_id=mine)
        answers = []
        for _ in range(2):
            try:
                answers += await batcher.run(("ECHO", "here"))
            except RedisAway:
                continue
        return answers

    assert b"here" in ask(run)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(st.binary(max_size=40), max_size=4), max_size=20))
def test_whatever_is_asked_by_however_many_each_gets_what_it_asked_for(ask, texts):
    async def run(client):
        batcher = CommandBatcher(client)
        work = [batcher.run(*(("ECHO", text) for text in asked)) for asked in texts]
        return await asyncio.gather(*work)

    assert ask(run) == texts


def test_each_command_happens_once(ask, namespace):
    async def run(client):
        batcher = CommandBatcher(client)
        work = [batcher.run(("RPUSH", f"{namespace}:all", n)) for n in range(200)]
        await asyncio.gather(*work)
        return await client.lrange(f"{namespace}:all", 0, -1)

    assert Counter(map(int, ask(run))) == Counter(range(200))
