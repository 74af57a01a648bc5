"""What it takes to place an article among many that are remembered: time, and memory of Valkey.

`python tests/bench/story_memory.py REDIS_URL [ARTICLES]`: an empty server of its own, please.
"""

import asyncio
import random
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta

from newsman.enrich.stories.minhash import signature
from newsman.enrich.stories.store import StoryStore
from newsman.redis.client import build_async_client
from newsman_schemas.articles import EnrichedArticle, Enrichment, Entity, article_id

NOW = datetime(2026, 3, 2, tzinfo=UTC)
SPAN = timedelta(days=14)
MEASURED = 1_000


def made(rng: random.Random, number: int) -> EnrichedArticle:
    """A story of 1.5 kB whose words follow Zipf's law, with six entities of 20,000."""
    ranks = [min(60_000, int(rng.paretovariate(0.9))) for _ in range(220)]
    names = [f"Person {int(rng.paretovariate(0.8)) % 20_000}" for _ in range(6)]
    return EnrichedArticle(
        id=article_id("bench", str(number)),
        source="bench",
        uri=f"urn:bench:{number}",
        version_created=NOW,
        headline=" ".join(f"w{rank}x" for rank in ranks[:8]),
        slug="x",
        body_text=" ".join(f"w{rank}x" for rank in ranks[8:]),
        entities=tuple(
            Entity(
                name=n,
                slug=n.replace(" ", "-"),
                type="person",
                mentions=1,
                confidence=1,
                method="m",
            )
            for n in dict.fromkeys(names)
        ),
        enrichment=Enrichment(status="done", method="m", duration_ms=1),
    )


async def measure(url: str, articles: int) -> None:
    """Places so many articles and prints the times of the last thousand."""
    client = build_async_client(url)
    store, rng = StoryStore(client, "bench"), random.Random(5)
    seconds, cpu = [], []
    for number in range(articles + MEASURED):
        article = made(rng, number)
        text = signature(article.body_text)
        begun, worked = time.perf_counter(), time.process_time()
        await store.place(article, text, NOW + SPAN * (number / articles))
        seconds.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - worked)
    last = sorted(seconds[-MEASURED:])
    memory = (await client.info("memory"))["used_memory"] / 2**20
    print(f"| articles remembered | {articles:,} |\n| --- | --- |")
    print(f"| time to place one more, p50, p95 | {_ms(last[MEASURED // 2])}, {_ms(last[-50])} |")
    print(f"| processor time of it, mean | {_ms(statistics.mean(cpu[-MEASURED:]))} |")
    print(f"| memory of Valkey | {memory:.0f} MiB |")
    await client.aclose()


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


if __name__ == "__main__":
    asyncio.run(measure(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 50_000))
