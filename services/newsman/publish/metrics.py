"""Metrics of publish."""

from prometheus_client import Counter, Gauge, Histogram

published = Counter(
    "newsman_publish_events_total", "Events put on article-published, by action.", ["action"]
)
unchanged = Counter(
    "newsman_publish_unchanged_total",
    "Versions that changed nothing readers see: superseded by a newer one, or repeated.",
    ["reason"],
)
rejected = Counter("newsman_publish_rejected_total", "Messages parked on the rejected topic.")
contended = Counter(
    "newsman_publish_contended_total", "Writes tried again because another process was first."
)
seconds_to_publish = Histogram(
    "newsman_publish_delay_seconds",
    "Seconds from the push to the acknowledged event on article-published.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60),
)
unsigned = Counter(
    "newsman_publish_unsigned_total",
    "Revisions without a statement, though statements are signed: their content has no digest.",
)
forgotten = Counter(
    "newsman_publish_forgotten_total", "Articles that left the store, being older than it keeps."
)
waiting = Gauge(
    "newsman_publish_waiting_messages",
    "Messages of a partition that are not finished yet.",
    ["partition"],
)
