"""`newsman status`: services, lag, rejected messages, deliveries and Redis on one page."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import redis

from newsman.redis.keys import DeliverKeys, QueueKeys
from newsman.redis.servers.masters import told_by_each
from newsman.terminal.endings import FAILED
from newsman.terminal.output import show
from newsman.terminal.tables import table
from newsman.tools.operate.installation import Installation, open_installation
from newsman.tools.operate.instances import Instance, as_document, ask_instances
from newsman.tools.operate.lags import by_service, lags
from newsman.tools.operate.rejections import count_rejected
from newsman.tools.operate.trace import text_of

COLUMNS = ("service", "instance", "version", "ready", "rates", "behind", "oldest", "remarks")
MIB = 1024 * 1024


def run(arguments: argparse.Namespace) -> int:
    """Shows it; 1 where a service is not ready."""
    with open_installation() as there:
        found = ask_instances(there.settings.addresses(), seconds=arguments.seconds)
        document = {"services": [as_document(each) for each in found], **_around(there, arguments)}
    show(arguments, document, "".join(_text(found, document)))
    return 0 if all(each.is_ready for each in found) else FAILED


def _around(there: Installation, arguments: argparse.Namespace) -> dict[str, Any]:
    settings = there.settings
    behind = lags(there.log, there.redis, settings.kafka_bootstrap, there.namespace)
    return {
        "behind": {
            service: {"events": events, "oldest_seconds": age}
            for service, events, age in by_service(behind)
        },
        "rejected": dict(count_rejected(there, hours=arguments.hours).most_common()),
        "deliveries": waiting_deliveries(there.redis, there.namespace),
        "redis": redis_memory(there.redis),
    }


def waiting_deliveries(client: "redis.Redis", namespace: str) -> dict[str, int]:
    """Queues of deliveries: how many there are, how many wait in them, how many fail."""
    queues = client.smembers(DeliverKeys(namespace).queues)
    waiting = failing = 0
    for name in queues:
        keys = QueueKeys(namespace, text_of(name))
        waiting += int(client.hlen(keys.entries))
        failing += bool(client.hexists(keys.state, "failing_since"))
    return {"queues": len(queues), "waiting": waiting, "failing": failing}


def redis_memory(client: "redis.Redis") -> dict[str, Any]:
    """Redis's version, the bytes that it uses and may use (0: all), and how it evicts."""
    servers = list(told_by_each(client).values())
    told = servers[0]
    return {
        "version": told.get("valkey_version") or told.get("redis_version"),
        "used_bytes": sum(int(each["used_memory"]) for each in servers),
        "most_bytes": sum(int(each.get("maxmemory", 0)) for each in servers),
        "eviction": told.get("maxmemory_policy"),
    }


def _text(found: Sequence[Instance], document: Mapping[str, Any]) -> Iterator[str]:
    yield table([_row(each, document["behind"]) for each in found], COLUMNS)
    if rejected := document["rejected"]:
        rows = [{"rejected": name, "messages": number} for name, number in rejected.items()]
        yield "\n" + table(rows, ("rejected", "messages"))
    else:
        yield "\nno rejected messages\n"
    deliveries = document["deliveries"]
    yield (
        f"deliveries: {deliveries['waiting']} wait in {deliveries['queues']} queues, "
        f"{deliveries['failing']} of which fail\n"
    )
    there = document["redis"]
    most = f" of {there['most_bytes'] // MIB}" if there["most_bytes"] else ""
    yield f"Redis {there['version']}: {there['used_bytes'] // MIB}{most} MiB\n"


def _row(instance: Instance, behind: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    own = behind.get(instance.service, {})
    remarks = {**instance.problems, **instance.notes}
    return {
        "service": instance.service,
        "instance": instance.name or instance.url.partition("//")[2],
        "version": instance.version,
        "ready": instance.is_ready,
        "rates": ", ".join(f"{rate:.1f} {unit}" for unit, rate in instance.rates.items()),
        "behind": own.get("events"),
        "oldest": age_in_words(own.get("oldest_seconds")),
        "remarks": "; ".join(remarks.values()),
    }


def age_in_words(seconds: float | None) -> str:
    """`37 s`, `12 min`, `5 h`, `3 d`; empty where nothing is so old."""
    if seconds is None:
        return ""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
