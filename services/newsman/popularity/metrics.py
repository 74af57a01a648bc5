"""Metrics of popularity."""

from prometheus_client import Counter, Gauge, Histogram

views = Counter(
    "newsman_popularity_views_total",
    "Views read, by what became of them: counted, duplicate, late, crawler, prefetch, rate, "
    "datacentre, address, agents, network, untokened, future, leaving, unreadable.",
    ["outcome"],
)
resumed = Counter(
    "newsman_popularity_resumed_total",
    "Times that counting went on from the offset in Redis, since it was not the expected one.",
)
lag = Gauge("newsman_popularity_lag_events", "Events of a partition not read yet.", ["partition"])
pairs = Gauge(
    "newsman_popularity_pairs",
    "Pairs of article and reader of a partition that are kept in memory, 30 to 60 bytes each.",
    ["partition"],
)
wait_seconds = Histogram(
    "newsman_popularity_wait_seconds",
    "Seconds that were waited for a step of Redis, beside the work on the next views.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
rankings = Counter(
    "newsman_popularity_rankings_total", "Rankings put on ranking-changed.", ["window"]
)
held = Gauge(
    "newsman_popularity_held_articles",
    "Articles that are held out of the rankings, since their views look artificial.",
)
