"""Everything can be rebuilt from the log: the store, the feeds and the counts, to the same."""

import json
import os
import subprocess
import sys

import httpx
import pytest
import redis
from tests.conftest import wait_until

from newsman.redis.keys import ArticleKeys, PopularityKeys, row
from newsman.redis.versions import read_document
from newsman_schemas.popularity import WINDOWS
from newsman_schemas.topics import ARTICLE_VIEWED

KEY = {"Authorization": "Bearer demo-key"}
ARTICLES = 60


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
    pairs = len({(v["article"], v["reader"]) for v in views})
    eventually(lambda: _is_settled(client, topics, ids), timeout=150)
    eventually(lambda: _views(client, topics) == pairs, timeout=150)
    eventually(lambda: not list(client.scan_iter(f"{topics}:article:*:pending")))
    yield client, ids
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


def _is_settled(client: redis.Redis, namespace: str, ids: list[str]) -> bool:
    """Whether every version and every kill has gone through the gate."""
    for n, article_id in enumerate(ids):
        status, doc = client.hmget(f"{namespace}:article:{{{article_id}}}", "status", "doc")
        stages = client.lrange(f"{namespace}:article:{{{article_id}}}:history", 0, -1)
        superseded = sum(b'"superseded"' in stage for stage in stages)
        if n % 5 == 0:
            is_done = status == b"killed"
        else:
            version = 3 if n % 3 == 0 else 1
            is_done = (
                status == b"published" and json.loads(read_document(doc))["version"] == version
            )
        if not is_done or superseded != (n % 6 == 0):
            return False
    return True


def _counts(client: redis.Redis, namespace: str) -> dict[str, dict[str, tuple[float, ...]]]:
    """Views and readers by article, by window, hour and day, and the decayed scores."""
    found: dict[str, dict[str, tuple[float, ...]]] = {}
    for partition in range(ARTICLE_VIEWED.partitions):
        keys = PopularityKeys(namespace, partition)
        for window in WINDOWS:
            rows = client.zrange(keys.count(window), 0, -1, withscores=True)
            found.setdefault(window, {}).update({m.decode(): row(s) for m, s in rows})
        scores = client.zrange(keys.decayed, 0, -1, withscores=True)
        # The sum of the same views in other runs may differ in its last digits.
        found.setdefault("decayed", {}).update({m.decode(): (round(s, 6),) for m, s in scores})
        for span in ("hour", "day"):
            for key in client.scan_iter(f"{keys.prefix}:{span}:*"):
                name = f"{span} {key.rpartition(b':')[2].decode()}"
                rows = client.hgetall(key).items()
                found.setdefault(name, {}).update({m.decode(): row(float(v)) for m, v in rows})
    return found


def _wait_for_counts(
    client: redis.Redis, namespace: str, wanted: dict[str, dict[str, tuple[float, ...]]]
) -> None:
    def differing() -> str:
        found = _counts(client, namespace)
        names = {name for name in (*found, *wanted) if found.get(name) != wanted.get(name)}
        return f"counts of {sorted(names)}: {[(found.get(n), wanted.get(n)) for n in names]}"

    wait_until(lambda: _counts(client, namespace) == wanted, what=differing)


def _views(client: redis.Redis, namespace: str) -> int:
    return int(sum(views for views, _ in _counts(client, namespace)["7d"].values()))


def _articles(url: str, ids: list[str]) -> dict[str, bytes]:
    """Every article as the API answers it, its trail and all."""
    return {found: httpx.get(f"{url}/v1/articles/{found}").content for found in ids}


def _feeds(url: str) -> dict[str, bytes]:
    paths = ["/latest.rss", "/latest.atom", "/latest.json", "/sections/section-1.rss"]
    paths += ["/entities/ghent.json", "/v1/articles?limit=100", "/popular.json"]
    return {path: httpx.get(url + path).content for path in paths}


def _rankings(url: str) -> dict[str, list[str]]:
    """What stands in rankings of all, of a section and by another order."""
    queries = ("window=24h", "window=24h&section=section-1", "window=24h&order=readers")
    asked = {query: httpx.get(f"{url}/v1/popular?{query}").json() for query in queries}
    return {query: [row["id"] for row in found["items"]] for query, found in asked.items()}


def _is_up(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def test_a_flushed_redis_is_noticed_and_everything_is_rebuilt_to_the_same(
    stack, filled, topics, eventually
):
    client, ids = filled
    url = stack["feeds"].url
    articles, counts, feeds = _articles(url, ids), _counts(client, topics), _feeds(url)
    client.flushall()
    # A kept answer is given for a twentieth of a second more.
    eventually(lambda: httpx.get(f"{url}/latest.rss").status_code == 503)
    assert "retry-after" in httpx.get(f"{url}/latest.rss").headers
    # publish ends itself when its store is gone; whoever runs it starts it again.
    eventually(lambda: stack["publish"].process.poll() is not None, timeout=30)
    stack["publish"].start()
    eventually(lambda: _is_up(f"{stack['feeds'].ops_url}/readyz"), timeout=60)
    _wait_for_counts(client, topics, counts)
    # What had not been committed is read again, and goes the usual way.
    eventually(lambda: _articles(url, ids) == articles)
    assert _feeds(url) == feeds


def test_the_operator_can_have_store_and_counts_rebuilt(stack, filled, topics, eventually):
    client, ids = filled
    url, keys = stack["feeds"].url, ArticleKeys(topics)
    articles, counts = _articles(url, ids), _counts(client, topics)
    rankings = _rankings(url)
    assert all(rankings.values())
    client.delete(keys.index("latest"))
    client.hset(keys.article(ids[1]), "doc", "tampered with")
    damaged = httpx.get(f"{url}/v1/articles/{ids[1]}")
    assert (damaged.status_code, "retry-after" in damaged.headers) == (503, True)
    command = [sys.executable, "-m", "newsman.cli", "rebuild"]
    env = {**os.environ, **stack["publish"].env}
    said = subprocess.run(
        [*command, "store"], env=env, check=True, timeout=60, stdout=subprocess.PIPE, text=True
    ).stdout
    assert "whole" in said
    eventually(lambda: _articles(url, ids) == articles)
    assert all(service.process.poll() is None for service in stack.values())
    # The old generation is dropped by now; what is popular stands in the one that serves.
    assert _rankings(url) == rankings

    counts_of = PopularityKeys(topics, 0)
    client.zadd(counts_of.count("7d"), {"a" * 16: 999})
    client.zadd(counts_of.count("all"), {"a" * 16: 999})
    subprocess.run([*command, "popularity"], env=env, check=True, stdout=subprocess.DEVNULL)
    _wait_for_counts(client, topics, counts)


def test_a_killed_redis_that_comes_back_costs_nothing(
    stack, filled, own_valkey, topics, eventually
):
    client, _ = filled
    counts = _counts(client, topics)
    with httpx.Client(base_url=stack["ingest"].url, headers=KEY) as ingest:
        own_valkey.kill()
        late = [_push(ingest, 1_000 + n, 1) for n in range(10)]
        views = [{"article": late[0], "reader": f"late-{n}"} for n in range(50)]
        assert ingest.post("/v1/views", json=views).status_code == 202
    assert httpx.get(f"{stack['feeds'].url}/latest.rss").status_code == 503
    own_valkey.start()
    own_valkey.wait_ready()
    visible = ARTICLES - len(range(0, ARTICLES, 5)) + len(late)
    eventually(lambda: client.zcard(ArticleKeys(topics).index("latest")) == visible, timeout=60)
    week = counts["7d"] | {late[0]: (50, 50)}
    eventually(lambda: _counts(client, topics)["7d"] == week, timeout=60)
    assert all(service.process.poll() is None for service in stack.values())
