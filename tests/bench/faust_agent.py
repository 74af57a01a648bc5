"""The plainest Faust agent that counts views: one INCR per event, nothing deduplicated."""

import os
import sys
import time

import faust
import redis.asyncio

from newsman_schemas.popularity import ArticleViewed


def main(bootstrap: str, redis_url: str, number: str, events: str) -> None:
    """Prints the seconds that so many events took, from the first on."""
    app = faust.App(
        f"bench-faust-{number}",
        broker=f"kafka://{bootstrap}",
        store="memory://",
        web_enabled=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
    )
    topic = app.topic("bench.article-viewed.v1", key_serializer="raw", value_serializer="raw")
    client = redis.asyncio.Redis.from_url(redis_url)

    @app.agent(topic)
    async def count(stream):
        read, began = 0, 0.0
        async for value in stream:
            began = began or time.perf_counter()
            event = ArticleViewed.model_validate_json(value)
            await client.incr(f"faust:{number}:{event.article_id}")
            read += 1
            if read == int(events):
                print(time.perf_counter() - began, flush=True)
                os._exit(0)

    worker = faust.Worker(app, loglevel="CRITICAL", redirect_stdouts=False, console_port=0)
    worker.execute_from_commandline()


if __name__ == "__main__":
    main(*sys.argv[1:])
