"""A process that reads hostile documents, and says which of them cost too much.

Takes lines of a kind of document and how many of that kind to skip; a child process reads these
and prints lines of JSON. SIGPROF ends the child where one document takes for ever. The last line
has the child's status.
"""

import contextlib
import gc
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from shapes import Shape, documents, envelopes

from newsman.ingest.formats.eventgate import read_events
from newsman.ingest.formats.model import BadDocument, Defaults, UnknownFormat
from newsman.ingest.formats.renditions import look_at_item
from newsman.ingest.pushes import Push, prepare
from newsman.ingest.reading.worker import warm_up
from newsman.ingest.routes.bodies import UnpacksTooLarge
from newsman.ingest.views.goatcounter_hits import read_hits
from newsman.ingest.views.pushed_views import read_item, split_views

FACTOR = 4


class Bounds(NamedTuple):
    """What a document that is FACTOR times as long may take: so many times as long and a little."""

    size: int
    growth: float
    floor_seconds: float
    most_seconds: float

    @property
    def cheap_seconds(self) -> float:
        """What takes less passes even if its time grows with the cube of its length."""
        return self.floor_seconds / (FACTOR**3 - self.growth)


STRICT, FAIR = Bounds(12_500, 5.0, 0.05, 0.5), Bounds(25_000, 6.0, 0.2, 1.0)
"""A time of a linear and a square part that passes the strict ones passes the fair ones, which take
twice as long; noise does not pass the strict ones either."""
KILL_SECONDS = 4.0
NOW = datetime(2026, 3, 2, tzinfo=UTC)
DEFAULTS = Defaults("demo", "en", UTC, None, NOW)
TRACE = f"00-{'0' * 32}-{'0' * 16}-00"


def _views(body: bytes) -> None:
    views = split_views(body, most=10_000)
    for index in range(len(views.items)):
        read_item(views, index, now=NOW)


JSON_READERS: dict[str, Callable[[bytes], object]] = {
    "views": _views,
    "goatcounter": lambda body: read_hits(body, "demo", now=NOW),
    "eventgate": lambda body: read_events(body, NOW),
    "superdesk": look_at_item,
}


def main() -> None:
    warm_up()
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        kind, skipped = json.loads(line)
        child = os.fork()
        if child == 0:
            _try(kind, skipped)
            os._exit(0)
        _say(status=os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _try(kind: str, skipped: int) -> None:
    for number, (name, media_type, shape) in enumerate(_documents(kind)):
        if number < skipped:
            continue
        _say(begun=name, number=number)
        reader = JSON_READERS.get(kind, _reader(media_type))
        problem = _judged(shape, reader, STRICT) and _judged(shape, reader, FAIR)
        if problem:
            _say(slow=f"{kind}: {name}: {problem}")


def _say(**said: object) -> None:
    print(json.dumps(said), flush=True)


def _documents(kind: str) -> list[tuple[str, str, Shape]]:
    if kind == "envelopes":
        return list(envelopes())
    return list(documents("application/json" if kind in JSON_READERS else kind))


def _reader(media_type: str) -> Callable[[bytes], object]:
    return lambda body: prepare(Push(body, media_type, None, DEFAULTS, TRACE))


def _judged(shape: Shape, read: Callable[[bytes], object], bounds: Bounds) -> str | None:
    small = _seconds(shape(bounds.size), read)
    if small < bounds.cheap_seconds:
        return None
    large = _seconds(shape(bounds.size * FACTOR), read)
    if large > min(bounds.most_seconds, bounds.growth * small + bounds.floor_seconds):
        return f"{small:.3f} s, four times as long {large:.3f} s"
    return None


def _seconds(body: bytes, read: Callable[[bytes], object]) -> float:
    signal.setitimer(signal.ITIMER_PROF, KILL_SECONDS)
    began = time.process_time()
    with contextlib.suppress(BadDocument, UnknownFormat, UnpacksTooLarge):
        read(body)
    took = time.process_time() - began
    signal.setitimer(signal.ITIMER_PROF, 0)
    return took


if __name__ == "__main__":
    main()
