"""Everything can be rebuilt from the log: the store, the feeds and the counts, to the same."""

import json
import os
import subprocess
import sys

import httpx
import pytest
import redis

from newsman.redis.keys import PopularityKeys
from newsman_schemas.topics import ARTICLE_VIEWED

KEY = {"Authorization": "Bearer demo-key"}
ARTICLES = 60

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def stack(start_service, own_valkey):
    url = {"NEWSMAN_REDIS_URL": own_valkey.url}
    names = ("ingest", "enrich", "publish", "popularity", "feeds")
    services = {name: start_service(name, **url) for name in names}
    for service in services.values():
        service.wait_ready()
    return services


@pytest.fixture
def filled(stack, own_valkey, topics, eventually):
    """A store with updates, kills and superseded versions, and counts with repeats."""
    with httpx.Client(base_url=stack["ingest"].url, headers=KEY) as ingest:
        ids = [_push(ingest, n, 1) for n in range(ARTICLES)]
        for n in range(0, ARTICLES, 3):
            _push(ingest, n, 3)
        for n in range(0, ARTICLES, 6):
            _push(ingest, n, 2)
        for n in range(0, ARTICLES, 5):
            _push(ingest, n, 9, pubstatus="canceled")
        views = [{"article": ids[n % ARTICLES], "reader": f"r{n % 17}"} for n in range(3_000)]
        assert ingest.post("/v1/views", json=views).status_code == 202
    client = redis.Redis.from_url(own_valkey.url)
    visible = ARTICLES - len(range(0, ARTICLES, 5))
    pairs = len({(v["article"], v["reader"]) for v in views})
    eventually(lambda: client.zcard(f"{topics}:index:latest") == visible, timeout=60)
    eventually(lambda: sum(_counts(client, topics).values()) == pairs, timeout=60)
    eventually(lambda: not list(client.scan_iter(f"{topics}:article:*:pending")))
    # What was taken through the gate must be committed before it can be rebuilt.
    yield client
    client.close()


def _push(client: httpx.Client, n: int, version: int, **fields) -> str:
    article = {
        "uri": f"urn:rebuild:{n}",
        "version": version,
        "version_created": f"2026-03-02T12:0{version}:00Z",
        "headline": f"Canal lock {n}, take {version}",
        "section": f"Section {n % 4}",
        "body_text": f"The lock at Ghent was opened, take {version}.",
        **fields,
    }
    answer = client.post("/v1/articles", json=article)
    assert answer.status_code == 202
    return answer.json()["id"]


def _counts(client: redis.Redis, namespace: str) -> dict[str, tuple[int, int]]:
    found: dict[str, int] = {}
    for partition in range(ARTICLE_VIEWED.partitions):
        key = PopularityKeys(namespace, partition).views("7d")
        found |= {m.decode(): int(s) for m, s in client.zrange(key, 0, -1, withscores=True)}
    return found


def _store(client: redis.Redis, namespace: str) -> dict:
    """All that the store says, but for the moments at which the gate said it."""
    found: dict = {}
    for key in client.scan_iter(f"{namespace}:article:*"):
        name = key.decode()
        if name.endswith(":history"):
            stages = [json.loads(entry) for entry in client.lrange(key, 0, -1)]
            found[name] = [(s["stage"], s["service"], s["version"]) for s in stages]
        else:
            fields = {k: v for k, v in client.hgetall(key).items() if k != b"as_of"}
            found[name] = fields
    for key in client.scan_iter(f"{namespace}:index:*"):
        found[key.decode()] = client.zrange(key, 0, -1, withscores=True)
    found["names"] = client.hgetall(f"{namespace}:store:names")
    return found


def _feeds(url: str) -> dict[str, bytes]:
    paths = ["/latest.rss", "/latest.atom", "/latest.json", "/sections/section-1.rss"]
    paths += ["/entities/ghent.json", "/v1/articles?limit=100", "/popular.json"]
    return {path: httpx.get(url + path).content for path in paths}


def _is_up(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def test_a_flushed_redis_is_noticed_and_everything_is_rebuilt_to_the_same(
    stack, filled, topics, eventually
):
    store, counts, feeds = (
        _store(filled, topics),
        _counts(filled, topics),
        _feeds(stack["feeds"].url),
    )
    filled.flushall()
    answer = httpx.get(f"{stack['feeds'].url}/latest.rss")
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    # publish ends itself when its store is gone; whoever runs it starts it again.
    eventually(lambda: stack["publish"].process.poll() is not None, timeout=30)
    stack["publish"].start()
    eventually(lambda: _is_up(f"{stack['feeds'].url}/readyz"), timeout=60)
    eventually(lambda: _counts(filled, topics) == counts, timeout=60)
    assert _store(filled, topics) == store
    assert _feeds(stack["feeds"].url) == feeds


def test_the_operator_can_have_store_and_counts_rebuilt(stack, filled, topics, eventually):
    store, counts = _store(filled, topics), _counts(filled, topics)
    filled.delete(f"{topics}:index:latest")
    victim = next(filled.scan_iter(f"{topics}:article:*[}}]"))
    filled.hset(victim, "doc", "tampered with")
    command = [sys.executable, "-m", "newsman.cli", "rebuild"]
    env = {**os.environ, **stack["publish"].env}
    rebuilding = subprocess.Popen([*command, "store"], env=env, stdout=subprocess.PIPE, text=True)
    eventually(lambda: stack["publish"].process.poll() is not None, timeout=30)
    stack["publish"].start()
    said, _ = rebuilding.communicate(timeout=60)
    assert rebuilding.returncode == 0
    assert "whole" in said
    assert _store(filled, topics) == store

    keys = PopularityKeys(topics, 0)
    filled.zadd(keys.views("7d"), {"a" * 16: 999})
    subprocess.run([*command, "popularity"], env=env, check=True, stdout=subprocess.DEVNULL)
    eventually(lambda: _counts(filled, topics) == counts, timeout=60)
