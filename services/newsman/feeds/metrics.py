"""Metrics of feeds."""

from prometheus_client import Counter, Gauge, Histogram

requests = Counter("newsman_feeds_requests_total", "Requests, by status.", ["status"])
shelf = Counter(
    "newsman_feeds_shelf_total", "Pages and feeds asked for, by whether they were kept.", ["found"]
)
render_seconds = Histogram(
    "newsman_feeds_render_seconds",
    "Seconds to make a page or feed that was not kept.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1),
)
notes = Counter(
    "newsman_feeds_notes_total",
    "What subscribers fetched, for the ledger: noted, or lost because Kafka was away.",
    ["outcome"],
)
streams = Gauge("newsman_feeds_streams", "Live streams that are open.")
programs = Counter(
    "newsman_feeds_programs_total", "Requests of programs that say who they are, by kind.", ["kind"]
)
stream_events = Counter("newsman_feeds_stream_events_total", "Events sent on live streams.")
