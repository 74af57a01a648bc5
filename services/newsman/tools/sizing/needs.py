"""The processes, partitions, memory and disks that a load needs."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from newsman.tools.sizing import costs
from newsman_schemas.topics import ARTICLE_ENRICHED, ARTICLE_VIEWED

DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Load:
    """An expected load; rates are those of the busiest minute, `peak` times a day's mean."""

    articles_a_day: float
    views_a_second: float
    requests_a_second: float
    streams: float
    subscribers: float
    kept_days: float
    peak: float
    copies: int

    @property
    def articles_a_second(self) -> float:
        """In the busiest minute."""
        return self.articles_a_day * self.peak / DAY_SECONDS


@dataclass(frozen=True)
class Need:
    """So much of something, and how it was computed."""

    what: str
    value: float
    unit: str
    how: str


def needs(load: Load) -> Iterator[Need]:
    """Everything in turn; processes are counted in cores that are busy to 60 % at the most."""
    yield from _processes(load)
    yield from _kafka(load)
    yield from _redis(load)
    stored = load.articles_a_day * load.kept_days
    disk = stored * costs.CATALOGUE_BYTES.value / costs.GIB
    yield Need(
        "disk of each feeds", round(disk, 1), "GiB", f"articles kept × {costs.CATALOGUE_BYTES.size}"
    )
    memory = load.streams * costs.STREAM_BYTES.value / costs.MIB
    yield Need(
        "memory of live streams", math.ceil(memory), "MiB", f"readers × {costs.STREAM_BYTES.size}"
    )


def cores(seconds_a_second: float, *, least: int = 1) -> int:
    """Cores for so many seconds of processor time in a second."""
    return max(least, math.ceil(seconds_a_second / costs.BUSY))


def _processes(load: Load) -> Iterator[Need]:
    articles, views = load.articles_a_second, load.views_a_second
    intake = articles * costs.ARTICLE_IN.value + views * costs.VIEW_TAKEN.value
    enriched = articles * costs.ARTICLE_ENRICHED.value
    told = articles * load.streams * costs.FRAME.value
    read = load.requests_a_second * costs.REQUEST.value + told
    sent = articles * load.subscribers * costs.DELIVERY.value
    how = f"articles × {costs.ARTICLE_IN.time} + views × {costs.VIEW_TAKEN.time}"
    yield Need("ingest", cores(intake), "cores", how)
    yield Need("enrich", cores(enriched), "cores", f"articles × {costs.ARTICLE_ENRICHED.time}")
    how = f"articles × {costs.ARTICLE_GATED.time}"
    yield Need("publish", cores(articles * costs.ARTICLE_GATED.value), "cores", how)
    counted = views * costs.VIEW_COUNTED.value
    yield Need("popularity", cores(counted), "cores", f"views × {costs.VIEW_COUNTED.time}")
    how = f"requests × {costs.REQUEST.time} + articles × streams × {costs.FRAME.time}"
    yield Need("feeds", cores(read), "cores", how)
    how = f"articles × subscribers × {costs.DELIVERY.time}"
    yield Need("deliver", cores(sent), "cores", how)


def _kafka(load: Load) -> Iterator[Need]:
    busy = cores(load.articles_a_second * costs.ARTICLE_ENRICHED.value)
    parts = max(ARTICLE_ENRICHED.partitions, busy)
    yield Need("partitions of articles", parts, "", "as many as enrich has processes, 4 at least")
    yield Need("partitions of views", ARTICLE_VIEWED.partitions, "", "always")
    written = load.articles_a_second * costs.EVENTS_AN_ARTICLE * costs.EVENT_BYTES.value
    written += load.views_a_second * costs.VIEW_BYTES
    brokers = max(load.copies, math.ceil(written * load.copies / costs.BROKER_BYTES_A_SECOND))
    yield Need("brokers", brokers, "", "bytes × copies / 25 MB/s (assumed), as many as copies")
    kept = 2 * load.kept_days + min(load.kept_days, costs.RECEIVED_DAYS)
    log_bytes = load.articles_a_day * kept * costs.EVENT_BYTES.value
    seen = load.views_a_second / load.peak * DAY_SECONDS
    log_bytes += seen * costs.VIEW_DAYS * costs.VIEW_BYTES
    disk = log_bytes * load.copies / brokers / costs.GIB
    how = f"events × {costs.EVENT_BYTES.size} + views × {costs.VIEW_BYTES} bytes"
    yield Need("disk of each broker", round(disk, 1), "GiB", how)


def _redis(load: Load) -> Iterator[Need]:
    stored = load.articles_a_day * load.kept_days * costs.STORED_BYTES.value
    seen = load.views_a_second / load.peak * DAY_SECONDS
    prints = seen * costs.FINGERPRINT_DAYS * costs.FINGERPRINT_BYTES.value
    memory = (2 * stored + prints) / costs.GIB
    stays = f"views of {costs.FINGERPRINT_DAYS} days × {costs.FINGERPRINT_BYTES.size}"
    how = f"2 × articles kept × {costs.STORED_BYTES.size} (a rebuild) + {stays}"
    yield Need("memory of Redis", round(memory, 1), "GiB", how)
