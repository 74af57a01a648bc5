"""Metrics of deliver."""

from prometheus_client import Counter, Gauge, Histogram

events = Counter(
    "newsman_deliver_events_total",
    "Events read, by what became of them: queued, dropped (that revision or a newer one was "
    "queued before), nowhere (no subscriber is set), tombstone, rejected.",
    ["outcome"],
)
replaced = Counter(
    "newsman_deliver_replaced_total",
    "Waiting webhooks whose place was taken by a newer revision of the article.",
)
attempts = Counter(
    "newsman_deliver_attempts_total",
    "Attempts, by what followed: delivered, retry, disable, park.",
    ["outcome"],
)
attempt_seconds = Histogram(
    "newsman_deliver_attempt_seconds",
    "Seconds until the subscriber had answered, or had not.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 30),
)
latency_seconds = Histogram(
    "newsman_deliver_latency_seconds",
    "Seconds from a change of an article to the subscriber's 2xx.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 600, 3_600, 86_400),
)
waiting = Gauge("newsman_deliver_waiting_webhooks", "Webhooks that wait to be sent.")
parked = Gauge("newsman_deliver_parked_webhooks", "Webhooks that failed on every attempt.")
disabled = Gauge(
    "newsman_deliver_endpoint_disabled", "1 while the subscriber is off, having answered 410 Gone."
)
lag = Gauge("newsman_deliver_lag_events", "Events of a partition not read yet.", ["partition"])
