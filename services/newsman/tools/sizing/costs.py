"""Costs of the parts of Newsman, as docs/benchmarks.md has it; and what was only assumed."""

from dataclasses import dataclass

MIB, GIB = 1 << 20, 1 << 30


@dataclass(frozen=True)
class Measured:
    """A figure, and the words that it has in docs/benchmarks.md or, of disks, in docs/scale.md."""

    value: float
    words: str

    @property
    def time(self) -> str:
        """The figure, seconds, for people."""
        milliseconds = self.value * 1e3
        return f"{milliseconds:.3g} ms" if milliseconds >= 1 else f"{self.value * 1e6:.3g} µs"

    @property
    def size(self) -> str:
        """The figure, bytes, for people."""
        return f"{self.value:.0f} bytes" if self.value < 1_000 else f"{self.value / 1e3:.1f} kB"


ARTICLE_IN = Measured(1_015.2e-6, "an article of 3 kB a request | 1015.2")
"""Seconds of processor time of ingest."""
ARTICLE_ENRICHED = Measured(2 / 101.6, "101.6/s")
"""Of enrich: two cores did so many."""
ARTICLE_GATED = Measured(262e-6, "262 µs")
VIEW_IN = Measured(70.9e-6, "70.9 µs")
"""Until it counts, in ingest, popularity, the broker and Redis."""
VIEW_COUNTED = Measured(5.1e-6, "5.1 µs")
"""The part of popularity."""
VIEW_TAKEN = Measured(VIEW_IN.value - VIEW_COUNTED.value, VIEW_IN.words)
"""The other parts."""
REQUEST = Measured(94e-6, "94 µs")
"""A page or feed that is kept in memory."""
FRAME = Measured(12.1e-6, "12.1 µs")
"""An event to one of 1,000 readers of the live stream."""
DELIVERY = Measured(241e-6, "CPU time a delivery | 241 µs")
STORED_BYTES = Measured(5_019, "5,019 bytes")
"""Of an article in Redis, with its lists."""
EVENT_BYTES = Measured(5_522, "5,522 bytes")
CATALOGUE_BYTES = Measured(8_100, "disk of each process of feeds | 8.1 kB")
"""Of an article on the disk of a process of feeds."""
FINGERPRINT_BYTES = Measured(33 * MIB / 1e6, "33 MiB per million events of a day")
STREAM_BYTES = Measured(37_600, "memory of a reader | 37.6 kB")
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
