"""Metrics of ingest."""

from prometheus_client import Counter, Gauge, Histogram

articles = Counter(
    "newsman_ingest_articles_total",
    "Articles pushed, by source and outcome: accepted, rejected, unavailable.",
    ["source", "outcome"],
)
problems = Counter(
    "newsman_ingest_problems_total",
    "Pushes with something wrong, by source and reason: unreadable, invalid, too-large, "
    "costly-processor, costly-memory, costly-crash, warning.",
    ["source", "reason"],
)
views = Counter(
    "newsman_ingest_views_total",
    "Views pushed, by what sent them: reader, crawler, prefetch, rate, datacentre, address, "
    "agents, network, untokened.",
    ["agent"],
)
view_tokens = Counter(
    "newsman_ingest_view_tokens_total",
    "Views pushed without a key, by their token: valid, missing, expired, wrong.",
    ["token"],
)
views_dropped = Counter(
    "newsman_ingest_views_dropped_total", "Views pushed with ?hasty that Kafka did not take."
)
in_flight_bytes = Gauge(
    "newsman_ingest_in_flight_bytes",
    "Bytes handed to Kafka and not acknowledged yet.",
    multiprocess_mode="livesum",
)
workers = Gauge("newsman_ingest_workers", "Processes that serve.", multiprocess_mode="livesum")
worker_restarts = Counter(
    "newsman_ingest_worker_restarts_total", "Processes started in the place of one that had died."
)
readings_refused = Counter(
    "newsman_ingest_readings_refused_total",
    "Pushes that took more to read than they may, by what it was: processor, memory, crash.",
    ["reason"],
)
readings_waiting = Gauge(
    "newsman_ingest_readings_waiting",
    "Pushes that wait for a process to read them.",
    multiprocess_mode="livesum",
)
ack_seconds = Histogram(
    "newsman_ingest_ack_seconds",
    "Seconds until Kafka acknowledged a push.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
