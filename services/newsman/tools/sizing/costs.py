"""Costs of the parts of Newsman, as docs/benchmarks.md has it; and what was only assumed."""

from dataclasses import dataclass

MIB, GIB = 1 << 20, 1 << 30


@dataclass(frozen=True)
class Measured:
    """A figure, and the words that it stands under in docs/benchmarks.md or docs/scale.md."""

    value: float
    words: str


ARTICLE_IN = Measured(429e-6, "429 µs")
"""Seconds of processor time of ingest and the broker for an article of 3 kB."""
ARTICLE_ENRICHED = Measured(2 / 101.6, "101.6/s")
"""Of enrich: two cores did so many."""
ARTICLE_GATED = Measured(262e-6, "262 µs")
VIEW_IN = Measured(70.9e-6, "70.9 µs")
"""Until it counts, in ingest, popularity, the broker and Redis."""
VIEW_COUNTED = Measured(5.1e-6, "5.1 µs")
"""The part of popularity."""
REQUEST = Measured(94e-6, "94 µs")
"""A page or feed that is kept in memory."""
FRAME = Measured(68.7e-6, "68.7 µs")
"""An event to one reader of the live stream; less with more readers."""
DELIVERY = Measured(341e-6, "341 µs")
STORED_BYTES = Measured(6_947, "6,947 bytes")
"""Of an article in Redis, with its lists."""
EVENT_BYTES = Measured(5_522, "5,522 bytes")
CATALOGUE_BYTES = Measured(8_100, "8.1 kB")
"""Of an article on the disk of a process of feeds."""
FINGERPRINT_BYTES = Measured(33 * MIB / 1e6, "33 MiB per million events of a day")
STREAM_BYTES = Measured(36_400, "36.4 kB")
"""Of memory of a reader of the live stream."""
WORKER_BYTES = Measured(283 * MIB, "283 MiB, 135 MiB")
MEASURED = tuple(value for value in vars().values() if isinstance(value, Measured))

BUSY = 0.6
"""Assumed: the share of a core that is planned for; the rest is for what comes unevenly."""
EVENTS_AN_ARTICLE = 3
"""Received, enriched, published."""
VIEW_BYTES = 100
"""Assumed: of a view on the log."""
FINGERPRINT_DAYS, VIEW_DAYS, RECEIVED_DAYS = 37, 400, 30
BROKER_BYTES_A_SECOND = 25e6
"""Assumed: what one broker writes and sends on, on a plain disk."""
