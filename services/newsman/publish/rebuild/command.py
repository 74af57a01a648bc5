"""`newsman rebuild`: makes again from the log what Redis holds."""

import argparse
import asyncio
import os
import socket
import sys
import time
from functools import partial
from typing import TextIO

from kafka.errors import KafkaError

from newsman.kafka.commands.command_errors import require_kafka
from newsman.publish.rebuild.rebuild import Overtaken, RebuildProgress, StoreRebuild
from newsman.publish.signing import build_signer
from newsman.redis.client import build_async_client, build_client
from newsman.redis.keys import RESET, FeedsKeys, PopularityKeys
from newsman.redis.ready import require_redis
from newsman.settings import PublishSettings, ServiceSettings, read_settings
from newsman.terminal.output import show
from newsman_schemas.topics import ARTICLE_VIEWED

LOOK_SECONDS = 0.2
NOBODY_THERE = "no process of feeds is there; one makes its catalogue when it starts"


def run(arguments: argparse.Namespace) -> int:
    """Rebuilds while everything goes on serving; 1 if another rebuild is under way."""
    settings = read_settings(ServiceSettings)
    require_redis(settings.redis_url)
    if arguments.what == "popularity":
        return _recount(settings, arguments)
    if arguments.what == "feeds":
        return _recatalogue(settings, arguments)
    return asyncio.run(_rebuild(read_settings(PublishSettings), arguments))


def _recount(settings: ServiceSettings, arguments: argparse.Namespace) -> int:
    client = build_client(settings.redis_url)
    for number in range(ARTICLE_VIEWED.partitions):
        client.set(PopularityKeys(settings.namespace, number).offset, RESET)
    text = "popularity counts every partition again from the log"
    show(arguments, {"partitions": ARTICLE_VIEWED.partitions}, text)
    return 0


def _recatalogue(settings: ServiceSettings, arguments: argparse.Namespace) -> int:
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
                print(f"{name}: {line}", file=_told_on(arguments), flush=True)
            if progress.get("met", 0) >= wanted:
                processes.discard(key)
        time.sleep(LOOK_SECONDS)
    text = f"the catalogues of {len(printed)} processes of feeds are whole"
    show(arguments, {"processes": sorted(printed)}, text)
    return 0


def _how_far(progress: dict[str, int], wanted: int) -> str:
    if progress.get("met", 0) >= wanted:
        return "whole"
    if "total" not in progress:
        return "waiting"
    return f"{progress['done']} of {progress['total']} events, {progress['seconds']} s left"


async def _rebuild(settings: PublishSettings, arguments: argparse.Namespace) -> int:
    require_kafka(settings.kafka_bootstrap)
    client = build_async_client(settings.redis_url)
    holder = f"{socket.gethostname()}-{os.getpid()}"
    tell = partial(_tell, arguments)
    try:
        rebuild = StoreRebuild(
            client, settings, holder=holder, tell=tell, sign=build_signer(settings)
        )
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
    show(arguments, {"events": done}, f"the article store is whole: rebuilt from {done} events")
    return 0


def _tell(arguments: argparse.Namespace, progress: RebuildProgress) -> None:
    left = f"{progress.seconds_left:.0f} s left"
    told = f"{progress.done} of {progress.total} events, {left}"
    print(told, file=_told_on(arguments), flush=True)


def _told_on(arguments: argparse.Namespace) -> TextIO:
    """Progress goes beside the result where that is for a program."""
    return sys.stderr if arguments.json else sys.stdout
