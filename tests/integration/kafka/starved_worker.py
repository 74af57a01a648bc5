"""A worker that gets nothing of one partition any more, and goes on with the others.

starved_worker.py BOOTSTRAP TOPIC GROUP LIMIT_SECONDS
"""

import asyncio
import logging
import sys

from faust.types import TP
from prometheus_client import Gauge

from newsman.kafka.progress.faust_watch import watch_progress
from newsman.kafka.progress.reckoning import ConsumerProgress
from newsman.kafka.streams import build_stream_app, bytes_topic, in_order, run_worker

POLL_SECONDS = 0.1


def main(bootstrap, topic, group, limit_seconds):
    progress = ConsumerProgress(limit_seconds=float(limit_seconds))
    app = build_stream_app(bootstrap=bootstrap, group=group, instance="0", progress=progress)
    starved = TP(topic, 0)

    async def start(_):
        return None

    async def finish(_, __):
        return None

    @app.agent(bytes_topic(app, topic), name="worker")
    async def work(stream):
        await in_order(stream, start, finish, limit=8, progress=progress)

    @app.task
    async def starve():
        while not progress.finished(starved):
            await asyncio.sleep(POLL_SECONDS)
        app.consumer.pause_partitions({starved})

    @app.task
    async def watch():
        await watch_progress(app, progress, Gauge("waiting", "Messages that wait.", ["partition"]))

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    sys.exit(run_worker(app))


if __name__ == "__main__":
    main(*sys.argv[1:])
