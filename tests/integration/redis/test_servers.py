"""Redis as others run it: with TLS and users, behind Sentinels, as a cluster."""

import asyncio
import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import redis
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import NoPermissionError
from tests.conftest import wait_until
from tests.integration.redis.tls_tunnels import tls_tunnels
from tests.ports import free_port
from tests.redis_servers import ValkeyCluster, WatchedValkey, started

from newsman.deliver.queue.bell import Bell
from newsman.deliver.queue.inlet import Inlet
from newsman.redis.client import (
    build_async_client,
    build_client,
    build_impatient_client,
    build_pooled_async_client,
)
from newsman.redis.command_batcher import CommandBatcher, call, script
from newsman.redis.patience import retry_async_while_redis_is_down, retry_while_redis_is_down
from newsman.redis.ready import redis_check
from newsman.redis.servers.masters import time_of, told_by_each
from newsman.redis.servers.waves import THEN

ADD = script("return redis.call('INCRBY', KEYS[1], ARGV[1])")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[ValkeyCluster]:
    with started(ValkeyCluster(tmp_path_factory.mktemp("cluster"))) as cluster:
        yield cluster


@pytest.fixture
def watched(tmp_path) -> Iterator[WatchedValkey]:
    with started(WatchedValkey(tmp_path / "watched", "of-the-desk")) as watched:
        yield watched


@pytest.fixture
def tunnel(redis_url, tmp_path) -> Iterator[str]:
    """The address of a listener that speaks TLS before the server; its CA is in `ca.pem`."""
    port = free_port()
    with tls_tunnels(tmp_path, {port: int(redis_url.rpartition(":")[2].partition("/")[0])}):
        yield f"127.0.0.1:{port}"


RIGHTS = ("+@all", "-@admin", "-@dangerous", "+info")
"""Those that docs/servers.md gives a user."""


@pytest.fixture
def guarded(tmp_path, namespace) -> Iterator[str]:
    """A cluster behind TLS that lets in one user, who may touch the keys of the namespace alone."""
    outer = [free_port() for _ in range(3)]
    nodes = ValkeyCluster(tmp_path / "guarded", outer)
    inner = [node.port for node in nodes.masters]
    with tls_tunnels(tmp_path, dict(zip(outer, inner, strict=True))) as ca, started(nodes):
        for node in nodes.masters:
            own = (f"~{namespace}:*", f"&{namespace}:*", *RIGHTS)
            node.ask("ACL", "SETUSER", "newsman", "on", ">of the desk", *own)
            node.ask("ACL", "SETUSER", "default", "off")
        yield f"newsman:of%20the%20desk@127.0.0.1:{outer[0]}?ssl_ca_certs={ca}"


def test_tls_and_a_user_who_may_touch_only_its_own_keys(tunnel, redis_client, namespace, tmp_path):
    rights = [f"~{namespace}:*", f"&{namespace}:*", *RIGHTS]
    redis_client.execute_command("ACL", "SETUSER", namespace, "on", ">of the desk", *rights)
    url = f"rediss://{namespace}:of%20the%20desk@{tunnel}/0?ssl_ca_certs={tmp_path / 'ca.pem'}"
    with build_client(url) as client:
        assert client.set(f"{namespace}:a", "1")
        with pytest.raises(NoPermissionError):
            client.get("others:a")

    async def ask() -> list[object]:
        client = build_async_client(url)
        pooled = build_pooled_async_client(url, connections=2)
        found = [await client.get(f"{namespace}:a"), await pooled.get(f"{namespace}:a")]
        batched = await CommandBatcher(client, (ADD,)).run(call(ADD, [f"{namespace}:n"], 2))
        await client.aclose()
        await pooled.aclose()
        return [*found, *batched]

    assert asyncio.run(ask()) == [b"1", b"1", 2]
    assert redis_check(url)() is None
    problem = redis_check(f"rediss://{namespace}:wrong@{tunnel}/0")()
    assert "CERTIFICATE_VERIFY_FAILED" in str(problem)
    redis_client.execute_command("ACL", "DELUSER", namespace)


def test_sentinels_lead_to_the_master_and_to_the_one_after_it(watched, eventually):
    with build_client(watched.url) as client:
        assert client.set("a", "1")
        assert client.wait(1, 10_000) == 1
        assert redis_check(watched.url)() is None
        watched.master.kill()
        eventually(lambda: is_written(client), what="another master takes writes")

        async def ask() -> list[object]:
            other = build_async_client(watched.url)
            batcher = CommandBatcher(other, (ADD,))
            answers = await batcher.run(("GET", "a"), THEN, call(ADD, ["n"], 2))
            await other.aclose()
            for sentinel in other.connection_pool.sentinel_manager.sentinels:
                await sentinel.aclose()
            return answers

        assert asyncio.run(ask()) == [b"1", 2]
        eventually(lambda: redis_check(watched.url)() is None)


def is_written(client: redis.Redis) -> bool:
    try:
        return bool(client.set("b", "2"))
    except RedisAway:
        return False


def test_a_cluster_is_asked_like_a_single_server(cluster, namespace):
    with build_client(cluster.url) as client:
        inlet = Inlet(client, namespace, most_waiting=10)
        assert inlet.move_offset(0, expected=None, next_offset=5)
        inlet.hint(["one", "other"], 5)
        assert inlet.waiting(["one", "other"]) == [0, 0]
        with client.pipeline(transaction=True) as pipe:
            pipe.delete(f"{namespace}:k")
            pipe.hset(f"{namespace}:k", mapping={"a": 1})
            assert pipe.execute() == [0, 1]
        assert len(told_by_each(client)) == 3
        assert time_of(client) > 1_000_000_000
        with client.lock(f"{namespace}:lock", timeout=5):
            assert set(client.scan_iter(f"{namespace}:*")) > {f"{namespace}:k".encode()}


def test_commands_of_many_askers_keep_their_order_on_a_cluster(cluster, namespace):
    async def ask() -> tuple[list[object], list[object]]:
        client = build_async_client(cluster.url)
        batcher = CommandBatcher(client, (ADD,))
        keys = [f"{namespace}:{n}" for n in range(20)]

        async def one(number: int) -> list[object]:
            own, next_one = keys[number], keys[(number + 1) % 20]
            return await batcher.run(
                ("SET", own, number), call(ADD, [f"{own}:n"], 2), THEN, ("GET", next_one)
            )

        answers = await asyncio.gather(*(one(number) for number in range(20)))
        with build_client(cluster.url) as blocking:
            blocking.script_flush()
        again = await batcher.run(*(call(ADD, [f"{key}:n"], 3) for key in keys))
        await client.aclose()
        return answers, again

    answers, again = asyncio.run(ask())
    assert answers == [[True, 2, b"%d" % ((n + 1) % 20)] for n in range(20)]
    assert again == [5] * 20


def test_the_bell_is_heard_on_a_cluster(cluster, namespace):
    async def hear() -> None:
        client, heard = build_async_client(cluster.url), asyncio.Queue()
        listening = asyncio.create_task(
            Bell(client, namespace, lambda: heard.put_nowait(True)).listen()
        )
        async with asyncio.timeout(60):
            assert await heard.get()  # from now on
            with build_client(cluster.url) as blocking:
                Inlet(blocking, namespace, most_waiting=10).hint(["one"], 5)
            assert await heard.get()
        listening.cancel()
        await client.aclose()

    asyncio.run(hear())


def test_a_cluster_behind_tls_with_a_user_of_its_own(guarded, namespace):
    url = f"rediss+cluster://{guarded}"
    keys = [f"{namespace}:{number}" for number in range(20)]

    async def ask() -> list[object]:
        client = build_async_client(url)
        pooled = build_pooled_async_client(url, connections=2)
        answers = await CommandBatcher(client, (ADD,)).run(*(call(ADD, [key], 2) for key in keys))
        answers += [await pooled.get(key) for key in keys]
        await client.aclose()
        await pooled.aclose()
        return answers

    with build_client(url) as client:
        inlet = Inlet(client, namespace, most_waiting=10)
        assert inlet.move_offset(0, expected=None, next_offset=5)
        with pytest.raises(NoPermissionError):
            client.get("others:a")
        assert len(told_by_each(client)) == 3
    assert asyncio.run(ask()) == [2] * 20 + [b"2"] * 20
    assert redis_check(url)() is None
    assert "Redis does not answer" in str(redis_check(url.replace("desk", "harbour"))())


BOTH = script("return redis.call('SADD', KEYS[1], ARGV[1]) + redis.call('SADD', KEYS[2], ARGV[1])")


REDIRECTED = {"errorstat_ASK", "errorstat_MOVED", "errorstat_TRYAGAIN"}
"""What a client is told of a slot that moves."""


def test_slots_that_move_under_load_cost_no_command(cluster, namespace):
    keys = [f"{{{namespace}}}:{number}" for number in range(30)]
    pairs = list(itertools.pairwise(keys))
    noted, over = set(), threading.Event()

    async def batched() -> None:
        client = build_async_client(cluster.url)
        batcher = CommandBatcher(client, (BOTH,))
        for number in itertools.takewhile(lambda _: not over.is_set(), itertools.count()):
            orders = [partial(batcher.run, call(BOTH, pair, number)) for pair in pairs]
            await asyncio.gather(*map(retry_async_while_redis_is_down, orders))
            noted.add(b"%d" % number)
        await client.aclose()

    def blocking() -> None:
        two = [f"{keys[0]}:{name}" for name in ("first", "second")]

        def write(number: int) -> None:
            with client.pipeline(transaction=True) as pipe:
                pipe.set(two[0], number).set(two[1], number)
                pipe.execute()

        with build_client(cluster.url) as client:
            for number in itertools.takewhile(lambda _: not over.is_set(), itertools.count()):
                retry_while_redis_is_down(partial(write, number))
                assert client.mget(two) == [b"%d" % number] * 2

    def redirected() -> set[str]:
        return {
            name
            for node in cluster.masters
            for name, told in node.ask("INFO", "errorstats").items()
            if told["count"]
        }

    with ThreadPoolExecutor(2) as beside:
        with cluster.slots_moving(keys):
            working = [beside.submit(blocking), beside.submit(asyncio.run, batched())]
            try:
                wait_until(
                    lambda: (
                        redirected() >= {"errorstat_ASK", "errorstat_MOVED", "errorstat_TRYAGAIN"}
                    ),
                    what=redirected,
                )
                wait_until(lambda: len(noted) > 3)
            finally:
                over.set()
            for each in working:
                each.result()
    with build_client(cluster.url) as client:
        assert [client.smembers(key) for key in keys] == [noted] * len(keys)


def test_a_cluster_that_is_away_is_said_to_be_and_asked_again(cluster, eventually, namespace):
    away = f"redis+cluster://127.0.0.1:{free_port()}"
    assert "Redis does not answer" in str(redis_check(away)())
    with build_impatient_client(away) as client, pytest.raises(RedisAway):
        client.get("a")

    async def ask() -> None:
        client = build_async_client(away)
        with pytest.raises(RedisAway):
            await CommandBatcher(client).run(("GET", "a"))
        await client.aclose()

    asyncio.run(ask())


def test_a_master_that_dies_is_replaced_by_its_replica(cluster, namespace, eventually):
    client = build_client(cluster.url)
    assert client.set(f"{namespace}:a", "1")
    eventually(lambda: is_read(client, f"{namespace}:a"))
    assert client.wait(1, 10_000, target_nodes=client.get_node_from_key(f"{namespace}:a")) == 1
    cluster.kill_master_of(f"{namespace}:a")
    eventually(lambda: is_read(client, f"{namespace}:a"), what="the replica has taken over")
    eventually(lambda: redis_check(cluster.url)() is None)
    client.close()


def is_read(client: redis.Redis, key: str) -> bool:
    try:
        return client.get(key) == b"1"
    except RedisAway:
        return False
