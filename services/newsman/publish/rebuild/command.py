"""`newsman rebuild`: makes again from the log what Redis holds."""

import argparse
import asyncio
import os
import socket
import sys
import time

from kafka.errors import KafkaError

from newsman.publish.rebuild.rebuild import Overtaken, RebuildProgress, StoreRebuild
from newsman.redis.client import build_async_client, build_client
from newsman.redis.keys import RESET, FeedsKeys, PopularityKeys
from newsman.settings import ServiceSettings, read_settings
from newsman_schemas.topics import ARTICLE_VIEWED

LOOK_SECONDS = 0.2
NOBODY_THERE = "no process of feeds is there; one makes its catalogue when it starts"


def run(arguments: argparse.Namespace) -> int:
    """Rebuilds while everything goes on serving; 1 if another rebuild is under way."""
    settings = read_settings(ServiceSettings)
    if arguments.what == "popularity":
        return _recount(settings)
    if arguments.what == "feeds":
        return _recatalogue(settings)
    return asyncio.run(_rebuild(settings))


def _recount(settings: ServiceSettings) -> int:
    client = build_client(settings.redis_url)
    for number in range(ARTICLE_VIEWED.partitions):
        client.set(PopularityKeys(settings.namespace, number).offset, RESET)
    print("popularity counts every partition again from the log")
    return 0


def _recatalogue(settings: ServiceSettings) -> int:
    client, keys = build_client(settings.redis_url), FeedsKeys(settings.namespace)
    wanted = int(client.incr(keys.rebuild))
    processes = {key.decode() for key in client.scan_iter(match=keys.processes)}
    if not processes:
        print(NOBODY_THERE, file=sys.stderr)
        return 1
    printed: dict[str, str] = {}
    while processes:
        for key in sorted(processes):
            progress = {name.decode(): int(value) for name, value in client.hgetall(key).items()}  # type: ignore[union-attr]
            name = key.rpartition(":")[2]
            if not progress:
                print(f"{name} has ended before its catalogue was whole", file=sys.stderr)
                return 1
            line = _how_far(progress, wanted)
            if line != printed.get(name):
                printed[name] = line
                print(f"{name}: {line}", flush=True)
            if progress.get("met", 0) >= wanted:
                processes.discard(key)
        time.sleep(LOOK_SECONDS)
    print(f"the catalogues of {len(printed)} processes of feeds are whole")
    return 0


def _how_far(progress: dict[str, int], wanted: int) -> str:
    if progress.get("met", 0) >= wanted:
        return "whole"
    if "total" not in progress:
        return "waiting"
    return f"{progress['done']} of {progress['total']} events, {progress['seconds']} s left"


async def _rebuild(settings: ServiceSettings) -> int:
    client = build_async_client(settings.redis_url)
    holder = f"{socket.gethostname()}-{os.getpid()}"
    try:
        rebuild = StoreRebuild(client, settings, holder=holder, tell=_tell)
        if not await rebuild.has_lock():
            print("another rebuild is under way", file=sys.stderr)
            return 1
        done = await rebuild.run()
    except Overtaken as problem:
        print(problem, file=sys.stderr)
        return 1
    except KafkaError as problem:
        print(f"Kafka at {settings.kafka_bootstrap}: {problem}; start again", file=sys.stderr)
        return 1
    finally:
        await client.aclose()
    print(f"the article store is whole: rebuilt from {done} events")
    return 0


def _tell(progress: RebuildProgress) -> None:
    left = f"{progress.seconds_left:.0f} s left"
    print(f"{progress.done} of {progress.total} events, {left}", flush=True)
