"""Metrics of enrich."""

from prometheus_client import Counter, Gauge, Histogram

articles = Counter(
    "newsman_enrich_articles_total",
    "Articles passed on, by enrichment status: done, partial, failed, skipped.",
    ["status"],
)
flashes = Counter(
    "newsman_enrich_flashes_total", "Urgent articles passed on before they were enriched."
)
rejected = Counter("newsman_enrich_rejected_total", "Messages parked on the rejected topic.")
overruled = Counter(
    "newsman_enrich_overruled_total",
    "Tags and entities that were found and that an editor's override took away, by kind.",
    ["kind"],
)
failures = Counter(
    "newsman_enrich_worker_failures_total",
    "NLP workers lost, by cause: timeout, silence, crash.",
    ["cause"],
)
seconds = Histogram(
    "newsman_enrich_seconds",
    "Seconds from reading an article to its tags and entities, waiting for a worker included.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 60),
)
waiting = Gauge(
    "newsman_enrich_waiting_messages",
    "Messages of a partition that are not finished yet.",
    ["partition"],
)
