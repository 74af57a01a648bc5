"""`newsman rebuild`: asks the owner of a piece of Redis to make it again from the log."""

import argparse
import sys
import time

from newsman.redis.client import build_client
from newsman.redis.keys import RESET, STORE_LAYOUT, ArticleKeys, PopularityKeys
from newsman.settings import ServiceSettings, read_settings
from newsman_schemas.topics import ARTICLE_VIEWED

POLL_SECONDS = 0.5


def configure(parser: argparse.ArgumentParser) -> None:
    """What to rebuild, and how long to wait for it."""
    parser.add_argument("what", choices=("store", "popularity"))
    parser.add_argument("--timeout", type=float, default=3_600.0, help="seconds to wait")


def run(arguments: argparse.Namespace) -> int:
    """Starts the rebuild and follows it to its end; 1 if that does not come in time."""
    settings = read_settings(ServiceSettings)
    client = build_client(settings.redis_url)
    deadline = time.monotonic() + arguments.timeout
    if arguments.what == "popularity":
        for number in range(ARTICLE_VIEWED.partitions):
            client.set(PopularityKeys(settings.namespace, number).offset, RESET)
        print("popularity counts every partition again from the log")
        return 0
    keys = ArticleKeys(settings.namespace)
    client.set(keys.marker, "to be rebuilt")
    while client.get(keys.marker) != STORE_LAYOUT.encode():
        if time.monotonic() > deadline:
            print("the store is not whole yet; is publish running?", file=sys.stderr)
            return 1
        progress = client.hgetall(keys.progress)
        if progress:
            print(f"{int(progress[b'done'])} of {int(progress[b'total'])} events", flush=True)
        time.sleep(POLL_SECONDS)
    print("the article store is whole")
    return 0
