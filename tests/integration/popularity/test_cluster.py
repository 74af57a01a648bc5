"""Counting on a Redis Cluster: all that changes in one step lies in one slot."""

import subprocess

import pytest
import redis
from redis.cluster import ClusterNode
from tests.ports import free_port

from newsman.kafka.offset_in_store import OffsetMoved
from newsman.popularity.counting.count_store import CountStore
from newsman.popularity.counting.judging import CountedViews
from newsman.redis.keys import RESET, PopularityKeys
from newsman.tools.local.valkey import find_server
from newsman_schemas.topics import ARTICLE_VIEWED

from .conftest import WINDOW, View, batch_of, stored_numbers

NOW = 1_772_452_800
ARTICLE = "a" * 16


@pytest.fixture
def cluster(tmp_path, eventually):
    """A cluster of one node, which refuses a script that touches two slots as any other does."""
    port, bus = free_port(), free_port()
    words = [find_server(), "--port", str(port), "--cluster-port", str(bus)]
    words += ["--cluster-enabled", "yes", "--dir", str(tmp_path)]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log)
    node = redis.Redis(port=port)
    try:
        eventually(lambda: answers(node), what="the node answers")
        node.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16_383)
        eventually(lambda: node.cluster("INFO")["cluster_state"] == "ok", what="it has all slots")
        client = redis.RedisCluster(startup_nodes=[ClusterNode("127.0.0.1", port)])
        yield client
        client.close()
    finally:
        node.close()
        process.kill()
        process.wait()


def answers(node: redis.Redis) -> bool:
    try:
        return bool(node.ping())
    except redis.RedisError:
        return False


def test_partitions_are_counted_dropped_and_advanced_each_in_a_slot_of_its_own(cluster):
    store = CountStore(cluster, "n", window_seconds=WINDOW)
    slots = set()
    for partition in range(ARTICLE_VIEWED.partitions):
        slots.add(cluster.keyslot(PopularityKeys("n", partition).offset))
        views = [View(ARTICLE, "r1", NOW, NOW, "id"), View(ARTICLE, "r2", NOW - 90_000, NOW)]
        told = {"expected": None, "next_offset": 2, "clock_seconds": NOW, "real_seconds": NOW}
        assert store.offset(partition) is None
        assert store.count(partition, batch_of(views), **told) == CountedViews(2, 0, 0)
        assert store.count(partition, batch_of(views), **told) == OffsetMoved()
        assert stored_numbers(cluster, "n", [partition])["7d"] == {ARTICLE: (2, 2)}
        other = CountStore(cluster, "n", window_seconds=WINDOW)
        again = {"expected": 2, "next_offset": 4, "clock_seconds": NOW}
        assert other.count(partition, batch_of(views), **again) == CountedViews(0, 2, 0)
        assert store.offset(partition) == 4
        assert store.advance(partition, expected=4, clock_seconds=NOW + 86_400)
        assert stored_numbers(cluster, "n", [partition])["24h"] == {}
        cluster.set(PopularityKeys("n", partition).offset, RESET)
        assert store.offset(partition) is None
        assert stored_numbers(cluster, "n", [partition])["7d"] == {}
    assert len(slots) == ARTICLE_VIEWED.partitions
