"""How fast rankings are read while views are counted."""

import asyncio
import subprocess
import time
from datetime import UTC, datetime

from redis import Redis
from views_stream import ARTICLES, PARTS, start, start_empty

from newsman.rankings.kept import KeptRankings
from newsman.rankings.ranking import RankingRequest, Rankings
from newsman.redis.client import build_async_client, build_client
from newsman.redis.keys import ArticleKeys
from newsman.tools.local.kafka import Broker
from newsman.tools.local.valkey import Valkey
from newsman_schemas.articles import Article, EnrichedArticle, Enrichment, article_id
from newsman_schemas.topics import ARTICLE_VIEWED

READS_PER_SECOND, READ_SECONDS, READ_CONNECTIONS = 1_000, 8, 8


def ranking_reads(
    broker: Broker, valkey: Valkey, keys: str, rate: int, *, kept: bool = False
) -> tuple[float, float]:
    """p50 and p99 in ms of a ranking's first 20 rows, read at a fixed rate while others count.

    `rate`: events counted per second, 0 for as many as can be. `kept`: the rows with all their
    reasons, of articles that are checked against the store, and made once a second.
    """
    client = build_client(valkey.url)
    start_empty(client)
    publish(client, keys)
    worker = start(broker, valkey, "bench", keys, list(PARTS), rate)
    worker.stdin.write("go\n")
    worker.stdin.flush()
    try:
        times = sorted(asyncio.run(read_rankings(valkey.url, keys, worker, kept=kept)))
    finally:
        worker.kill()
        worker.communicate()
    return times[len(times) // 2], times[int(len(times) * 0.99)]


def publish(client: Redis, keys: str) -> None:
    """The articles, as the store has them."""
    now = datetime.now(UTC)
    article = Article(
        id="a" * 16, source="bench", uri="u", version_created=now, headline="h", slug="h"
    )
    done = {"enrichment": Enrichment(status="done", method="bench", duration_ms=0)}
    doc = EnrichedArticle(**article.model_dump(), **done).model_dump_json()
    shown = {"status": "published", "revision": 1, "doc": doc}
    with client.pipeline(transaction=False) as pipe:
        for number in range(ARTICLES):
            of = ArticleKeys(keys).article(article_id("bench", str(number)))
            pipe.hset(of, mapping=shown)
        pipe.execute()


async def read_rankings(
    url: str, keys: str, worker: subprocess.Popen[str], *, kept: bool
) -> list[float]:
    """Reads at the rate; what waits for its turn waits within its own time."""
    client = build_async_client(url)
    rankings = Rankings(client, keys, ARTICLE_VIEWED.partitions)
    shelf, asked = KeptRankings(rankings), RankingRequest("views", "24h")
    turns = asyncio.Semaphore(READ_CONNECTIONS)
    times: list[float] = []
    done = asyncio.get_running_loop().run_in_executor(None, worker.stdout.readline)

    async def read(due: float) -> None:
        async with turns:
            await (shelf.rows(asked) if kept else rankings.counts.top("24h", limit=20))
        times.append((time.perf_counter() - due) * 1000)

    began = time.perf_counter()
    tasks = []
    for number in range(READS_PER_SECOND * READ_SECONDS):
        due = began + number / READS_PER_SECOND
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        if done.done():
            break
        tasks.append(asyncio.create_task(read(due)))
    await asyncio.gather(*tasks)
    worker.kill()
    await client.aclose()
    return times
