"""Metrics of `newsman observe`: what an installation looks like from outside."""

from prometheus_client import Counter, Gauge

lag = Gauge(
    "newsman_lag_events",
    "Events of a service's partition that it has not read.",
    ["service", "topic", "partition"],
)
oldest = Gauge(
    "newsman_oldest_seconds",
    "Age of the oldest event that a service has not read; 0 where it has read all.",
    ["service"],
)
standing = Gauge(
    "newsman_standing_seconds",
    "Seconds that a service has read nothing of a partition in which events wait, the longest of "
    "its partitions.",
    ["service"],
)
rejected = Counter(
    "newsman_rejected_messages_total",
    "Messages that were parked since the start, by stage and reason.",
    ["stage", "reason"],
)
received = Counter(
    "newsman_received_articles_total", "Versions of articles that came since the start, by source.",
    ["source"],
)  # fmt: skip
deliveries = Gauge("newsman_waiting_deliveries", "Deliveries that wait in all queues.")
failing = Gauge("newsman_failing_queues", "Queues of deliveries whose receiver fails.")
redis_used = Gauge("newsman_redis_used_bytes", "Memory that Redis uses.")
redis_most = Gauge("newsman_redis_most_bytes", "Memory that Redis may use; 0: all there is.")
clock = Gauge(
    "newsman_redis_clock_ahead_seconds",
    "Seconds that the clock of Redis's machine is ahead of this one's.",
)
silence = Gauge(
    "newsman_source_silence_seconds", "Seconds since a source's last article.", ["source"]
)
noticed = Gauge(
    "newsman_source_noticed",
    "1 while something is unusual about a source, by kind: silent, dropped, jumped, fields-lost, "
    "format-changed.",
    ["source", "kind"],
)
looks = Counter(
    "newsman_observe_looks_total", "Looks at the installation, by outcome: whole, away.",
    ["outcome"],
)  # fmt: skip
