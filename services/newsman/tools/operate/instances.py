"""Processes of services, asked over HTTP for their health and their metrics.

A host name that leads to several addresses, as that of a scaled service in Compose or Kubernetes
does, stands for as many processes.
"""

import json
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import urllib3
from prometheus_client.parser import text_string_to_metric_families
from urllib3.exceptions import HTTPError

ANSWER_SECONDS = 3.0
AT_ONCE = 16
RATES = {
    "ingest": {
        "articles/s": "newsman_ingest_articles_total",
        "views/s": "newsman_ingest_views_total",
    },
    "enrich": {"articles/s": "newsman_enrich_articles_total"},
    "publish": {"events/s": "newsman_publish_events_total"},
    "popularity": {"views/s": "newsman_popularity_views_total"},
    "feeds": {"requests/s": "newsman_feeds_requests_total"},
    "deliver": {"attempts/s": "newsman_deliver_attempts_total"},
}
"""The counters by which one sees what a service does."""


@dataclass(frozen=True)
class Instance:
    """One process of a service, and its answers."""

    service: str
    url: str
    is_ready: bool = False
    version: str | None = None
    name: str | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    rates: Mapping[str, float] = field(default_factory=dict)
    clock_ahead_seconds: float | None = None
    """By its answers' dates, which are of whole seconds."""


def ask_instances(addresses: Iterable[tuple[str, str]], *, seconds: float) -> list[Instance]:
    """Every process behind the addresses; rates are those of so many seconds, none for 0."""
    asked = [(name, url) for name, address in addresses for url in _processes(address)]
    with (
        urllib3.PoolManager(retries=False, timeout=ANSWER_SECONDS, maxsize=AT_ONCE) as pool,
        ThreadPoolExecutor(AT_ONCE) as threads,
    ):
        found = threads.map(lambda each: _ask(pool, *each, seconds=seconds), asked)
        return list(found)


def _processes(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    port = parts.port or 80
    try:
        known = socket.getaddrinfo(parts.hostname, port, socket.AF_INET, socket.SOCK_STREAM)
    except OSError:
        known = []
    addresses = sorted({str(each[4][0]) for each in known})
    if len(addresses) < 2:
        yield url
        return
    for address in addresses:
        yield f"{parts.scheme}://{address}:{port}"


def _ask(pool: urllib3.PoolManager, service: str, url: str, *, seconds: float) -> Instance:
    try:
        answer = pool.request("GET", f"{url}/readyz")
        said = json.loads(answer.data)
    except (HTTPError, OSError, ValueError) as error:
        return Instance(service, url, problems={"http": f"{url} does not answer: {error}"})
    if not isinstance(said, dict):
        return Instance(service, url, problems={"http": f"{url} is no service of Newsman"})
    return Instance(
        service,
        url,
        is_ready=answer.status == 200,
        version=said.get("version"),
        name=said.get("instance"),
        problems=said.get("problems") or {},
        notes=said.get("notes") or {},
        rates=_rates(pool, service, url, seconds=seconds) if seconds else {},
        clock_ahead_seconds=_ahead(answer.headers.get("date")),
    )


def _ahead(date: str | None) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(date).timestamp() - time.time() if date else None
    except ValueError:
        return None


def _rates(
    pool: urllib3.PoolManager, service: str, url: str, *, seconds: float
) -> dict[str, float]:
    wanted = RATES.get(service, {})
    try:
        before, began = _counts(pool, url), time.monotonic()
        time.sleep(seconds)
        after, ended = _counts(pool, url), time.monotonic()
    except (HTTPError, OSError, ValueError):
        return {}
    return {
        unit: max(0.0, after.get(name, 0.0) - before.get(name, 0.0)) / (ended - began)
        for unit, name in wanted.items()
    }


def _counts(pool: urllib3.PoolManager, url: str) -> dict[str, float]:
    text = pool.request("GET", f"{url}/metrics").data.decode()
    totals: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            totals[sample.name] = totals.get(sample.name, 0.0) + sample.value
    return totals


def as_document(instance: Instance) -> dict[str, Any]:
    """The process as JSON shows it."""
    return {
        "service": instance.service,
        "instance": instance.name,
        "url": instance.url,
        "version": instance.version,
        "ready": instance.is_ready,
        "problems": dict(instance.problems),
        "notes": dict(instance.notes),
        "rates": {unit: round(rate, 1) for unit, rate in instance.rates.items()},
    }
