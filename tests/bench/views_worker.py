"""One process that counts some partitions of a bench: says ready, waits for a line, says done."""

import sys
import time

from kafka import TopicPartition

from newsman.kafka.clients import build_consumer
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.popularity import consumer as counting
from newsman.popularity.consumer import ViewCounter
from newsman.popularity.counting.count_store import CountStore
from newsman.popularity.main import COLLECTING
from newsman.redis.client import build_client
from newsman.runtime.gc_tuning import collect_seldom
from newsman.runtime.health import Pulse
from newsman_schemas.topics import ARTICLE_VIEWED_V1


def main(bootstrap: str, redis_url: str, topics: str, keys: str, parts: str, rate: str) -> None:
    """The service's own loop, but for the group, whose coming together would be measured too."""
    consumer = build_consumer(bootstrap=bootstrap, group=None, client_id=keys)
    assigned = [
        TopicPartition(ARTICLE_VIEWED_V1.full_name(topics), int(number))
        for number in parts.split(",")
    ]
    events = sum(consumer.end_offsets(assigned).values())
    store = CountStore(build_client(redis_url), keys, window_seconds=1_800)
    counter = ViewCounter(
        consumer, store, lambda _: None, Pulse(limit_seconds=60), PartitionWatch(lambda _: {})
    )
    collect_seldom(*COLLECTING)
    print("ready", flush=True)
    sys.stdin.readline()
    consumer.assign(assigned)
    counter.take_over(assigned)
    if int(rate):
        # As if it came just now: what arrives in a fortieth of a second, counted as soon.
        counting.POLL_EVENTS = int(rate) // 40
        counting.CATCHING_UP_SECONDS = counting.COMMIT_SECONDS
    began = time.monotonic()
    while counter.events < events or any(store.waiting(part.partition) for part in assigned):
        counter.turn()
        if int(rate):
            time.sleep(max(0.0, began + counter.events / int(rate) - time.monotonic()))
    print("done", flush=True)
    counter.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
