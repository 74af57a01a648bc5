"""Metrics of deliver."""

from prometheus_client import Counter, Gauge, Histogram

events = Counter(
    "newsman_deliver_events_total",
    "Events read, and what became of them: queued (for one subscription), overflowed (a queue was "
    "full and catches up later), caught_up (read again for those behind), tombstone, rejected.",
    ["outcome"],
)
replaced = Counter(
    "newsman_deliver_replaced_total",
    "Waiting deliveries whose place was taken by a newer revision of the article.",
)
attempts = Counter(
    "newsman_deliver_attempts_total",
    "Attempts by channel, and by what followed: delivered, retry, failed, disabled, paused.",
    ["channel", "outcome"],
)
attempt_seconds = Histogram(
    "newsman_deliver_attempt_seconds",
    "Seconds until a receiver had answered, or had not.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 30),
)
latency_seconds = Histogram(
    "newsman_deliver_latency_seconds",
    "Seconds from a change of an article to a receiver's acknowledgement.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 600, 3_600, 86_400),
)
put_off = Counter(
    "newsman_deliver_put_off_total",
    "Deliveries put off because the store has another text by now, or is not whole.",
)
under_way = Gauge("newsman_deliver_under_way_deliveries", "Deliveries that are being sent.")
subscriptions = Gauge(
    "newsman_deliver_subscriptions",
    "Subscriptions by state: active, paused, disabled, unverified.",
    ["state"],
)
behind = Gauge(
    "newsman_deliver_behind_subscriptions",
    "Subscriptions that catch up, or are paused, in a partition.",
    ["partition"],
)
lag = Gauge("newsman_deliver_lag_events", "Events of a partition not read yet.", ["partition"])
requests = Counter("newsman_deliver_requests_total", "Requests to the edge, by status.", ["status"])
fetches = Gauge("newsman_deliver_fetches", "Long polls and streams that are open.")
fetched_events = Counter(
    "newsman_deliver_fetched_events_total", "Events handed out to those who fetch."
)
