"""`newsman rebuild`: makes again from the log what Redis holds."""

import argparse
import asyncio
import os
import socket
import sys

from newsman.publish.rebuild import Overtaken, Progress, Rebuild
from newsman.redis.client import build_async_client, build_client
from newsman.redis.keys import RESET, PopularityKeys
from newsman.settings import ServiceSettings, read_settings
from newsman_schemas.topics import ARTICLE_VIEWED


def configure(parser: argparse.ArgumentParser) -> None:
    """What to rebuild."""
    parser.add_argument(
        "what",
        choices=("store", "feeds", "popularity"),
        help="store and feeds: the articles and the lists that feeds serve, in one; "
        "popularity: the counts",
    )


def run(arguments: argparse.Namespace) -> int:
    """Rebuilds while everything goes on serving; 1 if another rebuild is under way."""
    settings = read_settings(ServiceSettings)
    if arguments.what == "popularity":
        return _recount(settings)
    return asyncio.run(_rebuild(settings))


def _recount(settings: ServiceSettings) -> int:
    client = build_client(settings.redis_url)
    for number in range(ARTICLE_VIEWED.partitions):
        client.set(PopularityKeys(settings.namespace, number).offset, RESET)
    print("popularity counts every partition again from the log")
    return 0


async def _rebuild(settings: ServiceSettings) -> int:
    client = build_async_client(settings.redis_url)
    holder = f"{socket.gethostname()}-{os.getpid()}"
    try:
        rebuild = Rebuild(client, settings, holder=holder, tell=_tell)
        if not await rebuild.has_lock():
            print("another rebuild is under way", file=sys.stderr)
            return 1
        done = await rebuild.run()
    except Overtaken as problem:
        print(problem, file=sys.stderr)
        return 1
    finally:
        await client.aclose()
    print(f"the article store is whole: rebuilt from {done} events")
    return 0


def _tell(progress: Progress) -> None:
    left = f"{progress.seconds_left:.0f} s left"
    print(f"{progress.done} of {progress.total} events, {left}", flush=True)
