"""Redis, the services, and the clocks of all of them."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from newsman.redis.client import build_impatient_client
from newsman.redis.servers.masters import time_of, told_by_each
from newsman.tools.operate.checks.diagnosis import Diagnosis, good, unwise, wrong
from newsman.tools.operate.instances import ask_instances
from newsman.tools.operate.settings import OperatorSettings

OLDEST_REDIS = 7
MOST_APART_SECONDS = 5.0
FULL = 0.8


def redis_findings(settings: OperatorSettings) -> Iterator[Diagnosis]:
    """Redis answers, keeps what it is told, and has room."""
    with build_impatient_client(settings.redis_url) as client:
        servers, clock = told_by_each(client), time_of(client)
    for name, told in servers.items():
        yield from _server_findings(f"{name}: " if name else "", told)
    yield from _clock("Redis", clock - time.time())


def _server_findings(where: str, told: Mapping[str, Any]) -> Iterator[Diagnosis]:
    version = str(told.get("redis_version", "0"))
    if int(version.partition(".")[0]) < OLDEST_REDIS:
        yield wrong(
            "redis", f"{where}version {version} is too old", f"install {OLDEST_REDIS} or newer"
        )
    else:
        yield good("redis", f"{where}version {told.get('valkey_version') or version}")
    if not told.get("aof_enabled"):
        text = (
            f"{where}it keeps no append-only file: a crash loses what came since its last snapshot"
        )
        yield unwise("redis", text, "set appendonly yes")
    if told.get("maxmemory_policy", "noeviction") != "noeviction":
        text = f"{where}it throws keys away when it is full ({told['maxmemory_policy']})"
        yield wrong("redis", text, "set maxmemory-policy noeviction")
    most = int(told.get("maxmemory", 0))
    if most and int(told["used_memory"]) > FULL * most:
        used = int(told["used_memory"]) * 100 // most
        yield unwise("redis", f"{where}{used} % of its memory are in use", "raise maxmemory")


def service_findings(settings: OperatorSettings) -> Iterator[Diagnosis]:
    """Every service is ready, of one version, and its clock is right."""
    instances = ask_instances(settings.addresses(), seconds=0)
    for each in instances:
        if each.is_ready:
            yield good("services", f"{each.service} at {each.url} is ready")
        for problem in each.problems.values():
            text = problem if each.service in problem else f"{each.service}: {problem}"
            yield wrong("services", text, "look into its log; docs/troubleshoot.md goes by symptom")
        for note in each.notes.values():
            yield unwise("services", f"{each.service}: {note}", "docs/troubleshoot.md")
        if each.clock_ahead_seconds is not None:
            yield from _clock(each.service, each.clock_ahead_seconds, is_quiet=True)
    versions = sorted({each.version for each in instances if each.version})
    if len(versions) > 1:
        text = f"versions {', '.join(versions)} run side by side"
        yield unwise("services", text, "end the rolling upgrade")


def _clock(name: str, ahead_seconds: float, *, is_quiet: bool = False) -> Iterator[Diagnosis]:
    if abs(ahead_seconds) > MOST_APART_SECONDS:
        text = f"the clock of {name} is {ahead_seconds:+.0f} s from this machine's"
        yield wrong("clocks", text, "let NTP set both")
    elif not is_quiet:
        yield good("clocks", f"{name} and this machine agree")
