"""No loss and no double effect: every service killed in the middle of the work."""

import json
import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import redis
from tests.log import records_on

from newsman.kafka.records import decode
from newsman.redis.keys import PopularityKeys, row
from newsman.services import SERVICES
from newsman_schemas.articles import ArticlePublished, article_id
from newsman_schemas.topics import ARTICLE_PUBLISHED, ARTICLE_VIEWED

ARTICLES, VIEWS, READERS = 1_200, 30_000, 3_000
ARTICLES_PER_PUSH, VIEWS_PER_PUSH = 20, 500
KEY = {"Authorization": "Bearer demo-key"}
DRAIN_SECONDS = 240

pytestmark = pytest.mark.timeout(600)


def test_killing_each_service_in_turn_loses_nothing_and_doubles_nothing(
    start_service, kafka_bootstrap, topics, redis_client, eventually
):
    services = {name: start_service(name) for name in SERVICES}
    for service in services.values():
        service.wait_ready()
    ids = [article_id("demo", f"urn:kill:{n}") for n in range(ARTICLES)]
    views = _views(ids)
    pushing = threading.Thread(target=_push_all, args=(services["ingest"].url, views))
    pushing.start()
    for name in SERVICES:
        _let_it_work(redis_client, topics, eventually)
        services[name].kill()
        services[name].start()
    pushing.join()
    for service in services.values():
        service.wait_ready()

    eventually(
        lambda: redis_client.zcard(f"{topics}:index:latest") == ARTICLES,
        timeout=DRAIN_SECONDS,
        what="all articles are in the store",
    )
    assert {m.decode() for m in redis_client.zrange(f"{topics}:index:latest", 0, -1)} == set(ids)
    truth = Counter(article for article, _ in set(views))
    eventually(
        lambda: sum(_counts(redis_client, topics).values()) >= sum(truth.values()),
        timeout=DRAIN_SECONDS,
        what="all views are counted",
    )
    assert _counts(redis_client, topics) == truth
    revisions = eventually(
        lambda: (r := _published(kafka_bootstrap, topics)) and len(r) == ARTICLES and r,
        timeout=DRAIN_SECONDS,
        what="every article is on the public topic",
    )
    # A second copy of an event may stand in the log; it carries the revision of the first.
    assert all(found == {1} for found in revisions.values())
    assert not list(redis_client.scan_iter(f"{topics}:article:*:pending"))


def _views(ids: list[str]) -> list[tuple[str, str]]:
    rng = random.Random(11)
    return [(rng.choice(ids), f"r{rng.randrange(READERS)}") for _ in range(VIEWS)]


def _push_all(url: str, views: list[tuple[str, str]]) -> None:
    articles = [
        {
            "uri": f"urn:kill:{n}",
            "version": 1,
            "version_created": "2026-03-02T12:00:00Z",
            "headline": f"Council of town {n} meets in Oslo",
            "body_text": f"The council of town {n} met in Norway on Monday. " * 5,
        }
        for n in range(ARTICLES)
    ]
    jobs = [("articles", part) for part in _parts(articles, ARTICLES_PER_PUSH)]
    pushed = [
        {"article": article, "reader": reader, "id": f"{n}"}
        for n, (article, reader) in enumerate(views)
    ]
    jobs += [("views", part) for part in _parts(pushed, VIEWS_PER_PUSH)]
    random.Random(5).shuffle(jobs)
    with (
        httpx.Client(base_url=url, headers=KEY, timeout=10) as client,
        ThreadPoolExecutor(4) as pool,
    ):
        list(pool.map(lambda job: _push(client, *job), jobs))


def _push(client: httpx.Client, path: str, items: list[dict]) -> None:
    """As a newsroom does: again and again until it is told that it was taken."""
    for _ in range(600):
        try:
            answer = client.post(f"/v1/{path}", content=json.dumps(items),
                                 headers={"Content-Type": "application/json"})  # fmt: skip
        except httpx.TransportError:
            threading.Event().wait(0.1)
            continue
        if answer.status_code == 202:
            return
        assert answer.status_code == 503, answer.text
        threading.Event().wait(0.2)
    pytest.fail("a push was never taken")


def _parts(items: list, size: int) -> list[list]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _let_it_work(client: redis.Redis, namespace: str, eventually) -> None:
    """Returns once some more articles have come through, or all have."""
    before = client.zcard(f"{namespace}:index:latest")
    goal = min(before + ARTICLES // 10, ARTICLES)
    eventually(
        lambda: client.zcard(f"{namespace}:index:latest") >= goal,
        timeout=120,
        what="work goes on after a kill",
    )


def _counts(client: redis.Redis, namespace: str) -> Counter:
    counts: Counter = Counter()
    for partition in range(ARTICLE_VIEWED.partitions):
        key = PopularityKeys(namespace, partition).count("24h")
        for member, score in client.zrange(key, 0, -1, withscores=True):
            counts[member.decode()] += row(score)[0]
    return counts


def _published(bootstrap: str, namespace: str) -> dict[str, set[int]]:
    revisions: dict[str, set[int]] = {}
    for record in records_on(bootstrap, ARTICLE_PUBLISHED.full_name(namespace)):
        event = decode(ArticlePublished, record.value)
        revisions.setdefault(event.article_id, set()).add(event.revision)
    return revisions
